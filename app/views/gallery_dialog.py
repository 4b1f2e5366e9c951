"""The gallery: pictures of ready experiments, with what each of them shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.forms.controls import role
from app.language import tr

PICTURE = QSize(240, 150)
"""Pixels of a picture as it is shown; the files have half as many again."""


@dataclass(frozen=True)
class Offer:
    """An experiment of the gallery: id, title, what there is to see, and its picture."""

    id: str
    title: str
    text: str
    picture: Path


class GalleryDialog(QDialog):
    """Pictures side by side; the text of the chosen one below.

    Attributes
    ----------
    list, text, open_it
        The pictures, what the chosen one shows, and the button that opens it.

    Signals
    -------
    chosen(str)
        Id of the experiment that is to be opened.
    """

    chosen = Signal(str)

    def __init__(self, offers: Sequence[Offer], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Examples"))
        self._offers = offers
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Examples"))
        self.list.setToolTip(tr("Arrow keys or a click choose; Return or a double click opens."))
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setIconSize(PICTURE)
        self.list.setGridSize(PICTURE + QSize(16, 40))
        self.list.setWordWrap(True)
        self.list.setSpacing(4)
        for offer in offers:
            item = QListWidgetItem(QIcon(str(offer.picture)), tr(offer.title))
            item.setToolTip(f"<p>{tr(offer.text)}</p>")
            self.list.addItem(item)
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setMinimumHeight(4 * self.text.fontMetrics().lineSpacing())
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.open_it = role(QPushButton(tr("Open")), "primary")
        self.open_it.setToolTip(tr("Show this experiment; it belongs to no file until you save it."))
        self.open_it.setDefault(True)
        self.open_it.clicked.connect(self._open)
        close = QPushButton(tr("Close"))
        close.setToolTip(tr("Leave everything as it is."))
        close.clicked.connect(self.reject)
        self.list.currentRowChanged.connect(self._show_text)
        self.list.itemActivated.connect(lambda _: self._open())
        self._lay_out(close)
        self.list.setCurrentRow(0)

    def _lay_out(self, close: QPushButton) -> None:
        buttons = QDialogButtonBox()
        buttons.addButton(self.open_it, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(close, QDialogButtonBox.ButtonRole.RejectRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addWidget(self.list, 1)
        column.addWidget(self.text)
        column.addWidget(buttons)
        self.resize(1090, 660)

    def _show_text(self, row: int) -> None:
        self.text.setText(tr(self._offers[row].text) if row >= 0 else "")

    def _open(self) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self.accept()
            self.chosen.emit(self._offers[row].id)
