"""Small multiples of distributions: a row for each initialization, a column for each layer."""

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.plots.histogram_image import histogram_image
from app.theme import Theme
from core.network.statistics import LayerStatistics

_GAP = 6.0
_HEAD = 17.0
_CAPTION = 15.0
_BETWEEN = " · "
"""What stands between the things that tell a network from others."""
_LEAST_COLUMN = 16.0
"""Pixels of a layer's column; of networks too deep for that, an even choice of layers is shown."""


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


class HistogramGrid(QWidget):
    """Draws the rows as they were set; without axes, on shared bins, with square-root heights."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[HistogramRow] = []
        self._heads: tuple[str, ...] = ()
        self._theme: Theme | None = None
        self._message = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Distributions per layer")
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        """Comfortable for four rows."""
        return QSize(460, 260)

    def minimumSizeHint(self) -> QSize:
        """Small, but every row still has a curve."""
        return QSize(260, int(_HEAD + max(len(self._rows), 2) * 27))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def set_rows(self, rows: list[HistogramRow], heads: tuple[str, ...] = ()) -> None:
        """Show other distributions; the columns are layers unless they have `heads`."""
        count = len(self._rows)
        self._rows, self._heads = rows, heads
        if len(rows) != count:
            self.updateGeometry()
        self.update()

    def rows(self) -> list[HistogramRow]:
        """What is shown."""
        return self._rows

    def set_message(self, message: str) -> None:
        """Say something in place of rows that are not there."""
        self._message = message
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all cells."""
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._rows:
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._message)
            return
        for column, index in enumerate(self._columns()):
            self._draw_head(painter, column, index + 1)
        for row, content in enumerate(self._rows):
            self._draw_label(painter, row, content)
            for column, index in enumerate(self._columns()):
                if index < len(content.cells):  # networks may have fewer layers than others
                    self._draw_cell(painter, self._cell(row, column), content.cells[index], content.colour)
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Exact figures of the cell under the pointer, as a tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.text_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return bool(super().event(event))

    def text_at(self, position: QPointF) -> str:
        """What the tooltip says at a position."""
        for row, content in enumerate(self._rows):
            if self._label(row).contains(position):
                return f"{content.label}: {content.message}"
            for column, index in enumerate(self._columns()):
                if index < len(content.cells) and self._cell(row, column).contains(position):
                    return _describe(content.label, content.cells[index])
        return ""

    def _columns(self) -> list[int]:
        """Indices of the layers that are shown."""
        layers = max(len(row.cells) for row in self._rows)
        most = max(1, int((self.width() - self._margin()) / _LEAST_COLUMN))
        if layers <= most:
            return list(range(layers))
        return [int(i) for i in np.linspace(0, layers - 1, most).round()]

    def _margin(self) -> float:
        metrics = QFontMetricsF(self._font(True))
        pieces = [piece for row in self._rows for piece in row.label.split(_BETWEEN)]
        return max((metrics.horizontalAdvance(piece) for piece in pieces), default=0.0) + 14.0

    def _font(self, bold: bool = False, size: int = 11) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size)
        font.setBold(bold)
        return font

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
        metrics = QFontMetricsF(self._font())
        wide = cell.width() > metrics.horizontalAdvance("layer 10")
        if column % math.ceil(metrics.horizontalAdvance("000") / (cell.width() + _GAP)):
            return
        painter.setFont(self._font())
        painter.setPen(QColor(self._theme.muted))
        text = self._heads[layer - 1] if self._heads else f"layer {layer}"
        text = text if wide or not text.startswith("layer") else str(layer)
        painter.drawText(
            QRectF(cell.left() - 10, 0, cell.width() + 20, _HEAD - 2), int(Qt.AlignmentFlag.AlignCenter), text
        )

    def _draw_label(self, painter: QPainter, row: int, content: HistogramRow) -> None:
        assert self._theme is not None
        box = self._label(row)
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._font(bold=True))
        painter.setPen(content.colour)
        box_of_label = box.adjusted(0, 0, 0, -12 if content.note else 0)
        painter.drawText(box_of_label, int(align), self._label_text(content.label, box_of_label))
        if content.note:
            painter.setFont(self._font(size=10))
            painter.setPen(QColor(self._theme.warning))
            painter.drawText(box.adjusted(0, 14, 0, 0), int(align), content.note)

    def _label_text(self, label: str, box: QRectF) -> str:
        """What tells the network from others, a line each where there is room, else shortened."""
        metrics, pieces = QFontMetricsF(self._font(bold=True)), label.split(_BETWEEN)
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
        low, high = float(stats.edges[0]), float(stats.edges[-1])
        if low < 0.0 < high:
            zero = plot.left() - low / (high - low) * plot.width()
            painter.drawLine(QPointF(zero, plot.top()), QPointF(zero, plot.bottom()))
        ratio = painter.device().devicePixelRatioF()
        size = round(plot.width() * ratio), round(plot.height() * ratio)
        image = histogram_image(stats.counts, *size, ratio, colour)
        if image is not None:
            painter.drawImage(plot.topLeft(), image)
        painter.setPen(QPen(QColor(self._theme.muted), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        if not caption and _alarming(stats):
            self._draw_caption(painter, QRectF(cell.left(), cell.top() - 1, cell.width(), _CAPTION), stats)

    def _draw_caption(self, painter: QPainter, box: QRectF, stats: LayerStatistics) -> None:
        """Spread, and the share that is dead or saturated: strongly only where something is wrong."""
        assert self._theme is not None
        spread = "σ –" if np.isnan(stats.std) else f"σ {stats.std:.2g}"
        bad = ""
        if stats.non_finite:
            bad = "overflow"
        elif stats.dead >= 0.1:
            bad = f"{stats.dead:.0%} dead"
        elif stats.saturated >= 0.1:
            bad = f"{stats.saturated:.0%} sat."
        painter.setFont(self._font(size=10))
        painter.setPen(QColor(self._theme.text if _alarming(stats) else self._theme.muted))
        text = f"{spread}   {bad}" if bad else spread
        metrics, room = QFontMetricsF(painter.font()), box.width() + _GAP
        fitting = (words for words in (text, bad or spread, bad.split(" ")[0]) if words)
        text = next((words for words in fitting if metrics.horizontalAdvance(words) <= room), "")
        painter.drawText(box.adjusted(-_GAP, 0, _GAP, 0), int(Qt.AlignmentFlag.AlignCenter), text)


def _alarming(stats: LayerStatistics) -> bool:
    """Whether a layer is in a state that hinders learning."""
    return bool(stats.non_finite) or stats.dead >= 0.5 or stats.saturated >= 0.5 or stats.std < 1e-2


def _describe(label: str, stats: LayerStatistics) -> str:
    kind = stats.kind.replace("_", "-")
    lines = [
        f"{label}, layer {stats.layer}, {kind}s",
        f"mean {stats.mean:.4g},  standard deviation {stats.std:.4g}",
        f"from {stats.minimum:.4g} to {stats.maximum:.4g}",
        *([] if math.isnan(stats.dead) else [f"dead {stats.dead:.1%},  saturated {stats.saturated:.1%}"]),
        f"bins from {stats.edges[0]:.4g} to {stats.edges[-1]:.4g}; values beyond are in the outermost",
    ]
    if stats.non_finite:
        lines.append(f"{stats.non_finite:,} values are infinite or not numbers")
    return "\n".join(lines)
