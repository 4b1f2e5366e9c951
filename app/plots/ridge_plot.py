"""One layer's distribution over time: a ridge for each moment, the newest in front."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from app.language import tr
from app.plots.distribution import HistogramLook, bin_under, counts_and_edges, describe, heights
from app.plots.readable_plot import ReadablePlot
from app.theme import Theme
from core.network.statistics import LayerStatistics

_FOOT, _HEAD, _RIGHT = 16.0, 15.0, 14.0
_LEAST_APART, _MOST_APART = 5.0, 26.0
"""Pixels from ridge to ridge."""
_OVER = 2.6
"""How high a ridge is, in distances to the next: it covers those behind it."""
_OLDEST = 0.35
"""Opacity of the first moment's line; the newest has all."""


@dataclass(frozen=True)
class Ridge:
    """One moment: steps made, and the layer's statistics then."""

    step: int
    stats: LayerStatistics


class RidgePlot(ReadablePlot):
    """Draws the ridges as they were set, on one axis, from the oldest at the top to the newest."""

    def __init__(self) -> None:
        super().__init__("Distribution of one layer over time")
        self._ridges: list[Ridge] = []
        self._label, self._colour = "", QColor()
        self._look = HistogramLook()

    def sizeHint(self) -> QSize:
        """Comfortable for thirty moments."""
        return QSize(460, 240)

    def minimumSizeHint(self) -> QSize:
        """Room for some moments."""
        return QSize(200, 70)

    def set_ridges(self, label: str, colour: QColor, ridges: list[Ridge]) -> None:
        """Show another layer, or the same one later; in the order of time."""
        self._label, self._colour, self._ridges = label, colour, ridges
        self.update()

    def set_look(self, look: HistogramLook) -> None:
        """Show them on other axes, or with other heights."""
        self._look = look
        self.update()

    def ridges(self) -> list[Ridge]:
        """What is shown, of all that was set."""
        most = max(2, int(self._plot().height() / _LEAST_APART))
        if len(self._ridges) <= most:
            return self._ridges
        return [self._ridges[int(i)] for i in np.linspace(0, len(self._ridges) - 1, most).round()]

    def draw(self, painter: QPainter, theme: Theme) -> bool:
        """Draw every ridge."""
        ridges = self.ridges()
        if not ridges:
            return False
        self._draw_axis(painter)
        low, high = self._axis()
        painter.save()
        painter.setClipRect(self._plot().adjusted(0, 0, 0, 2))
        for place, ridge in enumerate(ridges):
            self._draw_ridge(painter, ridge, self._baseline(place, len(ridges)), low, high)
        painter.restore()
        self._draw_steps(painter, ridges)
        return True

    def spots(self) -> list[QRectF]:
        """A strip along the foot of every ridge."""
        ridges, plot = self.ridges(), self._plot()
        apart = self._apart(len(ridges))
        return [
            QRectF(plot.left(), self._baseline(place, len(ridges)) - apart, plot.width(), apart)
            for place in range(len(ridges))
        ]

    def text_at(self, position: QPointF) -> str:
        """Figures at the moment whose foot is nearest below, and of its bin under the pointer."""
        strips, plot = self.spots(), self._plot()
        if not strips or not plot.adjusted(-plot.left(), 0, _RIGHT, _FOOT).contains(position):
            return ""
        place = min(range(len(strips)), key=lambda index: abs(strips[index].center().y() - position.y()))
        ridge = self.ridges()[place]
        low, high = self._axis()
        value = low + (position.x() - plot.left()) / plot.width() * (high - low)
        under = bin_under(*counts_and_edges(ridge.stats, self._look), value)
        return f"{describe(self._label, ridge.stats)}\n{under}\n{tr(f'after step {ridge.step:,}')}"

    def _plot(self) -> QRectF:
        metrics = QFontMetricsF(self.small_font(size=10))
        longest = max((f"{ridge.step:,}" for ridge in self._ridges), key=len, default="0")
        left = max(metrics.horizontalAdvance(longest), metrics.horizontalAdvance(tr("step"))) + 12.0
        return QRectF(left, _HEAD, self.width() - left - _RIGHT, self.height() - _HEAD - _FOOT)

    def _apart(self, count: int) -> float:
        return float(min(self._plot().height() / (count + _OVER - 1), _MOST_APART))

    def _baseline(self, place: int, count: int) -> float:
        return float(self._plot().bottom() - (count - 1 - place) * self._apart(count))

    def _axis(self) -> tuple[float, float]:
        """The middle one of the axes that the moments have: one that is far wider is cut."""
        ends = [counts_and_edges(ridge.stats, self._look)[1][[0, -1]] for ridge in self._ridges]
        low, high = np.sort(np.array(ends), axis=0)[len(ends) // 2]
        return float(low), float(high)

    def _draw_axis(self, painter: QPainter) -> None:
        assert self._theme is not None
        plot, (low, high) = self._plot(), self._axis()
        painter.setFont(self.small_font(size=10))
        for value in sorted({low, (low + high) / 2, high}):
            x = plot.left() + (value - low) / (high - low) * plot.width()
            painter.setPen(QPen(QColor(self._theme.border), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom() + 3))
            painter.setPen(QColor(self._theme.muted))
            text = f"{value:.3g}".replace("-", "−")
            wide = QFontMetricsF(painter.font()).horizontalAdvance(text) + 4
            left = min(max(x - wide / 2, 0.0), self.width() - wide)
            box = QRectF(left, plot.bottom() + 3, wide, _FOOT - 3)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)

    def _draw_ridge(self, painter: QPainter, ridge: Ridge, base: float, low: float, high: float) -> None:
        assert self._theme is not None
        plot, count = self._plot(), len(self.ridges())
        counts, edges = counts_and_edges(ridge.stats, self._look)
        middles = (edges[:-1] + edges[1:]) / 2
        x = plot.left() + (middles - low) / (high - low) * plot.width()
        y = base - heights(counts, self._look.log_counts) * self._apart(count) * _OVER
        inside = [QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]
        foot = [QPointF(float(end), base) for end in (x[0], x[-1])]
        ends = [QPointF(plot.left(), base), QPointF(plot.right(), base)]
        shape = QPolygonF([foot[0], *inside, foot[1]])
        line = QPolygonF([
            *([ends[0], foot[0]] if x[0] > plot.left() + 4 else []),
            *inside,
            *([foot[1], ends[1]] if x[-1] < plot.right() - 4 else []),
        ])  # fmt: skip
        first = self._baseline(0, count)
        age = (base - first) / (plot.bottom() - first) if count > 1 else 1.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.panel))
        painter.drawPolygon(shape)
        tint = QColor(self._colour)
        tint.setAlphaF(0.10 + 0.14 * age)
        painter.setBrush(tint)
        painter.drawPolygon(shape)
        tint.setAlphaF(_OLDEST + (1.0 - _OLDEST) * age)
        painter.setPen(QPen(tint, 1.3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(line)

    def _draw_steps(self, painter: QPainter, ridges: list[Ridge]) -> None:
        assert self._theme is not None
        plot = self._plot()
        painter.setFont(self.small_font(size=10))
        painter.setPen(QColor(self._theme.muted))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(0, 0, plot.left() - 8, _HEAD), right, tr("step"))
        free = plot.bottom() + 12.0
        for place in range(len(ridges) - 1, -1, -1):  # the newest always has its label
            base = self._baseline(place, len(ridges))
            if base <= free - 12.0:
                painter.drawText(QRectF(0, base - 10, plot.left() - 8, 12), right, f"{ridges[place].step:,}")
                free = base
