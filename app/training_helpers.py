"""Processes that train some of a run's networks beside the training process, see `core.training.crew`.

They are begun when a run goes on long enough to be worth it, and kept for the runs after it. Numbers of
networks go through memory that both sides see, where the system gives it; all else through a pipe.
"""

import contextlib
import logging
import os
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from app.channels import ProcessChannel, Quit
from core.loops import compile_loops
from core.network.arrays import Array
from core.training import TrainingRun, TrainingSpec
from core.training.crew import Helper, HelperLostError, Places
from core.training.snapshot import Snapshot

_WORTH = 3.0
"""Seconds that training must go on for a helper to pay: it takes one or two to begin."""
_TRIES = 3
"""How often helpers are begun for one run."""
_IN_MEMORY = Path("/dev/shm")
"""Where shared memory is a file system of a size of its own."""
_NONE: Array = np.empty(0)
_log = logging.getLogger("optiscope")


class StartedHelper(Helper, Protocol):
    """A helper that is told which run it helps."""

    def begin(self, spec: TrainingSpec, places: Places) -> None:
        """Make ready for some networks of a run; raises `HelperLostError`."""

    def is_ready(self) -> bool:
        """Whether it is; raises `HelperLostError`."""

    def open(self) -> None:
        """Make ready to be asked, once it is ready itself; raises `HelperLostError`."""

    def dismiss(self) -> None:
        """Have it end, and do not wait: `close` follows."""

    def close(self) -> None:
        """End it."""


class TrainingHelpers:
    """The helpers of whatever run trains.

    Parameters
    ----------
    open_helper
        Begins one.

    Attributes
    ----------
    note
        What became of a helper of this run, in a sentence, or "".
    """

    def __init__(self, open_helper: "Callable[[], StartedHelper] | None" = None) -> None:
        self._open = HelperProcess if open_helper is None else open_helper
        self._helpers: list[StartedHelper] = []
        self._run: weakref.ref[TrainingRun] | None = None
        self._shares: tuple[Places, ...] = ()
        self._tries = 0
        self._state: Literal["none", "beginning", "there"] = "none"
        self.note = ""

    def attend(self, run: TrainingRun, seconds: float) -> None:
        """See to it that a run has help, if it still goes on for so many seconds. Call it now and then."""
        if self._run is None or self._run() is not run:
            self._run, self._tries, self._state, self.note = weakref.ref(run), 0, "none", ""
            self._shares = run.shares[1:]
            if not self._shares:
                self.close()
        try:
            if self._state == "there" and not run.shared:
                raise HelperLostError("it ended while it trained")
            if self._shares and self._state == "none" and seconds > _WORTH and self._tries < _TRIES:
                self._begin(run)
            elif self._state == "beginning" and all(helper.is_ready() for helper in self._helpers):
                for helper in self._helpers:
                    helper.open()
                run.share(list(zip(self._helpers, self._shares, strict=True)))
                self._state = "there"
        except HelperLostError as lost:
            self._give_up(lost)

    def close(self) -> None:
        """End all helpers."""
        helpers, self._helpers, self._state = self._helpers, [], "none"
        for helper in helpers:
            helper.dismiss()
        for helper in helpers:
            helper.close()

    def _begin(self, run: TrainingRun) -> None:
        self._tries += 1
        count = len(self._shares)
        for helper in self._helpers[count:]:
            helper.close()
        del self._helpers[count:]
        for number, places in enumerate(self._shares):
            if number < len(self._helpers):
                try:
                    self._helpers[number].begin(run.spec, places)
                    continue
                except HelperLostError:  # it died while it had nothing to do: nothing is lost
                    self._helpers.pop(number).close()
            helper = self._open()
            self._helpers.insert(number, helper)
            helper.begin(run.spec, places)
        self._state = "beginning"

    def _give_up(self, lost: HelperLostError) -> None:
        _log.warning("a helper of the training was lost: %s", lost)
        self.note = "A process that helps to train ended unexpectedly; nothing is lost, training goes on."
        self.close()


class HelperProcess:
    """A helper in a spawned process."""

    def __init__(self) -> None:
        try:
            self._channel = ProcessChannel(serve, "optiscope-helper", steps_back=False)
        except OSError as error:
            raise HelperLostError(f"it cannot be started ({error.strerror or error})") from None
        self._serial = 0
        self._ready = False
        self._block: SharedMemory | None = None

    def begin(self, spec: TrainingSpec, places: Places) -> None:
        """Make ready for some networks of a run."""
        self._ready = False
        self._ask("begin", spec, places)

    def is_ready(self) -> bool:
        """Whether it is."""
        while not self._ready and self._has_answer():  # to what it was told before, perhaps
            serial, result = self._receive()
            if serial == self._serial:
                _checked(result)
                self._ready = True
        return self._ready

    def open(self) -> None:
        """Open the memory that it shares. It has a name only while both are there, so that none is left."""
        self._ask("shelf")
        try:
            self._use(self.answer())
        except OSError as error:
            raise HelperLostError(f"its memory cannot be opened ({error.strerror or error})") from None

    def ask(self, name: str, snapshot: Snapshot | None) -> None:
        """Ask for a call of a method of its portion."""
        self._ask(name, None if snapshot is None else _shelved(snapshot, self._block))

    def answer(self) -> Any:
        """Wait for what the newest call returns."""
        serial, result = self._receive()
        while serial != self._serial:
            serial, result = self._receive()
        return _unshelved(_checked(result), self._block)

    def dismiss(self) -> None:
        """Have it end, and do not wait."""
        self._channel.dismiss()

    def close(self) -> None:
        """End the process."""
        self._use(None)
        self._channel.close()

    def _ask(self, name: str, *arguments: Any) -> None:
        self._serial += 1
        try:
            self._channel.send((self._serial, name, arguments))
        except OSError:
            raise HelperLostError(self._channel.death()) from None

    def _has_answer(self) -> bool:
        try:
            return self._channel.has_answer()
        except OSError:
            raise HelperLostError(self._channel.death()) from None

    def _receive(self) -> tuple[int, Any]:
        try:
            serial, result = self._channel.wait()
        except (EOFError, OSError):
            raise HelperLostError(self._channel.death()) from None
        return serial, result

    def _use(self, block: str | None) -> None:
        """Numbers go through this block of memory from now on; its name is not needed once it is open."""
        if self._block is not None:
            self._block.close()
        self._block = None if block is None else SharedMemory(block)
        if self._block is not None:
            self._block.unlink()


class _Server:
    """What a helper's process does."""

    def __init__(self, interrupted: Callable[[], bool]) -> None:
        from core.training.portion import Portion

        self._portion_of = Portion
        self._interrupted = interrupted
        self._portion: Portion | None = None
        self._block: SharedMemory | None = None

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """What a call returns, or what ended it."""
        try:
            if name in ("begin", "shelf"):
                return self._begin(*arguments) if name == "begin" else self._shelf()
            (snapshot,) = arguments
            result = getattr(self._portion, name)(_unshelved(snapshot, self._block))
            return _shelved(result, self._block) if isinstance(result, Snapshot) else result
        except Exception as error:  # whatever it is: the run goes on without this helper
            return _Failed(repr(error))

    def _begin(self, spec: TrainingSpec, places: Places) -> None:
        self._portion = None
        if self._block is not None:
            self._block.close()
            self._block = None
        self._portion = self._portion_of(spec, places)
        compile_loops(self._portion.run.loops, lambda: not self._interrupted())

    def _shelf(self) -> str | None:
        """Name of memory for the networks' numbers, or None where there is no room."""
        assert self._portion is not None
        numbers = self._portion.give().numbers
        self._block = block = _block(numbers.nbytes)
        if block is None:
            return None
        self._portion.shelf = np.ndarray(numbers.size, numbers.dtype, block.buf)
        return block.name


@dataclass(frozen=True)
class _Failed:
    """A call ended with an error."""

    reason: str


def _checked(result: Any) -> Any:
    if isinstance(result, _Failed):
        raise HelperLostError(result.reason)
    return result


def _block(size: int) -> SharedMemory | None:
    """Memory that another process can open, or None where there is no room for it."""
    try:
        block = SharedMemory(create=True, size=max(1, size))
    except OSError:
        return None
    try:
        _reserve(block)
    except OSError:
        block.close()
        block.unlink()
        return None
    return block


def _reserve(block: SharedMemory) -> None:
    """Take the room now where it is a file system's: a write without room would end the process."""
    path = _IN_MEMORY / block.name
    if path.exists():
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, block.size)


@dataclass(frozen=True)
class _Shelved:
    """A snapshot whose numbers, so many of this type, are in the block of memory."""

    snapshot: Snapshot
    count: int
    dtype: str


def _shelved(snapshot: Snapshot, block: SharedMemory | None) -> _Shelved | Snapshot:
    if block is None:
        return snapshot
    numbers = snapshot.numbers
    shelf = np.ndarray(numbers.size, numbers.dtype, block.buf)
    if not np.may_share_memory(shelf, numbers):  # else they are there
        shelf[:] = numbers
    return _Shelved(replace(snapshot, numbers=_NONE), numbers.size, numbers.dtype.str)


def _unshelved(sent: Any, block: SharedMemory | None) -> Any:
    """What was sent, with the numbers of a snapshot again: those of the block itself."""
    if not isinstance(sent, _Shelved):
        return sent
    assert block is not None
    return replace(sent.snapshot, numbers=np.ndarray(sent.count, sent.dtype, block.buf))


def serve(connection: Any) -> None:
    """The body of a helper's process."""
    server = _Server(connection.poll)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):  # nobody is there any more
        while not isinstance(order := connection.recv(), Quit):
            serial, name, arguments = order
            connection.send((serial, server.call(name, arguments)))
    os._exit(0)  # whatever else is under way
