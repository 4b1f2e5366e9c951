"""A line for a formula that marks the character where the trouble begins."""

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontDatabase,
    QInputMethodEvent,
    QTextCharFormat,
    QTextFormat,
)
from PySide6.QtWidgets import QLineEdit

from app.language import tr
from core.formula_text import MAX_LENGTH


class FormulaBox(QLineEdit):
    """A line of text in a font with one width.

    Signals
    -------
    typed(str)
        The text after a person's edit.
    """

    typed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setStyleHint(QFont.StyleHint.Monospace)
        self.setFont(font)
        self.setStyleSheet(f"font-family: '{font.family()}'; font-size: 13px;")
        self.setMaxLength(2 * MAX_LENGTH)  # what is too long is refused in a sentence, not cut
        self.setPlaceholderText("a*x^2 + sin(3*y)")
        self.setAccessibleName(tr("Formula"))
        self.setToolTip(
            tr(
                "A formula in x and y: + - * / ^, sin, exp, sqrt, abs, max and others, pi and e. Other"
                " letters, as a or k1, become parameters with a slider. Return keeps it, Escape takes it"
                " back."
            )
        )
        self._marked = -1
        self._colour = QColor("red")
        self.textEdited.connect(self.typed)

    def set_text(self, text: str) -> None:
        """Show another formula, without a mark."""
        self.setText(text)
        self.set_mark(-1)

    def set_colour(self, colour: str) -> None:
        """The colour of the mark."""
        self._colour = QColor(colour)
        self.set_mark(self._marked)

    def marked(self) -> int:
        """Place of the marked character; -1 for none."""
        return self._marked

    def set_mark(self, position: int) -> None:
        """Underline the character at a place (the last one, beyond the end); -1 takes the mark away."""
        self._marked = position
        attributes = []
        if position >= 0 and self.text():
            place = min(position, len(self.text()) - 1)
            kind = QInputMethodEvent.AttributeType.TextFormat
            attributes = [QInputMethodEvent.Attribute(kind, place - self.cursorPosition(), 1, self._format())]
        # The one way in which a line edit takes formats: as an input method marks what it composes.
        QCoreApplication.sendEvent(self, QInputMethodEvent("", attributes))
        wrong = "true" if position >= 0 else "false"
        if self.property("wrong") != wrong:
            self.setProperty("wrong", wrong)
            self.style().unpolish(self)
            self.style().polish(self)

    def _format(self) -> QTextFormat:
        result = QTextCharFormat()
        result.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        result.setUnderlineColor(self._colour)
        result.setForeground(self._colour)
        background = QColor(self._colour)
        background.setAlphaF(0.18)
        result.setBackground(background)
        return QTextFormat(result)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Keep the mark where the input method of the focus would take it away."""
        super().focusInEvent(event)
        self.set_mark(self._marked)
