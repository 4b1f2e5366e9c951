"""Undo and redo: the experiments that a person has gone through, and what each edit is called."""

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from app.document import Document
from core.experiment import Experiment, Words
from core.experiment_change import Change, change_between, change_of_words
from core.experiment_file import Saved

MOST = 500
"""Edits that can be undone."""
_NO_WORDS = Words()
_PAUSE = 1000
"""Milliseconds without an edit, and without a mouse button held, that end a run of a slider."""


class _Step(NamedTuple):
    """What a person came to, and by what."""

    experiment: Experiment
    words: Words
    change: Change


class History(QObject):
    """Every edit of the document, a drag or a run of a slider as one.

    Attributes
    ----------
    undo_name, redo_name
        What would be undone or redone, in words, or "".
    modified
        Whether the experiment or its words differ from what is saved.
    running
        Whether a slider or a point may still be on its way.

    Signals
    -------
    changed()
        Any of these may have changed.
    """

    changed = Signal()

    def __init__(
        self,
        document: Document,
        parent: QObject | None = None,
        held: Callable[[], bool] | None = None,
    ) -> None:
        """`held` says whether a mouse button is down."""
        super().__init__(parent)
        self._document = document
        self._held = held or _button_is_held
        self._begin()
        self._saved: tuple[Experiment, Words] | None = self._now
        self._moving = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self._rest)
        document.edited.connect(self._record)

    def _begin(self) -> None:
        self._steps = [_Step(*self._now, Change(""))]
        self._place = 0
        self._run = ""

    @property
    def _now(self) -> tuple[Experiment, Words]:
        return self._document.experiment, self._document.words

    @property
    def undo_name(self) -> str:
        """What `undo` would take back."""
        return self._steps[self._place].change.name if self._place else ""

    @property
    def redo_name(self) -> str:
        """What `redo` would do again."""
        later = self._place + 1
        return self._steps[later].change.name if later < len(self._steps) else ""

    @property
    def modified(self) -> bool:
        """Whether something is not saved."""
        return self._now != self._saved

    @property
    def running(self) -> bool:
        """Whether a slider or a point may still be on its way."""
        return bool(self._run)

    def undo(self) -> None:
        """Go back by an edit; nothing is done where there is none."""
        if self.undo_name:
            self._go(self._place - 1)

    def redo(self) -> None:
        """Go on to the edit that was taken back."""
        if self.redo_name:
            self._go(self._place + 1)

    def mark_saved(self, saved: Saved | None = None) -> None:
        """Take the experiment as it is for saved, or what was saved while it went on."""
        self._saved = self._now if saved is None else (saved.experiment, saved.words)
        self.end_run()
        self.changed.emit()

    def begin_anew(self, experiment: Experiment, words: Words = _NO_WORDS, saved: bool = True) -> None:
        """Show another experiment, from which nothing is undone."""
        self._move(experiment, words)
        self._begin()
        self._saved = self._now if saved else None
        self.changed.emit()

    def end_run(self) -> None:
        """What comes next is an edit of its own, even of the same number."""
        self._pause.stop()
        self._run = ""

    def _go(self, place: int) -> None:
        self.end_run()
        self._place = place
        self._move(self._steps[place].experiment, self._steps[place].words)
        self.changed.emit()

    def _move(self, experiment: Experiment, words: Words) -> None:
        """Show what is no edit."""
        self._moving = True
        self._document.replace(experiment, words)
        self._moving = False

    def _record(self) -> None:
        if self._moving:
            return
        del self._steps[self._place + 1 :]
        last, (experiment, words) = self._steps[-1], self._now
        change = change_between(last.experiment, experiment)
        if experiment == last.experiment:
            change = change_of_words(last.words, words)
        elif words != last.words:  # pasted: no edit of a number goes on from it
            change = Change(f"{change.name}, {change_of_words(last.words, words).name}")
        if change.key and change.key == self._run:
            self._steps[-1] = _Step(experiment, words, last.change)
        else:
            self._steps.append(_Step(experiment, words, change))
            del self._steps[: -MOST - 1]
        self._place = len(self._steps) - 1
        self._run = change.key
        self._pause.start()
        self.changed.emit()

    def _rest(self) -> None:
        """A pause ends the run, unless the slider or the point is still held."""
        if self._held():
            self._pause.start()
        else:
            self._run = ""


def _button_is_held() -> bool:
    return QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
