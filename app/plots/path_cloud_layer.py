"""Clouds: the paths of many starts at once, thin and light below the trails of the selected start.

Drawn by optimizer, not by path: what is new of all the paths of a colour is stroked together, so that
hundreds of them play as fluently as a few.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from app.plots.devices import pixel_ratio
from app.plots.strokes import polygon, stroke_pairs
from app.plots.trail_layer import Trail
from app.plots.view_layer import Array, ViewLayer, blank_picture
from app.theme import Theme

Integers = NDArray[np.intp]
_LOOKS = ((30, 1.4, 6.5, 0.75), (150, 1.1, 5.0, 0.65), (600, 1.0, 4.0, 0.55), (10**9, 1.0, 3.0, 0.45))
"""Up to how many paths there are, their width, the diameter of their heads, and their opacity."""
_RESOLUTION = 1.5
"""Pixels that a path must go to be drawn on."""
_MOST = 120_000
"""Segments that are stroked at most: where there are more, paths must go further to be drawn on."""
_FAR = 1e5
_ROW, _PRIME = 1 << 20, 0x9E3779B97F4A7C15 - (1 << 64)
"""Cells in a row, more than there are pixels; an odd number that spreads what it multiplies."""


@dataclass
class _Colour:
    """All paths of one colour.

    Attributes
    ----------
    points, first, lengths
        (n, 2) the points of all paths, one after the other; where each begins, and how many it has.
    pixels, segments, steps
        In the view's pixels: the points; (m, 2, 2) what is to be stroked, sorted by (m,) the step that it
        leads to. Empty until they are needed.
    done
        How many segments are on the picture.
    """

    colour: QColor
    points: Array
    first: Integers
    lengths: Integers
    pixels: Array
    segments: Array
    steps: Integers
    done: int = 0

    def heads(self, step: int) -> Array:
        """(paths, 2) in pixels."""
        return self.pixels[self.first + np.minimum(step, self.lengths - 1)]


class PathCloudLayer(ViewLayer):
    """The paths up to a step, and a dot at the head of each."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=19, view_changed=self._forget)
        self._trails: Sequence[Trail] = ()
        self._colours: list[_Colour] = []
        self._step = 0
        self._theme: Theme | None = None
        self._picture: QPixmap | None = None
        self._placed = False

    def set_trails(self, trails: Sequence[Trail]) -> None:
        """Show other paths; nothing is made anew when they are the same arrays in the same colours."""
        if _same(trails, self._trails):
            return
        self._trails = trails
        self._colours = _by_colour(trails)
        self._forget()
        self.update()

    def set_step(self, step: int) -> None:
        """Show the paths up to a step; shorter ones whole."""
        if step < self._step:
            self._picture = None
        self._step = step
        if self._trails:
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self._forget()
        self.update()

    def trails(self) -> Sequence[Trail]:
        """What is shown."""
        return self._trails

    def paint_layer(self, painter: QPainter) -> None:
        """Bring the picture up to the step and draw it, then the heads."""
        if self._theme is None or not self._trails or self._view.rect().isEmpty():
            return
        width, head, opacity = next(look for most, *look in _LOOKS if len(self._trails) <= most)
        width, head = width * self._theme.scale, head * self._theme.scale
        ratio = pixel_ratio(painter)
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._start_picture(ratio)
        assert self._picture is not None
        self._extend(self._picture, width)
        painter.setClipRect(self._view.rect())
        painter.setOpacity(opacity)
        painter.drawPixmap(0, 0, self._picture)
        painter.setOpacity(1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour in self._colours:
            dots = polygon(colour.heads(self._step))
            for tint, size in ((QColor(self._theme.plot), head + 1.5), (colour.colour, head)):
                painter.setPen(_round_pen(tint, size))
                painter.drawPoints(dots)

    def _forget(self) -> None:
        self._picture, self._placed = None, False

    def _start_picture(self, ratio: float) -> None:
        self._picture = blank_picture(self.boundingRect(), ratio)
        for colour in self._colours:
            if not self._placed:
                colour.pixels = np.clip(self.to_pixels(colour.points), -_FAR, _FAR)
                colour.segments, colour.steps = _segments(colour, _MOST // len(self._colours))
            colour.done = 0
        self._placed = True

    def _extend(self, picture: QPixmap, width: float) -> None:
        """Stroke the segments that are new."""
        stops = [int(np.searchsorted(colour.steps, self._step, side="right")) for colour in self._colours]
        if all(stop == colour.done for stop, colour in zip(stops, self._colours, strict=True)):
            return
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for stop, colour in zip(stops, self._colours, strict=True):
            if stop > colour.done:
                ends = colour.segments[colour.done : stop].reshape(-1, 2)
                painter.setPen(QPen(colour.colour, width))
                stroke_pairs(painter, ends)
                colour.done = stop
        painter.end()


def _same(some: Sequence[Trail], others: Sequence[Trail]) -> bool:
    return len(some) == len(others) and all(
        one.points is other.points and one.colour == other.colour
        for one, other in zip(some, others, strict=True)
    )


def _round_pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


def _by_colour(trails: Sequence[Trail]) -> list[_Colour]:
    groups: dict[str, list[Trail]] = {}
    for trail in trails:
        groups.setdefault(trail.colour.name(), []).append(trail)
    return [_joined(group) for group in groups.values()]


def _joined(group: list[Trail]) -> _Colour:
    lengths = np.array([len(trail.points) for trail in group])
    nothing = np.zeros((0, 2))
    return _Colour(
        colour=group[0].colour,
        points=np.concatenate([trail.points for trail in group]),
        first=np.cumsum(lengths) - lengths,
        lengths=lengths,
        pixels=nothing,
        segments=nothing.reshape(0, 2, 2),
        steps=np.zeros(0, np.intp),
    )


def _segments(colour: _Colour, most: int) -> tuple[Array, Integers]:
    """What is to be stroked, step by step: coarser where it would be more segments than that."""
    resolution = _RESOLUTION
    before, ends = _between_cells(colour, resolution)
    while len(ends) > most:
        resolution *= max(1.5, math.sqrt(2 * len(ends) / most))  # an area has so many fewer larger cells
        before, ends = _between_cells(colour, resolution)
    steps = ends - np.repeat(colour.first, colour.lengths)[ends]
    return np.stack([colour.pixels[before], colour.pixels[ends]], axis=1), steps


def _between_cells(colour: _Colour, resolution: float) -> tuple[Integers, Integers]:
    """Indices of both points of each segment, step by step: none that stays in a cell, none twice."""
    columns, rows = np.rint(colour.pixels.T / resolution)
    cells = (columns + _ROW * rows).astype(np.int64)
    kept = np.empty(len(cells), bool)
    np.not_equal(cells[1:], cells[:-1], out=kept[1:])
    kept[colour.first] = True
    places = np.flatnonzero(kept)
    numbers = np.cumsum(kept)[colour.first] - 1  # of each path's first point among them
    goes = np.delete(np.arange(len(places)), numbers)
    ends, before = places[goes], places[goes - 1]
    steps = ends - np.repeat(colour.first, np.diff(np.append(numbers, len(places))) - 1)
    small = steps.astype(np.uint16) if len(steps) and steps.max() < 1 << 16 else steps
    order = np.argsort(small, kind="stable")  # many times as fast with small numbers
    before, ends = before[order], ends[order]
    fresh = _first_times(cells[before], cells[ends])
    return before[fresh], ends[fresh]


def _first_times(one: Integers, other: Integers) -> Integers:
    """Indices of segments between two cells that no earlier one has joined, either way."""
    keys = np.minimum(one, other) * _PRIME + np.maximum(one, other)  # wraps around, and hardly ever meets
    return np.sort(np.unique(keys, return_index=True)[1])
