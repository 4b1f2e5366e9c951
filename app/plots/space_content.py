"""What the view in space shows, as rows for the graphics memory: needs no OpenGL itself."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

from app.plots.draping import Draped, drape
from app.plots.marks_layer import draw_cross
from app.plots.relief import Range, Relief, relief
from app.plots.start_handle import FEW, draw_dots, draw_ring
from app.plots.surface_layer import LossScale
from app.plots.trail_layer import Trail, draw_head
from app.theme import Theme
from core.surface import Surface

Array = NDArray[np.float64]
Rows = NDArray[np.float32]
Points = tuple[tuple[float, float], ...]

_SPRITE = 32
"""Pixels of a mark's square."""
_MINIMUM, _START, _OTHER = range(3)
"""Numbers of the sprites that are always there; heads follow."""
_DOT = 8.0
"""Diameter of the starts that have no ring."""


class SpaceContent:
    """Surface, paths and marks in a range; what derives from them is made when asked for, and kept.

    Attributes
    ----------
    step
        Up to which the paths are shown.
    heads
        Colour and shape of each kind of head, in the order of their sprites.
    """

    def __init__(self, surface: Surface) -> None:
        self._surface, self._scale = surface, LossScale(surface)
        self._range: Range = surface.entry.domain
        self._by_loss = False
        self._starts: Points = ()
        self._selected: int | None = None
        self.step = 0
        self._body: Relief | None = None
        self._draped: Draped | None = None
        self._marks: tuple[Array, Array] | None = None
        self.set_trails([])

    def set_range(self, shown: Range) -> None:
        """Show another part of the surface."""
        if shown != self._range:
            self._range, self._body = shown, None
            self._forget_paths()

    def set_by_loss(self, by_loss: bool) -> None:
        """Let height grow with the loss itself, or with its place on the colours' scale."""
        if by_loss != self._by_loss:
            self._by_loss, self._body = by_loss, None
            self._forget_paths()

    def set_trails(self, trails: list[Trail]) -> None:
        """Show other paths."""
        self._trails = trails
        keys = [(trail.colour.rgba(), trail.shape) for trail in trails]
        self.heads: list[tuple[int, int]] = list(dict.fromkeys(keys))
        kinds = {key: float(number) for number, key in enumerate(self.heads, _OTHER + 1)}
        self._kinds = np.array([kinds[key] for key in keys])
        self._tones = np.array([trail.colour.getRgbF() for trail in trails]).reshape(-1, 4)
        self._forget_paths()

    def set_starts(self, starts: Points, selected: int | None) -> None:
        """Mark other start points."""
        self._starts, self._selected, self._marks = starts, selected, None

    @property
    def by_loss(self) -> bool:
        """Whether height grows with the loss itself."""
        return self._by_loss

    def _forget_paths(self) -> None:
        self._draped = self._marks = None

    @property
    def body(self) -> Relief:
        """The surface in the range."""
        if self._body is None:
            self._body = relief(self._surface, self._scale, self._range, self._by_loss)
        return self._body

    @property
    def draped(self) -> Draped:
        """The paths over it."""
        if self._draped is None:
            self._draped = drape(self._trails, self.body)
        return self._draped

    def points_of_interest(self) -> Array:
        """Minima, starts and some places of every path, in data coordinates: what one wants to see."""
        paths = [trail.points[:: max(1, len(trail.points) // 4)] for trail in self._trails[:12]]
        fixed = np.array([*self._surface.entry.minima, *self._starts], float).reshape(-1, 2)
        return np.concatenate([fixed, *paths])

    def path_rows(self) -> Rows:
        """Lines of all paths, in the order in which they appear."""
        draped = self.draped
        return self._lines(draped.starts, draped.ends, draped.owners)

    def tip_rows(self) -> Rows:
        """Lines from the last pieces to the heads."""
        return self._lines(*self.draped.tips(self.step))

    def sprite_rows(self) -> Rows:
        """Known minima, start points and heads: where, and the number of the sprite."""
        if self._marks is None:
            self._marks = self._fixed_marks()
        where, seen, _ = self.draped.heads(self.step)
        points = np.concatenate([self._marks[0], where[seen]])
        return np.column_stack([points, [*self._marks[1], *self._kinds[seen]]]).astype(np.float32)

    def left(self) -> list[QColor]:
        """Colours of the paths whose heads are outside the range at this step."""
        away = np.flatnonzero(self.draped.heads(self.step)[2])
        return [QColor(rgb) for rgb in dict.fromkeys(self._trails[k].colour.rgb() for k in away)]

    def _lines(self, starts: Array, ends: Array, owners: NDArray[np.intp]) -> Rows:
        return np.hstack([starts, ends, self._tones[owners]]).astype(np.float32)

    def _fixed_marks(self) -> tuple[Array, Array]:
        minima = self._surface.entry.minima
        points = self.body.to_box(np.array([*minima, *self._starts], float).reshape(-1, 2))
        ringed = self._selected is None and len(self._starts) <= FEW
        starts = np.full(len(self._starts), float(_START if ringed else _OTHER))
        if self._selected is not None:
            starts[self._selected] = _START
        numbers = np.concatenate([np.full(len(minima), float(_MINIMUM)), starts])
        height, valid = self.body.on_surface(points)
        seen = valid & np.all(abs(points) <= 1.0, axis=1)
        return np.column_stack([points, height])[seen], numbers[seen]


def draw_atlas(heads: list[tuple[int, int]], theme: Theme, ratio: float) -> QImage:
    """All sprites side by side, as the view from above draws them."""
    count = _OTHER + 1 + len(heads)
    side = round(_SPRITE * ratio)
    image = QImage(count * side, side, QImage.Format.Format_RGBA8888_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / _SPRITE, side / _SPRITE)
    centres = [QPointF((number + 0.5) * _SPRITE, 0.5 * _SPRITE) for number in range(count)]
    unscaled = replace(theme, scale=1.0)
    draw_cross(painter, centres[_MINIMUM].x(), centres[_MINIMUM].y(), unscaled)
    draw_ring(painter, centres[_START], unscaled)
    draw_dots(painter, QPolygonF([centres[_OTHER]]), unscaled, _DOT)
    for centre, (rgba, shape) in zip(centres[_OTHER + 1 :], heads, strict=True):
        draw_head(painter, centre, QColor.fromRgba(rgba), shape, theme)
    painter.end()
    return image
