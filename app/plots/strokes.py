"""Stroking long lines quickly."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

Array = NDArray[np.float64]
_CHUNK = 48
"""Segments stroked at once: the cost of stroking one long line grows faster than its length."""


def polygon(vertices: Array) -> QPolygonF:
    """(n, 2) pixels as Qt takes them."""
    result: QPolygonF = pg.functions.arrayToQPolygonF(vertices[:, 0], vertices[:, 1])
    return result


def pieces(vertices: Array, first: int, last: int) -> list[QPolygonF]:
    """The segments from vertex `first` to vertex `last` as lines that are stroked well."""
    return [polygon(vertices[start : min(start + _CHUNK, last) + 1]) for start in range(first, last, _CHUNK)]


def stroke(
    painter: QPainter, lines: list[QPolygonF], colour: QColor, width: float, dotted: bool = False
) -> None:
    """Draw lines with round ends; `dotted` ones in dots."""
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    if dotted:
        pen.setDashPattern([0.1, 2.2])
    painter.setPen(pen)
    for line in lines:
        painter.drawPolyline(line)
