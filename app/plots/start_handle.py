"""The start point: a ring that one wants to grab."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from app.plots.view_layer import ViewLayer
from app.theme import Theme

RING, REACH = 22.0, 18.0
"""Pixels: diameter of the ring, and how far from its centre it can be grabbed."""


class StartHandle(ViewLayer):
    """A ring at the start point, dragged with the mouse.

    Signals
    -------
    dragged(float, float)
        Where the pointer wants it, in data coordinates; the handle stays until `set_position`.
    grabbed()
        A drag begins.
    """

    dragged = Signal(float, float)
    grabbed = Signal()

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=30)
        self._position = (0.0, 0.0)
        self._theme: Theme | None = None
        self._hovered = self._held = False
        self._offset = QPointF()

    def set_position(self, x: float, y: float) -> None:
        """Show the start point elsewhere."""
        self._position = (x, y)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def centre(self) -> QPointF:
        """Where the ring is, in the view's pixels."""
        x, y = self.to_pixels(np.array([self._position]))[0]
        return QPointF(x, y)

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw the ring: a light disc with a dark rim, larger under the pointer."""
        if self._theme is None:
            return
        painter.setClipRect(self._view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_ring(painter, self.centre(), self._theme, self._held, self._hovered or self._held)

    def contains(self, point: QPointF) -> bool:
        """Whether a point of the view, in pixels, is near enough to grab."""
        away = point - self.centre()
        return bool(np.hypot(away.x(), away.y()) <= REACH)

    def shape(self) -> Any:
        """Only the ring takes the mouse."""
        path = super().shape()
        path.clear()
        centre = self.centre()
        path.addEllipse(QRectF(centre.x() - REACH, centre.y() - REACH, 2 * REACH, 2 * REACH))
        return path

    def hoverEvent(self, event: Any) -> None:
        """Grow under the pointer, and claim a coming drag before the view pans."""
        near = not event.isExit() and event.acceptDrags(Qt.MouseButton.LeftButton)
        if near != self._hovered:
            self._hovered = near
            self.setCursor(Qt.CursorShape.OpenHandCursor if near else Qt.CursorShape.ArrowCursor)
            self.update()

    def mouseDragEvent(self, event: Any) -> None:
        """Follow the pointer, keeping the spot where it was grabbed."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        if event.isStart():
            self._offset = self.centre() - event.buttonDownPos()
            self._held = True
            self.grabbed.emit()
        self.dragged.emit(*self.to_data(event.pos() + self._offset))
        if event.isFinish():
            self._held = False
            self.update()


def draw_ring(
    painter: QPainter, centre: QPointF, theme: Theme, held: bool = False, large: bool = False
) -> None:
    """Draw the mark of a start point."""
    radius = (RING + 4.0 * large) / 2
    painter.setPen(QPen(QColor(theme.plot), 6.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(centre, radius - 1, radius - 1)
    painter.setPen(QPen(QColor(theme.accent if held else theme.text), 2.6))
    fill = QColor(theme.plot)
    fill.setAlphaF(0.55)
    painter.setBrush(fill)
    painter.drawEllipse(centre, radius - 1, radius - 1)
