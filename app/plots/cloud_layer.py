"""The noise of mini-batches at a point: the full step downhill as an arrow, those of batches around it."""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QApplication

from app.plots.view_layer import Array, ViewLayer
from app.theme import Theme

_REACH = 110.0
"""Pixels from the point to the dots that lie far out."""
_MOST_SHARE = 0.33
"""Of the view's shorter side, which the reach is at most."""
_FAR = 0.95
"""Share of the dots that lie within the reach."""
_HEAD = 9.0


class CloudLayer(ViewLayer):
    """Negative gradients as places: an arrow to that of all samples, a dot for that of each mini-batch."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=30)
        self._theme: Theme | None = None
        self._point = np.zeros(2)
        self._steps = np.zeros((0, 2))
        self._full = np.zeros(2)
        self._colour = QColor()
        self._caption = ""

    def set_cloud(self, point: Array, gradients: Array, full: Array, colour: QColor, caption: str) -> None:
        """Show the gradients (n, 2) of mini-batches at a point, and that of all samples."""
        self._point, self._steps, self._full = point, -gradients, -full
        self._colour, self._caption = colour, caption
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._steps, self._caption = np.zeros((0, 2)), ""
        self.update()

    def caption(self) -> str:
        """The line that says how large the noise is."""
        return self._caption

    def dots(self) -> Array:
        """(n, 2): where the dots are, in the view's pixels."""
        return self._ends(self._steps)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def paint_layer(self, painter: QPainter) -> None:
        """Draw the dots, the arrow upon them and the caption."""
        if self._theme is None or not len(self._steps):
            return
        painter.setClipRect(self._view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._theme.scale, self._theme.scale)
        self._draw_dots(painter, self._theme)
        self._draw_arrow(painter, self._theme)
        self._draw_caption(painter, self._theme)

    def _scale(self) -> float:
        """Data units of a step downhill -> data units in which it is drawn; the same for dots and arrow."""
        x0, x1, y0, y1 = self.range()
        rect = self._view.rect()
        pixels = np.array([rect.width() / (x1 - x0), rect.height() / (y1 - y0)])
        sizes = np.sort(np.hypot(*(np.vstack([self._steps, self._full]) * pixels).T))
        far = float(sizes[int(_FAR * (len(sizes) - 1))])
        reach = min(_REACH, _MOST_SHARE * min(rect.width(), rect.height()))
        return reach / far if 0.0 < far < math.inf else 0.0

    def _ends(self, steps: Array) -> Array:
        return self.to_pixels(self._point + self._scale() * steps)

    def _draw_dots(self, painter: QPainter, theme: Theme) -> None:
        fill, edge = QColor(self._colour), QColor(theme.plot)
        fill.setAlphaF(0.75 if len(self._steps) < 100 else 0.5)
        edge.setAlphaF(0.7)
        painter.setPen(QPen(edge, 0.8))
        painter.setBrush(fill)
        radius = 3.2 if len(self._steps) < 100 else 2.4
        for x, y in self._ends(self._steps) / theme.scale:
            painter.drawEllipse(QPointF(x, y), radius, radius)

    def _draw_arrow(self, painter: QPainter, theme: Theme) -> None:
        begin = self.to_pixels(self._point[None])[0] / theme.scale
        end = self._ends(self._full[None])[0] / theme.scale
        along = end - begin
        length = float(np.hypot(*along))
        if length < 1.0:
            return
        along = along / length
        across = np.array([-along[1], along[0]])
        head = min(_HEAD, 0.6 * length)
        neck = end - along * head
        tip = QPolygonF(
            [QPointF(*end), QPointF(*(neck + 0.5 * head * across)), QPointF(*(neck - 0.5 * head * across))]
        )
        for colour, width in ((QColor(theme.plot), 5.0), (QColor(theme.text), 2.0)):
            pen = QPen(colour, width)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(colour)
            painter.drawLine(QPointF(*begin), QPointF(*neck))
            painter.drawPolygon(tip)

    def _draw_caption(self, painter: QPainter, theme: Theme) -> None:
        font = QFont(QApplication.font())
        font.setPixelSize(12)
        painter.setFont(font)
        rect = QRectF(self._view.rect())
        text = painter.fontMetrics().boundingRect(self._caption)
        bottom = rect.height() / theme.scale - 10.0
        box = QRectF(12.0, bottom - text.height() - 8.0, text.width() + 16.0, text.height() + 8.0)
        fill = QColor(theme.panel)
        fill.setAlphaF(0.88)
        painter.setBrush(fill)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(QColor(theme.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._caption)
