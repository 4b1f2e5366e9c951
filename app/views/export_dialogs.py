"""What is asked before a picture or a film is saved, and how far a film is."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialogButtonBox,
    QProgressBar,
    QPushButton,
    QWidget,
)

from app.forms.controls import KeyCombo, Segments
from app.forms.number_box import NumberBox
from app.language import tr
from app.views.asking_dialog import AskingDialog
from core.hyperparameter import Hyperparameter

Entries = Sequence[tuple[str, str, str]]
"""Key, text and tooltip of each."""

_LOOKS = (
    ("light", "Light", "Dark lines on a light ground: for paper and bright rooms."),
    ("dark", "Dark", "Light lines on a dark ground: for dark slides."),
)


class _ExportDialog(AskingDialog):
    """What, in which form, in which look.

    Signals
    -------
    save_asked()
        The button.
    """

    save_asked = Signal()

    def __init__(self, title: str, what: Entries, forms: Entries, parent: QWidget | None) -> None:
        super().__init__(title, QPushButton(tr("Save…")), parent)
        self.save = self.go_on
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(400)
        self.what = _combo("What", "What is shown.", what)
        self.form = _combo("Format", "The kind of file.", forms)
        self.look = Segments(_LOOKS, "Look")
        self.transparent = QCheckBox(tr("Transparent ground"))
        self.transparent.setToolTip(
            tr("Leave out what is behind plots and texts, for slides with a ground of their own.")
        )
        self.save.setToolTip(tr("Choose a name, and write the file."))
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.setToolTip(tr("Write nothing."))
        self.buttons.addButton(self.save, QDialogButtonBox.ButtonRole.ApplyRole)
        self.buttons.addButton(self.cancel, QDialogButtonBox.ButtonRole.RejectRole)
        self.save.clicked.connect(self.save_asked)
        self.cancel.clicked.connect(self.reject)
        for signal in (self.what.chosen, self.form.chosen, self.look.chosen, self.transparent.toggled):
            signal.connect(lambda *_: self.edited.emit())

    def number(self, parameter: Hyperparameter) -> NumberBox:
        """A box whose refusals are said below."""
        box = NumberBox(parameter)
        box.edited.connect(lambda _: self.edited.emit())
        box.refused.connect(self.set_error)
        return box


class PictureDialog(_ExportDialog):
    """A picture: what, which kind, how wide.

    Signals
    -------
    copy_asked()
        The picture is wanted on the clipboard.
    """

    copy_asked = Signal()

    def __init__(
        self, what: Entries, forms: Entries, width: Hyperparameter, parent: QWidget | None = None
    ) -> None:
        super().__init__("Export a picture", what, forms, parent)
        self.width_box = self.number(width)
        self.copy = QPushButton(tr("Copy"))
        self.copy.setToolTip(tr("Put the picture on the clipboard, made of pixels."))
        self.copy.clicked.connect(self.copy_asked)
        self.buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        self.arrange(
            (
                ("What", self.what), ("Format", self.form), ("Width in pixels", self.width_box),
                ("Look", self.look), ("", self.transparent),
            )
        )  # fmt: skip

    def set_error(self, sentence: str) -> None:
        """Neither can it be copied."""
        super().set_error(sentence)
        self.copy.setEnabled(not sentence)


class FilmDialog(_ExportDialog):
    """A film: what, which kind, how large and how long; then how far it is.

    Signals
    -------
    stop_asked()
        The film that is being made is not wanted any more.
    """

    stop_asked = Signal()

    def __init__(
        self, what: Entries, forms: Entries, numbers: Sequence[Hyperparameter], parent: QWidget | None = None
    ) -> None:
        """`numbers`: width, height, pictures a second, seconds."""
        super().__init__("Export an animation", what, forms, parent)
        self.boxes = [self.number(each) for each in numbers]
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("How far the film is"))
        self.progress.hide()
        self._busy = False
        rows: list[tuple[str, QWidget]] = [("What", self.what), ("Format", self.form)]
        rows += [(each.title.capitalize(), box) for each, box in zip(numbers, self.boxes, strict=True)]
        self.arrange([*rows, ("Look", self.look), ("", self.transparent)], self.progress)

    def set_busy(self, busy: bool) -> None:
        """While a film is made nothing can be changed; Cancel gives it up."""
        self._busy = busy
        for widget in (self.what, self.form, *self.boxes, self.look, self.transparent, self.save):
            widget.setEnabled(not busy)
        self.progress.setVisible(busy)
        self.progress.setRange(0, 0)
        self.cancel.setToolTip(tr("Give the film up: nothing is left of it." if busy else "Write nothing."))

    def set_progress(self, done: int, total: int, words: str) -> None:
        """Say how much is done, on the bar and in words."""
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.set_summary(words)
        self.save.setEnabled(False)

    def reject(self) -> None:
        """Give up the film, or close."""
        if self._busy:
            self.stop_asked.emit()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing gives up the film too."""
        if self._busy:
            self.stop_asked.emit()
        super().closeEvent(event)


def _combo(name: str, tip: str, entries: Entries) -> KeyCombo:
    combo = KeyCombo(name, tip)
    for entry in entries:
        combo.add(*entry)
    return combo
