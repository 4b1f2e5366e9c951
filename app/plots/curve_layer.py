"""Curves of a plot, as one picture that is kept while only the cursor moves."""

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.plots.strokes import polygon, stroke_thinly
from app.plots.view_layer import Array, PictureLayer

_COLUMN = 2.0
"""Pixels in which a curve is drawn by its lowest and highest point, if it has many."""
_FLAT = 0.75
"""Pixels of height within a column below which one point is enough."""
_SHADE, _BEYOND = 0.13, 20.0
"""Opacity of a band, and how many pixels beyond the plot it is cut."""


@dataclass(frozen=True)
class Curve:
    """One line: x and y values, its colour, dotted or not.

    Attributes
    ----------
    band
        Lower and upper bound of what is shaded around the line, or None.
    """

    x: Array
    y: Array
    colour: QColor
    dotted: bool = False
    width: float = 1.6
    band: tuple[Array, Array] | None = None


class CurveLayer(PictureLayer):
    """Draws curves whose y values are already on the axis' scale; gaps where they are not finite."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=10)
        self._curves: list[Curve] = []

    def set_curves(self, curves: list[Curve]) -> None:
        """Show other curves."""
        self._curves = curves
        self.redraw()

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Draw every curve, thinned to the pixels."""
        for curve in self._curves:  # wide areas, which take long when their edges are smoothed
            self._shade(painter, curve, rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for curve in self._curves:
            for run in _finite_runs(curve):
                vertices = _thin(self.to_pixels(run))
                if len(vertices) == 1:
                    _dot(painter, vertices[0], curve)
                stroke_thinly(painter, vertices, curve.colour, curve.width, curve.dotted)

    def _shade(self, painter: QPainter, curve: Curve, rect: QRectF) -> None:
        """The band; what is infinite ends at the plot's edge."""
        if curve.band is None or len(curve.x) < 2:
            return
        edges = [self.to_pixels(np.column_stack([curve.x, bound])) for bound in curve.band]
        around = np.concatenate([edges[0], edges[1][::-1]])
        around[:, 1] = np.clip(np.nan_to_num(around[:, 1]), -_BEYOND, rect.height() + _BEYOND)
        colour = QColor(curve.colour)
        colour.setAlphaF(_SHADE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(polygon(around))


def _dot(painter: QPainter, vertex: Array, curve: Curve) -> None:
    """A curve that has only begun."""
    painter.setPen(QPen(curve.colour, 1.0))
    painter.setBrush(QColor(0, 0, 0, 0) if curve.dotted else curve.colour)
    painter.drawEllipse(QPointF(*vertex), 3.0, 3.0)


def _finite_runs(curve: Curve) -> list[Array]:
    points = np.column_stack([curve.x, curve.y])
    good = np.isfinite(points).all(axis=1)
    if good.all():
        return [points] if len(points) else []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]])))
    return [points[start:stop] for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _thin(pixels: Array) -> Array:
    """At most two points in each column of pixels, the lowest and the highest; ends stay."""
    column = np.floor(pixels[:, 0] / _COLUMN)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(column)) + 1])
    if len(starts) * 2 >= len(pixels):
        return pixels
    low = np.minimum.reduceat(pixels[:, 1], starts)
    high = np.maximum.reduceat(pixels[:, 1], starts)
    x = pixels[starts, 0]
    tall = high - low > _FLAT
    first = np.column_stack([x, np.where(tall, low, pixels[starts, 1])])
    second = np.column_stack([x, high])[tall]
    order = np.argsort(np.concatenate([np.arange(len(x)), np.flatnonzero(tall) + 0.5]), kind="stable")
    return np.concatenate([pixels[:1], np.concatenate([first, second])[order], pixels[-1:]])
