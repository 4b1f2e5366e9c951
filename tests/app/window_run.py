"""A program of its own, started by trials: the window, with everything at work, which closes itself."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from app import screen
from app.__main__ import main as optiscope

if TYPE_CHECKING:
    from app.main import Laboratory

MOMENT = "OPTISCOPE_TRIAL_MOMENT"
"""Milliseconds after its first frame at which the window closes."""


def descendants(pid: int) -> list[int]:
    """Processes that a process has started, and those that they have."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(each) for each in task.read_text().split()]
        except OSError:
            continue
        found += [each for child in children for each in (child, *descendants(child))]
    return found


def _work(laboratory: "Laboratory") -> list[Callable[[], object]]:
    """What a person would begin, one after the other."""
    window = laboratory.window

    def train() -> None:
        """Long enough for helpers to be begun."""
        experiment = laboratory.document.experiment
        laboratory.document.replace(replace(experiment, training=replace(experiment.training, epochs=2_000)))
        window.network.train.click()

    def tune() -> None:
        window.show_panel("tune").tune.click()  # type: ignore[attr-defined]

    def landscape() -> None:
        window.show_panel("landscape")

    def film() -> None:
        laboratory.exports.films._begin(".apng", Path("film.apng").absolute())

    return [
        train,
        lambda: window.show_panel("map"),
        lambda: window.surface.tools.switches["map"].click(),
        tune,
        film,
        lambda: window.show_panel("norm"),
        lambda: window.show_panel("points"),
        landscape,
        lambda: window.show_panel("checks"),
    ]


def _close(laboratory: "Laboratory") -> None:
    print("closing", time.monotonic(), *descendants(os.getpid()), flush=True)
    laboratory.history.mark_saved()  # else it would ask first
    laboratory.window.close()


def _arrange() -> None:
    """Where a window can be opened it is one that closes itself."""
    from PySide6.QtCore import QTimer

    from app.main import Laboratory

    start = Laboratory.start

    def begin(laboratory: "Laboratory") -> None:
        start(laboratory)
        for number, do in enumerate(_work(laboratory)):
            QTimer.singleShot(150 * number, laboratory, lambda do=do: laboratory.window.isVisible() and do())
        QTimer.singleShot(int(os.environ[MOMENT]), laboratory, lambda: _close(laboratory))

    Laboratory.start = begin  # type: ignore[method-assign]


def _problem(environment: Mapping[str, str]) -> str | None:
    """As the program finds it, which imports nothing of Qt before."""
    found = _FIND(environment)
    if found is None:
        _arrange()
    return found


_FIND = screen.problem
if __name__ == "__main__":
    screen.problem = _problem
    sys.exit(optiscope(sys.argv[1:]))
