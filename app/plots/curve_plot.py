"""A plot of curves against steps or epochs."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.language import tr
from app.plots.curve_layer import Curve, CurveLayer
from app.plots.plot import Plot
from app.theme import Theme

__all__ = ["Curve", "CurvePlot"]

Array = NDArray[np.float64]
_LEFT, _BOTTOM = 44, 18
"""Pixels for the axes' labels."""
_MOST_TICKS = 5
_APART = (1, 2, 4, 8, 20, 40, 80, 200, 1000)
"""Labels on a log axis, and how many decades they may be apart; the floor is on most of these."""
_MOST_RISE = 3
"""Decades above the highest first value that a log axis shows at most."""
_UNTIL_CURVES = [[(0.0, "1"), (1.0, "10")]]
"""Ticks of a log axis without curves: left to itself it would label every number between."""
_FLOOR = 1e-16
"""Smallest value on a log axis: a float's own rounding of 1."""


class CurvePlot(Plot):
    """Curves with a title, a log or linear axis, and a cursor.

    Signals
    -------
    pointed(float)
        x where a person pressed or dragged.
    """

    pointed = Signal(float)

    def __init__(
        self, title: str, log: bool, y_range: tuple[float, float] | None = None, title_at_top: bool = True
    ) -> None:
        super().__init__()
        self._title, self._log, self._y_range, self._from_zero = title, log, y_range, False
        self._theme: Theme | None = None
        self._shown: tuple[float, ...] = ()
        self._curves: list[Curve] = []
        self._behind: list[Curve] = []
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.setZValue(50)
        self._label = pg.TextItem(anchor=(1, 0 if title_at_top else 1))
        self._label.setZValue(60)
        self.view.addItem(self._cursor, ignoreBounds=True)
        self._label.setParentItem(self.view)
        self._layer = CurveLayer(self.view)
        self.view.sigResized.connect(self._place_title)
        self.left.setWidth(_LEFT)
        self.bottom.setHeight(_BOTTOM)
        for axis in (self.left, self.bottom):
            axis.setStyle(tickLength=-4, maxTickLevel=0)
        if log:
            self.left.setLogMode(True)
            self.left.setTicks(_UNTIL_CURVES)
        if y_range is not None:
            self._set_fixed_ticks(y_range)
        self._cursor.hide()
        self.setAccessibleName(tr(title))
        self.setMinimumHeight(70)
        self.set_title(title)

    def set_title(self, title: str) -> None:
        """Name what is plotted, inside the plot where curves leave room."""
        self._title = title
        if self._theme is not None:
            self._label.setText(tr(title), color=QColor(self._theme.muted))
            font = QFont(QApplication.font())
            font.setPixelSize(round(11 * self._theme.scale))
            self._label.setFont(font)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.dress(theme, text_size=10)
        self.left.setWidth(_LEFT * theme.scale)
        self.bottom.setHeight(_BOTTOM * theme.scale)
        self._cursor.setPen(QPen(QColor(theme.text), 0))
        self.set_title(self._title)

    def set_axis(self, log: bool, y_range: tuple[float, float] | None, from_zero: bool = False) -> None:
        """Another y axis, `from_zero` up to the highest value where no range is given; curves must follow."""
        self._log, self._y_range, self._from_zero, self._shown = log, y_range, from_zero, ()
        self.left.setLogMode(log)
        self.left.setTicks(_UNTIL_CURVES if log else None)
        if y_range is not None:
            self._set_fixed_ticks(y_range)

    def _set_fixed_ticks(self, y_range: tuple[float, float]) -> None:
        low, high = y_range
        ticks = [(value, f"{value:g}") for value in (low, (low + high) / 2, high)]
        self.left.setTicks([ticks])

    def set_curves(self, curves: list[Curve], x_high: float, behind: Sequence[Curve] = ()) -> None:
        """Show other curves, from x = 0 to `x_high`; some of them `behind` the others."""
        self._curves, self._behind = curves, list(behind)
        placed = [self._placed_curve(curve) for curve in (*behind, *curves)]
        self._layer.set_curves(placed)
        bands = [bound for curve in placed if curve.band is not None for bound in curve.band]
        self._set_range([*(curve.y for curve in placed), *bands], x_high)

    def curves(self) -> list[Curve]:
        """What is shown."""
        return self._curves

    def curves_behind(self) -> list[Curve]:
        """What is shown behind that."""
        return self._behind

    def set_cursor(self, x: float | None) -> None:
        """Move the cursor, or hide it."""
        self._cursor.setVisible(x is not None)
        if x is not None:
            self._cursor.setValue(x)

    def cursor_at(self) -> float:
        """Where the cursor is."""
        return float(self._cursor.value())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Point at an x."""
        self._point(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the pointer along x."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._point(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing: pressing and dragging did it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Nothing to zoom: the curves always fit."""
        event.ignore()

    def _point(self, event: QMouseEvent) -> None:
        position = self.mapToScene(event.position().toPoint())
        self.pointed.emit(float(self.view.mapSceneToView(position).x()))

    def _place_title(self) -> None:
        rect = self.view.rect()
        self._label.setPos(rect.right() - 2, rect.top() if self._label.anchor[1] == 0 else rect.bottom())

    def _placed_curve(self, curve: Curve) -> Curve:
        low_high = tuple(self._placed(bound) for bound in curve.band or ())
        band = (low_high[0], low_high[1]) if low_high else None
        scale = 1.0 if self._theme is None else self._theme.scale
        return replace(curve, y=self._placed(curve.y), band=band, width=curve.width * scale)

    def _placed(self, y: Array) -> Array:
        if not self._log:
            return y
        with np.errstate(all="ignore"):
            return np.log10(np.maximum(y, _FLOOR))

    def _fitting(self, values: list[Array]) -> tuple[float, float]:
        """Low and high end of an axis that fits its curves."""
        if self._log:
            return _decades(values)
        return _from_zero_up(values) if self._from_zero else _limits(values)

    def _set_range(self, values: list[Array], x_high: float) -> None:
        low, high = self._y_range or self._fitting(values)
        margin = 0.06 * (high - low)
        wanted = (0.0, low - margin, x_high or 1.0, high - low + 2 * margin)
        if wanted != self._shown:  # a range that stays lets the axes stay
            self._shown = wanted
            if self._log:
                self.left.setTicks([_decade_ticks(low, high)])
            elif self._from_zero:
                self._set_fixed_ticks((low, high))
            self.view.setRange(QRectF(*wanted), padding=0, disableAutoRange=True)


def _from_zero_up(values: list[Array]) -> tuple[float, float]:
    """From 0 to the highest finite value."""
    highest = max((float(v[np.isfinite(v)].max()) for v in values if np.isfinite(v).any()), default=0.0)
    return 0.0, highest or 1.0


def _limits(values: list[Array]) -> tuple[float, float]:
    """Lowest and highest finite value; 0 to 1 without any."""
    finite = [v[np.isfinite(v)] for v in values]
    ends = [(float(v.min()), float(v.max())) for v in finite if v.size]
    if not ends:
        return 0.0, 1.0
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _decades(values: list[Array]) -> tuple[float, float]:
    """Whole decades around exponents; what explodes leaves at the top, so that the rest can be seen."""
    low, high = _limits(values)
    begin = max((float(v[0]) for v in values if v.size and np.isfinite(v[0])), default=high)
    return float(math.floor(low)), float(math.ceil(min(high, begin + _MOST_RISE)))


def _decade_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Few labelled decades of a log axis; the floor says that it is one."""
    first, last = math.ceil(low), math.floor(high)
    apart = next(step for step in _APART if (last - first) / step <= _MOST_TICKS - 1)
    return [(float(d), _power_of_ten(d)) for d in range(first, last + 1) if d % apart == 0]


def _power_of_ten(exponent: int) -> str:
    if abs(exponent) <= 2:
        return f"{10.0**exponent:g}"
    raised = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{'≤ ' if 10.0**exponent <= _FLOOR else ''}10{raised}"


def curve_plot(
    title: str, curves: list[Curve], end: float, theme: Theme, y_range: tuple[float, float] | None = None
) -> CurvePlot:
    """A plot of curves up to an end; on a logarithmic axis unless the axis is given."""
    plot = CurvePlot(title, log=y_range is None, y_range=y_range)
    plot.set_curves(curves, float(end))
    plot.set_theme(theme)
    return plot
