"""The plot of a loss surface with trails, heads, minima, legend and the start points."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent

from app.asked_keys import asked_key
from app.language import tr
from app.plots.event_layers import Burst, BurstLayer, DepartedLayer
from app.plots.marks_layer import LegendLayer, LegendRow, MinimaLayer
from app.plots.path_cloud_layer import PathCloudLayer
from app.plots.plot import Plot
from app.plots.start_handle import StartHandles
from app.plots.surface_layer import Drawable, SurfaceLayer
from app.plots.trail_layer import Trail, TrailLayer
from app.theme import Theme

_NUDGES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Down: (0, -1),
    Qt.Key.Key_Up: (0, 1),
}
_CYCLES = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
_REMOVES = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_OWN_KEYS = (*_NUDGES, *_CYCLES, *_REMOVES, Qt.Key.Key_A)
_ADDING = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
_AVOIDED = 60
"""Start points of which the legend takes care not to hide them."""


class ThemedLayer(Protocol):
    """What is drawn over the view in a look's colours."""

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""


class SurfacePlot(Plot):
    """A surface seen from above; set_* in, signals out.

    Signals
    -------
    start_moved(float, float)
        The selected start was dragged, placed by a double click, or nudged with the arrow keys.
    start_grabbed()
        A drag of a start point begins.
    start_chosen(int), starts_cycled(int)
        Another start was pressed; the next (1) or the one before (-1) is wanted.
    start_added(float, float), start_removed()
        One more is wanted there; the selected one is to go.
    pointer_moved(float, float), pointer_left()
        The pointer over the view, in data coordinates.
    range_changed()
        Another part of the plane is shown.
    """

    start_moved = Signal(float, float)
    start_grabbed = Signal()
    start_chosen = Signal(int)
    starts_cycled = Signal(int)
    start_added = Signal(float, float)
    start_removed = Signal()
    pointer_moved = Signal(float, float)
    pointer_left = Signal()
    range_changed = Signal()

    def __init__(self) -> None:
        super().__init__(movable=True)
        for axis in (self.left, self.bottom):
            axis.setStyle(tickLength=-5, maxTickLevel=0)
        self._surface: Drawable | None = None
        self._pointer_at: tuple[float, float] | None = None
        self._layer = SurfaceLayer(self.view)
        self._minima = MinimaLayer(self.view)
        self._cloud = PathCloudLayer(self.view)
        self._trails = TrailLayer(self.view)
        self._departed = DepartedLayer(self.view)
        self._bursts = BurstLayer(self.view)
        self._handles = StartHandles(self.view)
        self._legend = LegendLayer(self.view)
        self._layers: list[ThemedLayer] = [
            self._layer, self._minima, self._cloud, self._trails, self._departed, self._bursts,
            self._handles, self._legend,
        ]  # fmt: skip
        self._theme: Theme | None = None
        self._handles.dragged.connect(self.start_moved)
        self._handles.grabbed.connect(self.start_grabbed)
        self._handles.chosen.connect(self.start_chosen)
        self.view.sigRangeChanged.connect(lambda *_: self.range_changed.emit())
        self.scene().sigMouseMoved.connect(self._pointer)
        self.scene().sigMouseClicked.connect(self._clicked)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Loss surface"))

    def set_surface(self, surface: Drawable) -> None:
        """Show a surface, its whole domain; the view stays where only the formula's numbers have changed."""
        before = self._surface.entry if self._surface is not None else None
        moved = before is not None and not before.id and (before.formula, before.domain) == (
            surface.entry.formula, surface.entry.domain
        )  # fmt: skip
        self._surface = surface
        self._layer.set_surface(surface, moving=moved)
        self._minima.set_minima(surface.entry.minima)
        if not moved:
            self.fit()

    def set_trails(self, trails: list[Trail], cloud: Sequence[Trail] = ()) -> None:
        """Show other paths; those of a cloud are drawn thinly below the others."""
        self._cloud.set_trails(cloud)
        self._trails.set_trails(trails)
        minima = self._surface.entry.minima if self._surface is not None else ()
        self._departed.set_heads(*self._trails.ends())
        some = [trail.points[:: max(1, len(trail.points) // 20)] for trail in trails]
        starts = self._handles.points()[:_AVOIDED]
        self._legend.set_avoid(np.vstack([starts, np.reshape(minima, (-1, 2)), *some]))

    def set_step(self, step: int) -> None:
        """Show the paths up to a step."""
        self._cloud.set_step(step)
        self._trails.set_step(step)
        self._departed.set_heads(*self._trails.ends())
        self._bursts.set_step(step)

    def set_bursts(self, bursts: tuple[Burst, ...]) -> None:
        """Mark other steps that burst."""
        self._bursts.set_bursts(bursts)

    def set_legend(self, rows: list[LegendRow]) -> None:
        """Show other rows in the legend."""
        self._legend.set_rows(rows)

    def set_starts(self, points: Sequence[tuple[float, float]], selected: int | None) -> None:
        """Show other start points, one of them selected; None makes all alike, as in a picture."""
        self._handles.set_starts(np.array(points, float), selected)

    def show_minima(self, shown: bool) -> None:
        """Mark the known minima, or leave that to something that marks more."""
        self._minima.setVisible(shown)

    def set_bare(self, bare: bool) -> None:
        """Show the surface by its contours alone: a layer below gives the colours."""
        self._layer.set_bare(bare)

    def hide_marks(self) -> None:
        """Show neither start point nor known minima: something else is marked."""
        self._handles.hide()
        self._minima.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.dress(theme, text_size=11)
        for layer in self._layers:
            layer.set_theme(theme)

    def add_layer(self, layer: ThemedLayer) -> None:
        """Draw something more, made for this plot's `view`: it follows the look from now on."""
        self._layers.append(layer)
        if self._theme is not None:
            layer.set_theme(self._theme)

    def fit(self) -> None:
        """Show the surface's whole domain."""
        if self._surface is not None:
            x0, x1, y0, y1 = self._surface.entry.domain
            self.view.setLimits(minXRange=(x1 - x0) * 1e-9, minYRange=(y1 - y0) * 1e-9,
                                maxXRange=(x1 - x0) * 1e3, maxYRange=(y1 - y0) * 1e3)  # fmt: skip
            self.view.setRange(xRange=(x0, x1), yRange=(y0, y1), padding=0, disableAutoRange=True)

    def whole(self) -> tuple[float, float, float, float]:
        """The surface's domain: what `fit` shows."""
        assert self._surface is not None
        return self._surface.entry.domain

    def shown_range(self) -> tuple[float, float, float, float]:
        """The part of the plane in view: x low, x high, y low, y high."""
        return self._layer.range()

    def show_part(self, part: tuple[float, float, float, float]) -> None:
        """Show a part of the plane."""
        self.view.setRange(xRange=part[:2], yRange=part[2:], padding=0, disableAutoRange=True)

    def zoom(self, factor: float) -> None:
        """Zoom about the centre; a factor below 1 comes nearer."""
        self.view.scaleBy((factor, factor))

    def trails(self) -> list[Trail]:
        """The paths that are shown."""
        return self._trails.trails()

    def head_positions(self) -> list[tuple[float, float]]:
        """Where the heads are, in data coordinates."""
        return self._trails.heads()

    def departed(self) -> list[QColor]:
        """Colours of the heads that are outside the view."""
        return [colour for colour, _ in self._departed.arrows()]

    def legend_rows(self) -> list[LegendRow]:
        """What the legend shows."""
        return self._legend.rows()

    def legend_box(self) -> QRectF:
        """Where the legend is, in the view's pixels; empty where it is not drawn."""
        return self._legend.box

    def start_in_window(self, index: int | None = None) -> Any:
        """Where a start point is, the selected one by default, in this widget's pixels (a QPoint)."""
        return self.mapFromScene(self._handles.mapToScene(self._handles.centre(index)))

    def event(self, event: QEvent) -> bool:
        """Keep the keys that are about start points while the plot has the focus."""
        asked = asked_key(event)
        if (
            asked is not None
            and self._handles.isVisible()
            and asked.key() in _OWN_KEYS
            and not asked.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys nudge the selected start; others add, remove and select: where starts are shown."""
        key = Qt.Key(event.key())
        if not self._handles.isVisible():
            event.ignore()
        elif key in _NUDGES:
            self._nudge(*_NUDGES[key], fine=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in _CYCLES:
            self.starts_cycled.emit(_CYCLES[key])
        elif key in _REMOVES:
            self.start_removed.emit()
        elif key == Qt.Key.Key_A:
            self.start_added.emit(*(self._pointer_at or self._middle()))
        else:
            event.ignore()

    def _nudge(self, right: int, up: int, fine: bool) -> None:
        """By a hundredth of the view, finely by a thousandth."""
        x0, x1, y0, y1 = self.shown_range()
        part = 0.001 if fine else 0.01
        x, y = self._handles.points()[self._handles.selected()].tolist()
        self.start_moved.emit(x + right * part * (x1 - x0), y + up * part * (y1 - y0))

    def _middle(self) -> tuple[float, float]:
        x0, x1, y0, y1 = self.shown_range()
        return (x0 + x1) / 2, (y0 + y1) / 2

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer is gone."""
        super().leaveEvent(event)
        self._pointer_at = None
        self.pointer_left.emit()

    def _pointer(self, position: Any) -> None:
        if self.view.sceneBoundingRect().contains(position):
            point = self.view.mapSceneToView(position)
            self._pointer_at = (point.x(), point.y())
            self.pointer_moved.emit(*self._pointer_at)
        else:
            self._pointer_at = None
            self.pointer_left.emit()

    def _clicked(self, event: Any) -> None:
        inside = self.view.sceneBoundingRect().contains(event.scenePos())
        if event.double() and event.button() == Qt.MouseButton.LeftButton and inside:
            point = self.view.mapSceneToView(event.scenePos())
            wanted = self.start_added if event.modifiers() & _ADDING else self.start_moved
            wanted.emit(point.x(), point.y())
