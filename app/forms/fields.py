"""One control for each kind of hyperparameter, all with the same few words: set, edited, refused."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSlider, QWidget

from app.forms.number_box import NumberBox
from app.language import tr
from core.hyperparameter import Hyperparameter, Scale, Value

_TICKS = 1000
"""Positions of a slider: finer than its pixels."""


class Field(QWidget):
    """The control of one hyperparameter.

    Signals
    -------
    edited(object)
        A new value.
    refused(str)
        Why what was typed is no value; "" when that is mended.
    """

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self, hyperparameter: Hyperparameter) -> None:
        super().__init__()
        self.hyperparameter = hyperparameter
        self.setToolTip(tr(hyperparameter.help))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)

    def set_value(self, value: Value) -> None:
        """Show a value."""
        raise NotImplementedError

    def set_error(self, sentence: str) -> None:
        """Mark the control as wrong, or as right with ""."""


class NumberField(Field):
    """A slider, log where the scale is log, and a box."""

    def __init__(self, hyperparameter: Hyperparameter) -> None:
        super().__init__(hyperparameter)
        self.slider = ScaleSlider(hyperparameter)
        self.box = NumberBox(hyperparameter)
        self._row.addWidget(self.slider, 1)
        self._row.addWidget(self.box)
        # No focus proxy: with one, Tab would pass the slider by.
        self.slider.edited.connect(self._slid)
        self.box.edited.connect(self._typed)
        self.box.refused.connect(self.refused)

    def set_value(self, value: Value) -> None:
        """Show a value; beyond the slider's span the slider stands at its end."""
        assert isinstance(value, int | float)
        self.slider.set_value(value)
        self.box.set_value(value)

    def set_hyperparameter(self, hyperparameter: Hyperparameter) -> None:
        """Take other bounds; the value stays."""
        self.hyperparameter = hyperparameter
        self.slider.set_hyperparameter(hyperparameter)
        self.box.set_hyperparameter(hyperparameter)

    def set_error(self, sentence: str) -> None:
        """Mark the box."""
        self.box.set_error(sentence)

    def _slid(self, value: float) -> None:
        self.box.set_value(value)
        self.edited.emit(value)

    def _typed(self, value: float) -> None:
        self.slider.set_value(value)
        self.edited.emit(value)


class ScaleSlider(QSlider):
    """A slider over a hyperparameter's span, spaced as its scale says.

    Signals
    -------
    edited(object)
        The value under the handle, when a person moves it.
    """

    edited = Signal(object)

    def __init__(self, hyperparameter: Hyperparameter) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._setting = False
        self.setMinimumWidth(48)
        self.set_hyperparameter(hyperparameter)
        self.valueChanged.connect(self._moved)

    def set_hyperparameter(self, hyperparameter: Hyperparameter) -> None:
        """Take another span; the handle stays until a value is set."""
        self._hyperparameter = hyperparameter
        whole = hyperparameter.scale is Scale.INTEGER
        self._setting = True
        self.setRange(0, round(hyperparameter.high - hyperparameter.low) if whole else _TICKS)
        self._setting = False
        self.setSingleStep(1 if whole else _TICKS // 100)
        self.setPageStep(max(1, self.maximum() // 10))
        self.setAccessibleName(tr(hyperparameter.title))
        self.setToolTip(tr(hyperparameter.help))

    def set_value(self, value: float) -> None:
        """Put the handle where a value is."""
        if value == self._value_at(self.value()):
            return
        self._setting = True
        self.setValue(round(self._hyperparameter.to_slider(value) * self.maximum()))
        self._setting = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel that scrolls."""
        event.ignore()

    def _value_at(self, position: int) -> float:
        return self._hyperparameter.from_slider(position / self.maximum())

    def _moved(self, position: int) -> None:
        if not self._setting:
            self.edited.emit(self._value_at(position))


class SwitchField(Field):
    """A check box."""

    def __init__(self, hyperparameter: Hyperparameter) -> None:
        super().__init__(hyperparameter)
        self.box = QCheckBox()
        self.box.setAccessibleName(tr(hyperparameter.title))
        self.box.clicked.connect(lambda on: self.edited.emit(on))
        self._row.addWidget(self.box)
        self._row.addStretch(1)
        self.setFocusProxy(self.box)

    def set_value(self, value: Value) -> None:
        """Show a value."""
        self.box.setChecked(bool(value))


class ChoiceField(Field):
    """A list to choose from."""

    def __init__(self, hyperparameter: Hyperparameter) -> None:
        super().__init__(hyperparameter)
        self.box = QComboBox()
        self.box.setAccessibleName(tr(hyperparameter.title))
        for word in hyperparameter.choices:
            self.box.addItem(tr(word.replace("_", " ")), word)
        self.box.activated.connect(lambda index: self.edited.emit(self.box.itemData(index)))
        self._row.addWidget(self.box, 1)
        self.setFocusProxy(self.box)

    def set_value(self, value: Value) -> None:
        """Show a value."""
        self.box.setCurrentIndex(self.box.findData(value))


def field_for(hyperparameter: Hyperparameter) -> Field:
    """The control that suits a hyperparameter."""
    if hyperparameter.scale is Scale.SWITCH:
        return SwitchField(hyperparameter)
    if hyperparameter.scale is Scale.CHOICE:
        return ChoiceField(hyperparameter)
    return NumberField(hyperparameter)
