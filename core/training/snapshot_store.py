"""Where snapshots are kept: the newest in memory, older ones in a file that nobody has to clean up."""

import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from core.network.arrays import Array
from core.training.snapshot import Snapshot

MEMORY = 64_000_000
"""Bytes of snapshots in memory at most."""
DISK = 4_000_000_000
"""Bytes of snapshots in the file at most."""
_SHARE_OF_FREE = 0.25
"""Share of the free room on the disk that the file may take."""
_ON_DISK = Path("/var/tmp")
"""Where temporary files are on a disk by convention; the usual folder may lie in memory."""
_NONE: Array = np.empty(0)


@dataclass
class _Kept:
    """A snapshot, and where its numbers are in the file (or None: they are in memory)."""

    snapshot: Snapshot
    slot: int | None = None


class _Writing(threading.Thread):
    """Numbers on their way to their slot in the file: training goes on meanwhile."""

    def __init__(self, file: IO[bytes], kept: _Kept, slot: int) -> None:
        super().__init__(name="optiscope-recording", daemon=True)
        self.kept, self.slot, self.numbers = kept, slot, kept.snapshot.numbers
        self.error: OSError | None = None
        self.seconds = 0.0
        self._file = file

    def run(self) -> None:
        """Write them, or keep what went wrong."""
        begin = time.perf_counter()
        try:
            self._file.seek(self.slot * self.numbers.nbytes)
            _write(self._file, self.numbers)
        except OSError as error:
            self.error = error
        except ValueError:  # the file is closed: nobody wants them any more
            self.error = OSError("the file is closed")
        self.seconds = time.perf_counter() - begin


class SnapshotStore:
    """Snapshots of one run in the order of their steps.

    When both memory and file are full, those are dropped whose neighbours are closest together, so
    that what is kept stays evenly spread; the first one stays.

    Parameters
    ----------
    memory, disk
        Bytes at most.
    folder
        Of the file; by default one for temporary files. The file has no name (or, on Windows, is
        deleted by the system when it is closed), so that it ends with the process however that ends.

    Attributes
    ----------
    trouble
        What went wrong with the file, in a sentence, or "".
    dropped
        Whether snapshots were dropped for want of room.
    seconds
        What it took to write the latest one into the file, beside everything else.
    """

    def __init__(self, memory: int = MEMORY, disk: int = DISK, folder: Path | None = None) -> None:
        self._memory, self._disk, self._folder = memory, disk, folder
        self._kept: list[_Kept] = []
        self._outside = 0  # the first so many of these are in the file
        self._file: IO[bytes] | None = None
        self._writing: _Writing | None = None
        self._closing: Callable[[], object] = _nothing
        self._free: list[int] = []
        self._slots = 0
        self._most_slots: int | None = None
        self._layout: tuple[np.dtype[Any], int] = (_NONE.dtype, 0)
        self.trouble, self.dropped = "", False
        self.seconds = 0.0

    @property
    def steps(self) -> list[int]:
        """Steps of which there is a snapshot."""
        return [kept.snapshot.step for kept in self._kept]

    @property
    def bytes_in_memory(self) -> int:
        """What the snapshots' numbers take in memory."""
        return sum(kept.snapshot.numbers.nbytes for kept in self._kept[self._outside :])

    @property
    def bytes_on_disk(self) -> int:
        """Size of the file."""
        dtype, count = self._layout
        return self._slots * count * dtype.itemsize

    def add(self, snapshot: Snapshot) -> None:
        """Keep a snapshot later than all others."""
        self._kept.append(_Kept(snapshot))
        self._layout = (snapshot.numbers.dtype, snapshot.numbers.size)  # the same for all of a run
        size = max(1, snapshot.numbers.nbytes)
        self._settle()
        while 0 < (len(self._kept) - self._outside) * size > self._memory:
            if not self._move_out():
                self._drop_one()

    def at_or_before(self, step: int) -> Snapshot | None:
        """The latest snapshot not later than `step`, if there is any."""
        self._settle()
        for kept in reversed([kept for kept in self._kept if kept.snapshot.step <= step]):
            try:
                return kept.snapshot if kept.slot is None else self._read(kept)
            except OSError as error:
                self._kept.remove(kept)
                self._outside -= 1
                self.trouble = f"Some older steps cannot be read from the disk ({error.strerror or error})."
        return None

    def forget_after(self, step: int) -> None:
        """Drop the snapshots later than `step`."""
        self._settle()
        while self._kept and self._kept[-1].snapshot.step > step:
            self._release(self._kept.pop())

    def close(self) -> None:
        """Drop everything; the file is gone."""
        self._settle()
        self._kept, self._outside = [], 0
        self._file = None
        self._closing()

    # ------------------------------------------------------------ room

    def _drop_one(self) -> None:
        """Drop the snapshot that is missed least; with two there is nothing between, and the newer goes."""
        self.dropped = True
        steps = np.array(self.steps)
        place = 1 + int((steps[2:] - steps[:-2]).argmin()) if len(steps) > 2 else len(steps) - 1
        self._release(self._kept.pop(place))

    def _release(self, kept: _Kept) -> None:
        if kept.slot is not None:
            self._outside -= 1
            self._free.append(kept.slot)

    # ------------------------------------------------------------ the file

    def _move_out(self) -> bool:
        """Begin to move the oldest numbers in memory to the file, unless it is full."""
        self._settle()
        kept = self._kept[self._outside]
        if self._most_slots == 0:
            return False
        try:
            file = self._opened(kept.snapshot.numbers.nbytes)
        except OSError as error:
            self._do_without(error)
            return False
        slot = self._next_slot()
        if slot is None:
            return False
        if slot == self._slots:
            self._slots += 1
        else:
            self._free.remove(slot)
        self._writing = _Writing(file, kept, slot)
        kept.snapshot, kept.slot = replace(kept.snapshot, numbers=_NONE), slot
        self._outside += 1
        self._writing.start()
        return True

    def _settle(self) -> None:
        """Wait for what is being written; what cannot be is in memory again."""
        writing, self._writing = self._writing, None
        if writing is None:
            return
        writing.join()
        self.seconds = writing.seconds
        if writing.error is not None:
            kept = writing.kept
            kept.snapshot, kept.slot = replace(kept.snapshot, numbers=writing.numbers), None
            self._outside -= 1
            if writing.slot == self._slots - 1:
                self._slots -= 1
            else:
                self._free.append(writing.slot)
            self._do_without(writing.error)

    def _do_without(self, error: OSError) -> None:
        """Take the file as full: what is written stays readable."""
        self._most_slots = self._slots
        self.trouble = (
            f"Older steps cannot be kept on disk ({error.strerror or error}): they are kept further"
            " apart, and going back to them takes longer."
        )

    def _next_slot(self) -> int | None:
        if self._free:
            return self._free[-1]
        return self._slots if self._most_slots is None or self._slots < self._most_slots else None

    def _opened(self, size: int) -> IO[bytes]:
        if self._file is None:
            folder = self._folder or (_ON_DISK if _ON_DISK.is_dir() else Path(tempfile.gettempdir()))
            room = min(self._disk, _SHARE_OF_FREE * shutil.disk_usage(folder).free)
            self._most_slots = int(room) // size
            self._file = tempfile.TemporaryFile(buffering=0, dir=folder, prefix="optiscope-")  # noqa: SIM115
            self._closing = weakref.finalize(self, self._file.close)
        return self._file

    def _read(self, kept: _Kept) -> Snapshot:
        assert self._file is not None
        assert kept.slot is not None
        dtype, count = self._layout
        numbers: Array = np.empty(count, dtype)
        view = numbers.data.cast("B")
        self._file.seek(kept.slot * numbers.nbytes)
        done = 0
        while done < len(view):
            read = self._file.readinto(view[done:])  # type: ignore[attr-defined]
            if not read:
                raise OSError("the file is cut short")
            done += read
        return replace(kept.snapshot, numbers=numbers)


def _nothing() -> None:
    """There is no file yet."""


def _write(file: IO[bytes], numbers: Array) -> None:
    """An unbuffered file may take less at once than it is given."""
    view = numbers.data.cast("B")
    done = 0
    while done < len(view):
        written = file.write(view[done:])
        if not written:
            raise OSError("the disk takes nothing")
        done += written
