"""Small multiples of distributions: a row for each initialization, a column for each layer."""

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen

from app.language import tr
from app.plots.devices import pixel_ratio
from app.plots.distribution import HistogramLook, bin_under, counts_and_edges, describe
from app.plots.histogram_image import histogram_image
from app.plots.readable_plot import ReadablePlot
from app.theme import Theme
from core.network.statistics import LayerStatistics

_GAP = 6.0
_HEAD = 17.0
_CAPTION = 15.0
_BETWEEN = " · "
"""What stands between the things that tell a network from others."""
_OF_WEIGHTS = ("weight", "update")
_LEAST_COLUMN = 16.0
"""Pixels of a layer's column; of networks too deep for that, an even choice of layers is shown."""


_FEW, _LEAST, _LEAST_OF_MANY = 4, 21, 15
"""The first few rows have so many pixels at least, and each further one adds so many."""


@dataclass(frozen=True)
class HistogramRow:
    """One network's row.

    Attributes
    ----------
    label, colour, note
        Name, colour, and a word below the name ("diverged", or "").
    message
        The outcome in a sentence, for the tooltip.
    cells
        Statistics of one kind, a layer each.
    """

    label: str
    colour: QColor
    note: str
    message: str
    cells: tuple[LayerStatistics, ...]


class HistogramGrid(ReadablePlot):
    """Draws the rows as they were set; without axes, one baseline each.

    Signals
    -------
    cell_opened(int, int)
        Row, and layer from 1, that a person double-clicked or pressed Return on.
    """

    cell_opened = Signal(int, int)

    def __init__(self) -> None:
        super().__init__("Distributions per layer")
        self._rows: list[HistogramRow] = []
        self._heads: tuple[str, ...] = ()
        self._look = HistogramLook()

    def sizeHint(self) -> QSize:
        """Comfortable for four rows."""
        return QSize(460, 260)

    def minimumSizeHint(self) -> QSize:
        """Small, but every row still has a curve."""
        many = max(len(self._rows), 2)
        return QSize(260, int(_HEAD + sum(_LEAST if row < _FEW else _LEAST_OF_MANY for row in range(many))))

    def set_rows(self, rows: list[HistogramRow], heads: tuple[str, ...] = ()) -> None:
        """Show other distributions; the columns are layers unless they have `heads`."""
        count = len(self._rows)
        self._rows, self._heads = rows, heads
        if len(rows) != count:
            self.updateGeometry()
        self.update()

    def set_look(self, look: HistogramLook) -> None:
        """Show them on other axes, or with other heights."""
        self._look = look
        self.update()

    def rows(self) -> list[HistogramRow]:
        """What is shown."""
        return self._rows

    def draw(self, painter: QPainter, theme: Theme) -> bool:
        """Draw all cells."""
        if not self._rows:
            return False
        for column, index in enumerate(self._columns()):
            self._draw_head(painter, column, index + 1)
        for row, content in enumerate(self._rows):
            self._draw_label(painter, row, content)
            for column, index in enumerate(self._columns()):
                if index < len(content.cells):  # networks may have fewer layers than others
                    self._draw_cell(painter, self._cell(row, column), content.cells[index], content.colour)
        return True

    def spots(self) -> list[QRectF]:
        """Every cell."""
        return [place for _, _, place in self._cells()]

    def text_at(self, position: QPointF) -> str:
        """Figures of the cell and of the bin under the pointer; over a label how the network fares."""
        for row, content in enumerate(self._rows):
            if self._label(row).contains(position):
                return f"{tr(content.label)}: {tr(content.message)}"
        found = self._cell_at(position)
        if found is None:
            return ""
        row, index, place = found
        stats = self._rows[row].cells[index]
        counts, edges = counts_and_edges(stats, self._look)
        value = float(edges[0] + (position.x() - place.left()) / place.width() * (edges[-1] - edges[0]))
        return f"{describe(self._rows[row].label, stats)}\n{bin_under(counts, edges, value)}"

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the cell."""
        self._open(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return opens the cell that the arrow keys are at."""
        spot = self.spot()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and spot is not None:
            self._open(spot.center())
        else:
            super().keyPressEvent(event)

    def _open(self, position: QPointF) -> None:
        found = self._cell_at(position)
        if found is not None:
            self.cell_opened.emit(found[0], found[1] + 1)

    def _cell_at(self, position: QPointF) -> tuple[int, int, QRectF] | None:
        return next((each for each in self._cells() if each[2].contains(position)), None)

    def _cells(self) -> list[tuple[int, int, QRectF]]:
        """Row, index of the layer and place of every cell; networks may have fewer layers than others."""
        columns = self._columns() if self._rows else []
        return [
            (row, index, self._cell(row, column))
            for row, content in enumerate(self._rows)
            for column, index in enumerate(columns)
            if index < len(content.cells)
        ]

    def _columns(self) -> list[int]:
        """Indices of the layers that are shown."""
        layers = max(len(row.cells) for row in self._rows)
        most = max(1, int((self.width() - self._margin()) / _LEAST_COLUMN))
        if layers <= most:
            return list(range(layers))
        return [int(i) for i in np.linspace(0, layers - 1, most).round()]

    def _margin(self) -> float:
        metrics = QFontMetricsF(self.small_font(bold=True))
        pieces = [piece for row in self._rows for piece in tr(row.label).split(_BETWEEN)]
        return max((metrics.horizontalAdvance(piece) for piece in pieces), default=0.0) + 14.0

    def _label(self, row: int) -> QRectF:
        cell = self._cell(row, 0)
        return QRectF(0.0, cell.top(), self._margin() - 8.0, cell.height())

    def _cell(self, row: int, column: int) -> QRectF:
        columns, rows = len(self._columns()), len(self._rows)
        left = self._margin()
        width = (self.width() - left - 4.0) / columns
        height = (self.height() - _HEAD) / rows
        return QRectF(left + column * width, _HEAD + row * height, width - _GAP, height)

    def _draw_head(self, painter: QPainter, column: int, layer: int) -> None:
        assert self._theme is not None
        cell = self._cell(0, column)
        metrics = QFontMetricsF(self.small_font())
        wide = cell.width() > metrics.horizontalAdvance(tr("layer 10"))
        if column % math.ceil(metrics.horizontalAdvance("000") / (cell.width() + _GAP)):
            return
        painter.setFont(self.small_font())
        painter.setPen(QColor(self._theme.muted))
        head = self._heads[layer - 1] if self._heads else f"layer {layer}"
        text = tr(head) if wide or not head.startswith("layer") else str(layer)
        painter.drawText(
            QRectF(cell.left() - 10, 0, cell.width() + 20, _HEAD - 2), int(Qt.AlignmentFlag.AlignCenter), text
        )

    def _draw_label(self, painter: QPainter, row: int, content: HistogramRow) -> None:
        assert self._theme is not None
        box = self._label(row)
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self.small_font(bold=True))
        painter.setPen(content.colour)
        box_of_label = box.adjusted(0, 0, 0, -12 if content.note else 0)
        painter.drawText(box_of_label, int(align), self._label_text(tr(content.label), box_of_label))
        if content.note:
            painter.setFont(self.small_font(size=10))
            painter.setPen(QColor(self._theme.warning))
            painter.drawText(box.adjusted(0, 14, 0, 0), int(align), tr(content.note))

    def _label_text(self, label: str, box: QRectF) -> str:
        """What tells the network from others, a line each where there is room, else shortened."""
        metrics, pieces = QFontMetricsF(self.small_font(bold=True)), label.split(_BETWEEN)
        if len(pieces) * metrics.height() <= box.height() + 2:
            return "\n".join(pieces)
        return metrics.elidedText(label, Qt.TextElideMode.ElideRight, box.width())

    def _draw_cell(self, painter: QPainter, cell: QRectF, stats: LayerStatistics, colour: QColor) -> None:
        assert self._theme is not None
        caption = _CAPTION if cell.height() >= 38 else 0.0
        if caption:
            self._draw_caption(painter, QRectF(cell.left(), cell.top(), cell.width(), caption), stats)
        plot = QRectF(cell.adjusted(0, caption + 1, 0, -3).toRect())
        painter.setPen(QPen(QColor(self._theme.border), 1))
        counts, edges = counts_and_edges(stats, self._look)
        low, high = float(edges[0]), float(edges[-1])
        if low < 0.0 < high:
            zero = plot.left() - low / (high - low) * plot.width()
            painter.drawLine(QPointF(zero, plot.top()), QPointF(zero, plot.bottom()))
        ratio = pixel_ratio(painter)
        size = round(plot.width() * ratio), round(plot.height() * ratio)
        image = histogram_image(counts, *size, ratio, colour, self._look.log_counts)
        if image is not None:
            painter.drawImage(plot.topLeft(), image)
        painter.setPen(QPen(QColor(self._theme.muted), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        if not caption and _alarming(stats):
            box = QRectF(cell.left(), cell.top() - 1, cell.width(), _CAPTION)
            self._draw_caption(painter, box, stats, over=True)

    def _draw_caption(
        self, painter: QPainter, box: QRectF, stats: LayerStatistics, over: bool = False
    ) -> None:
        """Spread, and the share that is dead or saturated: strongly only where something is wrong."""
        assert self._theme is not None
        spread = "σ –" if np.isnan(stats.std) else f"σ {stats.std:.2g}".replace("-", "−")
        bad = ""
        if stats.non_finite:
            bad = tr("overflow")
        elif stats.kind in _OF_WEIGHTS:
            pass
        elif stats.dead >= 0.1:
            bad = f"{stats.dead:.0%} {tr('dead')}"
        elif stats.saturated >= 0.1:
            bad = f"{stats.saturated:.0%} {tr('sat.')}"
        painter.setFont(self.small_font(size=10))
        painter.setPen(QColor(self._theme.text if _alarming(stats) else self._theme.muted))
        text = f"{spread}   {bad}" if bad else spread
        metrics, room = QFontMetricsF(painter.font()), box.width() + _GAP
        fitting = (words for words in (text, bad or spread, bad.split(" ")[0]) if words)
        text = next((words for words in fitting if metrics.horizontalAdvance(words) <= room), "")
        if over:
            paper = QColor(self._theme.panel)
            paper.setAlphaF(0.8)
            wide = metrics.horizontalAdvance(text) + 4
            painter.fillRect(
                QRectF(box.center().x() - wide / 2, box.top() + 1, wide, box.height() - 2), paper
            )
        painter.drawText(box.adjusted(-_GAP, 0, _GAP, 0), int(Qt.AlignmentFlag.AlignCenter), text)


def _alarming(stats: LayerStatistics) -> bool:
    """Whether a layer is in a state that hinders learning."""
    if stats.kind in _OF_WEIGHTS:
        return bool(stats.non_finite)
    return bool(stats.non_finite) or stats.dead >= 0.5 or stats.saturated >= 0.5 or stats.std < 1e-2
