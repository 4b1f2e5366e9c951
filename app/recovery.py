"""Keeps the work of every window that has not been saved, so that a crash or a kill loses none of it.

Each window has a folder of its own with a lock in it. While the window lives nobody else takes the lock;
when it ends in good order the folder goes. A folder whose lock can be taken was left by a window that did
not end in good order.

What is kept is written in a thread: a large table of samples takes longer than the window may stand still.
"""

import logging
import secrets
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from PySide6.QtCore import QLockFile, QObject, QStandardPaths, QTimer

from app import SUFFIX
from app.background import Background
from app.experiment_store import load
from app.history import History
from core.errors import InputError
from core.experiment_file import Saved, experiment_pieces

EVERY = 5_000
"""Milliseconds between two looks at whether there is something new to keep."""
_AT_ONCE = 200
"""Milliseconds after which a change of a choice is kept: more than a number would be lost with it."""
_KEPT, _ABOUT, _LOCK = f"kept{SUFFIX}", "about.json", "lock"
_OLDEST = 30 * 24 * 3600
"""Seconds that left work is offered."""
_log = logging.getLogger("optiscope")


class _About(msgspec.Struct, frozen=True):
    """What is not in the experiment: the file that it is from, or ""."""

    path: str = ""


@dataclass(frozen=True)
class Left:
    """Work that a window left behind.

    Attributes
    ----------
    saved
        The experiment.
    path
        The file that it was opened from or saved to, or "".
    when
        Seconds since 1970 when it was kept.
    folder
        Where it is.
    """

    saved: Saved
    path: str
    when: float
    folder: Path


def recovery_folder() -> Path:
    """Where windows keep what is not saved."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    return Path(place) / "recovery"


class Recovery(QObject):
    """Keeps one window's work, and finds what others left.

    What cannot be kept is logged once, and tried again at the next look; nothing else stops for it.

    Parameters
    ----------
    folder
        Of all windows; None keeps and finds nothing.
    history
        Says when something has changed.
    modified
        Whether there is something that is not saved.
    current
        The work, and the file that it is from.
    """

    def __init__(
        self,
        folder: Path | None,
        history: History,
        modified: Callable[[], bool],
        current: Callable[[], tuple[Saved, str]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._all, self._history, self._current = folder, history, current
        self._modified = modified
        self._own: Path | None = None
        self._lock: QLockFile | None = None
        self._held: dict[Path, QLockFile] = {}
        self._due = self._writing = self._complained = False
        self._writer = Background()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self.keep)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_AT_ONCE)
        self._soon.timeout.connect(self.keep)
        history.changed.connect(self._changed)

    def begin(self) -> None:
        """Look every few seconds from now on."""
        if self._all is not None:
            self._timer.start()

    def _changed(self) -> None:
        self._due = True
        if self._all is not None and not self._history.running:
            self._soon.start()

    def keep(self) -> None:
        """Begin to keep the work as it is, if that is new and not saved."""
        self._soon.stop()
        self._hear()
        if self._all is None or not self._due:
            return
        if self._writing:  # one after the other: of all that comes meanwhile only the newest is kept
            self._soon.start()
            return
        self._due = False
        try:
            if self._modified():
                self._write(self._all)
            elif self._own is not None:
                self._begin(_forget, self._own)
        except (OSError, InputError) as error:
            self._complain(error)

    def keep_now(self) -> bool:
        """Keep it, and wait until that is done; returns whether it went well."""
        self._settle()
        self.keep()
        self._settle()
        return not self._due

    def _settle(self) -> None:
        self._writer.close()
        self._hear()

    def _begin(self, function: Callable[..., None], *arguments: object) -> None:
        self._writing = True
        self._writer.begin(("keep", None), function, *arguments)

    def _hear(self) -> None:
        """Take notice of how the writing ended."""
        for _, outcome in self._writer.done():
            self._writing = False
            if isinstance(outcome, Exception):
                self._complain(outcome)
            else:
                self._complained = False

    def _complain(self, error: Exception) -> None:
        if not self._complained:
            _log.warning("unsaved work cannot be kept: %s", error)
        self._due = self._complained = True

    def _write(self, everything: Path) -> None:
        if self._own is None:
            own = everything / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
            own.mkdir(parents=True)
            lock = _lock_of(own)
            if not lock.tryLock(0):
                raise InputError(f"{own} cannot be locked.")
            self._own, self._lock = own, lock
        self._begin(_keep, self._own, *self._current())

    def left(self) -> list[Left]:
        """Work that other windows left behind, the newest first; what is too old or damaged is dropped.

        It is this window's now: no other one finds it until this one ends.
        """
        found = []
        for folder in sorted(self._all.iterdir(), reverse=True) if self._all and self._all.is_dir() else []:
            if folder == self._own or not folder.is_dir() or not self._hold(folder):
                continue
            work = _read(folder)
            if work is not None and time.time() - work.when < _OLDEST:
                found.append(work)
            else:
                self._remove(folder)
        return found

    def drop(self, work: Left) -> None:
        """Forget work that was left: it has been taken over, or nobody wants it."""
        self._remove(work.folder)

    def _hold(self, folder: Path) -> bool:
        """Take the lock of a folder, if nobody has it."""
        if folder not in self._held:
            lock = _lock_of(folder)
            if not lock.tryLock(0):
                return False
            self._held[folder] = lock
        return True

    def _remove(self, folder: Path) -> None:
        self._held.pop(folder).unlock()
        shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """The window ends in good order: nothing of it is left."""
        self._timer.stop()
        self._soon.stop()
        self._writer.close()
        if self._lock is not None and self._own is not None:
            self._lock.unlock()
            shutil.rmtree(self._own, ignore_errors=True)
            self._own = self._lock = None
        for lock in self._held.values():
            lock.unlock()
        self._held.clear()
        self._all = None


def _lock_of(folder: Path) -> QLockFile:
    """Never called old while its process lives: a window may be open for weeks."""
    lock = QLockFile(str(folder / _LOCK))
    lock.setStaleLockTime(0)
    return lock


def _keep(folder: Path, saved: Saved, path: str) -> None:
    _replace(folder / _ABOUT, [msgspec.json.encode(_About(path))])
    _replace(folder / _KEPT, experiment_pieces(saved))


def _forget(folder: Path) -> None:
    (folder / _KEPT).unlink(missing_ok=True)


def _replace(path: Path, content: Iterable[bytes]) -> None:
    """Write a file whole or not at all. It need not survive a loss of power: that would take longer."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.writelines(content)
    part.replace(path)


def _read(folder: Path) -> Left | None:
    kept = folder / _KEPT
    try:
        about = msgspec.json.decode((folder / _ABOUT).read_bytes(), type=_About)
        return Left(load(kept), about.path, kept.stat().st_mtime, folder)
    except FileNotFoundError:  # nothing was unsaved
        return None
    except (OSError, InputError, msgspec.DecodeError) as error:
        _log.warning("work that was left in %s cannot be read: %s", folder, error)
        return None
