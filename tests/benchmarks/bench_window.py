"""What a person waits for in the window: a drag, a frame of play or beside training, the first frame."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from app.code_keeper import NAME as CODE_FILE
from app.collector import collector_waits
from app.event_collector import EventCollector
from app.main import Laboratory, application
from app.training_job import InlineChannel, ProcessChannel
from core.choice import Choice
from core.experiment import Experiment, default_experiment
from core.kept_code import code_of_all, pack
from core.network.spec import NetworkSpec
from core.start_pattern import place_starts
from core.surface import SurfaceSpec, surface, surfaces
from core.training import TrainingSpec, alike
from tests.benchmarks.harness import Direction, Figure, Judged, Samples, milliseconds

ROOT = Path(__file__).parents[2]
FRAMES = 240
WINDOW = (1960, 1180)
"""Size at which the surface's plot is 1200 x 800 or a little more."""
SURFACES = ("himmelblau", "rosenbrock")
LIVE_PANELS = ("health", "learned", "norm")
"""Those that draw every report, beside the network's own distributions and curves."""

_FIRST_FRAME = """
import gc, sys, time
gc.disable()  # as `app.launch` does
from app.qt_binding import load_binding
load_binding()
from pathlib import Path
from PySide6.QtCore import QSettings
from app.main import Laboratory, application
qt = application(["optiscope"])
settings = QSettings(sys.argv[1], QSettings.Format.IniFormat)
laboratory = Laboratory(settings=settings, cache=Path(sys.argv[1]).parent)
plot = laboratory.window.surface.plot
paint = plot.paintEvent
def painted(event):
    paint(event)
    print(time.time(), flush=True)
    plot.paintEvent = paint
    laboratory.window.close()
    qt.quit()
plot.paintEvent = painted
if __name__ == "__main__":
    laboratory.start()
    qt.exec()
"""


def figures() -> list[Figure]:
    """All figures of the window."""
    qt = application(["bench"])
    return [
        *(drag(qt, surface) for surface in SURFACES),
        *play(qt),
        explained(qt),
        *(play_clouds(qt, starts, target) for starts, target in ((25, 16.7), (100, 33.0))),
        *(drag_one_of(qt, starts) for starts in (25, 100)),
        *beside_training(qt),
        first_frame(),
    ]


def drag(qt: QApplication, surface: str) -> Figure:
    """The start goes round in a circle: descents, trails, curves, legend, boxes, all painted."""
    with laboratory(experiment(surface, 1000)) as lab:
        plot = lab.window.surface.plot
        x, y = lab.document.experiment.starts[0]
        angles = np.linspace(0.0, 2.0 * np.pi, FRAMES)
        size = f"{plot.width()} x {plot.height()}"
        plot.start_grabbed.emit()

        def frame(index: int) -> None:
            plot.start_moved.emit(x + 0.2 * np.cos(angles[index]), y + 0.2 * np.sin(angles[index]))

        seconds = frames(qt, frame)
    return Figure(
        name=f"drag the start on {surface}: 6 optimizers x 1,000 steps, plot {size}, whole window",
        samples=milliseconds(seconds),
        target=16.7,
        judged=Judged.PERCENTILE,
    )


def play(qt: QApplication) -> list[Figure]:
    """Frames of playing trails of 10,000 points, and of 1,000 points."""
    seconds = {}
    for steps in (1_000, 10_000):
        with laboratory(experiment("rosenbrock", steps)) as lab:
            until(qt, lambda steps=steps, lab=lab: lab.playback.steps == steps)  # type: ignore[misc]
            lab.playback.pause()
            lab.playback.go(0)
            seconds[steps] = frames(qt, lambda i, s=steps, lab=lab: lab.playback.go(i * s // FRAMES))  # type: ignore[misc]
    ratio = statistics.median(seconds[1_000]) / statistics.median(seconds[10_000])
    return [
        Figure(
            name="play six trails of 10,000 points, whole window",
            samples=milliseconds(seconds[10_000]),
            target=8.3,
            judged=Judged.PERCENTILE,
        ),
        Figure(
            name="the same against 1,000 points",
            samples=milliseconds(seconds[1_000]),
            compared_to="10,000 points",
            ratio=ratio,
            target=0.5,
            direction=Direction.AT_LEAST,
            judged=Judged.RATIO,
        ),
    ]


def explained(qt: QApplication) -> Figure:
    """Frames of play with the rules of six optimizers open, all their numbers and all their arrows."""
    arrows = ("step", "gradient", "velocity", "second_moment")
    with laboratory(replace(experiment("himmelblau", 1000), overlays=arrows)) as lab:
        panel = lab.window.show_panel("step")
        for contender in lab.document.experiment.contenders:
            if contender.enabled:
                panel.opened.emit(contender.method.optimizer.id, True)  # type: ignore[attr-defined]
        lab.playback.pause()
        QApplication.processEvents()
        seconds = frames(qt, lambda index: lab.playback.go(index * 1000 // FRAMES))
    return Figure(
        name="play with six rules and their numbers open and all arrows, whole window",
        samples=milliseconds(seconds),
        target=16.7,
        judged=Judged.PERCENTILE,
    )


def play_clouds(qt: QApplication, starts: int, target: float) -> Figure:
    """Frames of playing the paths of six optimizers from many starts."""
    with laboratory(from_many(starts)) as lab:
        until(qt, lambda: lab.descents.result is not None and not lab.descents.busy)
        lab.playback.pause()
        lab.playback.go(0)
        seconds = frames(qt, lambda index: lab.playback.go(index * 1000 // FRAMES))
    return Figure(
        name=f"play 6 optimizers x {starts} starts x 1,000 steps, whole window",
        samples=milliseconds(seconds),
        target=target,
        judged=Judged.PERCENTILE,
    )


def drag_one_of(qt: QApplication, starts: int) -> Figure:
    """One start of many goes round in a circle; the runs from all others stay."""
    with laboratory(from_many(starts)) as lab:
        until(qt, lambda: lab.descents.result is not None and not lab.descents.busy)
        plot = lab.window.surface.plot
        plot.start_grabbed.emit()
        angles = np.linspace(0.0, 2.0 * np.pi, FRAMES)
        seconds = frames(qt, lambda i: plot.start_moved.emit(np.cos(angles[i]), np.sin(angles[i])))
    return Figure(
        name=f"drag one of {starts} starts: 6 optimizers x 1,000 steps, whole window",
        samples=milliseconds(seconds),
        target=33.0,
        judged=Judged.PERCENTILE,
    )


def from_many(starts: int) -> Experiment:
    """The default experiment from starts at random."""
    shown = experiment("himmelblau", 1000)
    placed = place_starts(Choice("random", {"count": starts}), surface(shown.surface), (0.0, 0.0))
    return replace(shown, starts=placed.points)


def beside_training(qt: QApplication) -> list[Figure]:
    """Frames of play, with the reports of networks that train in their own process."""
    four = default_experiment().training
    names = (*(v.initializer.id for v in four.variants), "lecun_normal", "orthogonal", "xavier_uniform",
             "he_uniform")  # fmt: skip
    eight = alike(tuple(map(Choice, names)), network=NetworkSpec(batch_norm="before"))
    return [
        frames_beside(qt, four, (), "four networks train"),
        frames_beside(
            qt, replace(four, variants=eight), LIVE_PANELS, "eight variants train and every plot is open"
        ),
    ]


def frames_beside(qt: QApplication, training: TrainingSpec, panels: tuple[str, ...], what: str) -> Figure:
    """Of every panel the frames in which it draws are among the samples."""
    shown = replace(default_experiment(), steps=1000, training=replace(training, epochs=10_000))
    reports: list[int] = []
    with laboratory(shown, ProcessChannel) as lab:
        until(qt, lambda: bool(lab.window.network.grid.rows()))
        for name in panels:
            float_panel(lab, name)
            until(qt, lambda name=name: lab.window.panel_host(name).is_seen)  # type: ignore[misc]
        lab.window.network.train.click()
        until(qt, lambda: lab.training.running)
        lab.playback.pause()
        lab.training.reported.connect(lambda report: reports.append(report.frame.step))

        def frame(index: int) -> None:
            lab.playback.go(index * 1000 // FRAMES)
            lab.clock.beat.emit(0.016)

        seconds = frames(qt, frame, pause=0.004)
        running = lab.training.running
    return Figure(
        name=f"frames while {what}, whole window",
        samples=milliseconds(seconds),
        target=20.0,
        judged=Judged.PERCENTILE,
        note=f"{len(reports)} reports; the longest frame took {1e3 * max(seconds):.1f} ms."
        if running
        else "training had ended",
    )


def float_panel(lab: Laboratory, name: str) -> None:
    """Show a panel in a window of its own, so that none hides another."""
    lab.window.show_panel(name)
    dock = lab.window.panel_docks[name]
    dock.setFloating(True)
    dock.resize(520, 620)


def first_frame() -> Figure:
    """From the start of a process to the first painted surface.

    A launch before it has warmed the disk's cache, has compiled the modules as an installation does, and
    has kept the code of the formulas.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "launch.py")
        script.write_text(_FIRST_FRAME, encoding="utf-8")
        formulas = [entry.formula for entry in surfaces().values() if entry.data is None]
        Path(folder, CODE_FILE).write_bytes(pack(code_of_all(formulas)))
        seconds = []
        for _ in range(8):
            begin = time.time()
            settings = str(Path(folder, "settings.ini"))
            done = subprocess.run(
                [sys.executable, str(script), settings],
                capture_output=True,
                text=True,
                check=True,
                env=os.environ
                | {
                    "PYTHONPATH": str(ROOT),
                    "PYTHONDONTWRITEBYTECODE": "",
                    "PYTHONPYCACHEPREFIX": str(Path(folder, "bytecode")),
                },
            )
            seconds.append(float(done.stdout.split()[0]) - begin)
    return Figure(
        name="first painted frame from launch, warm",
        unit="s",
        samples=tuple(seconds[1:]),
        target=1.0,
        judged=Judged.PERCENTILE,
    )


def experiment(surface: str, steps: int) -> Experiment:
    """The default experiment on a surface, with so many steps."""
    return replace(default_experiment().with_surface(SurfaceSpec(surface)), steps=steps)


@contextmanager
def laboratory(
    shown: Experiment, channel: Callable[[], InlineChannel | ProcessChannel] = InlineChannel
) -> Iterator[Laboratory]:
    """A window at the measured size, closed afterwards."""
    with tempfile.TemporaryDirectory() as folder, collector_waits():
        settings = QSettings(str(Path(folder, "settings.ini")), QSettings.Format.IniFormat)
        lab = Laboratory(shown, settings, channel)
        lab.window.resize(*WINDOW)
        lab.start()
        lab.window.resize(*WINDOW)
        lab.window.arrange()
        QApplication.processEvents()
        EventCollector(lab).begin()
        try:
            yield lab
        finally:
            lab.window.close()
            lab.close()
            lab.window.deleteLater()
            QApplication.processEvents()


def frames(qt: QApplication, change: Callable[[int], object], pause: float = 0.0) -> Samples:
    """Seconds of each frame: a change, and all that it makes be painted."""
    seconds = []
    for index in range(FRAMES):
        begin = time.perf_counter()
        change(index)
        qt.sendPostedEvents()
        qt.processEvents()
        seconds.append(time.perf_counter() - begin)
        time.sleep(pause)
    return tuple(seconds[5:])


def until(qt: QApplication, condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Let the window live until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("The window did not get there in time.")
        qt.processEvents()
        time.sleep(0.002)
