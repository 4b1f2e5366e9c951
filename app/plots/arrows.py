"""The kinds of arrows at the heads, and how an arrow is drawn."""

from enum import Enum

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.plots.view_layer import Array

HALO = 3.0
"""Pixels by which the rim in the background's colour is wider than what is drawn upon it."""


class Kind(Enum):
    """What an arrow or an ellipse stands for: its words in the key, width, dashes, and whose units it has."""

    STEP = ("step", 3.0, (), False)
    GRADIENT = ("negative gradient", 1.6, (), True)
    NOISY_GRADIENT = ("the gradient used, negative", 1.6, (1.0, 2.0), True)
    VELOCITY = ("velocity", 1.8, (4.0, 2.5), False)
    MOMENT = ("first moment, negative", 1.8, (4.0, 2.5), True)
    SPREAD = ("√ of the second moment", 1.3, (), True)

    def __init__(self, words: str, width: float, dashes: tuple[float, ...], scaled: bool) -> None:
        self.words, self.width, self.dashes, self.scaled = words, width, dashes, scaled


def draw_arrow(
    painter: QPainter, origin: Array, reach: Array, kind: Kind, colour: QColor, halo: QColor
) -> None:
    """A shaft with a head; the head shrinks with what is shorter than it."""
    length = float(np.hypot(*reach))
    if length < 1.0:
        return
    along = reach / length
    size = min(2.2 * kind.width + 5.0, 0.7 * length)
    tip = origin + reach
    neck = tip - along * size * 0.8
    aside = np.array([-along[1], along[0]]) * size * 0.42
    head = QPainterPath(QPointF(*tip))
    for corner in (tip - along * size + aside, neck, tip - along * size - aside):
        head.lineTo(QPointF(*corner))
    head.closeSubpath()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    rim = QPen(halo, kind.width + HALO)
    rim.setCapStyle(Qt.PenCapStyle.RoundCap)
    rim.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(rim)
    painter.drawLine(QPointF(*origin), QPointF(*neck))
    rim.setWidthF(HALO)
    painter.setPen(rim)
    painter.drawPath(head)
    shaft = QPen(colour, kind.width)
    shaft.setCapStyle(Qt.PenCapStyle.FlatCap)
    if kind.dashes:
        shaft.setDashPattern(kind.dashes)
    painter.setPen(shaft)
    painter.drawLine(QPointF(*origin), QPointF(*neck))
    painter.fillPath(head, colour)
