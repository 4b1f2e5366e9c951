"""The pixels of a map over a plot's view: on the surface itself, or between the axes of two numbers."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, Qt

from app.plots.map_colours import MapColours, coloured
from app.plots.view_layer import PictureLayer
from app.theme import Theme
from core.map_grades import DIVERGED, GradedMap
from core.map_spec import MapAxis

UNDER_SURFACE = -60
"""Below the surface's contours."""
MUTED = 0.62
"""Strength of the colours there: paths stand out."""


class MapLayer(PictureLayer):
    """A map where its axes say, on their even scales; nothing beyond its edges.

    Attributes
    ----------
    colours
        The colours that are shown, and what they mean; None without a map.
    """

    def __init__(self, view: pg.ViewBox, z: float = -40, strength: float = 1.0) -> None:
        super().__init__(view, z)
        self._strength = strength
        self._shown: GradedMap | None = None
        self._theme: Theme | None = None
        self.colours: MapColours | None = None

    def set_map(self, shown: GradedMap | None) -> None:
        """Show another map, or none."""
        self._shown = shown
        self._colour()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self._colour()

    def _colour(self) -> None:
        ready = self._shown is not None and self._theme is not None
        self.colours = coloured(self._shown, self._theme, self._strength) if ready else None  # type: ignore[arg-type]
        self.redraw()

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Draw what of the map is in view; hatched where runs diverged."""
        if self._shown is None or self._theme is None or self.colours is None:
            return
        corners = np.array([ends(axis) for axis in self._shown.spec.axes]).T
        (left, bottom), (right, top) = self.to_pixels(corners).tolist()
        whole = QRectF(QPointF(left, top), QPointF(right, bottom))
        seen = whole & rect.adjusted(-1, -1, 1, 1)
        if seen.isEmpty():
            return
        if any(row.grade == DIVERGED for row in self._shown.rows):
            draw_hatching(painter, seen, self._theme)
        pixels = self.colours.pixels
        rows, columns = pixels.shape
        image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32)
        painter.drawImage(seen, image, _part(seen, whole, columns, rows))


def ends(axis: MapAxis) -> tuple[float, float]:
    """Where an axis begins and ends, on its even scale."""
    return float(axis.to_scale(axis.low)), float(axis.to_scale(axis.high))


def draw_hatching(painter: QPainter, place: QRectF, theme: Theme) -> None:
    """What stands for divergence."""
    painter.fillRect(place, QColor(theme.plot))
    painter.fillRect(place, QBrush(QColor(theme.muted), Qt.BrushStyle.BDiagPattern))


def _part(seen: QRectF, whole: QRectF, columns: int, rows: int) -> QRectF:
    """The part of an image of the whole that is seen, in its pixels: zoomed in, the whole is too large."""
    across, down = columns / whole.width(), rows / whole.height()
    left, top = (seen.left() - whole.left()) * across, (seen.top() - whole.top()) * down
    return QRectF(left, top, seen.width() * across, seen.height() * down)
