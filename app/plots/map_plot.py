"""The plot of a map: its pixels between two axes, a cross at what is set now, and the key beside it."""

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.asked_keys import take_key
from app.language import tr
from app.plots.map_key import KEY_WIDTH, MapKey
from app.plots.map_layer import MapLayer, ends
from app.plots.plot import Plot
from app.plots.view_layer import ViewLayer
from app.theme import Theme
from core.hyperparameter import Scale
from core.map_grades import GradedMap
from core.map_spec import MapAxis

Place = tuple[float, float]

_FULL_DECADES = 1.5
"""On a logarithmic axis at least this long only whole decades are named."""
_NUDGES = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Down: (0, -1), Qt.Key.Key_Up: (0, 1)
}  # fmt: skip
_REACH, _GAP, _RING = 15.0, 5.0, 10.0


class Cross(ViewLayer):
    """Marks a place of the map, and takes the mouse that wants it elsewhere.

    Signals
    -------
    wanted(float, float)
        Where the pointer wants it, on the even scales of the axes.
    """

    wanted = Signal(float, float)

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=20)
        self._place: Place | None = None
        self._theme: Theme | None = None

    def set_place(self, place: Place | None) -> None:
        """Mark a place, on the even scales of the axes, or none."""
        self._place = place
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def paint_layer(self, painter: QPainter) -> None:
        """Draw a ring with four arms; beyond the map's edge only a ring, at the edge."""
        if self._theme is None or self._place is None:
            return
        painter.setClipRect(self._view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x, y = self.to_pixels(np.array([self._place]))[0].tolist()
        rect = self.boundingRect()
        inside = rect.contains(QPointF(x, y))
        centre = QPointF(min(max(x, rect.left()), rect.right()), min(max(y, rect.top()), rect.bottom()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((self._theme.plot, 5.0), (self._theme.text, 1.8)):
            pen = QPen(QColor(colour), width, Qt.PenStyle.SolidLine if inside else Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.drawEllipse(centre, _RING / 2, _RING / 2)
            for across, down in _NUDGES.values() if inside else ():
                arm = QPointF(across, down)
                painter.drawLine(centre + arm * _GAP, centre + arm * _REACH)

    def mouseClickEvent(self, event: Any) -> None:
        """A click asks for the place under it."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.wanted.emit(*self.to_data(event.pos()))

    def mouseDragEvent(self, event: Any) -> None:
        """A drag asks for every place on its way."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.wanted.emit(*self.to_data(event.pos()))
        else:
            event.ignore()


class _Pixels(Plot):
    """The plot itself; it keeps the arrow keys for the cross.

    Signals
    -------
    nudged(int, int, bool)
        Steps to the right and up, and whether fine ones.
    """

    nudged = Signal(int, int, bool)

    def event(self, event: QEvent) -> bool:
        """Keep the arrow keys from being shortcuts."""
        return take_key(event, _NUDGES) or bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the cross."""
        direction = _NUDGES.get(Qt.Key(event.key()))
        if direction is None:
            event.ignore()
        else:
            self.nudged.emit(*direction, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))


class MapPlot(QWidget):
    """A map with its axes and its key; set_* in, signals out.

    Signals
    -------
    picked(float, float)
        A click, a drag or an arrow key wants these values on the two axes.
    pointed(float, float), pointer_left()
        The values under the pointer.
    """

    picked = Signal(float, float)
    pointed = Signal(float, float)
    pointer_left = Signal()

    def __init__(self, key_width: int = KEY_WIDTH) -> None:
        super().__init__()
        self.plot = _Pixels()
        self.plot.left.setWidth(62)
        for side in (self.plot.bottom, self.plot.left):  # until there are axes
            side.setTicks([])
        self.plot.set_margins(0, 8, 8, 0)  # a tick at the end has half its text beyond
        self.view = self.plot.view
        self._layer, self._cross, self.key = MapLayer(self.view), Cross(self.view), MapKey(key_width)
        self._axes: tuple[MapAxis, MapAxis] | None = None
        self._look = ""
        self._set: Place | None = None
        self._cross.wanted.connect(self._want)
        self.plot.nudged.connect(self._nudge)
        self.plot.scene().sigMouseMoved.connect(self._pointer)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.key)

    def set_map(self, shown: GradedMap | None, theme: Theme) -> None:
        """Show a map in a look, or empty axes."""
        if theme.name != self._look:
            self._look = theme.name
            self.plot.dress(theme, text_size=11)
            for side in (self.plot.bottom, self.plot.left):
                side.label.setDefaultTextColor(QColor(theme.muted))
        if shown is not None and shown.spec.axes != self._axes:
            self._set_axes(shown.spec.axes)
        self._layer.set_theme(theme)
        self._layer.set_map(shown)
        self._cross.set_theme(theme)
        self.key.set_key(self._layer.colours, theme)

    def set_cross(self, values: Place | None) -> None:
        """Mark these values on the axes, or none."""
        self._set = values
        place = None
        if values is not None and self._axes is not None:
            x, y = (_scaled(axis, value) for axis, value in zip(self._axes, values, strict=True))
            place = (x, y)
        self._cross.set_place(place)

    def _set_axes(self, axes: tuple[MapAxis, MapAxis]) -> None:
        self._axes = axes
        for shown, axis in zip((self.plot.bottom, self.plot.left), axes, strict=True):
            shown.setTicks([_ticks(axis)] if axis.scale != Scale.LINEAR else None)
            shown.setLabel(tr(axis.name.replace("_", " ")), color=shown.label.defaultTextColor().name())
        (x_low, x_high), (y_low, y_high) = (ends(axis) for axis in axes)
        self.view.setRange(xRange=(x_low, x_high), yRange=(y_low, y_high), padding=0, disableAutoRange=True)
        self.set_cross(self._set)

    def _want(self, x: float, y: float) -> None:
        if self._axes is not None:
            self.picked.emit(*(_value(axis, place) for axis, place in zip(self._axes, (x, y), strict=True)))

    def _nudge(self, right: int, up: int, fine: bool) -> None:
        if self._axes is None or self._set is None:
            return
        part = 0.001 if fine else 0.01
        places = []
        for axis, value, steps in zip(self._axes, self._set, (right, up), strict=True):
            low, high = ends(axis)
            places.append(_scaled(axis, value) + steps * part * (high - low))
        self._want(*places)

    def _pointer(self, position: QPointF) -> None:
        if self._axes is not None and self.view.sceneBoundingRect().contains(position):
            point = self.view.mapSceneToView(position)
            x, y = (_value(axis, at) for axis, at in zip(self._axes, (point.x(), point.y()), strict=True))
            self.pointed.emit(x, y)
        else:
            self.pointer_left.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer is gone."""
        super().leaveEvent(event)
        self.pointer_left.emit()


def _scaled(axis: MapAxis, value: float) -> float:
    """Where a value stands; what a logarithmic axis cannot hold stands before its beginning."""
    low, high = ends(axis)
    with np.errstate(all="ignore"):
        place = float(axis.to_scale(value))
    return min(max(place, low - (high - low)), high + (high - low)) if math.isfinite(place) else low - 1.0


def _value(axis: MapAxis, place: float) -> float:
    low, high = ends(axis)
    return float(axis.from_scale(min(max(place, low), high)))


def _ticks(axis: MapAxis) -> list[tuple[float, str]]:
    """Places and texts of round values on an axis that is not linear."""
    low, high = ends(axis)
    decades = range(math.floor(low), math.ceil(high) + 1)
    factors = (1.0,) if high - low >= _FULL_DECADES else (1.0, 2.0, 5.0)
    if axis.scale == Scale.LOG:
        values = [factor * 10.0**decade for decade in decades for factor in factors]
    else:
        values = [1.0 - factor * 10.0**-decade for decade in decades for factor in factors]
    places = [(float(axis.to_scale(value)), f"{value:.12g}") for value in values]
    return [(place, text) for place, text in places if low - 1e-9 <= place <= high + 1e-9]
