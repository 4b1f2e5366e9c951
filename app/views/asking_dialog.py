"""What dialogs share that ask for several things: controls in rows, and below them what they come to."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.forms.controls import message_label, role
from app.language import tr


class AskingDialog(QDialog):
    """Says what is chosen, or why it cannot be; then its button waits.

    Attributes
    ----------
    go_on, buttons
        The button, and the row that it is in.
    summary, error
        What is said.

    Signals
    -------
    edited()
        A person chose something else.
    """

    edited = Signal()

    def __init__(self, title: str, go_on: QPushButton, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr(title))
        self.go_on = role(go_on, "primary")
        self.go_on.setDefault(True)
        self.summary = role(QLabel(), "muted")
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.error = message_label("error")
        self.error.hide()
        self.buttons = QDialogButtonBox()

    def arrange(
        self, rows: Sequence[tuple[str, QWidget]], *below: QWidget, wide: Collection[QWidget] = ()
    ) -> None:
        """Stand the controls in rows, those that are `wide` over all of it, and the rest below them."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (text, control) in enumerate(rows):
            label = role(QLabel(tr(text)), "muted")
            label.setBuddy(control)
            grid.addWidget(label, row, 0)
            side = Qt.AlignmentFlag(0) if control in wide else Qt.AlignmentFlag.AlignLeft
            grid.addWidget(control, row, 1, side)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addLayout(grid)
        for widget in (self.summary, self.error, *below):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.buttons)

    def set_summary(self, text: str) -> None:
        """Say what it comes to."""
        self.summary.setText(tr(text))
        self.set_error("")

    def set_error(self, sentence: str) -> None:
        """Say why it cannot be, or nothing; what it comes to is not said beside that."""
        self.error.setText(tr(sentence))
        self.error.setVisible(bool(sentence))
        self.summary.setVisible(not sentence)
        self.go_on.setEnabled(not sentence)
