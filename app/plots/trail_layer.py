"""Trails: the paths so far, with a halo, and their heads.

What is drawn stays in a picture. Playing on adds the new segments to it; only another range, size,
look or set of paths, or a jump back, draws it anew.
"""

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from app.plots.devices import is_vector
from app.plots.strokes import pieces, polygon, simplified, stroke
from app.plots.view_layer import Array, ViewLayer, blank_picture
from app.theme import Theme

WIDTH, HALO, HEAD = 2.4, 5.0, 13.0
"""Pixels: of a trail, of the halo in the background's colour below it, of a head."""
_RESOLUTION = 1.5
"""Points closer than this many pixels to the one before are not drawn."""
_FAR = 1e5
"""Pixels beyond which coordinates are cut for drawing only: painters overflow, and nobody sees them."""


@dataclass
class Trail:
    """A path to draw.

    Attributes
    ----------
    points
        (n, 2) in data coordinates, finite.
    colour, shape
        Of trail and head; the shape is an index into `HEADS`.
    """

    points: Array
    colour: QColor
    shape: int


@dataclass
class _Drawn:
    """A trail in pixels.

    Attributes
    ----------
    pixels
        Every point.
    fine
        Steps whose points are far enough from the one before to be seen.
    vertices, steps
        Those of them that the line needs, and their steps.
    fresh
        Whether the segment after each vertex goes where none of this trail went before.
    done
        How many segments are on the picture.
    """

    pixels: Array
    fine: NDArray[np.intp]
    vertices: Array
    steps: NDArray[np.intp]
    fresh: NDArray[np.bool_]
    done: int = 0


class TrailLayer(ViewLayer):
    """All trails up to a step, and their heads."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=20, view_changed=self._forget)
        self._trails: list[Trail] = []
        self._drawn: list[_Drawn] = []
        self._step = 0
        self._theme: Theme | None = None
        self._picture: QPixmap | None = None
        self._faded = False

    def set_trails(self, trails: list[Trail]) -> None:
        """Show other paths."""
        self._trails = trails
        self._forget()
        self.update()

    def set_step(self, step: int) -> None:
        """Show the paths up to a step; shorter ones whole."""
        if step < self._step:
            self._picture = None
        self._step = step
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self._forget()
        self.update()

    def trails(self) -> list[Trail]:
        """What is shown."""
        return self._trails

    def heads(self) -> list[tuple[float, float]]:
        """Where the heads are, in data coordinates."""
        return [tuple(t.points[min(self._step, len(t.points) - 1)].tolist()) for t in self._trails]

    def ends(self) -> tuple[Array, list[QColor]]:
        """Where the heads are, (n, 2), and their colours."""
        return np.array(self.heads()).reshape(-1, 2), [trail.colour for trail in self._trails]

    def _forget(self) -> None:
        self._picture = None
        self._drawn = []

    def paint_layer(self, painter: QPainter) -> None:
        """Bring the picture up to the step and draw it, then the heads."""
        if self._theme is None or not self._trails or self._view.rect().isEmpty():
            return
        painter.setClipRect(self._view.rect())
        if is_vector(painter):
            self._draw_lines(painter)
        else:
            painter.drawPixmap(0, 0, self._up_to_date(painter.device().devicePixelRatioF()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for trail, drawn in zip(self._trails, self._drawn, strict=True):
            step = min(self._step, len(trail.points) - 1)
            self._draw_end(painter, drawn, step, trail.colour)
            place, size = QPointF(*drawn.pixels[step]), HEAD * self._theme.scale
            draw_head(painter, place, trail.colour, trail.shape, self._theme, size)

    def _draw_end(self, painter: QPainter, drawn: _Drawn, step: int, colour: QColor) -> None:
        """The points since the last vertex on the picture, up to the head."""
        assert self._theme is not None
        first = int(drawn.steps[drawn.done])
        if step == first:
            return
        between = slice(*np.searchsorted(drawn.fine, (first, step)))
        end = [polygon(drawn.pixels[[*drawn.fine[between], step]])]
        stroke(painter, end, QColor(self._theme.plot), HALO * self._theme.scale)
        stroke(painter, [*_tail(drawn), *end], colour, WIDTH * self._theme.scale)

    def _up_to_date(self, ratio: float) -> QPixmap:
        """The picture of the paths up to the step."""
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = blank_picture(QRectF(self._view.rect()), ratio)
            self._start_anew()
        inside = QPainter(self._picture)
        self._extend(inside)
        inside.end()
        return self._picture

    def _draw_lines(self, painter: QPainter) -> None:
        """All of it as lines; what is on the picture is not told any more."""
        self._start_anew()
        self._extend(painter)
        self._picture = None

    def _start_anew(self) -> None:
        if not self._drawn:
            self._drawn = [self._thin(trail) for trail in self._trails]
        for drawn in self._drawn:
            drawn.done = 0

    def _thin(self, trail: Trail) -> _Drawn:
        pixels = np.clip(self.to_pixels(trail.points), -_FAR, _FAR)
        cells = np.rint(pixels / _RESOLUTION)
        moved = np.any(cells[1:] != cells[:-1], axis=1)
        fine = np.concatenate([[0], np.flatnonzero(moved) + 1])
        steps = fine[simplified(pixels[fine])]
        return _Drawn(pixels, fine, pixels[steps], steps, _fresh(np.rint(pixels[steps] / WIDTH)))

    def _extend(self, painter: QPainter) -> None:
        """Stroke the segments that are new, halos first so that they hide no trail of this turn."""
        assert self._theme is not None
        new = []
        for trail, drawn in zip(self._trails, self._drawn, strict=True):
            stop = int(np.searchsorted(drawn.steps, self._step, side="right"))
            if stop - 1 > drawn.done:
                new.append((trail.colour, _runs(drawn, stop - 1), _tail(drawn)))
                drawn.done = stop - 1
        if not new:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        halo = QColor(self._theme.plot)
        for colour, lines, tail in new:
            stroke(painter, lines, halo, HALO * self._theme.scale)
            stroke(painter, [*tail, *lines], colour, WIDTH * self._theme.scale)


def _fresh(cells: Array) -> NDArray[np.bool_]:
    """First time that a segment between two cells is drawn: a path that bounces draws over itself."""
    keys = cells[:, 0] + cells[:, 1] * (4.0 * _FAR)
    low, high = np.minimum(keys[1:], keys[:-1]), np.maximum(keys[1:], keys[:-1])
    fresh = np.zeros(len(low), bool)
    fresh[np.unique(low + 1j * high, return_index=True)[1]] = True
    return fresh


def _tail(drawn: _Drawn) -> list[QPolygonF]:
    """The last pixels before `done`: they are stroked again, since the new halo's end lies upon them."""
    if drawn.done == 0:
        return []
    before = drawn.vertices[max(0, drawn.done - 8) : drawn.done + 1]
    lengths = np.hypot(*(before - before[-1]).T)
    near = int(np.max(np.flatnonzero(lengths >= HALO), initial=0))
    return [polygon(before[near:])]


def _runs(drawn: _Drawn, stop: int) -> list[QPolygonF]:
    """Polylines of the fresh segments from `done` to `stop`, none too long."""
    fresh = np.flatnonzero(drawn.fresh[drawn.done : stop]) + drawn.done
    if not fresh.size:
        return []
    breaks = np.flatnonzero(np.diff(fresh) > 1) + 1
    lines: list[QPolygonF] = []
    for run in np.split(fresh, breaks):
        lines += pieces(drawn.vertices, int(run[0]), int(run[-1]) + 1)
    return lines


def _regular(corners: int, turn: float, radius: float = 1.0) -> Array:
    angles = 2 * np.pi * np.arange(corners) / corners + turn
    return radius * np.column_stack([np.cos(angles), np.sin(angles)])


def _star(points: int, turn: float, inner: float, radius: float) -> Array:
    corners = _regular(2 * points, turn, radius)
    corners[1::2] *= inner
    return corners


_PLUS = 0.45 * np.array([(1, 3), (1, 1), (3, 1), (3, -1), (1, -1), (1, -3), (-1, -3), (-1, -1), (-3, -1),
                         (-3, 1), (-1, 1), (-1, 3)])  # fmt: skip
_CROSS = _PLUS @ np.array([[1, 1], [-1, 1]]) * np.sqrt(0.5)

HEADS: tuple[Array | None, ...] = (
    None,  # circle
    _regular(4, np.pi / 4, 1.2),
    _regular(3, -np.pi / 2, 1.3),
    _regular(4, 0.0, 1.3),
    _regular(3, np.pi / 2, 1.3),
    _regular(5, -np.pi / 2, 1.2),
    _regular(6, 0.0, 1.15),
    _star(5, -np.pi / 2, 0.45, 1.5),
    _PLUS,
    _CROSS,
    _regular(3, 0.0, 1.3),
    _regular(3, np.pi, 1.3),
    _star(4, -np.pi / 2, 0.4, 1.5),
    1.2 * np.array([(-1, -1), (1, -1), (-1, 1), (1, 1)]),
    1.2 * np.array([(-1, -1), (1, 1), (1, -1), (-1, 1)]),
    1.1 * np.array([(-0.6, -1.4), (0.6, -1.4), (0.6, 1.4), (-0.6, 1.4)]),
    1.1 * np.array([(-1.4, -0.6), (1.4, -0.6), (1.4, 0.6), (-1.4, 0.6)]),
)
"""Shapes of heads: circle, square, triangle, diamond, triangle down, pentagon, hexagon, star, plus, cross,
triangle right and left, star of four, hourglass, bow tie, bar, flat bar."""


def draw_head(
    painter: QPainter, centre: QPointF, colour: QColor, shape: int, theme: Theme, size: float = HEAD
) -> None:
    """Draw a head: shape as well as colour tell whose it is."""
    outline = QPen(QColor(theme.plot), max(size / 8, 1.0))
    outline.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(outline)
    painter.setBrush(colour)
    corners = HEADS[shape % len(HEADS)]
    if corners is None:
        painter.drawEllipse(centre, size / 2, size / 2)
        return
    painter.drawPolygon(polygon(corners * (size / 2) + (centre.x(), centre.y())))
