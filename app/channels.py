"""Ways to a server in a process of its own, and the loop that serves there. Knows nothing of Qt.

A server carries out orders, and works on in slices; answers go back through the same pipe.
"""

import atexit
import contextlib
import multiprocessing
import multiprocessing.util  # so that its work at exit comes after ours
import os
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.reduction import ForkingPickler
from typing import Any, Protocol

from app.priority import step_back

_AT_ONCE = 32_768
"""Bytes that fit into a pipe whether anybody reads or not."""
_GRACE = 0.1
"""Seconds that a process has to end by itself: what it has not said yet, nobody wants to hear."""
SLICE = 0.011
"""Seconds of work between two looks for orders: a third of the shortest time between two reports."""


@dataclass(frozen=True)
class Quit:
    """End the process."""


class Server(Protocol):
    """What works at the other end of a channel."""

    @property
    def wait(self) -> float | None:
        """Seconds that it may rest unless an order comes: 0 with work to do, None with nothing."""

    def handle(self, order: Any) -> list[Any]:
        """Carry out an order; the answers are to be sent."""

    def work(self, seconds: float) -> list[Any]:
        """Work for a slice of time; answers when there are any."""


class Channel(Protocol):
    """Where orders go and answers come from."""

    def send(self, order: Any) -> None:
        """Give an order; raises OSError when nobody is there."""

    def receive(self) -> list[Any]:
        """Answers so far, without waiting; raises EOFError when the other side has died."""

    def bell(self) -> int | None:
        """A file descriptor that can be read when there are answers, where the system has such."""

    def death(self) -> str:
        """How the other side died, in words."""

    def close(self) -> None:
        """End the other side."""


class ProcessChannel:
    """A server in a spawned process, at the other end of a pipe."""

    def __init__(self, serve: Callable[[Any], None], name: str, steps_back: bool = True) -> None:
        """Begin it: `serve` is a module-level function that takes the pipe's other end.

        With `steps_back` the process lets this one go first where processors are few.
        """
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_body, args=(serve, theirs, steps_back), name=name)
        self._process.start()
        _open.add(self)
        self._writer: threading.Thread | None = None
        self._dismissed: float | None = None
        theirs.close()  # so that the process's death closes the pipe and is noticed at once

    @property
    def pid(self) -> int | None:
        """Number of the process."""
        return self._process.pid

    def send(self, order: Any) -> None:
        """Give an order; a large one is written aside, since the other side may not read at once."""
        self._wait_for_writer()
        content = ForkingPickler.dumps(order)
        if len(content) <= _AT_ONCE:
            self._pipe.send_bytes(content)
        else:
            self._writer = threading.Thread(target=self._write, args=(content,), daemon=True)
            self._writer.start()

    def _write(self, content: Any) -> None:
        with contextlib.suppress(OSError):  # the process has died: `receive` will tell
            self._pipe.send_bytes(content)

    def _wait_for_writer(self) -> None:
        if self._writer is not None:
            self._writer.join()
            self._writer = None

    def receive(self) -> list[Any]:
        """Answers so far; the last ones of a process that died come before the EOFError."""
        answers: list[Any] = []
        try:
            while self._pipe.poll():
                answers.append(self._pipe.recv())
        except (EOFError, OSError):
            if not answers:
                raise
        return answers

    def wait(self) -> Any:
        """The next answer, however long it takes; raises EOFError when the other side has died."""
        return self._pipe.recv()

    def has_answer(self) -> bool:
        """Whether there is an answer, or the other side has died."""
        return self._pipe.poll()

    def bell(self) -> int | None:
        """The pipe, where Qt can wait for it."""
        return None if os.name == "nt" else self._pipe.fileno()

    def death(self) -> str:
        """Exit status or signal."""
        self._process.join(0.2)
        code = self._process.exitcode
        return f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"

    def dismiss(self) -> None:
        """Ask the process to end, and do not wait: `close` follows when others have been asked too."""
        if self._dismissed is None and (self._writer is None or not self._writer.is_alive()):
            self._dismissed = time.monotonic()
            with contextlib.suppress(OSError):  # it may be gone already
                self._pipe.send(Quit())

    def close(self) -> None:
        """Ask the process to end; end it if it does not."""
        if self._writer is not None and self._writer.is_alive():
            self._process.kill()  # ends the writing too
        self._wait_for_writer()
        self.dismiss()
        self._pipe.close()
        asked = time.monotonic() if self._dismissed is None else self._dismissed
        self._process.join(max(0.0, asked + _GRACE - time.monotonic()))
        self.kill()
        self._process.close()
        _open.discard(self)

    def kill(self) -> None:
        """End the process as it is."""
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


_open: weakref.WeakSet[ProcessChannel] = weakref.WeakSet()
"""Whose processes are there. Daemonic processes would end by themselves, but may not begin others."""


@atexit.register
def _end_all() -> None:
    for channel in list(_open):
        channel.kill()


def dismiss(channels: Iterable[Channel | None]) -> None:
    """Ask all processes that are about to be closed to end, so that they take their time together."""
    for channel in channels:
        if isinstance(channel, ProcessChannel):
            channel.dismiss()


def _body(serve: Callable[[Any], None], connection: Any, steps_back: bool) -> None:
    """What the process does. An error ends it at once: else it would wait for processes of its own."""
    if steps_back:
        step_back()
    try:
        serve(connection)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


class InlineChannel:
    """The same server in this process, a slice of work at every look: the synchronous mode for tests."""

    def __init__(self, server: Server, seconds: float = 0.01) -> None:
        self._server, self._seconds = server, seconds
        self._answers: list[Any] = []

    def send(self, order: Any) -> None:
        """Carry out an order at once."""
        self._answers += self._server.handle(order)

    def receive(self) -> list[Any]:
        """Work a little, and return what there is to tell."""
        answers = self._answers + self._server.work(self._seconds)
        self._answers = []
        return answers

    def bell(self) -> int | None:
        """Nothing rings."""
        return None

    def death(self) -> str:
        """It cannot die."""
        return ""

    def close(self) -> None:
        """Nothing to end."""


def serve(connection: Any, server: Server) -> None:
    """Serve orders from a pipe until it closes or says `Quit`: the body of a process."""
    try:
        while True:
            while connection.poll(server.wait):
                order = connection.recv()
                if isinstance(order, Quit):
                    return
                for answer in server.handle(order):
                    connection.send(answer)
            for answer in server.work(SLICE):
                connection.send(answer)
    except (EOFError, OSError, KeyboardInterrupt):
        return  # the window is gone
