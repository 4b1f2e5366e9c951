"""What the process of the tuning does: a search with news of how far it is, until it is told to stop."""

import time
from dataclasses import dataclass
from typing import Any

from app.channels import Quit
from core.errors import InputError
from core.search import TuneResult, TuneSpec, tune

_SHORTEST = 1 / 30
"""Seconds between two reports."""


@dataclass(frozen=True)
class Tune:
    """Order: tune this; the number is that of the answers."""

    serial: int
    spec: TuneSpec


@dataclass(frozen=True)
class Stop:
    """Order: end the search that is under way with what it has found."""


@dataclass(frozen=True)
class Progress:
    """Trials made, of how many, and the id of the optimizer whose turn it was."""

    serial: int
    done: int
    total: int
    optimizer: str


@dataclass(frozen=True)
class Tuned:
    """What was found."""

    serial: int
    result: TuneResult


@dataclass(frozen=True)
class Untunable:
    """Why a search cannot be made."""

    serial: int
    sentence: str


class _Watch:
    """Reports from time to time, and looks whether the search is to go on."""

    def __init__(self, connection: Any, serial: int) -> None:
        self._connection, self._serial = connection, serial
        self._due = 0.0
        self.closing = False

    def __call__(self, done: int, total: int, optimizer: str) -> bool:
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + _SHORTEST
            self._connection.send(Progress(self._serial, done, total, optimizer))
        if not self._connection.poll():
            return True
        self.closing = isinstance(self._connection.recv(), Quit)
        return False


def serve(connection: Any) -> None:
    """The body of the tuning's process: searches until the pipe closes or says `Quit`."""
    try:
        while True:
            order = connection.recv()
            if isinstance(order, Quit):
                return
            if isinstance(order, Stop):  # it crossed the result on its way
                continue
            watch = _Watch(connection, order.serial)
            answer = _answer(order, watch)
            if watch.closing:
                return
            connection.send(answer)
    except (EOFError, OSError, KeyboardInterrupt):
        return  # the window is gone


def _answer(order: Tune, watch: _Watch) -> Tuned | Untunable:
    try:
        return Tuned(order.serial, tune(order.spec, watch=watch))
    except (InputError, ArithmeticError, MemoryError) as error:
        return Untunable(order.serial, str(error) or f"The search failed ({type(error).__name__}).")
