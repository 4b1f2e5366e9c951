"""Sliders for the free numbers of the formula that is shown."""

import math
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.forms.controls import message_label, role
from app.forms.fields import NumberField
from app.forms.flow_layout import FlowLayout
from app.language import tr
from core.formula_text import GREEK
from core.hyperparameter import Hyperparameter
from core.surface import PARAMETER

_WIDTH = 176


class ParameterBar(QWidget):
    """A slider and a box for each parameter; hidden where there is none.

    Signals
    -------
    edited(str, float)
        A parameter's name and its new value.
    """

    edited = Signal(str, float)

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, NumberField] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 8, 6)
        column.setSpacing(2)
        self._cells = QWidget()
        self._flow = FlowLayout(8)
        self._cells.setLayout(self._flow)
        column.addWidget(self._cells)
        self.error = message_label("error")
        column.addWidget(self.error)
        self.hide()

    def set_parameters(self, values: dict[str, float]) -> None:
        """Show these parameters; a slider grows to hold its value and keeps its span while it is used."""
        if tuple(values) != tuple(self.fields):
            self._build(tuple(values))
        for name, value in values.items():
            field = self.fields[name]
            if not field.hyperparameter.low <= value <= field.hyperparameter.high:
                field.set_hyperparameter(slider_of(name, value))
            field.set_value(value)
        self.set_error("")
        self.setVisible(bool(values))

    def set_error(self, sentence: str) -> None:
        """Say why a value cannot be shown."""
        self.error.setText(tr(sentence))
        self.error.setVisible(bool(sentence))

    def _build(self, names: tuple[str, ...]) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            assert widget is not None
            widget.hide()
            widget.deleteLater()
        self.fields = {}
        for name in names:
            self._flow.addWidget(self._cell(name))
        self._cells.updateGeometry()

    def _cell(self, name: str) -> QWidget:
        cell = QWidget()
        cell.setFixedWidth(_WIDTH)
        row = QHBoxLayout(cell)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        field = NumberField(slider_of(name, float(PARAMETER.default)))
        label = role(QLabel(GREEK.get(name, name)), "parameter")
        label.setToolTip(tr(field.hyperparameter.help))
        row.addWidget(label)
        row.addWidget(field, 1)
        field.edited.connect(lambda value: self.edited.emit(name, float(value)))
        field.refused.connect(self.set_error)
        self.fields[name] = field
        return cell


def slider_of(name: str, value: float) -> Hyperparameter:
    """The parameter's description, with a span that holds a value: 5, 10, 20, 50, ... to both sides."""
    reach = float(PARAMETER.high)
    if abs(value) > reach:
        decade = 10.0 ** math.floor(math.log10(abs(value)))
        reach = next(step * decade for step in (1, 2, 5, 10) if step * decade >= abs(value))
    return replace(
        PARAMETER, name=name, label=f"Parameter {name}", low=-reach, high=reach,
        help=f"The free number {name} of the formula. The surface and the paths follow; type another number"
        " in the box to reach beyond the slider.",
    )  # fmt: skip
