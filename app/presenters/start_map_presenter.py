"""The map of starts: document and view -> orders to a process; its answers -> the surface."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.language import tr
from app.map_job import MapJob
from app.map_server import Drawn
from app.plots.map_layer import MUTED, UNDER_SURFACE, MapLayer
from app.plots.map_strip import MapStrip, map_title
from app.presenters.map_orders import map_job, place, sharpness, subject
from app.theme import Theme
from app.views.map_panel import STARTS
from core.experiment import Experiment
from core.map_spec import MapSpec

if TYPE_CHECKING:
    from app.main import Laboratory


def make_overlay(laboratory: "Laboratory") -> object:
    """The map of starts on the surface."""
    return StartsPresenter(laboratory, map_job(laboratory))


class StartsPresenter(QObject):
    """The map of starts: it follows the view, the optimizer and the surface."""

    def __init__(self, laboratory: "Laboratory", job: MapJob) -> None:
        super().__init__(laboratory)
        self._document, self._job = laboratory.document, job
        self._view = laboratory.window.surface
        self._theme = laboratory.window.theme
        self._layer = MapLayer(self._view.plot.view, UNDER_SURFACE, MUTED)
        self._strip = MapStrip()
        self._shown: Drawn | None = None
        self._asked: MapSpec | None = None
        self._refusal = ""
        self._view.plot.add_layer(self._layer)
        self._view.add_footer(self._strip)
        self._document.changed.connect(self._follow)
        self._view.plot.view.sigRangeChanged.connect(lambda *_: self._follow())
        laboratory.window.theme_changed.connect(self._set_theme)
        job.drawn.connect(self._take)
        job.refused.connect(self._refuse)
        self._follow()

    @property
    def layer(self) -> MapLayer:
        """The pixels on the surface."""
        return self._layer

    @property
    def shown(self) -> Drawn | None:
        """What is on the surface, if anything is."""
        return self._shown

    def _follow(self, *_: object) -> None:
        """Ask for another map where what is seen or set asks for one."""
        experiment = self._document.experiment
        spec = self._wanted(experiment) if "map" in experiment.overlays else None
        if spec == self._asked:
            return
        before, self._asked = self._asked, spec
        self._refusal = ""
        if spec is None or before is None or place(spec) != place(before):
            self._show(None)
        if spec is None:
            self._job.drop(STARTS)
        else:
            self._job.ask(STARTS, subject(spec), spec)

    def _wanted(self, experiment: Experiment) -> MapSpec:
        return experiment.map_of_starts(self._view.plot.shown_range())

    def _take(self, name: str, answer: Drawn) -> None:
        if name == STARTS and self._asked is not None:
            self._show(answer)

    def _refuse(self, name: str, sentence: str) -> None:
        if name == STARTS:
            self._refusal = sentence
            self._show(None)

    def _set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._show_key()

    def _show(self, answer: Drawn | None) -> None:
        self._shown = answer
        self._layer.set_map(answer.map if answer is not None else None)
        self._view.plot.set_bare(answer is not None)
        self._show_key()

    def _show_key(self) -> None:
        self._strip.setVisible(self._asked is not None)
        if self._asked is None:
            return
        title = tr(self._refusal) or map_title(self._asked)
        self._strip.set_key(title, sharpness(self._shown), self._layer.colours, self._theme)
