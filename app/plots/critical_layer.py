"""Marks of critical points: a shape and a colour for each kind, and at saddles the way out."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.plots.trail_layer import draw_head
from app.plots.view_layer import ViewLayer
from app.theme import Theme
from core.critical_points import CriticalPoint, Kind

SHAPES: dict[Kind, int] = {"minimum": 4, "maximum": 2, "saddle": 3, "degenerate": 6}
"""Heads: a triangle down, a triangle up, a diamond, a hexagon."""
_SIZE, _REACH = 13.0, 17.0


def mark_colour(theme: Theme, kind: Kind) -> QColor:
    """Colour of a kind, none of an optimizer's."""
    colours = {"minimum": theme.accent, "maximum": theme.error, "saddle": theme.warning}
    return QColor(colours.get(kind, theme.muted))


class CriticalLayer(ViewLayer):
    """A mark at every critical point."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=20)
        self._points: Sequence[CriticalPoint] = ()
        self._theme: Theme | None = None

    def set_points(self, points: Sequence[CriticalPoint]) -> None:
        """Mark other points."""
        self._points = points
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw the ways out, then the marks upon them; smaller where there are many."""
        if self._theme is None or not self._points:
            return
        painter.setClipRect(self._view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        share = 1.0 if len(self._points) <= 60 else 0.6
        places = self.to_pixels(np.array([(point.x, point.y) for point in self._points]))
        if share == 1.0:
            for point, place in zip(self._points, places, strict=True):
                self._draw_way_out(painter, point, QPointF(*place))
        for point, place in zip(self._points, places, strict=True):
            colour, shape = mark_colour(self._theme, point.kind), SHAPES[point.kind]
            draw_head(painter, QPointF(*place), colour, shape, self._theme, share * _SIZE)

    def _draw_way_out(self, painter: QPainter, point: CriticalPoint, centre: QPointF) -> None:
        assert self._theme is not None
        if point.way_out is None:
            return
        ends = self.to_pixels(np.array([(0.0, 0.0), point.way_out]))
        way = ends[1] - ends[0]
        size = float(np.hypot(*way))
        if not np.isfinite(size) or size == 0.0:
            return
        reach = QPointF(*(way / size * _REACH))
        for colour, width in ((self._theme.plot, 5.0), (mark_colour(self._theme, "saddle").name(), 2.2)):
            pen = QPen(QColor(colour), width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(centre - reach, centre + reach)
