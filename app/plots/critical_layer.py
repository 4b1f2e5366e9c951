"""Marks of critical points: a shape and a colour for each kind, and at saddles the way out."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from app.language import tr
from app.plots.strokes import polygon
from app.plots.trail_layer import HEADS
from app.plots.view_layer import Array, ViewLayer
from app.theme import Theme
from core.critical_points import CriticalPoint, Kind

SHAPES: dict[Kind, int] = {"minimum": 4, "maximum": 2, "saddle": 3, "degenerate": 6}
"""Of `HEADS`, but hollow, so that no mark is taken for an optimizer's head: a triangle down, a triangle up,
a diamond, a hexagon."""
_SIZE, _REACH, _ARROW = 13.0, 30.0, 5.0
_NEAR = 9.0
"""Pixels: how near the pointer must be to a mark or an arrow's tip to take it."""
_MANY = 60
"""Points beyond which marks are smaller and ways out are not drawn.

Pixels here are those of a look whose scale is 1; others enlarge them.
"""
Target = tuple[int, int]
"""Index of a point, and 0 for its mark, 1 or -1 for the arrow along or against its way out."""


def mark_colour(theme: Theme, kind: Kind) -> QColor:
    """Colour of a kind, none of an optimizer's."""
    colours = {"minimum": theme.accent, "maximum": theme.error, "saddle": theme.warning}
    return QColor(colours.get(kind, theme.muted))


def draw_mark(
    painter: QPainter, centre: QPointF, kind: Kind, theme: Theme, size: float, filled: bool = False
) -> None:
    """Draw a hollow mark with a rim in the background's colour; filled when it is chosen."""
    corners = HEADS[SHAPES[kind]]
    assert corners is not None  # only the circle has none
    shape = polygon(corners * (size / 2) + (centre.x(), centre.y()))
    colour = mark_colour(theme, kind)
    for pen_colour, width in ((QColor(theme.plot), size * 0.42), (colour, size * 0.17)):
        pen = QPen(pen_colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(colour if filled else QColor(theme.plot))
        painter.drawPolygon(shape)


def mark_icon(kind: Kind, theme: Theme) -> QIcon:
    """The mark as an icon, sharp at every scale."""
    icon = QIcon()
    for scale in (1, 2, 3):
        picture = QPixmap(16 * scale, 16 * scale)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(scale, scale)
        draw_mark(painter, QPointF(8, 8), kind, theme, 10.0)
        painter.end()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            icon.addPixmap(picture, mode)
    return icon


class CriticalLayer(ViewLayer):
    """A mark at every critical point; marks and ways out can be clicked.

    Signals
    -------
    chosen(int)
        Index of the point whose mark was clicked.
    way_out_taken(int, int)
        Index of the saddle whose arrow was clicked; 1 along `way_out`, -1 against it.
    """

    chosen = Signal(int)
    way_out_taken = Signal(int, int)

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=15)
        self._points: Sequence[CriticalPoint] = ()
        self._chosen: int | None = None
        self._hovered: Target | None = None
        self._theme: Theme | None = None

    def set_points(self, points: Sequence[CriticalPoint]) -> None:
        """Mark other points."""
        self._points, self._chosen = points, None
        self._hover(None)
        self.update()

    def set_chosen(self, index: int | None) -> None:
        """Make one of them stand out, or none."""
        self._chosen = index
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def points(self) -> Sequence[CriticalPoint]:
        """What is marked."""
        return self._points

    def arrow_tip(self, index: int, sign: int) -> QPointF:
        """Where an arrow along (1) or against (-1) a saddle's way out ends, in the view's pixels."""
        centre = self._places()[index]
        return QPointF(*(centre + sign * self._reach * self._way(self._points[index])))

    def paint_layer(self, painter: QPainter) -> None:
        """Draw the ways out, then the marks upon them; smaller where there are many."""
        if self._theme is None or not self._points:
            return
        painter.setClipRect(self._view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self._places()
        if self._arrows():
            for index, (point, place) in enumerate(zip(self._points, places, strict=True)):
                self._draw_way_out(painter, index, point, QPointF(*place))
        share = 1.0 if self._arrows() else 0.6
        for index, (point, place) in enumerate(zip(self._points, places, strict=True)):
            draw_mark(painter, QPointF(*place), point.kind, self._theme, share * self._size(index))
        if self._chosen is not None:
            self._draw_chosen(painter, self._points[self._chosen], QPointF(*places[self._chosen]))

    def hoverEvent(self, event: Any) -> None:
        """Show what a click would take."""
        target = None if event.isExit() else self._target(event.pos())
        if target is not None and not event.acceptClicks(Qt.MouseButton.LeftButton):
            target = None
        self._hover(target)

    def mouseClickEvent(self, event: Any) -> None:
        """Choose a point, or take a way out."""
        target = self._target(event.pos())
        if event.button() != Qt.MouseButton.LeftButton or event.double() or target is None:
            event.ignore()
            return
        event.accept()
        index, way = target
        if way:
            self.way_out_taken.emit(index, way)
        else:
            self.chosen.emit(index)

    def _hover(self, target: Target | None) -> None:
        if target == self._hovered:
            return
        self._hovered = target
        self.setToolTip("" if target is None else self._tip(*target))
        if target is None:
            self.unsetCursor()
        else:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.update()

    def _tip(self, index: int, way: int) -> str:
        point = self._points[index]
        if way:
            return tr("The way out of the saddle. Click to start a small step along it.")
        where = f"{point.kind.capitalize()} at ({point.x:.4g}, {point.y:.4g}), loss {point.loss:.4g}."
        return f"{tr(where.replace('-', '−'))} {tr('Click to choose it.')}"

    def _arrows(self) -> bool:
        return len(self._points) <= _MANY

    @property
    def _scale(self) -> float:
        return self._theme.scale if self._theme is not None else 1.0

    @property
    def _reach(self) -> float:
        """Pixels from a saddle to the tips of its arrows."""
        return _REACH * self._scale

    def _size(self, index: int) -> float:
        return (_SIZE + 3.0 * (self._hovered == (index, 0))) * self._scale

    def _places(self) -> Array:
        return self.to_pixels(np.array([(point.x, point.y) for point in self._points]))

    def _way(self, point: CriticalPoint) -> Array:
        """Unit vector of a saddle's way out in pixels; (0, 0) where there is none."""
        if point.way_out is None:
            return np.zeros(2)
        ends = self.to_pixels(np.array([(0.0, 0.0), point.way_out]))
        way = ends[1] - ends[0]
        size = float(np.hypot(*way))
        return way / size if math.isfinite(size) and size > 0.0 else np.zeros(2)

    def _target(self, position: QPointF) -> Target | None:
        """What lies within reach of the pointer: the nearest mark, else the nearest arrow's tip."""
        if not self._points:
            return None
        places = self._places()
        pointer = np.array([position.x(), position.y()])
        away = np.hypot(*(places - pointer).T)
        nearest = int(np.argmin(away))
        near = _NEAR * self._scale
        if away[nearest] <= near:
            return nearest, 0
        if not self._arrows() or away[nearest] > self._reach + near:
            return None
        for index in np.flatnonzero(away <= self._reach + near).tolist():
            along = self._reach * self._way(self._points[index])
            for sign in (1, -1) if along.any() else ():
                if np.hypot(*(places[index] + sign * along - pointer)) <= near:
                    return index, sign
        return None

    def _draw_chosen(self, painter: QPainter, point: CriticalPoint, centre: QPointF) -> None:
        """Fill the mark and put a ring around it."""
        assert self._theme is not None
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(self._theme.plot), 4.0), (mark_colour(self._theme, point.kind), 1.6)):
            painter.setPen(QPen(colour, width * self._scale))
            painter.drawEllipse(centre, 12.0 * self._scale, 12.0 * self._scale)
        draw_mark(painter, centre, point.kind, self._theme, _SIZE * self._scale, filled=True)

    def _draw_way_out(self, painter: QPainter, index: int, point: CriticalPoint, centre: QPointF) -> None:
        """Two arrows: the loss falls along the eigenvector, and against it."""
        assert self._theme is not None
        way = self._way(point)
        if not way.any():
            return
        colour = mark_colour(self._theme, "saddle")
        for sign in (1, -1):
            along = sign * way
            across = np.array([-along[1], along[0]])
            larger = self._hovered == (index, sign)
            tip, barb = self._reach * along, (_ARROW + 2.0 * larger) * self._scale
            lines = [
                (0.5 * tip, tip),
                (tip, tip - barb * (along + across)),
                (tip, tip - barb * (along - across)),
            ]
            for pen_colour, width in ((QColor(self._theme.plot), 5.0), (colour, 2.0 + larger)):
                pen = QPen(pen_colour, width * self._scale)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                for begin, end in lines:
                    painter.drawLine(centre + QPointF(*begin), centre + QPointF(*end))
