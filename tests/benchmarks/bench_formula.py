"""A formula of one's own: from its last key to the painted surface, and frames while a slider moves it."""

import time

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.main import Laboratory, application
from core.experiment import default_experiment
from core.surface import SurfaceSpec
from tests.benchmarks.bench_window import FRAMES, WINDOW, frames, laboratory, until
from tests.benchmarks.harness import Figure, Judged, milliseconds

TYPED = (
    "x**2 + sin(3*y)", "a*x**2 + b*y**2 + c", "(1 - x)**2 + 100*(y - x^2)^2",
    "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    "exp(-x**2 - y**2)*sin(3*x)*cos(2*y)", "20 + x^2 + y^2 - 10*(cos(2*pi*x) + cos(2*pi*y))",
    "(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2", "abs(x - 30) + abs(y + 40)",
    "sqrt(1 + x^2 + k1*y^2)/(1 + exp(-x*y))", "log(1 + (x - 200)^2 + y^2)",
)  # fmt: skip


def figures() -> list[Figure]:
    """Both figures."""
    qt = application(["bench"])
    return [typed(qt), slid(qt)]


def typed(qt: QApplication) -> Figure:
    """Each formula is typed whole; the time runs from its last key until it has been painted."""
    with laboratory(default_experiment()) as lab:
        lab.formula_presenter.open()
        until(qt, lambda: not lab.formula_job.busy)
        seconds = tuple(_shown(qt, lab, text) for text in TYPED)
    return Figure(
        name=f"formula typed to surface shown, {len(TYPED)} formulas, whole window",
        samples=milliseconds(seconds),
        target=500.0,
        judged=Judged.PERCENTILE,
        note="the worker process runs since the editor was opened; 60 ms of it wait for another key",
    )


def _shown(qt: QApplication, lab: Laboratory, text: str) -> float:
    editor = lab.window.surface.editor
    assert editor is not None
    editor.text.selectAll()
    QTest.keyClicks(editor.text, text[:-1])
    qt.processEvents()
    begin = time.perf_counter()
    QTest.keyClick(editor.text, text[-1], Qt.KeyboardModifier.NoModifier)
    until(qt, lambda: lab.document.experiment.surface.formula == text)
    qt.sendPostedEvents()
    qt.processEvents()  # the picture
    taken = time.perf_counter() - begin
    until(qt, lambda: not lab.formula_job.busy)
    return taken


def slid(qt: QApplication) -> Figure:
    """A free number changes with every frame: surface, contours, descents, curves, all painted."""
    formula = "a*x**2 + b*y**2 + c*sin(3*x)*cos(2*y)"
    with laboratory(default_experiment().with_surface(SurfaceSpec(formula=formula))) as lab:
        lab.playback.pause()
        bar = lab.window.surface.parameters
        seconds = frames(qt, lambda index: bar.edited.emit("a", 0.5 + index / FRAMES))
    return Figure(
        name=f"drag a formula's slider: 6 optimizers x 300 steps, window {WINDOW[0]} x {WINDOW[1]}",
        samples=milliseconds(seconds),
        target=33.3,
        judged=Judged.PERCENTILE,
    )
