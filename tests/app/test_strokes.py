"""Strokes: every segment is drawn once, as one would draw it, and none takes longer than it must."""

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.plots.strokes import pieces, polygon, stroke

WIDTH = 3.0


def bouncing(steps, size, along=3.0):
    t = np.arange(steps)
    return np.column_stack([20.0 + along * t, 150.0 + size / 2 * (-1.0) ** t])


def vertices(piece):
    return [(point.x(), point.y()) for point in piece]


@pytest.mark.parametrize(("size", "most"), [(2.0, 48), (10.0, 12), (40.0, 4), (250.0, 1)])
def test_pieces_are_the_whole_line_and_short(size, most):
    line = bouncing(97, size)
    found = [vertices(piece) for piece in pieces(line, 5, 90)]
    assert [first for first, *_ in found] + [found[-1][-1]] == [
        found[0][0], *(piece[-1] for piece in found)
    ], "each begins where the one before ends"  # fmt: skip
    joined = [found[0][0], *(vertex for piece in found for vertex in piece[1:])]
    np.testing.assert_array_equal(joined, line[5:91])
    assert 1 <= max(len(piece) - 1 for piece in found) <= most
    assert len(found) < 86 or most == 1, "and no shorter than it pays"


def test_one_segment_is_one_piece():
    assert len(pieces(bouncing(2, 500.0), 0, 1)) == 1


@pytest.mark.parametrize("size", [4.0, 60.0, 250.0])
def test_pieces_look_like_the_line(qapp, size):
    line = bouncing(17, size, along=12.0)

    def whole(painter):
        pen = QPen(QColor("black"), WIDTH)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(polygon(line))

    away = np.abs(drawn(whole) - drawn(lambda p: stroke(p, pieces(line, 0, 16), QColor("black"), WIDTH)))
    assert away.mean() < 1.0
    assert (away > 128).mean() < 0.001, "no gap and no spike"


def drawn(draw):
    """Opacity of every pixel, 0 to 255."""
    image = QImage(240, 300, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter)
    painter.end()
    return pg.functions.ndarray_from_qimage(image)[..., 3].astype(float)
