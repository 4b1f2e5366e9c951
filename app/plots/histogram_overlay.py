"""One small plot for each layer, with the distributions of all networks over each other."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen

from app.language import tr
from app.plots.devices import pixel_ratio
from app.plots.distribution import HistogramLook, bin_under, counts_and_edges, on_axis, short
from app.plots.histogram_grid import HistogramRow
from app.plots.histogram_image import histogram_image
from app.plots.readable_plot import ReadablePlot, draw_names
from app.theme import Theme

_GAP, _HEAD, _FOOT, _LEGEND = 8.0, 14.0, 13.0, 17.0
_LEAST_WIDTH, _LEAST_HEIGHT = 74.0, 46.0
"""Pixels of a plot; of networks too deep for that, an even choice of layers is shown."""
_BEST_SHAPE = 1.5


class HistogramOverlay(ReadablePlot):
    """Draws the rows as they were set, a plot a layer; heights are each network's own.

    Signals
    -------
    layer_opened(int)
        Layer from 1 that a person double-clicked or pressed Return on.
    """

    layer_opened = Signal(int)

    def __init__(self) -> None:
        super().__init__("Distributions of all networks per layer")
        self._rows: list[HistogramRow] = []
        self._look = HistogramLook()

    def sizeHint(self) -> QSize:
        """Comfortable for six layers."""
        return QSize(460, 260)

    def minimumSizeHint(self) -> QSize:
        """One row of plots."""
        return QSize(200, int(_LEGEND + _LEAST_HEIGHT + _HEAD + _FOOT))

    def set_rows(self, rows: list[HistogramRow]) -> None:
        """Show other distributions."""
        self._rows = rows
        self.update()

    def set_look(self, look: HistogramLook) -> None:
        """Show them on other axes, or with other heights."""
        self._look = look
        self.update()

    def draw(self, painter: QPainter, theme: Theme) -> bool:
        """Draw a plot for every layer, and who is who."""
        if not self._rows:
            return False
        painter.setFont(self.small_font(bold=True))
        names = [(row.label, row.colour) for row in self._rows]
        draw_names(painter, names, QRectF(4, 0, self.width() - 8, _LEGEND - 3))
        for index, place in self._plots():
            self._draw_plot(painter, index, place)
        return True

    def spots(self) -> list[QRectF]:
        """Every plot."""
        return [place for _, place in self._plots()]

    def text_at(self, position: QPointF) -> str:
        """Figures of every network in the layer, and what it has in the bin under the pointer."""
        found = next((each for each in self._plots() if each[1].contains(position)), None)
        if found is None:
            return ""
        index, place = found
        low, high = self._axis(index)
        value = low + (position.x() - place.left()) / place.width() * (high - low)
        lines = [tr(f"Layer {index + 1}")]
        for row in self._having(index):
            stats = row.cells[index]
            figures = tr(f"mean {short(stats.mean)}, standard deviation {short(stats.std)}")
            lines.append(f"{tr(row.label)}: {figures}")
            lines.append(f"      {bin_under(*counts_and_edges(stats, self._look), value)}")
        return "\n".join(lines)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the layer."""
        for index, place in self._plots():
            if place.contains(event.position()):
                self.layer_opened.emit(index + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return opens the layer that the arrow keys are at."""
        plots = self._plots()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plots:
            self.layer_opened.emit(plots[min(self._spot, len(plots) - 1)][0] + 1)
        else:
            super().keyPressEvent(event)

    def _having(self, index: int) -> list[HistogramRow]:
        """Networks that have the layer."""
        return [row for row in self._rows if index < len(row.cells)]

    def _plots(self) -> list[tuple[int, QRectF]]:
        """Indices of the layers that are shown, and where."""
        layers = max((len(row.cells) for row in self._rows), default=0)
        if not layers:
            return []
        room = QRectF(0, _LEGEND, self.width(), self.height() - _LEGEND)
        most_columns = max(1, int(room.width() / _LEAST_WIDTH))
        most_rows = max(1, int(room.height() / (_LEAST_HEIGHT + _HEAD)))
        count = min(layers, most_columns * most_rows)
        columns = min(most_columns, max(self._columns(count, room), math.ceil(count / most_rows)))
        rows = math.ceil(count / columns)
        width, height = room.width() / columns, room.height() / rows
        shown = [int(i) for i in np.linspace(0, layers - 1, count).round()]
        return [
            (
                index,
                QRectF(
                    room.left() + place % columns * width + _GAP / 2, room.top() + place // columns * height,
                    width - _GAP, height - 4.0,
                ),
            )
            for place, index in enumerate(shown)
        ]  # fmt: skip

    def _columns(self, count: int, room: QRectF) -> int:
        """As many as let each plot be a little wider than high."""
        fits = math.sqrt(count * room.width() / max(room.height(), 1.0) / _BEST_SHAPE)
        return min(count, max(1, round(fits)))

    def _axis(self, index: int) -> tuple[float, float]:
        """Ends of the layer's axis: wide enough for every network, where axes are the layer's own."""
        edges = [counts_and_edges(row.cells[index], self._look)[1] for row in self._having(index)]
        return min(float(e[0]) for e in edges), max(float(e[-1]) for e in edges)

    def _draw_plot(self, painter: QPainter, index: int, place: QRectF) -> None:
        assert self._theme is not None
        low, high = self._axis(index)
        painter.setFont(self.small_font())
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(
            QRectF(place.left(), place.top(), place.width(), _HEAD),
            int(Qt.AlignmentFlag.AlignHCenter),
            tr(f"layer {index + 1}"),
        )
        plot = QRectF(place.adjusted(0, _HEAD + 1, 0, -_FOOT).toRect())
        if low < 0.0 < high:
            painter.setPen(QPen(QColor(self._theme.border), 1))
            zero = plot.left() - low / (high - low) * plot.width()
            painter.drawLine(QPointF(zero, plot.top()), QPointF(zero, plot.bottom()))
        self._draw_histograms(painter, index, plot, (low, high))
        painter.setPen(QPen(QColor(self._theme.muted), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        self._draw_ends(painter, plot, low, high)

    def _draw_histograms(
        self, painter: QPainter, index: int, plot: QRectF, axis: tuple[float, float]
    ) -> None:
        ratio = pixel_ratio(painter)
        width, height = round(plot.width() * ratio), round(plot.height() * ratio)
        for row in self._having(index):
            counts, edges = counts_and_edges(row.cells[index], self._look)
            columns = on_axis(counts, edges, *axis, width) if width > 1 else counts
            image = histogram_image(columns, width, height, ratio, row.colour, self._look.log_counts, 0.0)
            if image is not None:
                painter.drawImage(plot.topLeft(), image)

    def _draw_ends(self, painter: QPainter, plot: QRectF, low: float, high: float) -> None:
        assert self._theme is not None
        painter.setFont(self.small_font(size=10))
        painter.setPen(QColor(self._theme.muted))
        box = QRectF(plot.left(), plot.bottom() + 1, plot.width(), _FOOT)
        for value, side in ((low, Qt.AlignmentFlag.AlignLeft), (high, Qt.AlignmentFlag.AlignRight)):
            painter.drawText(box, int(side), f"{value:.3g}".replace("-", "−"))
