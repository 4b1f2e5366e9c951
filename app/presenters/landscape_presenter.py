"""Document -> landscape in another process, a level at a time -> panel."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.exporters.landscape_picture import show_landscape
from app.jobs import CallJob
from app.theme import Theme
from app.views.landscape_panel import LandscapePanel
from core.experiment import Experiment
from core.landscape import (
    STRIDES,
    Curvature,
    FirstLook,
    Landscape,
    LandscapeSpec,
    assemble,
    curvatures,
    first_look,
    level,
)
from core.training.variant import labels

if TYPE_CHECKING:
    from app.main import Laboratory

_IDLE = (
    "The loss of the trained network over a plane through its parameters, with the paths of all networks of"
    " the same shape. Batch norm takes the samples' own statistics at every point; dropout is off."
)
_OLD = "The run has changed since: press Show for its landscape."


def make_panel(laboratory: "Laboratory") -> QWidget:
    """The panel, with a process for its landscapes."""
    job = CallJob(laboratory.clock, "landscape", laboratory.executor, parent=laboratory)
    laboratory.window.closing.connect(job.close)
    panel = LandscapePanel()
    LandscapePresenter(laboratory, job, panel).setParent(panel)
    return panel


class LandscapePresenter(QObject):
    """The landscape that is shown, and the level that comes next.

    Every call is a subject of its own: what comes of a landscape that was stopped is never taken
    for a part of the next one, though it be of the same run.
    """

    def __init__(self, laboratory: "Laboratory", job: CallJob, panel: LandscapePanel) -> None:
        super().__init__()
        self._document, self._job, self._panel = laboratory.document, job, panel
        self._theme: Theme = laboratory.window.theme
        self._asked: LandscapeSpec | None = None
        self._look: FirstLook | None = None
        self._parts: list[object] = []
        self._shown: Landscape | None = None
        self._document.changed.connect(self._follow)
        laboratory.window.theme_changed.connect(self._set_theme)
        job.finished.connect(self._take)
        job.failed.connect(self._fail)
        panel.show_asked.connect(self._begin)
        panel.stop_asked.connect(lambda: self._end("Stopped."))
        panel.set_theme(self._theme)
        panel.set_words(_IDLE)
        self._show_networks()

    def _follow(self, old: Experiment, new: Experiment) -> None:
        if old.training != new.training:
            self._show_networks()
            if self._asked is not None or self._shown is not None:
                self._end(_OLD)

    def _show_networks(self) -> None:
        variants = self._document.experiment.training.variants
        colours = self._theme.networks([variant.initializer.id for variant in variants])
        self._panel.set_networks(labels(variants), colours)

    def _set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._panel.set_theme(theme)
        self._show_networks()
        self._show()

    # The landscape

    def _begin(self, place: int, directions: str) -> None:
        self._asked = LandscapeSpec(self._document.experiment.training, place, directions)
        self._look, self._parts = None, []
        self._panel.set_busy(True)
        self._panel.set_words("Training …")
        self._job.submit(object(), first_look, self._asked)

    def _end(self, sentence: str, error: str = "") -> None:
        self._asked = None
        self._job.drop()
        self._panel.set_busy(False)
        self._panel.set_words(sentence, error)

    def _fail(self, sentence: str) -> None:
        self._end("", sentence)

    def _take(self, result: object) -> None:
        """Show what has come, and ask for what follows: finer levels, then the curvature."""
        if isinstance(result, FirstLook):
            self._look = result
            self._add(result.parts)
        elif isinstance(result, tuple) and all(isinstance(each, Curvature) for each in result):
            self._end(_words(self._shown, result))
        elif isinstance(result, tuple):
            self._add(result)

    def _add(self, parts: tuple[object, ...]) -> None:
        assert self._look is not None
        self._parts += parts
        self._shown = assemble(self._look.plane, self._parts)  # type: ignore[arg-type]  # what `level` gave
        self._show()
        place = STRIDES.index(self._shown.stride) + 1
        if place < len(STRIDES):
            self._panel.set_words(f"Sharpening: {place} of {len(STRIDES)} levels …")
            self._job.submit(object(), level, self._look.plane, STRIDES[place])
        else:
            self._panel.set_words("Measuring the curvature …")
            plane = self._look.plane.directions
            self._job.submit(object(), curvatures, self._look.ends, plane)

    def _show(self) -> None:
        if self._shown is not None:
            self._panel.plot.show()
            show_landscape(self._panel.plot, self._shown, self._theme)


def _words(shown: Landscape | None, figures: tuple[Curvature, ...]) -> str:
    """What lies off the plane, and how each network's loss is curved at its end."""
    assert shown is not None
    called = labels(shown.plane.spec.training.variants)
    parts = [f"{shown.plane.residual:.1%} of the paths' variance lies off the plane."]
    if shown.plane.left_out:
        parts.append(f"Not on it, of another shape or data: {', '.join(shown.plane.left_out)}.")
    curved = "; ".join(f"{called[f.place]} {f.largest:.3g} and {f.condition:.3g}" for f in figures)
    parts.append(f"Largest curvature λ max, and λ max over the typical λ, at the end: {curved}.")
    return " ".join(parts).replace("e-", "e−")
