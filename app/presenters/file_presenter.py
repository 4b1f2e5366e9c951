"""Document <-> files: new, open, save, recent ones, the clipboard; unsaved work is asked about and kept."""

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from app import SUFFIX
from app.beside import beside
from app.document import Document
from app.experiment_store import FILTER, load, save
from app.history import History
from app.language import tr
from app.main_window import MainWindow
from app.recent_files import RecentFiles
from app.recovery import Left, Recovery
from app.views import file_dialogs as dialogs
from core.errors import InputError
from core.examples import examples
from core.experiment import Experiment, Words, default_experiment
from core.experiment_file import Saved, View, read_experiment, write_experiment

UNTITLED = "Untitled"


class FilePresenter(QObject):
    """Which file the document is, and what becomes of it.

    Attributes
    ----------
    path
        The file, or None for an experiment that has none yet.
    recent
        Files that were opened or saved last.
    recovery
        Keeps what is not saved.

    Signals
    -------
    opened(object)
        Another experiment has been opened, to be looked at like this `View`.
    """

    opened = Signal(object)

    def __init__(
        self,
        document: Document,
        history: History,
        window: MainWindow,
        settings: QSettings,
        look: Callable[[], View],
        recovery_folder: Path | None,
        parent: QObject | None = None,
    ) -> None:
        """`look` says how the experiment is looked at now."""
        super().__init__(parent)
        self._document, self._history, self._window, self._look = document, history, window, look
        self.path: Path | None = None
        self._on_disk = b""
        self._closing = self._asking = self._saving = False
        self.recent = RecentFiles(settings)
        self.recovery = Recovery(recovery_folder, history, lambda: history.modified, self._work, self)
        history.changed.connect(self._show_title)
        window.may_close = self.may_close
        window.story.edit_asked.connect(self.describe)
        document.described.connect(self._show_words)
        self._show_title()

    @property
    def name(self) -> str:
        """What the experiment is called."""
        return self.path.stem if self.path is not None else self._document.words.title or tr(UNTITLED)

    @property
    def modified(self) -> bool:
        """Whether something is not saved."""
        return self._history.modified

    # New, open

    def new(self) -> None:
        """Begin with what the first start shows."""
        self._when_kept(lambda: self._begin(Saved(default_experiment(), View(playing=True)), None))

    def ask_to_open(self) -> None:
        """Let a person choose a file."""
        self._when_kept(
            lambda: dialogs.ask_for_file(self._window, "Open an experiment", FILTER, SUFFIX, self._open)
        )

    def open(self, path: str) -> None:
        """Open a file, once what is on the screen is kept or given up."""
        self._when_kept(lambda: self._open(path))

    # Examples

    def ask_for_example(self) -> None:
        """Let a person choose from the gallery."""
        from app.views.gallery_dialog import GalleryDialog, Offer

        look = self._window.theme.name
        offers = [Offer(each.id, each.title, each.text, each.picture(look)) for each in examples().values()]
        dialog = GalleryDialog(offers, self._window)
        dialog.chosen.connect(self.show_example)
        dialog.open()

    def show_example(self, key: str) -> None:
        """Open an experiment of the gallery, in the chosen language; it is nobody's file yet."""
        try:
            saved = examples()[key].saved
        except InputError as error:
            dialogs.say_not_opened(self._window, str(error))
            return
        translated = replace(saved, title=tr(saved.title), text=tr(saved.text))
        self._when_kept(lambda: self._begin(translated, None))

    def adopt(self, saved: Saved, path: Path) -> None:
        """What is shown is from this file: look at it as that says."""
        self._begin(saved, path)
        self.recent.add(path.absolute())

    def _open(self, text: str) -> None:
        path = Path(text)
        try:
            saved = load(path)
        except InputError as error:
            dialogs.say_not_opened(self._window, str(error))
            return
        self.adopt(saved, path)

    def _begin(self, saved: Saved, path: Path | None, kept: bool = True) -> None:
        self.path = path
        self._on_disk = _print_of(path)
        self._history.begin_anew(saved.experiment, saved.words, kept)
        self._show_words()
        self.opened.emit(saved.view)
        self._show_title()

    # Save

    def save(self) -> None:
        """Save where it is from; ask where, if it is from nowhere."""
        self._save_then(_nothing)

    def ask_where_to_save(self) -> None:
        """Save under another name."""
        self._ask_where(_nothing)

    def _save_then(self, then: Callable[[], None]) -> None:
        path = self.path
        if self._saving:
            return
        if path is None:
            self._ask_where(then)
        elif self._beside(lambda: _print_of(path)) not in (self._on_disk, b""):
            dialogs.ask_to_overwrite(
                self._window, path.name, lambda: self._write(path, then), lambda: self._ask_where(then)
            )
        else:
            self._write(path, then)

    def _ask_where(self, then: Callable[[], None]) -> None:
        name = str(self.path or Path(f"{_file_name(self._document.experiment)}{SUFFIX}"))
        dialogs.ask_for_file(
            self._window, "Save the experiment", FILTER, SUFFIX,
            lambda path: self._write(Path(path), then), saved_as=name,
        )  # fmt: skip

    def _write(self, path: Path, then: Callable[[], None]) -> None:
        saved = self.saved()
        try:
            self._on_disk = self._beside(lambda: _saved_at(path, saved))
        except InputError as error:
            dialogs.say_not_saved(self._window, str(error), lambda: self._ask_where(then))
            return
        self.path = path
        self.recent.add(path.absolute())
        self._history.mark_saved(saved)
        self._window.say(f"{path.name} is saved.")
        then()

    def _beside(self, function: Callable[[], bytes]) -> bytes:
        """Wait for the disk; nothing else is opened, saved or closed meanwhile."""
        self._saving = True
        try:
            return beside(function)
        finally:
            self._saving = False

    # What it is about

    def describe(self) -> None:
        """Ask for a title and a text."""
        from app.views.describe_dialog import DescribeDialog

        dialog = DescribeDialog(*self._document.words, self._window)
        dialog.described.connect(self._describe)
        dialog.open()

    def _describe(self, title: str, text: str) -> None:
        self._document.describe(Words(title, text))
        self._show_words()

    def _show_words(self) -> None:
        """Above the surface, even where somebody has hidden them."""
        self._window.story.set_words(*self._document.words)

    # The clipboard

    def copy(self) -> None:
        """Put the whole experiment on the clipboard, as the text of a file."""
        QGuiApplication.clipboard().setText(write_experiment(self.saved()).decode())
        self._window.say("The experiment is on the clipboard, as text.")

    def paste(self) -> None:
        """Show the experiment on the clipboard, words and all: an edit like others, which can be undone."""
        try:
            saved = read_experiment(QGuiApplication.clipboard().text())
        except InputError as error:
            dialogs.say_not_opened(self._window, f"The clipboard: {error}")
            return
        self._history.end_run()
        self._document.replace(saved.experiment, saved.words)
        self.opened.emit(saved.view)

    # Closing, and what was left

    def may_close(self) -> bool:
        """Whether the window can close; if not, that is asked, and it closes when that is answered.

        While a file is being written it stays open, and nothing is asked.
        """
        if self._saving:
            return False
        if self._closing or not self.modified:
            return True
        self._when_kept(self._close)
        return False

    def _close(self) -> None:
        self._closing = True
        self._window.close()

    def offer_left_work(self) -> None:
        """Offer what windows left that did not end in good order."""
        works = self.recovery.left()
        if not works:
            return
        names = [Path(work.path).stem or tr(UNTITLED) for work in works]
        dialog = dialogs.RecoveryDialog(
            [(name, work.when) for name, work in zip(names, works, strict=True)], self._window
        )
        dialog.restore_asked.connect(lambda place: self._restore(works[place]))
        dialog.discard_asked.connect(lambda place: self.recovery.drop(works.pop(place)))
        dialog.open()

    def _restore(self, work: Left) -> None:
        """Show it as unsaved work; it is kept anew before the old one goes."""
        self._begin(work.saved, Path(work.path) if work.path else None, kept=False)
        if self.recovery.keep_now():
            self.recovery.drop(work)

    def _work(self) -> tuple[Saved, str]:
        return self.saved(), str(self.path or "")

    def saved(self) -> Saved:
        """The experiment, and how it is looked at."""
        return Saved(self._document.experiment, self._look(), *self._document.words)

    def _when_kept(self, then: Callable[[], None]) -> None:
        """Go on at once if nothing would be lost; else when that is settled, which is asked once.

        What has changed while it was being saved is not lost either: then there is something to ask again.
        """
        if self._saving:
            return
        if not self.modified:
            then()
        elif not self._asking:
            self._asking = True
            saved = partial(self._when_kept, then)
            box = dialogs.ask_to_save(self._window, self.name, lambda: self._save_then(saved), then)
            box.finished.connect(self._answered)

    def _answered(self) -> None:
        self._asking = False

    def fill_recent(self, menu: QMenu) -> None:
        """Show the recent files in a menu."""
        menu.clear()
        paths = self.recent.paths()
        for path in paths:
            action = menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self.open(str(path)))
        if paths:
            menu.addSeparator()
            menu.addAction(tr("&Clear the list")).triggered.connect(self.recent.clear)
        else:
            menu.addAction(tr("No files yet")).setEnabled(False)

    def _show_title(self) -> None:
        self._window.setWindowTitle(f"{self.name}[*] – Optiscope")
        self._window.setWindowModified(self.modified)

    def close(self) -> None:
        """The window has ended in good order."""
        self._history.end_run()
        self.recovery.close()


def _nothing() -> None:
    pass


def _saved_at(path: Path, saved: Saved) -> bytes:
    """Save it; returns what tells whether another program changes the file later."""
    save(path, saved)
    return _print_of(path)


def _print_of(path: Path | None) -> bytes:
    """What tells whether another program has changed a file; b"" where there is none."""
    try:
        return b"" if path is None else hashlib.blake2b(path.read_bytes()).digest()
    except OSError:
        return b""


def _file_name(experiment: Experiment) -> str:
    """A name to begin with: the surface's."""
    return experiment.surface.id or "own surface"
