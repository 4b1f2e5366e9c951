"""What is asked about files: which one, whether to save, what to take back after a crash. None blocks."""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QListWidget,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.forms.controls import role
from app.language import tr

Then = Callable[[], None]


def ask_for_file(
    parent: QWidget, title: str, filters: str, suffix: str, chosen: Callable[[str], None], saved_as: str = ""
) -> None:
    """Let a person choose a file to open, or, with a name for it, where to save.

    `chosen` is called with its path; nothing is where the dialog is closed otherwise.
    """
    dialog = QFileDialog(parent, tr(title))
    dialog.setNameFilters([tr(filters), tr("All files (*)")])
    dialog.setDefaultSuffix(suffix.lstrip("."))
    if saved_as:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(saved_as)
    else:
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def ask_for_table(parent: QWidget, title: str, chosen: Callable[[str], None]) -> None:
    """Let a person choose a table of their own, whatever its name ends in."""
    ask_for_file(parent, title, "Tables (*.csv *.tsv *.txt)", "", chosen)


def ask_to_save(parent: QWidget, name: str, save: Then, go_on: Then) -> QMessageBox:
    """Ask what becomes of unsaved work: saved, given up, or kept on the screen."""
    box = _box(parent, f"Save the changes to {name}?", "Without saving they are lost.")
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    box.button(buttons.Discard).setText(tr("Don't save"))
    box.button(buttons.Save).clicked.connect(save)
    box.button(buttons.Discard).clicked.connect(go_on)
    box.open()
    return box


def ask_to_overwrite(parent: QWidget, name: str, overwrite: Then, elsewhere: Then) -> QMessageBox:
    """Say that another program has changed the file, and ask what to do."""
    box = _box(
        parent,
        f"{name} has been changed by another program.",
        "It is not what was opened or saved here. Saving would overwrite those changes.",
    )
    over = box.addButton(tr("Overwrite"), QMessageBox.ButtonRole.DestructiveRole)
    other = box.addButton(tr("Save as…"), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    over.clicked.connect(overwrite)
    other.clicked.connect(elsewhere)
    box.setDefaultButton(other)
    box.open()
    return box


def say_not_saved(parent: QWidget, sentence: str, elsewhere: Then) -> QMessageBox:
    """Say why a file cannot be saved, and offer another place."""
    box = _box(parent, sentence, "Your work is still here. Save it in another place.")
    other = box.addButton(tr("Save as…"), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    other.clicked.connect(elsewhere)
    box.setDefaultButton(other)
    box.open()
    return box


def say_not_opened(parent: QWidget, sentence: str) -> QMessageBox:
    """Say why a file cannot be opened; what is on the screen stays."""
    box = _box(parent, sentence, "What is on the screen has not been changed.")
    box.addButton(QMessageBox.StandardButton.Ok)
    box.open()
    return box


def say_not_exported(parent: QWidget, sentence: str) -> QMessageBox:
    """Say why there is no table or script."""
    box = _box(parent, sentence, "Nothing has been written.")
    box.addButton(QMessageBox.StandardButton.Ok)
    box.open()
    return box


def _box(parent: QWidget, text: str, more: str) -> QMessageBox:
    """Plain text: a file's name or content must not be read as a page."""
    box = QMessageBox(parent)
    box.setWindowTitle("Optiscope")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(tr(text))
    box.setInformativeText(tr(more))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


class RecoveryDialog(QDialog):
    """Work that was left by a window that did not end in good order.

    Signals
    -------
    restore_asked(int), discard_asked(int)
        Place of the work in the list.
    """

    restore_asked = Signal(int)
    discard_asked = Signal(int)

    def __init__(self, works: Sequence[tuple[str, float]], parent: QWidget | None = None) -> None:
        """`works`: what each is called, and seconds since 1970 when it was kept."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Unsaved work"))
        text = QLabel(tr("Optiscope did not end in good order. This work had not been saved:"))
        text.setWordWrap(True)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Unsaved work"))
        self.list.setToolTip(
            tr("The newest is first. What is neither restored nor discarded is offered again.")
        )
        for name, when in works:
            self.list.addItem(f"{name}   ·   {time.strftime('%d %b %Y, %H:%M', time.localtime(when))}")
        self.list.setSpacing(3)
        self.list.setCurrentRow(0)
        self.restore = role(QPushButton(tr("Restore")), "primary")
        self.restore.setToolTip(tr("Show this work, as it was, in this window."))
        self.discard = QPushButton(tr("Discard"))
        self.discard.setToolTip(tr("Delete this work for good."))
        self.later = QPushButton(tr("Later"))
        self.later.setToolTip(tr("Leave everything as it is; the next start offers it again."))
        self.restore.clicked.connect(lambda: self._answer(self.restore_asked))
        self.discard.clicked.connect(self._discard)
        self.later.clicked.connect(self.reject)
        self.list.itemDoubleClicked.connect(lambda _: self.restore.click())
        buttons = QDialogButtonBox()
        buttons.addButton(self.restore, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.discard, QDialogButtonBox.ButtonRole.DestructiveRole)
        buttons.addButton(self.later, QDialogButtonBox.ButtonRole.RejectRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        for widget in (text, self.list, buttons):
            column.addWidget(widget)
        self.restore.setDefault(True)
        self.resize(460, 240)

    def _answer(self, signal: object) -> None:
        place = self.list.currentRow()
        self.accept()
        self.restore_asked.emit(place)

    def _discard(self) -> None:
        place = self.list.currentRow()
        self.list.takeItem(place)
        self.discard_asked.emit(place)
        if not self.list.count():
            self.accept()
