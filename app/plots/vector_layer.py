"""Arrows and ellipses at the heads: where an optimizer is pulled, what it remembers, and how it steps."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.language import tr
from app.numbers import plain
from app.plots.arrows import HALO, Kind, draw_arrow
from app.plots.view_layer import Array, ViewLayer
from app.theme import Theme

_LONGEST = 90.0
"""Pixels of the longest arrow in units of the gradient, and of the longest half axis of an ellipse."""
_FAR = 1e5
"""Pixels beyond which coordinates are cut for drawing: painters overflow, and nobody sees them."""


@dataclass(frozen=True)
class Vector:
    """An arrow, or for `Kind.SPREAD` an ellipse.

    Attributes
    ----------
    kind, colour
        What it stands for, and whose it is.
    origin, reach
        (2,) each, in data coordinates: where it begins, and how far it goes (half axes of an ellipse).
    """

    kind: Kind
    colour: QColor
    origin: Array
    reach: Array


class VectorLayer(ViewLayer):
    """Arrows and ellipses, below the heads.

    What has the units of x and y (the step, the velocity) is drawn true to scale. What has those of the
    gradient is drawn with one factor for all, which `key` names: the largest of 1, 2, 5, 10, ... with
    which the longest stays below 90 pixels.
    """

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=19)
        self._vectors: Sequence[Vector] = ()
        self._theme: Theme | None = None

    def set_vectors(self, vectors: Sequence[Vector]) -> None:
        """Draw others."""
        self._vectors = [v for v in vectors if np.isfinite(v.reach).all() and np.isfinite(v.origin).all()]
        self.update()

    def vectors(self) -> Sequence[Vector]:
        """What is drawn."""
        return self._vectors

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def factor(self) -> float:
        """By what everything in units of the gradient is multiplied."""
        reaches = [v.reach for v in self._vectors if v.kind.scaled]
        if not reaches:
            return 1.0
        with np.errstate(over="ignore"):
            longest = float(np.hypot(*(np.array(reaches) * self._scale()).T).max())
        if longest == 0.0 or not math.isfinite(longest):
            return 1.0
        return _round_down(_LONGEST / longest)

    def key(self) -> tuple[tuple[Kind, str], ...]:
        """Rows of the key: kind, and words in the chosen language."""
        factor = self.factor()
        kinds = dict.fromkeys(vector.kind for vector in self._vectors)
        ordered = [kind for kind in Kind if kind in kinds]
        scales = {True: f" × {plain(factor)}", False: f", {tr('true to scale')}"}
        return tuple((kind, tr(kind.words) + scales[kind.scaled]) for kind in ordered)

    def paint_layer(self, painter: QPainter) -> None:
        """Draw ellipses, then arrows with steps uppermost."""
        if self._theme is None or not self._vectors or self._view.rect().isEmpty():
            return
        painter.setClipRect(self._view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        larger = self._theme.scale  # than true, everything but the lengths
        painter.scale(larger, larger)
        factor, scale = self.factor(), self._scale()
        for kind in reversed(Kind):
            for vector in self._vectors:
                if vector.kind is kind:
                    self._draw(painter, vector, scale * (factor if kind.scaled else 1.0))

    def _scale(self) -> Array:
        """(2,): pixels of one unit along x and y; y points down."""
        x0, x1, y0, y1 = self.range()
        rect = self._view.rect()
        return np.array([rect.width() / (x1 - x0), -rect.height() / (y1 - y0)])

    def _draw(self, painter: QPainter, vector: Vector, scale: Array) -> None:
        assert self._theme is not None
        origin = np.clip(self.to_pixels(vector.origin[None, :])[0], -_FAR, _FAR) / self._theme.scale
        with np.errstate(over="ignore"):
            reach = np.clip(vector.reach * scale, -_FAR, _FAR) / self._theme.scale
        halo = QColor(self._theme.plot)
        if vector.kind is Kind.SPREAD:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, width in ((halo, vector.kind.width + HALO), (vector.colour, vector.kind.width)):
                painter.setPen(QPen(colour, width))
                painter.drawEllipse(QPointF(*origin), *np.abs(reach))
            return
        draw_arrow(painter, origin, reach, vector.kind, vector.colour, halo)


def _round_down(value: float) -> float:
    """The largest of 1, 2, 5, 10, ... that is not above a positive value."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= value * (1 + 1e-12))
