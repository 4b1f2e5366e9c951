"""What befell the paths: heads that have left the view, and steps that burst."""

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.plots.strokes import polygon
from app.plots.view_layer import Array, ViewLayer
from app.theme import Theme

_INSET, _APART, _SIZE = 10.0, 17.0, 8.0
"""Pixels: of arrows from the view's edge and from each other, and their size, where the look's scale is 1."""


class DepartedLayer(ViewLayer):
    """An arrow at the view's edge for every head that is outside it, pointing to where it is."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=45)
        self._heads = np.zeros((0, 2))
        self._colours: list[QColor] = []
        self._theme: Theme | None = None

    def set_heads(self, heads: Array, colours: list[QColor]) -> None:
        """Heads elsewhere: (n, 2) in data coordinates."""
        before = self._outside().any()
        self._heads, self._colours = heads, colours
        if before or self._outside().any():
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def arrows(self) -> list[tuple[QColor, QPointF]]:
        """Colour and place, in the view's pixels, of each arrow."""
        return [(self._colours[index], QPointF(*place)) for index, place, _ in self._placed()]

    def paint_layer(self, painter: QPainter) -> None:
        """Draw an arrow in its optimizer's colour for each."""
        if self._theme is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, place, way in self._placed():
            across = np.array([-way[1], way[0]])
            corners = np.array([way, across - way, -0.35 * way, -across - way])
            pen = QPen(QColor(self._theme.plot), 2.0 * self._theme.scale)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(self._colours[index])
            painter.drawPolygon(polygon(corners * _SIZE * self._theme.scale + place))

    def _outside(self) -> NDArray[np.bool_]:
        x_low, x_high, y_low, y_high = self.range()
        x, y = self._heads.T
        outside: NDArray[np.bool_] = (x < x_low) | (x > x_high) | (y < y_low) | (y > y_high)
        return outside

    def _placed(self) -> list[tuple[int, Array, Array]]:
        """Index, place and direction of each arrow; those that would lie upon each other stand in a row."""
        rect = self._view.rect()
        scale = self._theme.scale if self._theme is not None else 1.0
        inset, apart = _INSET * scale, _APART * scale
        low = np.array([inset, inset])
        high = np.array([rect.width() - inset, rect.height() - inset])
        placed: list[tuple[int, Array, Array]] = []
        outside = np.flatnonzero(self._outside())
        if not outside.size or (high <= low).any():
            return placed
        heads = np.clip(self.to_pixels(self._heads[outside]), -1e9, 1e9)
        for index, head in zip(outside.tolist(), heads, strict=True):
            place = np.clip(head, low, high)
            along = np.array([1.0, 0.0]) if head[1] != place[1] else np.array([0.0, 1.0])
            inwards = np.where(place > (low + high) / 2, -1.0, 1.0) * along
            while any(np.hypot(*(place - other)) < apart for _, other, _ in placed):
                place = place + apart * inwards
                if (place < low).any() or (place > high).any():
                    break  # a hundred of them: the rest lie upon each other
            way = head - place
            placed.append((index, place, way / np.hypot(*way)))
        return placed


@dataclass(frozen=True)
class Burst:
    """A step that was suddenly long: from where to where, the step it is, and whose."""

    begin: tuple[float, float]
    end: tuple[float, float]
    step: int
    colour: QColor


class BurstLayer(ViewLayer):
    """Rings around both ends of a step that burst, once it is reached."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=24)
        self._bursts: tuple[Burst, ...] = ()
        self._step = 0
        self._theme: Theme | None = None

    def set_bursts(self, bursts: tuple[Burst, ...]) -> None:
        """Mark other steps."""
        if bursts != self._bursts:
            self._bursts = bursts
            self.update()

    def set_step(self, step: int) -> None:
        """Show what has happened up to a step."""
        before, self._step = self.marked(), step
        if self.marked() != before:
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def marked(self) -> tuple[Burst, ...]:
        """Those that the step has reached."""
        return tuple(burst for burst in self._bursts if burst.step <= self._step)

    def paint_layer(self, painter: QPainter) -> None:
        """Draw two small rings, and the step between them as a dashed line."""
        if self._theme is None:
            return
        painter.setClipRect(self._view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for burst in self.marked():
            ends = [
                QPointF(*p) for p in np.clip(self.to_pixels(np.array([burst.begin, burst.end])), -1e5, 1e5)
            ]
            for colour, width in ((QColor(self._theme.plot), 4.0), (burst.colour, 1.6)):
                painter.setPen(QPen(colour, width * self._theme.scale))
                for end in ends:
                    painter.drawEllipse(end, 6.0 * self._theme.scale, 6.0 * self._theme.scale)
