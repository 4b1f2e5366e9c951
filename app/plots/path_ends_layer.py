"""Where paths begin and end, whatever step is shown."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.plots.trail_layer import Trail
from app.plots.view_layer import ViewLayer
from app.theme import Theme

_START, _END = 9.0, 7.0
"""Diameters in pixels: of the ring where a path begins, and of the dot where it ends."""


class PathEndsLayer(ViewLayer):
    """A ring at the first point of every path and a dot at its last, in the path's colour."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=19)  # below the heads
        self._trails: Sequence[Trail] = ()
        self._theme: Theme | None = None

    def set_trails(self, trails: Sequence[Trail]) -> None:
        """Mark other paths."""
        self._trails = trails
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def marks(self) -> list[tuple[tuple[float, float], tuple[float, float]]]:
        """First and last point of every path, in data coordinates."""
        return [(tuple(t.points[0].tolist()), tuple(t.points[-1].tolist())) for t in self._trails]

    def paint_layer(self, painter: QPainter) -> None:
        """Each with a rim in the background's colour."""
        if self._theme is None:
            return
        painter.setClipRect(self._view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, scale = QColor(self._theme.plot), self._theme.scale
        start, end = _START / 2 * scale, _END / 2 * scale
        for trail in self._trails:
            first, last = (QPointF(x, y) for x, y in self.to_pixels(np.array(trail.points[[0, -1]])))
            painter.setBrush(ground)
            painter.setPen(QPen(ground, 5.0 * scale))
            painter.drawEllipse(first, start, start)
            painter.setPen(QPen(trail.colour, 2.0 * scale))
            painter.drawEllipse(first, start, start)
            painter.setPen(QPen(ground, 1.5 * scale))
            painter.setBrush(trail.colour)
            painter.drawEllipse(last, end, end)
        painter.setBrush(Qt.BrushStyle.NoBrush)
