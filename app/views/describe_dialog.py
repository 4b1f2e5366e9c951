"""Asks for the title and the text of an experiment."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.forms.controls import message_label, role
from app.language import tr
from core.errors import InputError
from core.experiment_file import check_words


class DescribeDialog(QDialog):
    """Asks for the title and the text of an experiment.

    Signals
    -------
    described(str, str)
        Title and text, both good.
    """

    described = Signal(str, str)

    def __init__(self, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Describe the experiment"))
        self.title = QLineEdit(title)
        self.title.setAccessibleName(tr("Title"))
        self.title.setToolTip(tr("One line: what it is called."))
        self.text = QPlainTextEdit(text)
        self.text.setAccessibleName(tr("Text"))
        self.text.setToolTip(tr("What there is to see, and what to try. It stands above the surface."))
        self.text.setTabChangesFocus(True)
        self.error = message_label("error")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        role(self.ok, "primary")
        buttons.accepted.connect(self._take)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(6)
        for name, field in (("Title", self.title), ("Text", self.text)):
            label = role(QLabel(tr(name)), "muted")
            label.setBuddy(field)
            column.addWidget(label)
            column.addWidget(field)
        column.addWidget(self.error)
        column.addWidget(buttons)
        self.resize(480, 300)

    def _take(self) -> None:
        title, text = self.title.text().strip(), self.text.toPlainText().strip()
        try:
            check_words(title, text)
        except InputError as error:
            self.error.setText(tr(str(error)))
            self.error.show()
            return
        self.accept()
        self.described.emit(title, text)
