"""A box for a number: takes what makes sense, says in a sentence what does not."""

import html

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from app.asked_keys import asked_key
from app.language import tr
from core.errors import InputError
from core.hyperparameter import Hyperparameter, Scale

_STEPS = 100
"""Presses of an arrow key from one end of the slider's span to the other."""


def number_text(value: float) -> str:
    """A number as a box shows it: short, and exact for what a person would type."""
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e6):
        return str(int(value))
    return f"{value:.6g}"


_UNDOING = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class NumberBox(QLineEdit):
    """A line for one number.

    Signals
    -------
    edited(object)
        A value that the hyperparameter accepts, when Return is pressed or the box is left.
    refused(str)
        A sentence, when the text is no such value; "" when it is mended.
    """

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self, hyperparameter: Hyperparameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hyperparameter = hyperparameter
        self._value: float = float(hyperparameter.default)
        self._objection = ""
        self.setAccessibleName(tr(hyperparameter.title))
        self.setToolTip(tr(hyperparameter.help))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.editingFinished.connect(self._finish)
        self.setText(number_text(self._value))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Room for "0.000123", or for a whole number."""
        whole = self._hyperparameter.scale is Scale.INTEGER
        width = QFontMetrics(self.font()).horizontalAdvance("0000" if whole else "0.000123") + 16
        return QSize(width, super().sizeHint().height())

    minimumSizeHint = sizeHint

    def set_hyperparameter(self, hyperparameter: Hyperparameter) -> None:
        """Take other bounds; the value stays."""
        self._hyperparameter = hyperparameter
        self.setToolTip(tr(hyperparameter.help))

    def value(self) -> float:
        """The value last accepted."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value; an edit that is going on is left alone if it says the same."""
        if value != self._value or not self.hasFocus():
            self._value, self._objection = value, ""
            self.setText(number_text(value))
            self._mark("")

    def set_error(self, sentence: str) -> None:
        """Mark its value as wrong, or as right with ""."""
        self._objection = sentence
        self._mark(sentence)

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window while there is no typing to take back."""
        asked = asked_key(event)
        if asked is not None and not self.isModified() and any(asked.matches(key) for key in _UNDOING):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down step along the slider's scale; Escape takes an edit back."""
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step(1 if key == Qt.Key.Key_Up else -1)
        elif key == Qt.Key.Key_Escape and self.isModified():
            self.setText(number_text(self._value))
            self._mark(self._objection)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel steps while the box has the focus, so that scrolling a panel changes nothing."""
        if self.hasFocus() and event.angleDelta().y():
            self.step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select all, so that typing replaces."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()

    def step(self, direction: int) -> None:
        """Go one step along the slider's scale."""
        parameter = self._hyperparameter
        if parameter.scale in (Scale.INTEGER, Scale.LOG_INTEGER):
            value: float = round(self._value) + direction
        else:
            value = parameter.from_slider(parameter.to_slider(self._value) + direction / _STEPS)
        onwards = (value - self._value) * direction > 0  # beyond the slider's end it would come back
        if onwards and parameter.minimum <= value <= parameter.maximum:
            self.setText(number_text(value))
            self._accept(value)

    def _finish(self) -> None:
        if self.text().strip() == number_text(self._value):
            self._mark(self._objection)
            return
        self._accept(self.text().strip())

    def _accept(self, text: object) -> None:
        try:
            value = self._hyperparameter.check(text)
        except InputError as error:
            self._mark(str(error))
            return
        self._value, self._objection = float(value) if isinstance(value, float) else int(value), ""
        self.setText(number_text(self._value))
        self._mark("")
        self.edited.emit(self._value)

    def _mark(self, sentence: str) -> None:
        wrong = "true" if sentence else "false"
        if self.property("wrong") != wrong:
            self.setProperty("wrong", wrong)
            self.style().unpolish(self)
            self.style().polish(self)
        # Escaped, since it may quote what was typed, and tooltips read rich text.
        self.setToolTip(f"<p>{html.escape(tr(sentence))}</p>" if sentence else tr(self._hyperparameter.help))
        self.refused.emit(sentence)
