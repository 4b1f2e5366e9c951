"""Long work in a process of its own, one piece at a time: it says how far it is, and can be stopped."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.channels import Quit

_SHORTEST = 1 / 30
"""Seconds between two reports."""


@dataclass(frozen=True)
class Order:
    """Do this; the number is that of the answers."""

    serial: int
    work: Any


@dataclass(frozen=True)
class Stop:
    """Order: end the work that is under way, with what there is of it."""


@dataclass(frozen=True)
class Progress:
    """How much of the work is done, of how much, and what has its turn, where that is to be told."""

    serial: int
    done: int
    total: int
    turn: str


@dataclass(frozen=True)
class Result:
    """The work is done: what came of it, or why nothing did."""

    serial: int
    result: Any


@dataclass(frozen=True)
class Failed:
    """A result: why there is none; "" where nobody wants it any more."""

    sentence: str


class Watch:
    """Reports from time to time, and looks whether the work is to go on.

    Attributes
    ----------
    closing
        Whether the process is to end.
    """

    def __init__(self, connection: Any, serial: int) -> None:
        self._connection, self._serial = connection, serial
        self._due = 0.0
        self.closing = False

    def __call__(self, done: int, total: int, turn: str = "") -> bool:
        """Tell how far the work is; false where it is to end."""
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + _SHORTEST
            self._connection.send(Progress(self._serial, done, total, turn))
        if not self._connection.poll():
            return True
        self.closing = isinstance(self._connection.recv(), Quit)
        return False


def serve(connection: Any, work: Callable[[Any, Watch], Any]) -> None:
    """Work until the pipe closes or says `Quit`: the body of a process.

    Parameters
    ----------
    work
        Does what an order says, under the watch's eyes; what it returns is the answer.
    """
    try:
        while True:
            order = connection.recv()
            if isinstance(order, Quit):
                return
            if isinstance(order, Stop):  # it crossed the result on its way
                continue
            watch = Watch(connection, order.serial)
            result = work(order.work, watch)
            if watch.closing:
                return
            connection.send(Result(order.serial, result))
    except (EOFError, OSError, KeyboardInterrupt):
        return  # the window is gone
