"""Critical points: survey -> marks on the surface and panel; their clicks -> view and start point."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.document import Document
from app.playback import Playback
from app.plots.critical_layer import CriticalLayer
from app.plots.surface_plot import SurfacePlot
from app.presenters.flight import Flight, Range
from app.start_points import StartPoints
from app.survey import Survey
from app.views.panel_host import PanelHost
from app.views.points_panel import PointsPanel
from core.critical_points import CriticalPoint, way_out_start
from core.experiment import Experiment
from core.surface import surface

if TYPE_CHECKING:
    from app.main import Laboratory

NAME, PANEL = "critical_points", "points"
_PART = 0.25
"""Share of the surface's domain that is seen after a flight to a point."""


def make_panel(lab: "Laboratory") -> PointsPanel:
    """The panel beside the network."""
    view = PointsPanel()
    starts = _Starts(lab.starts, lab.playback)
    flight = Flight(lab.clock, lab.window.surface.plot, view)
    presenter = PointsPresenter(lab.document, lab.survey, starts, flight, lab.window.surface.plot, view)
    presenter.setParent(view)
    presenter.follow(lab.window.panel_host(PANEL))
    view.set_theme(lab.window.theme)
    lab.window.theme_changed.connect(view.set_theme)
    return view


def make_overlay(lab: "Laboratory") -> QObject:
    """The marks on the surface."""
    layer = CriticalLayer(lab.window.surface.plot.view)
    lab.window.surface.plot.add_layer(layer)
    starts = _Starts(lab.starts, lab.playback)
    presenter = MarksPresenter(lab.document, lab.survey, starts, lab.window.surface.plot, layer)
    layer.chosen.connect(lambda _: lab.window.show_panel(PANEL))
    presenter.setParent(lab)
    return presenter


class _Starts:
    """Puts the selected start at a critical point or beside it, and lets the paths run from there."""

    def __init__(self, starts: StartPoints, playback: Playback) -> None:
        self._starts, self._playback = starts, playback

    def at(self, point: CriticalPoint) -> None:
        """Start at the very point."""
        self._go((point.x, point.y))

    def beside(self, point: CriticalPoint, sign: int) -> None:
        """Start a small step along a saddle's way out (1), or against it (-1)."""
        start = self.ways(point).get(sign)
        if start is not None:
            self._go(start)

    def ways(self, point: CriticalPoint) -> dict[int, tuple[float, float]]:
        """The starts along and against a saddle's way out, as far as they lie inside the surface."""
        domain = self._starts.surface.entry.domain
        found = {sign: way_out_start(point, sign, domain) for sign in (1, -1)}
        return {sign: start for sign, start in found.items() if start is not None}

    def _go(self, start: tuple[float, float]) -> None:
        self._starts.drag(*start)
        self._playback.go(0)
        self._playback.play()


class MarksPresenter(QObject):
    """The overlay: shown while the document says so."""

    def __init__(
        self, document: Document, survey: Survey, starts: _Starts, plot: SurfacePlot, layer: CriticalLayer
    ) -> None:
        super().__init__()
        self._survey, self._starts, self._plot, self._layer = survey, starts, plot, layer
        document.changed.connect(lambda _, new: self._follow(new))
        survey.changed.connect(self._show)
        survey.chosen_changed.connect(self._show_chosen)
        layer.chosen.connect(lambda index: survey.choose(layer.points()[index]))
        layer.way_out_taken.connect(lambda index, sign: starts.beside(layer.points()[index], sign))
        self._show()
        self._follow(document.experiment)

    def _follow(self, experiment: Experiment) -> None:
        shown = NAME in experiment.overlays
        self._layer.setVisible(shown)
        self._survey.want_points(NAME, shown)
        self._mark_minima()

    def _show(self) -> None:
        found = self._survey.found
        self._layer.set_points(found.points if found is not None else ())
        self._mark_minima()
        self._show_chosen()

    def _mark_minima(self) -> None:
        """Known minima are marked by crosses unless they are marked as critical points."""
        self._plot.show_minima(not (self._layer.isVisible() and self._layer.points()))

    def _show_chosen(self) -> None:
        points, chosen = self._layer.points(), self._survey.chosen
        self._layer.set_chosen(points.index(chosen) if chosen in points else None)


class PointsPresenter(QObject):
    """The panel: asks for critical points while it is seen."""

    def __init__(
        self, document: Document, survey: Survey, starts: _Starts, flight: Flight, plot: SurfacePlot,
        view: PointsPanel,
    ) -> None:  # fmt: skip
        super().__init__()
        self._document, self._survey, self._starts = document, survey, starts
        self._flight, self._plot, self._view = flight, plot, view
        survey.changed.connect(self._show)
        survey.chosen_changed.connect(self._show_chosen)
        view.chosen.connect(self._choose)
        view.start_asked.connect(lambda: self._with_chosen(starts.at))
        view.way_out_asked.connect(lambda sign: self._with_chosen(lambda p: starts.beside(p, sign)))
        view.whole_asked.connect(self._show_whole)
        self._show()

    def follow(self, host: PanelHost) -> None:
        """Look for points while the panel is in front."""
        host.seen.connect(self._seen)
        self._seen(host.is_seen)

    def _seen(self, seen: bool) -> None:
        self._survey.want_points(PANEL, seen)
        self._show()

    def _show(self) -> None:
        found = self._survey.found
        if found is not None:
            self._view.set_found(found)
            self._show_chosen()
        else:
            self._view.set_message(self._survey.error or "Looking for critical points …")

    def _show_chosen(self) -> None:
        found, chosen = self._survey.found, self._survey.chosen
        if found is None:
            return
        index = found.points.index(chosen) if chosen in found.points else None
        ways = tuple(self._starts.ways(chosen)) if chosen is not None else ()
        self._view.set_chosen(index, ways)

    def _choose(self, index: int) -> None:
        """Mark the points, and fly to this one."""
        assert self._survey.found is not None
        point = self._survey.found.points[index]
        self._document.replace(self._document.experiment.with_overlay(NAME, True))
        self._survey.choose(point)
        self._flight.go(_around(point, surface(self._document.experiment.surface).entry.domain, self._plot))

    def _with_chosen(self, act: Callable[[CriticalPoint], object]) -> None:
        if self._survey.chosen is not None:
            act(self._survey.chosen)

    def _show_whole(self) -> None:
        self._flight.go(surface(self._document.experiment.surface).entry.domain)


def _around(point: CriticalPoint, domain: Range, plot: SurfacePlot) -> Range:
    """The point in the middle of a part of the surface; who is nearer already stays as near."""
    now = plot.shown_range()
    width = min(_PART * (domain[1] - domain[0]), now[1] - now[0])
    height = min(_PART * (domain[3] - domain[2]), now[3] - now[2])
    return point.x - width / 2, point.x + width / 2, point.y - height / 2, point.y + height / 2
