"""Moving the view of a surface to another part of it, so that one sees where it is."""

import math

from PySide6.QtCore import QObject

from app.playback import Clock
from app.plots.surface_plot import SurfacePlot

SECONDS = 0.3
Range = tuple[float, float, float, float]


class Flight(QObject):
    """Moves a view within a blink. Whoever pans, zooms or shows the whole surface on the way ends it."""

    def __init__(self, clock: Clock, plot: SurfacePlot, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock, self._plot = clock, plot
        self._passed = 0.0
        self._from = self._to = self._last = plot.shown_range()
        self.flying = False
        clock.beat.connect(self._advance)

    def go(self, target: Range) -> None:
        """Fly to a part of the plane: x low, x high, y low, y high."""
        self._from, self._to, self._last = self._plot.shown_range(), target, self._plot.shown_range()
        self._passed = 0.0
        self._set_flying(True)

    def _advance(self, seconds: float) -> None:
        if not self.flying:
            return
        if self._plot.shown_range() != self._last:
            self._set_flying(False)
            return
        self._passed += seconds
        part = min(self._passed / SECONDS, 1.0)
        self._plot.show_part(_between(self._from, self._to, 1.0 - (1.0 - part) ** 3))
        self._last = self._plot.shown_range()
        if part == 1.0:
            self._set_flying(False)

    def _set_flying(self, flying: bool) -> None:
        self.flying = flying
        self._clock.need("flight", flying)


def _between(begin: Range, end: Range, part: float) -> Range:
    """Part of the way: spans change by equal factors, and the centre moves as the spans do."""
    if part == 1.0:
        return end
    x_low, x_high = _between_spans(begin[:2], end[:2], part)
    y_low, y_high = _between_spans(begin[2:], end[2:], part)
    return x_low, x_high, y_low, y_high


def _between_spans(begin: tuple[float, ...], end: tuple[float, ...], part: float) -> tuple[float, float]:
    span, last = begin[1] - begin[0], end[1] - end[0]
    now = span * math.exp(part * math.log(last / span))
    way = part if math.isclose(span, last, rel_tol=1e-6) else (now - span) / (last - span)
    low = begin[0] + way * (end[0] - begin[0])
    return low, low + now
