"""Work outside the window's process: training, and descents too long for a frame.

Requests carry a generation and so do answers: a late answer is dropped. A process that dies is
said in a sentence and started again when there is work for it.
"""

import contextlib
import multiprocessing
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from app.playback import Clock
from app.training_server import Load, Pause, Quit, Refusal, Report, Train, TrainingServer, serve
from core.training import TrainingSpec


class Channel(Protocol):
    """Where orders go and answers come from."""

    def send(self, order: Any) -> None:
        """Give an order; raises OSError when nobody is there."""

    def receive(self) -> list[Any]:
        """Answers so far, without waiting; raises EOFError when the other side has died."""

    def death(self) -> str:
        """How the other side died, in words."""

    def close(self) -> None:
        """End the other side."""


class ProcessChannel:
    """A training server in a spawned process, at the other end of a pipe."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs,), name="optiscope-training", daemon=True)
        self._process.start()
        theirs.close()  # so that the process's death closes the pipe and is noticed at once

    @property
    def pid(self) -> int | None:
        """Number of the process."""
        return self._process.pid

    def send(self, order: Any) -> None:
        """Give an order."""
        self._pipe.send(order)

    def receive(self) -> list[Any]:
        """Answers so far."""
        answers = []
        while self._pipe.poll():
            answers.append(self._pipe.recv())
        return answers

    def death(self) -> str:
        """Exit status or signal."""
        self._process.join(0.2)
        code = self._process.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"

    def close(self) -> None:
        """Ask the process to end; end it if it does not."""
        with contextlib.suppress(OSError):  # it may be gone already
            self._pipe.send(Quit())
        self._pipe.close()
        self._process.join(0.5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


class InlineChannel:
    """The same server in this process, a slice of work at every look: the synchronous mode for tests."""

    def __init__(self, seconds: float = 0.01) -> None:
        self._server = TrainingServer()
        self._seconds = seconds
        self._answers: list[Any] = []

    def send(self, order: Any) -> None:
        """Carry out an order at once."""
        self._answers += self._server.handle(order)

    def receive(self) -> list[Any]:
        """Train a little, and return what there is to tell."""
        answers = self._answers + self._server.work(self._seconds)
        self._answers = []
        return answers

    def death(self) -> str:
        """It cannot die."""
        return ""

    def close(self) -> None:
        """Nothing to end."""


class TrainingJob(QObject):
    """One training run at a time, in a process that stays.

    Signals
    -------
    reported(object)
        A `Report` of the newest spec.
    refused(str, str)
        Field and sentence: the newest spec cannot be run.
    died(str)
        A sentence: the process has ended by itself.

    Attributes
    ----------
    running
        Whether training goes on, or will as soon as the newest order is carried out.
    """

    reported = Signal(object)
    refused = Signal(str, str)
    died = Signal(str)

    def __init__(
        self,
        clock: Clock,
        open_channel: Callable[[], Channel] = ProcessChannel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock, self._open = clock, open_channel
        self._channel: Channel | None = None
        self._spec: TrainingSpec | None = None
        self._loaded = False
        self._generation = 0
        self._serial = 0
        self._answered = 0
        self._epochs: int | None = None
        self.running = False
        clock.beat.connect(self._look)

    @property
    def channel(self) -> Channel | None:
        """The way to the process, if there is one."""
        return self._channel

    def load(self, spec: TrainingSpec) -> None:
        """Begin the run of a spec; trains on at once if the one before was training."""
        self._spec, self._loaded = spec, False
        again = self.running
        self._ensure_loaded()
        if again:
            self.train(self._epochs)

    def train(self, epochs: int | None = None) -> None:
        """Train, for some epochs or to the end."""
        self._ensure_loaded()
        self.running, self._epochs = True, epochs
        self._send(Train(self._next_serial(), epochs))

    def pause(self) -> None:
        """Stay at this step."""
        self.running = False
        self._send(Pause(self._next_serial()))

    def reset(self) -> None:
        """Begin the same run anew, without training on."""
        if self._spec is not None:
            self.running = False
            self.load(self._spec)

    def close(self) -> None:
        """End the process."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._clock.need("training", False)

    def _ensure_loaded(self) -> None:
        if not self._loaded and self._spec is not None:
            self._loaded = True
            self._generation += 1
            self._send(Load(self._next_serial(), self._generation, self._spec))

    def _next_serial(self) -> int:
        self._serial += 1
        return self._serial

    def _send(self, order: Load | Train | Pause) -> None:
        try:
            if self._channel is None:
                self._channel = self._open()
            self._channel.send(order)
        except OSError as error:
            self._fail_to_send(order, error)
            return
        self._clock.need("training", True)

    def _fail_to_send(self, order: Load | Train | Pause, error: OSError) -> None:
        """The process died unnoticed while it had nothing to do, or none can be started."""
        if self._channel is None:
            self.running = False
            self.died.emit(f"The training process cannot be started ({error.strerror or error}).")
            return
        self._bury()
        if isinstance(order, Train):
            self.train(order.epochs)

    def _look(self) -> None:
        if self._channel is None:
            return
        try:
            answers = self._channel.receive()
        except (EOFError, OSError):
            self._bury()
            return
        for answer in answers:
            if answer.generation == self._generation:
                self._tell(answer)

    def _tell(self, answer: Report | Refusal) -> None:
        self._answered = answer.serial
        if isinstance(answer, Refusal):
            self.running = False
            self.refused.emit(answer.field, answer.sentence)
        else:
            if answer.serial == self._serial:  # an older answer knows nothing of the newest order
                self.running = answer.running
            self.reported.emit(answer)
        self._clock.need("training", self.running or self._answered < self._serial)

    def _bury(self) -> None:
        """Say that the process died; the next order starts another."""
        assert self._channel is not None
        how = self._channel.death()
        self._channel.close()
        self._channel, self._loaded, self.running = None, False, False
        self._clock.need("training", False)
        self.died.emit(
            f"The training process ended unexpectedly ({how}). What it had sent is kept;"
            " press Train to start it again from the first step."
        )


class CallJob(QObject):
    """The newest call of a pure function, in a worker process.

    Signals
    -------
    finished(object)
        Result of the newest call.
    failed(str)
        A sentence: the call raised, or its process died.
    """

    finished = Signal(object)
    failed = Signal(str)

    def __init__(
        self,
        clock: Clock,
        name: str,
        executor: Callable[[], Executor] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock, self._name = clock, name
        self._make = executor or _one_process
        self._executor: Executor | None = None
        self._call: Future[Any] | None = None
        self._next: tuple[Callable[..., Any], tuple[Any, ...]] | None = None
        clock.beat.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether a call is under way."""
        return self._call is not None

    def submit(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call a module-level function; what was asked for before is dropped."""
        if self._call is not None:
            self._next = (function, arguments)
            return
        if self._executor is None:
            self._executor = self._make()
        self._call = self._executor.submit(function, *arguments)
        self._clock.need(self._name, True)

    def drop(self) -> None:
        """Want no result any more."""
        if self._call is not None:
            self._next = (_nothing, ())

    def close(self) -> None:
        """End the worker."""
        self._clock.need(self._name, False)
        if self._executor is not None:
            processes = list((getattr(self._executor, "_processes", None) or {}).values())
            self._executor.shutdown(wait=False, cancel_futures=True)
            for process in processes:  # a call under way may last; nobody waits for it
                process.kill()
            self._executor.shutdown(wait=True)
            self._executor = self._call = None

    def _look(self) -> None:
        if self._call is None or not self._call.done():
            return
        call, self._call = self._call, None
        following, self._next = self._next, None
        if following is not None:
            self._take(call, tell=False)
            self.submit(following[0], *following[1])
            return
        self._clock.need(self._name, False)
        self._take(call, tell=True)

    def _take(self, call: Future[Any], tell: bool) -> None:
        try:
            result = call.result()
        except BrokenProcessPool:
            self._executor = None
            if tell:
                self.failed.emit("A worker process ended unexpectedly; change anything to compute again.")
        except (ValueError, ArithmeticError, MemoryError) as error:
            if tell:
                self.failed.emit(str(error) or f"The computation failed ({type(error).__name__}).")
        else:
            if tell and result is not None:
                self.finished.emit(result)


def _nothing() -> None:
    return None


def _one_process() -> Executor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
