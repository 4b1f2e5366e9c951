"""The start points: rings that one wants to grab."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from app.plots.strokes import polygon
from app.plots.view_layer import Array, ViewLayer
from app.theme import Theme

RING, REACH = 22.0, 18.0
"""Pixels where the look's scale is 1: diameter of the selected ring, and how far off it is grabbed."""
FEW = 12
"""Starts that all may have a ring."""
_OTHERS = ((FEW, 12.0), (60, 9.0), (250, 7.0), (10**9, 5.0))
"""Up to how many starts there are, and the diameter of those that are not selected."""
_OTHERS_REACH = 9.0
_NONE = -1


class StartHandles(ViewLayer):
    """A ring at every start point, dragged with the mouse; the selected one stands out.

    Signals
    -------
    dragged(float, float)
        Where the pointer wants the selected start, in data coordinates; it stays until `set_starts`.
    grabbed()
        A drag begins.
    chosen(int)
        A start was pressed that was not the selected one.
    """

    dragged = Signal(float, float)
    grabbed = Signal()
    chosen = Signal(int)

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=30)
        self._points = np.zeros((1, 2))
        self._selected = 0
        self._theme: Theme | None = None
        self._hovered = _NONE
        self._held = False
        self._offset = QPointF()

    def set_starts(self, points: Array, selected: int | None) -> None:
        """Show (n, 2) start points, one of them selected; None makes all alike."""
        self._points, self._selected = points, _NONE if selected is None else selected
        if self._hovered >= len(points):
            self._hovered = _NONE  # the start under the pointer is gone
        self.prepareGeometryChange()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def points(self) -> Array:
        """(n, 2): the start points."""
        return self._points

    def selected(self) -> int:
        """Index of the selected one."""
        return self._selected

    def centre(self, index: int | None = None) -> QPointF:
        """Where a ring is, the selected one unless said otherwise, in the view's pixels."""
        place = self._selected if index is None else index
        return QPointF(*self.to_pixels(self._points[place : place + 1])[0])

    def paint_layer(self, painter: QPainter) -> None:
        """Draw the other starts small, then the selected ring."""
        if self._theme is None:
            return
        painter.setClipRect(self._view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._selected == _NONE and len(self._points) <= FEW:
            for index in range(len(self._points)):
                draw_ring(painter, self.centre(index), self._theme, RING, 2.6)
            return
        if len(self._points) > 1:
            self._draw_others(painter, self._theme)
        if self._selected == _NONE:
            return
        if self._hovered not in (_NONE, self._selected):
            draw_ring(painter, self.centre(self._hovered), self._theme, 15.0, 2.0)
        larger = self._held or self._hovered == self._selected
        draw_ring(painter, self.centre(), self._theme, RING + 4.0 * larger, held=self._held)

    def _draw_others(self, painter: QPainter, theme: Theme) -> None:
        """Dots with a rim, all with a few strokes of a round pen."""
        size = next(size for most, size in _OTHERS if len(self._points) <= most)
        others = np.arange(len(self._points)) != self._selected
        draw_dots(painter, polygon(self.to_pixels(self._points[others])), theme, size)

    @property
    def _scale(self) -> float:
        return self._theme.scale if self._theme is not None else 1.0

    def at(self, position: QPointF) -> int:
        """Index of the start that the pointer is on, in the view's pixels; -1 for none."""
        away = np.hypot(*(self.to_pixels(self._points) - (position.x(), position.y())).T)
        nearest = int(np.argmin(away))
        if nearest != self._selected and away[nearest] <= _OTHERS_REACH * self._scale:
            return nearest
        return self._selected if away[self._selected] <= REACH * self._scale else _NONE

    def contains(self, point: QPointF) -> bool:
        """Whether a point of the view, in pixels, is near enough to one of them to grab it."""
        return self.at(point) != _NONE

    def shape(self) -> QPainterPath:
        """Only the starts take the mouse."""
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        reach = REACH * self._scale
        visible = self.boundingRect().adjusted(-reach, -reach, reach, reach)
        for x, y in self.to_pixels(self._points).tolist():
            if visible.contains(x, y):
                path.addRect(QRectF(x - reach, y - reach, 2 * reach, 2 * reach))
        return path

    def hoverEvent(self, event: Any) -> None:
        """Grow under the pointer, and claim a coming drag or click before the view does."""
        near = _NONE if event.isExit() else self.at(event.pos())
        if near != _NONE and not event.acceptDrags(Qt.MouseButton.LeftButton):
            near = _NONE
        if near not in (_NONE, self._selected):
            event.acceptClicks(Qt.MouseButton.LeftButton)
        if near != self._hovered:
            self._hovered = near
            self.setCursor(Qt.CursorShape.OpenHandCursor if near != _NONE else Qt.CursorShape.ArrowCursor)
            self.update()

    def mouseClickEvent(self, event: Any) -> None:
        """Select the start under the pointer."""
        near = self.at(event.pos())
        if event.button() != Qt.MouseButton.LeftButton or near in (_NONE, self._selected):
            event.ignore()
            return
        event.accept()
        self.chosen.emit(near)

    def mouseDragEvent(self, event: Any) -> None:
        """Follow the pointer, keeping the spot where it was grabbed."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        if event.isStart() and not self._grab(event.buttonDownPos()):
            event.ignore()
            return
        event.accept()
        self.dragged.emit(*self.to_data(event.pos() + self._offset))
        if event.isFinish():
            self._held = False
            self.update()

    def _grab(self, position: QPointF) -> bool:
        near = self.at(position)
        if near == _NONE:
            return False
        if near != self._selected:
            self.chosen.emit(near)  # whoever listens selects it at once
        self._offset = self.centre() - position
        self._held = True
        self.grabbed.emit()
        return True


def draw_ring(
    painter: QPainter, centre: QPointF, theme: Theme, diameter: float = RING, width: float = 2.6,
    held: bool = False,
) -> None:  # fmt: skip
    """Draw the mark of a start point: a light disc with a dark rim."""
    radius, scale = (diameter / 2 - 1) * theme.scale, theme.scale
    painter.setPen(QPen(QColor(theme.plot), (width + 3.4) * scale))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(centre, radius, radius)
    painter.setPen(QPen(QColor(theme.accent if held else theme.text), width * scale))
    fill = QColor(theme.plot)
    fill.setAlphaF(0.55)
    painter.setBrush(fill)
    painter.drawEllipse(centre, radius, radius)


def draw_dots(painter: QPainter, places: QPolygonF, theme: Theme, diameter: float) -> None:
    """Draw the small marks of start points, with a few strokes of a round pen."""
    for colour, width in (
        (theme.plot, diameter + 2.0), (theme.text, diameter), (theme.plot, diameter - 3.0)
    ):  # fmt: skip
        pen = QPen(QColor(colour), width * theme.scale)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(places)
