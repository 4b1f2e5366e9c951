"""Maps and tuning beside the window: a slider until the map's picture, and frames while both work."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from app.main import Laboratory, application
from app.map_job import MapJob
from app.map_server import Drawn
from app.presenters.start_map_presenter import StartsPresenter
from app.tune_job import TuneJob
from core.loops import can_compile
from core.search import RATE
from tests.benchmarks.bench_window import FRAMES, experiment, frames, laboratory, until
from tests.benchmarks.harness import Figure, Judged, Samples, milliseconds

NEEDS_NUMBA = "needs the extra 'fast'"


def figures() -> list[Figure]:
    """All figures of the live maps."""
    qt = application(["bench"])
    return [slider(qt, "rosenbrock"), slider(qt, "ackley"), beside_map(qt), beside_tuning(qt)]


def slider(qt: QApplication, surface: str) -> Figure:
    """Adam's rate is dragged with the map of starts on the surface, whose code is compiled."""
    name = f"map follows a dragged rate: Adam on {surface}, coarse map on the screen, whole window"
    if not can_compile():
        return Figure(name=name, missing=NEEDS_NUMBA)
    shown = experiment(surface, 300).with_overlay("map", True)
    with laboratory(shown) as lab:
        presenter = starts(lab)
        until_resting(qt, lab)
        rate = float(lab.document.experiment.method("adam").values()[RATE])
        seconds, sides = [], []
        for place in np.linspace(0.0, 6.0, FRAMES):
            wanted = rate * 10.0 ** (0.4 * np.sin(2.0 * np.pi * place) + 1e-3 * (1.0 + place))
            took, side = _follow(qt, lab, presenter, wanted)
            seconds.append(took)
            sides.append(side)
            time.sleep(0.004)
    return Figure(
        name=name,
        samples=milliseconds(tuple(seconds[20:])),
        target=33.0 if surface == "rosenbrock" else None,
        judged=Judged.PERCENTILE,
        note=f"the coarse map has {min(sides[20:])} to {max(sides[20:])} pixels a side",
    )


def _follow(qt: QApplication, lab: Laboratory, presenter: StartsPresenter, rate: float) -> tuple[float, int]:
    """Seconds from a moved slider to the painted map of its value, and how many pixels a side that has."""
    painted: list[Drawn] = []
    draw = presenter.layer.draw

    def watched(*arguments: object) -> None:
        draw(*arguments)  # type: ignore[arg-type]
        if presenter.shown is not None:
            painted.append(presenter.shown)

    presenter.layer.draw = watched  # type: ignore[method-assign]
    begin = time.perf_counter()
    lab.window.optimizers.rows["adam"].edited.emit(RATE, rate)
    limit = begin + 30.0
    while time.perf_counter() < limit and not any(
        each.map.spec.method.values()[RATE] == rate for each in painted
    ):
        qt.sendPostedEvents()
        qt.processEvents()
    took = time.perf_counter() - begin
    presenter.layer.draw = draw  # type: ignore[method-assign]
    return took, max(painted[-1].map.grades.shape)


def beside_map(qt: QApplication) -> Figure:
    """Frames of play while maps of a million pixels are drawn, on the surface and in the panel."""
    shown = experiment("rosenbrock", 1000).with_overlay("map", True)
    shown = replace(shown, maps=replace(shown.maps, columns=1024, rows=1024))
    with laboratory(shown) as lab:
        lab.window.show_panel("map")
        job = lab.helper(MapJob, _none)
        until(qt, lambda: job.channel is not None and starts(lab).shown is not None)
        seconds = _played(qt, lab, lambda: job.busy)
    return Figure(
        name="frames while two maps of 1,024 x 1,024 are drawn, whole window",
        samples=milliseconds(seconds),
        target=20.0,
        judged=Judged.PERCENTILE,
    )


def beside_tuning(qt: QApplication) -> Figure:
    """Frames of play while six optimizers are tuned."""
    shown = experiment("rosenbrock", 1000)
    with laboratory(replace(shown, tuning=replace(shown.tuning, budget=2000))) as lab:
        panel = lab.window.show_panel("tune")
        panel.tune_asked.emit()  # type: ignore[attr-defined]
        job = lab.helper(TuneJob, _none)
        until(qt, lambda: job.channel is not None)
        seconds = _played(qt, lab, lambda: job.busy)
    return Figure(
        name="frames while six optimizers are tuned, whole window",
        samples=milliseconds(seconds),
        target=20.0,
        judged=Judged.PERCENTILE,
    )


def _played(qt: QApplication, lab: Laboratory, busy: Callable[[], bool]) -> Samples:
    """Frames while something goes on; what comes after it does not count."""
    lab.playback.pause()
    counted = []

    def frame(index: int) -> None:
        counted.append(busy())
        lab.playback.go(index * 1000 // FRAMES)
        lab.clock.beat.emit(0.016)

    seconds = frames(qt, frame, pause=0.004)
    return tuple(each for each, during in zip(seconds, counted[5:], strict=True) if during)


def starts(lab: Laboratory) -> StartsPresenter:
    """What draws the map of starts."""
    presenter = lab.overlay("map")
    assert isinstance(presenter, StartsPresenter)
    return presenter


def until_resting(qt: QApplication, lab: Laboratory) -> None:
    """Let maps be drawn and compiled to the end."""
    job = lab.helper(MapJob, _none)
    until(qt, lambda: starts(lab).shown is not None)
    for _ in range(2):  # compiling begins when a map has been wanted for a moment
        end = time.monotonic() + 0.5
        until(qt, lambda end=end: time.monotonic() > end)  # type: ignore[misc]
        until(qt, lambda: not job.busy, 60.0)


def _none() -> Any:
    raise LookupError("no map was asked for")
