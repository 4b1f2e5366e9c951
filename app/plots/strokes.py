"""Stroking long lines quickly."""

import math
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

Array = NDArray[np.float64]
_PASSES, _ASIDE = 3, 0.15
"""How often `simplified` looks, and how many pixels a vertex that it drops may lie aside."""
_CHUNK, _REACH = 48, 100.0
"""Segments stroked at once, and their pixels together: the cost of a line grows faster than its length."""
_SEGMENT = 2
"""Vertices of a single segment."""


def polygon(vertices: Array) -> QPolygonF:
    """(n, 2) pixels as Qt takes them."""
    result: QPolygonF = pg.functions.arrayToQPolygonF(vertices[:, 0], vertices[:, 1])
    return result


def simplified(vertices: Array, fixed: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
    """Indices of the vertices that a line needs: stretches that are almost straight lose theirs.

    Those that are `fixed` stay, such as both ends of each line where there are several.

    Each pass looks at every other vertex and drops it if it lies within a small distance of the
    chord between its neighbours, and between their ends.
    """
    kept = np.arange(len(vertices))
    for _ in range(_PASSES):
        points = vertices[kept]
        before, middle, after = points[:-2:2], points[1:-1:2], points[2::2]
        middle = middle[: len(after)]
        chord, arm = after - before, middle - before
        length = np.einsum("ij,ij->i", chord, chord)
        along = np.einsum("ij,ij->i", chord, arm)
        aside = chord[:, 0] * arm[:, 1] - chord[:, 1] * arm[:, 0]
        straight = (aside * aside <= _ASIDE * _ASIDE * length) & (along >= 0) & (along <= length)
        if fixed is not None:
            straight &= ~fixed[kept[1:-1:2][: len(straight)]]
        dropped = 2 * np.flatnonzero(straight) + 1
        if not dropped.size:
            break
        kept = np.delete(kept, dropped)
    return kept


def pieces(vertices: Array, first: int, last: int) -> list[QPolygonF]:
    """The segments from vertex `first` to vertex `last` as lines that are stroked well."""
    some = vertices[first : last + 1]
    so_far = np.hypot(*np.diff(some, axis=0).T).cumsum() // _REACH
    full = np.arange(1, len(some)) % _CHUNK == 0
    full[:-1] |= so_far[1:] != so_far[:-1]
    full[-1] = False
    bounds = [0, *(np.flatnonzero(full) + 1).tolist(), len(some) - 1]
    return [polygon(some[start : stop + 1]) for start, stop in pairwise(bounds)]


def stroke_pairs(painter: QPainter, ends: Array) -> None:
    """Draw segments, (2 n, 2) one end after the other, with the painter's pen; a few at once, as lines.

    Round ends make long ones a hundred times as slow.
    """
    for start in range(0, len(ends), 2 * _CHUNK):
        some = ends[start : start + 2 * _CHUNK]
        painter.drawPath(pg.functions.arrayToQPath(some[:, 0], some[:, 1], connect="pairs"))


def stroke(painter: QPainter, lines: list[QPolygonF], colour: QColor, width: float) -> None:
    """Draw lines with round ends.

    Qt has a quick way for single segments without round ends: these get dots there instead.
    """
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    painter.setPen(pen)
    segments: list[QLineF] = []
    for line in lines:
        if line.count() == _SEGMENT:
            painter.drawPoints(line)
            segments.append(QLineF(line.first(), line.last()))
        else:
            painter.drawPolyline(line)
    if segments:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines(segments)


def stroke_thinly(
    painter: QPainter, vertices: Array, colour: QColor, width: float, dotted: bool = False
) -> None:
    """Draw a line of one or two pixels as several of one pixel side by side.

    Qt draws smooth lines of one device pixel ten times as fast as any wider ones. They lie beside
    each other at a slant that curves seldom have, so that level and steep parts look alike.
    """
    ratio = painter.device().devicePixelRatioF()
    pen = QPen(colour, 1.0)
    pen.setCosmetic(True)
    if dotted:
        pen.setDashPattern([2.0 * ratio, 2.0 * ratio])
    painter.setPen(pen)
    reach = max(width - 1.0 / ratio, 0.0) / 2.0
    for offset in np.linspace(-reach, reach, max(1, math.ceil(width * ratio))):
        painter.drawPolyline(polygon(vertices + np.array([-0.45, 0.9]) * offset))
