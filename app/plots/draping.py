"""Paths laid over a surface in space, as short straight pieces that appear step by step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.plots.relief import SIDE, Relief
from app.plots.strokes import simplified
from app.plots.trail_layer import Trail

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

_FINE = 1200.0
"""Parts of the box that a path tells apart: about its pixels on a large screen."""
_RESOLUTION, _WIDTH = 1.5, 2.4
"""In those parts, as in the view from above: points closer than this are one; the width of a path."""
_PIECE = 2.0 / (SIDE - 1)
"""Length of a piece: it bends where the surface's cells do."""
_MOST = 20_000
"""Pieces of all paths together; beyond, they grow longer."""
_CELLS = 4096
"""Cells of a path's width on each side of the middle that are told apart."""
_FAR = 1e5
"""Beyond this coordinates are cut for drawing only."""


@dataclass(frozen=True)
class Draped:
    """Paths over a surface.

    Attributes
    ----------
    body
        The surface.
    starts, ends
        (n, 3) ends of the pieces, in the box.
    owners
        (n,) number of the path that each belongs to.
    steps
        (n,) step at which a piece appears; they do not fall.
    points
        (k, 2) every point of every path in the box, one path after the other.
    firsts, lasts
        (m,) each path's first and last index in `points`.
    bends
        Indices of the points at which pieces end, the first of each path among them.
    inner
        (k,) for every point the last index up to it that is inside the box, or -1.
    """

    body: Relief
    starts: Array
    ends: Array
    owners: Indices
    steps: Indices
    points: Array
    firsts: Indices
    lasts: Indices
    bends: Indices
    inner: Indices

    def count(self, step: int) -> int:
        """How many pieces are to be seen at a step."""
        return int(np.searchsorted(self.steps, step, side="right"))

    def heads(self, step: int) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
        """Where the paths are at a step, (m, 3); whether that is to be seen; and whether they have left.

        A path that has left the box for the time being is where it left.
        """
        at = np.minimum(self.firsts + step, self.lasts)
        inside = self.inner[at]
        seen = inside >= self.firsts
        left = seen & (inside < at)
        where = self.points[np.where(seen, inside, at)]
        if left.any():
            here = inside[left]
            _, border = _inside(self.points[here], self.points[here + 1])
            where[left] += (self.points[here + 1] - self.points[here]) * border[:, None]
        height, valid = self.body.on_surface(where)
        return np.column_stack([np.clip(where, -1.0, 1.0), height]), seen & valid, left

    def tips(self, step: int) -> tuple[Array, Array, Indices]:
        """The pieces that join the last ones to the heads, and whose they are."""
        at = np.minimum(self.firsts + step, self.lasts)
        if not at.size:
            return np.zeros((0, 3)), np.zeros((0, 3)), at
        bend = self.bends[np.searchsorted(self.bends, at, side="right") - 1]
        moving = np.flatnonzero(bend < at)
        starts, ends, owners = lay(self.points[bend[moving]], self.points[at[moving]], self.body)
        return starts, ends, moving[owners]


def drape(trails: Sequence[Trail], body: Relief) -> Draped:
    """Lay paths over a surface; what leaves the range ends at its border."""
    lengths = np.array([len(trail.points) for trail in trails], np.intp)
    firsts = np.cumsum(lengths) - lengths
    with np.errstate(over="ignore"):
        placed = body.to_box(np.concatenate([np.zeros((0, 2)), *(trail.points for trail in trails)]))
    points = np.clip(placed, -_FAR, _FAR)
    owners = np.repeat(np.arange(len(trails)), lengths)
    bends = _bends(points, owners)
    begin, end = _segments(points, owners, bends)
    whose = owners[begin]
    low, high, segment = lay(points[begin], points[end], body)
    steps = (end - firsts[whose])[segment]
    order = np.argsort(steps, kind="stable")
    index = np.where(np.all(abs(points) <= 1.0, axis=1), np.arange(len(points)), -1)
    return Draped(
        body=body, starts=low[order], ends=high[order], owners=whose[segment][order], steps=steps[order],
        points=points, firsts=firsts, lasts=firsts + lengths - 1, bends=bends,
        inner=np.maximum.accumulate(index) if index.size else index,
    )  # fmt: skip


def lay(starts: Array, ends: Array, body: Relief) -> tuple[Array, Array, Indices]:
    """Cut (n, 2) segments at the range's border and lay them over the surface.

    Returns (m, 3) ends of the pieces and the number of the segment that each is of.
    """
    first, last = _inside(starts, ends)
    seen = np.flatnonzero(first < last)
    first, last = first[seen], last[seen]
    along = ends[seen] - starts[seen]
    length = np.hypot(*along.T) * (last - first)
    piece = max(_PIECE, float(length.sum()) / _MOST)
    count = np.maximum(np.ceil(length / piece), 1).astype(np.intp)
    owner = np.repeat(np.arange(len(seen)), count)
    index = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    part = (last - first)[owner] / count[owner]
    points = []
    fine = []
    for offset in (0, 1):
        at = starts[seen][owner] + along[owner] * (first[owner] + (index + offset) * part)[:, None]
        height, valid = body.on_surface(at)
        points.append(np.column_stack([at, height]))
        fine.append(valid)
    drawn = fine[0] & fine[1]
    return points[0][drawn], points[1][drawn], seen[owner[drawn]]


def _bends(points: Array, owners: Indices) -> Indices:
    """Where paths, one after the other, are seen to bend; the first point of each is among them."""
    if not len(points):
        return np.zeros(0, np.intp)
    pixels = points * (_FINE / 2)
    cells = np.rint(pixels / _RESOLUTION)
    first = np.concatenate([[True], owners[1:] != owners[:-1]])
    moved = np.concatenate([[True], np.any(cells[1:] != cells[:-1], axis=1)])
    fine = np.flatnonzero(first | moved)
    last = np.concatenate([owners[fine][1:] != owners[fine][:-1], [True]])
    return fine[simplified(pixels[fine], first[fine] | last)]


def _segments(points: Array, owners: Indices, bends: Indices) -> tuple[Indices, Indices]:
    """Points from and to which lines go where their path went nowhere before: bouncing repeats itself."""
    begin, end = bends[:-1], bends[1:]
    cells = np.rint(points[bends] * (_FINE / 2 / _WIDTH))
    near = np.all(abs(cells) < _CELLS, axis=1)
    keys = cells[:, 0] + 2.0 * _CELLS * cells[:, 1]
    low, high = np.minimum(keys[1:], keys[:-1]), np.maximum(keys[1:], keys[:-1])
    new = ~(near[1:] & near[:-1])
    new[np.unique(low + owners[begin] * 8.0 * _CELLS**2 + 1j * high, return_index=True)[1]] = True
    new &= owners[begin] == owners[end]
    return begin[new], end[new]


def _inside(starts: Array, ends: Array) -> tuple[Array, Array]:
    """Parts, from 0 to 1, between which segments are in the box (Liang and Barsky, 1984)."""
    first, last = np.zeros(len(starts)), np.ones(len(starts))
    for axis in (0, 1):
        start, along = starts[:, axis], ends[:, axis] - starts[:, axis]
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = (-1.0 - start) / along, (1.0 - start) / along
        enter, leave = np.minimum(low, high), np.maximum(low, high)
        still = along == 0.0
        within = abs(start) <= 1.0
        first = np.maximum(first, np.where(still, np.where(within, 0.0, 2.0), enter))
        last = np.minimum(last, np.where(still, np.where(within, 1.0, -1.0), leave))
    return first, last
