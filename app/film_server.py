"""What the process of the films does: paints and writes one, with news of how far it is, until told to stop.

It writes a file that nobody looks at yet; the window gives it its name once it is whole. Where the window
has died meanwhile, the process takes the file away itself.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.channels import Quit
from app.exporters.film import CancelledError, Film, write_film
from core.errors import InputError
from core.experiment_file import read_experiment

_SHORTEST = 1 / 30
"""Seconds between two reports."""


@dataclass(frozen=True)
class Make:
    """Order: make this film of an experiment, given as the text of its file, at `path`."""

    experiment: bytes
    film: Film
    ending: str
    path: Path


@dataclass(frozen=True)
class Stop:
    """Order: give up the film that is being made."""


@dataclass(frozen=True)
class Progress:
    """Frames made, and of how many."""

    done: int
    total: int


@dataclass(frozen=True)
class Made:
    """The film is whole."""


@dataclass(frozen=True)
class Failed:
    """Why there is no film; "" where nobody wants it any more."""

    sentence: str


class _Watch:
    """Reports from time to time, and looks whether the film is still wanted."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._due = 0.0
        self.closing = False

    def __call__(self, done: int, total: int) -> bool:
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + _SHORTEST
            self._connection.send(Progress(done, total))
        if not self._connection.poll():
            return True
        self.closing = isinstance(self._connection.recv(), Quit)
        return False


def serve(connection: Any) -> None:
    """The body of the films' process: makes them until the pipe closes or says `Quit`."""
    try:
        while True:
            order = connection.recv()
            if isinstance(order, Quit):
                return
            if isinstance(order, Stop):  # it crossed the result on its way
                continue
            watch = _Watch(connection)
            answer = _answer(order, watch)
            if watch.closing:
                return
            connection.send(answer)
    except (EOFError, OSError, KeyboardInterrupt):
        return  # the window is gone


def _answer(order: Make, watch: Callable[[int, int], bool]) -> Made | Failed:
    whole = False
    try:
        _make(order, watch)
        whole = True
    except CancelledError:
        return Failed("")
    except InputError as error:
        return Failed(str(error))
    except MemoryError:
        return Failed("This film does not fit into the memory; make it smaller or shorter.")
    except BrokenPipeError:  # the window is gone
        raise
    except OSError as error:
        return Failed(f"The film cannot be written: {error.strerror or error}.")
    finally:
        if not whole:
            order.path.unlink(missing_ok=True)
    return Made()


def _make(order: Make, watch: Callable[[int, int], bool]) -> None:
    if sys.platform not in ("win32", "darwin") and "PySide6.QtWidgets" not in sys.modules:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from app.exporters.canvas import start_qt
    from app.exporters.film_painter import FilmPainter
    from core.descent import descend

    start_qt()
    saved = read_experiment(order.experiment)
    painter = FilmPainter(order.film, saved, descend(saved.experiment.descent()))
    try:
        write_film(order.ending, order.film, painter.frame, order.path, watch)
    finally:
        painter.close()
