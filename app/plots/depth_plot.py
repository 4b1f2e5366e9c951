"""One figure of each layer against depth, a line for each network; the axis is logarithmic."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from app.language import tr
from app.plots.distribution import short
from app.plots.readable_plot import ReadablePlot
from app.theme import Theme

Array = NDArray[np.float64]
_HEAD, _FOOT, _RIGHT, _LEFT = 17.0, 19.0, 8.0, 36.0
_MOST_TICKS = 5
_APART = (1, 2, 4, 5, 10, 20, 50, 100, 200)
"""Decades that labelled ones may be apart."""
_DOTS_UP_TO = 20
"""Layers of which each has a dot."""


@dataclass(frozen=True)
class DepthLine:
    """One network's line.

    Attributes
    ----------
    label, colour
        Who it is.
    values
        (layers,), from layer 1; drawn is the magnitude, told is the value itself.
    """

    label: str
    colour: QColor
    values: Array


@dataclass(frozen=True)
class Guide:
    """Where a figure should be: a line, and a band around it that is near enough."""

    value: float
    low: float
    high: float


class DepthPlot(ReadablePlot):
    """Draws the lines as they were set; what is 0 lies on the floor.

    Parameters
    ----------
    title
        What is drawn.
    guide
        Where it should be, or None.
    share
        Whether it is a share from 0 to 1, on a plain axis.
    """

    def __init__(self, title: str, guide: Guide | None = None, share: bool = False) -> None:
        super().__init__(f"{title} of each layer")
        self._title, self._guide, self._share = title, guide, share
        self._lines: list[DepthLine] = []

    def sizeHint(self) -> QSize:
        """Comfortable for two side by side."""
        return QSize(230, 200)

    def minimumSizeHint(self) -> QSize:
        """Still a plot."""
        return QSize(120, 84)

    def set_lines(self, lines: list[DepthLine]) -> None:
        """Show other figures."""
        self._lines = lines
        self.update()

    def lines(self) -> list[DepthLine]:
        """What is shown."""
        return self._lines

    def draw(self, painter: QPainter, theme: Theme) -> bool:
        """Draw axes, guide and lines."""
        painter.setFont(self.small_font())
        painter.setPen(QColor(theme.muted))
        head = QRectF(_LEFT, 0, self.width() - _LEFT, _HEAD - 2)
        painter.drawText(head, int(Qt.AlignmentFlag.AlignVCenter), tr(self._title))
        if not any(np.isfinite(line.values).any() for line in self._lines):
            return False
        self._draw_axes(painter)
        self._draw_guide(painter)
        for line in self._lines:
            self._draw_line(painter, line)
        return True

    def spots(self) -> list[QRectF]:
        """A strip for every layer."""
        plot, layers = self._plot(), self._layers()
        width = plot.width() / max(layers, 1)
        return [
            QRectF(plot.left() + width * place, plot.top(), width, plot.height()) for place in range(layers)
        ]

    def text_at(self, position: QPointF) -> str:
        """The exact figure of every network in the layer under the pointer."""
        for place, strip in enumerate(self.spots()):
            if strip.left() <= position.x() < strip.right():
                lines = [f"{tr(self._title)}, {tr(f'layer {place + 1}')}"]
                for line in self._lines:
                    if place < len(line.values):
                        value = float(line.values[place])
                        told = f"{value:.1%}" if self._share and not math.isnan(value) else short(value)
                        lines.append(f"{tr(line.label)}: {told}")
                if self._guide is not None:
                    low, high = (f"{end:g}" for end in (self._guide.low, self._guide.high))
                    sentence = f"A good value is about {self._guide.value:g}, between {low} and {high}."
                    lines.append(tr(sentence))
                return "\n".join(lines)
        return ""

    def _layers(self) -> int:
        return max((len(line.values) for line in self._lines), default=0)

    def _plot(self) -> QRectF:
        return QRectF(_LEFT, _HEAD, self.width() - _LEFT - _RIGHT, self.height() - _HEAD - _FOOT)

    def _range(self) -> tuple[float, float]:
        """Ends of the axis: whole decades around all that is not 0, or from none to all."""
        if self._share:
            return 0.0, 1.0
        sizes = np.concatenate([np.abs(line.values) for line in self._lines])
        sizes = sizes[np.isfinite(sizes) & (sizes > 0.0)].astype(float)
        if self._guide is not None:
            sizes = np.append(sizes, (self._guide.low, self._guide.high))
        if not sizes.size:
            return -1.0, 0.0
        low, high = math.floor(math.log10(sizes.min())), math.ceil(math.log10(sizes.max()))
        return float(low), float(max(high, low + 1))

    def _heights(self, values: Array) -> Array:
        """(layers,) y in pixels; 0 and what is lower lie on the floor, above the top what overflows."""
        low, high = self._range()
        with np.errstate(all="ignore"):
            placed = np.abs(values) if self._share else np.log10(np.abs(values))
        placed = np.where(np.isnan(values), np.nan, np.clip(placed, low, high))
        plot = self._plot()
        y: Array = plot.bottom() - (placed - low) / (high - low) * plot.height()
        return y

    def _x(self, place: int) -> float:
        return float(self._plot().left() + (place + 0.5) * self._plot().width() / self._layers())

    def _draw_axes(self, painter: QPainter) -> None:
        assert self._theme is not None
        plot, (low, high) = self._plot(), self._range()
        painter.setFont(self.small_font(size=10))
        for value, text in self._ticks(low, high):
            y = plot.bottom() - (value - low) / (high - low) * plot.height()
            painter.setPen(QPen(QColor(self._theme.border), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(self._theme.muted))
            box = QRectF(0, y - 7, _LEFT - 5, 14)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
        self._draw_layers(painter)

    def _ticks(self, low: float, high: float) -> list[tuple[float, str]]:
        if self._share:
            return [(0.0, "0"), (0.5, "50 %"), (1.0, "100 %")]
        most = max(2, min(_MOST_TICKS, int(self._plot().height() / 16)))
        apart = next((step for step in _APART if (high - low) / step <= most - 1), _APART[-1])
        return [(float(d), _power(d)) for d in range(int(low), int(high) + 1) if d % apart == 0]

    def _draw_layers(self, painter: QPainter) -> None:
        assert self._theme is not None
        plot, layers = self._plot(), self._layers()
        metrics = QFontMetricsF(painter.font())
        room = metrics.horizontalAdvance("00") + 8.0
        apart = next(s for s in (1, 2, 5, 10, 20, 50, 100) if s * plot.width() / layers >= room)
        painter.setPen(QColor(self._theme.muted))
        foot = plot.bottom() + 5.0
        right = int(Qt.AlignmentFlag.AlignRight)
        word = tr("layer")
        wide = max(_LEFT - 5, metrics.horizontalAdvance(word))
        painter.drawText(QRectF(0, foot, wide, _FOOT - 5), right, word)
        for number in range(1, layers + 1):
            if number == 1 or number % apart == 0:
                box = QRectF(self._x(number - 1) - room / 2, foot, room, _FOOT - 5)
                painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter), str(number))

    def _draw_guide(self, painter: QPainter) -> None:
        if self._guide is None:
            return
        assert self._theme is not None
        plot = self._plot()
        ends = np.array([self._guide.low, self._guide.value, self._guide.high])
        bottom, middle, top = (float(y) for y in self._heights(ends))
        band = QColor(self._theme.accent)
        band.setAlphaF(0.10)
        painter.fillRect(QRectF(plot.left(), top, plot.width(), bottom - top), band)
        painter.setPen(QPen(QColor(self._theme.accent), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(plot.left(), middle), QPointF(plot.right(), middle))

    def _draw_line(self, painter: QPainter, line: DepthLine) -> None:
        y = self._heights(line.values)
        points = [QPointF(self._x(place), float(y[place])) for place in np.flatnonzero(~np.isnan(y)).tolist()]
        painter.setPen(QPen(line.colour, 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        if len(y) <= _DOTS_UP_TO:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(line.colour)
            for point in points:
                painter.drawEllipse(point, 2.4, 2.4)


def _power(exponent: int) -> str:
    if abs(exponent) <= 2:
        return f"{10.0**exponent:g}"
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
