"""Final loss against learning rate, a curve for each optimizer, both axes logarithmic."""

import math
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QApplication

from app.language import tr
from app.plots.curve_layer import Curve, CurveLayer
from app.plots.plot import Plot
from app.plots.trail_layer import draw_head
from app.plots.view_layer import Array, ViewLayer
from app.theme import Theme

_TOP_ROOM = 0.09
"""Share of the height above the curves, where the rates that diverged are marked."""
_WIDTH, _HEAD, _DOT = 2.0, 12.0, 2.6
_MOST_RISE = 2.0
"""Decades above the losses at the lowest rates that are shown at most."""


@dataclass(frozen=True)
class Sensitivity:
    """One optimizer's curve.

    Attributes
    ----------
    name, note, colour, shape
        What the legend writes, and the head that marks the best.
    rates, excess
        Learning rates in ascending order, and the final loss above the lowest known at each;
        infinite where a run diverged.
    best
        Rate and excess of the best setting, which may lie off the curve, or None.
    current
        The rate that is set now, marked along the bottom, or None.
    """

    name: str
    note: str
    colour: QColor
    shape: int
    rates: Array
    excess: Array
    best: tuple[float, float] | None
    current: float | None = None


class SensitivityPlot(Plot):
    """The curves, their tried points, the best of each, and where each begins to diverge."""

    def __init__(self, legend: bool = True, loss: str = "", marked: str = "the best") -> None:
        """Without a legend something beside the plot names the curves.

        `loss` and `marked` say what is plotted against the rate, and what the heads mark.
        """
        super().__init__()
        for axis in (self.left, self.bottom):
            axis.setLogMode(True)
            axis.enableAutoSIPrefix(False)
        self.left.setWidth(66)
        self.bottom.setLabel(tr("learning rate"))
        plain = "final loss above the lowest known" if legend else "loss − lowest"
        self.left.setLabel(tr(loss or plain))
        self._lines = CurveLayer(self.view)
        self._marks = _Marks(self.view, legend, marked)
        self.setAccessibleName(tr(f"{loss or 'Final loss'} against learning rate".capitalize()))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.dress(theme, text_size=11)
        for axis in (self.left, self.bottom):
            axis.label.setDefaultTextColor(QColor(theme.text))
        self._marks.set_theme(theme)

    def set_curves(self, curves: list[Sensitivity]) -> None:
        """Show other curves."""
        placed = [Curve(np.log10(c.rates), _logs(c.excess), c.colour, width=_WIDTH) for c in curves]
        self._lines.set_curves(placed)
        rates = np.concatenate([c.x for c in placed] or [np.zeros(1)])
        losses = np.concatenate([c.y for c in placed] or [np.zeros(1)])
        left, right = float(rates.min()), float(rates.max())
        begin = max((float(c.y[0]) for c in placed if np.isfinite(c.y[0])), default=0.0)
        low, high = _range(losses[np.isfinite(losses)], begin)
        wide, tall = max(right - left, 1.0), high - low
        rect = QRectF(left - 0.03 * wide, low - 0.04 * tall, 1.06 * wide, (1.04 + _TOP_ROOM) * tall)
        self.view.setRange(rect, padding=0, disableAutoRange=True)
        self._marks.set_curves(curves, high)


class _Marks(ViewLayer):
    """Tried points, best points, divergence along the top, and the legend."""

    def __init__(self, view: pg.ViewBox, legend: bool, marked: str) -> None:
        super().__init__(view, z=20)
        self._legend, self._marked = legend, marked
        self._curves: list[Sensitivity] = []
        self._top = 0.0
        self._theme: Theme | None = None

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_curves(self, curves: list[Sensitivity], top: float) -> None:
        self._curves, self._top = curves, top
        self.update()

    def paint_layer(self, painter: QPainter) -> None:
        if self._theme is None:
            return
        painter.setClipRect(self._view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, curve in enumerate(self._curves):
            self._draw_dots(painter, curve)
            self._draw_diverged(painter, curve, row)
        for curve in self._curves:
            if curve.best is not None:
                point = np.array([[math.log10(curve.best[0]), float(_logs(np.array([curve.best[1]]))[0])]])
                x, y = self.to_pixels(point)[0]
                draw_head(painter, QPointF(x, y), curve.colour, curve.shape, self._theme, _HEAD)
            self._draw_current(painter, curve)
        if self._legend:
            self._draw_legend(painter)

    def _draw_current(self, painter: QPainter, curve: Sensitivity) -> None:
        """A wedge on the lower edge, pointing at the rate that is set now."""
        if curve.current is None:
            return
        assert self._theme is not None
        x = float(self.to_pixels(np.array([[math.log10(curve.current), 0.0]]))[0, 0])
        edge = self._view.rect().height() - 1.0
        painter.setPen(QPen(QColor(self._theme.panel), 1.5))
        painter.setBrush(curve.colour)
        wedge = [QPointF(x, edge - 11.0), QPointF(x - 5.0, edge), QPointF(x + 5.0, edge)]
        painter.drawPolygon(wedge)

    def _draw_dots(self, painter: QPainter, curve: Sensitivity) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(curve.colour)
        points = np.column_stack([np.log10(curve.rates), _logs(curve.excess)])
        for x, y in self.to_pixels(points[np.isfinite(points).all(axis=1)]):
            painter.drawEllipse(QPointF(x, y), _DOT, _DOT)

    def _draw_diverged(self, painter: QPainter, curve: Sensitivity, row: int) -> None:
        """A small cross for every rate that diverged, a line for each optimizer."""
        lost = np.log10(curve.rates[np.isinf(curve.excess)])
        painter.setPen(QPen(curve.colour, 1.4))
        top = 7.0 + 7.0 * row
        for x, _ in self.to_pixels(np.column_stack([lost, np.zeros(len(lost))])):
            painter.drawLine(QPointF(x - 2.5, top - 2.5), QPointF(x + 2.5, top + 2.5))
            painter.drawLine(QPointF(x - 2.5, top + 2.5), QPointF(x + 2.5, top - 2.5))

    def _draw_legend(self, painter: QPainter) -> None:
        assert self._theme is not None
        font = QFont(QApplication.font())
        font.setPixelSize(12)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        lines = [(f"{c.name}  ", c.note) for c in self._curves]
        names = max((metrics.horizontalAdvance(name) for name, _ in lines), default=0.0)
        notes = max((metrics.horizontalAdvance(note) for _, note in lines), default=0.0)
        footer = tr(f"marked: {self._marked}")
        footer += tr(";  ▲: current") * any(c.current is not None for c in self._curves)
        footer += tr(";  ×: diverged") * self._any_diverged()
        width = max(names + notes + 44.0, metrics.horizontalAdvance(footer) + 28.0)
        height = metrics.height() + 4.0
        box = self._corner(width, height * (len(lines) + 1) + 14.0)
        paper = QColor(self._theme.panel)
        paper.setAlphaF(0.9)
        painter.setPen(QPen(QColor(self._theme.border), 1))
        painter.setBrush(paper)
        painter.drawRoundedRect(box, 6, 6)
        vertical = Qt.AlignmentFlag.AlignVCenter
        for row, (curve, (name, note)) in enumerate(zip(self._curves, lines, strict=True)):
            top = box.top() + 7.0 + row * height
            draw_head(painter, QPointF(box.left() + 16.0, top + height / 2), curve.colour, curve.shape,
                      self._theme, 10.0)  # fmt: skip
            painter.setPen(QColor(self._theme.text))
            painter.drawText(QRectF(box.left() + 30.0, top, names, height), vertical, name)
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(QRectF(box.left() + 30.0 + names, top, notes + 8.0, height), vertical, note)
        painter.setPen(QColor(self._theme.muted))
        bottom = QRectF(box.left() + 12.0, box.bottom() - height - 5.0, width, height)
        painter.drawText(bottom, vertical, footer)

    def _corner(self, width: float, height: float) -> QRectF:
        """The lower corner where the legend hides fewer points."""
        view = self._view.rect()
        top = view.height() - height - 12.0
        boxes = [QRectF(left, top, width, height) for left in (12.0, view.width() - width - 12.0)]
        points = [np.column_stack([np.log10(c.rates), _logs(c.excess)]) for c in self._curves]
        x, y = self.to_pixels(np.concatenate(points or [np.zeros((0, 2))])).T
        return min(boxes, key=lambda box: int(((x > box.left()) & (x < box.right()) & (y > box.top())).sum()))

    def _any_diverged(self) -> bool:
        return any(np.isinf(curve.excess).any() for curve in self._curves)


def _logs(excess: Array) -> Array:
    """Exponents; NaN where a run diverged, so that the curve has a gap there."""
    with np.errstate(all="ignore"):
        logs: Array = np.log10(excess)
    return np.where(np.isfinite(logs), logs, np.nan)


def _range(exponents: Array, begin: float) -> tuple[float, float]:
    """Whole decades around exponents; what explodes beyond the lowest rate's leaves at the top."""
    if not exponents.size:
        return 0.0, 1.0
    low = math.floor(float(exponents.min()))
    high = math.ceil(min(float(exponents.max()), begin + _MOST_RISE))
    return float(low), float(max(high, low + 1))
