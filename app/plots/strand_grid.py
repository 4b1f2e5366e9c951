"""Small multiples over time: a row for each layer, a column for each quantity, a scale for each column."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen

from app.language import tr
from app.plots.pointed_plot import PointedPlot
from app.plots.strokes import polygon, stroke_thinly
from app.theme import Theme

Array = NDArray[np.float64]
_HEAD, _FOOT, _LABEL, _GAP = 18.0, 17.0, 50.0, 10.0
"""Pixels: heads of the columns, the key below, names of the rows at least, between cells."""
_VALUE = 44.0
"""Pixels right of each cell, where the newest number stands."""
_LEAST_ROW = 34.0
_SHADE, _ROUNDING = 0.16, 1e-9


@dataclass(frozen=True, eq=False)
class Strand:
    """A line over time, with what is shaded around it.

    Attributes
    ----------
    y
        A value for each x of the grid.
    bands
        Lower and upper bounds, the widest first.
    """

    y: Array
    colour: QColor
    dotted: bool = False
    bands: tuple[tuple[Array, Array], ...] = ()


@dataclass(frozen=True, eq=False)
class StrandRow:
    """A layer: its name, and for each column its strands (the first one's newest number is written)."""

    label: str
    cells: tuple[tuple[Strand, ...], ...]
    tips: tuple[str, ...]


@dataclass(frozen=True)
class StrandColumn:
    """A quantity: what stands above it, and how it is scaled.

    Attributes
    ----------
    guide
        The value that a thin line marks.
    around
        How far the scale goes at least: so far to both sides of the guide.
    positive
        Whether nothing lies below the guide, so that the scale begins there.
    """

    title: str
    guide: float
    around: float
    positive: bool = False


class StrandGrid(PointedPlot):
    """Draws the rows as they were set."""

    def __init__(self, name: str, columns: tuple[StrandColumn, ...]) -> None:
        super().__init__(name)
        self._columns = columns
        self._left = _LABEL
        self._x: Array = np.zeros(0)
        self._rows: list[StrandRow] = []
        self._key: tuple[tuple[str, QColor, bool], ...] = ()
        self._ranges: list[tuple[float, float]] = [(0.0, 1.0)] * len(columns)

    def sizeHint(self) -> QSize:
        """Comfortable for six layers."""
        return QSize(440, 260)

    def minimumSizeHint(self) -> QSize:
        """Small, but two rows can be seen."""
        return QSize(260, int(_HEAD + _FOOT + 2 * _LEAST_ROW))

    def set_rows(
        self, x: Array, rows: list[StrandRow], key: tuple[tuple[str, QColor, bool], ...] = ()
    ) -> None:
        """Show other rows over `x`; `key` is text, colour and whether dotted, for the line below."""
        self._x, self._rows, self._key = x, rows, key
        metrics = QFontMetricsF(self._font())
        self._left = max([_LABEL, *(metrics.horizontalAdvance(tr(row.label)) + 7.0 for row in rows)])
        self._ranges = [
            _range([strand for row in rows for strand in row.cells[place]], column)
            for place, column in enumerate(self._columns)
        ]
        self.update()

    def rows(self) -> list[StrandRow]:
        """What is shown."""
        return self._rows

    def range_of(self, column: int) -> tuple[float, float]:
        """Lowest and highest value of a column's scale."""
        return self._ranges[column]

    def shown(self) -> list[int]:
        """Indices of the rows that are shown: of more than there is room for, an even choice."""
        most = max(1, int((self.height() - _HEAD - _FOOT) / _LEAST_ROW))
        if len(self._rows) <= most:
            return list(range(len(self._rows)))
        return [int(i) for i in np.linspace(0, len(self._rows) - 1, most).round()]

    def text_at(self, position: QPointF) -> str:
        """What is said of the cell at a position."""
        for place, index in enumerate(self.shown()):
            for column, tip in enumerate(self._rows[index].tips):
                if self._cell(place, column).adjusted(0, 0, _VALUE, 0).contains(position):
                    return tip
        return ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw heads, cells and key."""
        theme = self._theme
        if theme is None or not self._rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        for column in range(len(self._columns)):
            self._draw_head(painter, column, theme)
        for place, index in enumerate(self.shown()):
            row, first = self._rows[index], self._cell(place, 0)
            painter.setPen(QColor(theme.muted))
            box = QRectF(0, first.top(), self._left - 6, first.height())
            painter.drawText(box, _RIGHT, tr(row.label))
            for column, strands in enumerate(row.cells):
                self._draw_cell(painter, self._cell(place, column), column, strands, theme)
        self._draw_key(painter, theme)
        painter.end()

    def _font(self, bold: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(11)
        font.setBold(bold)
        return font

    def _cell(self, row: int, column: int) -> QRectF:
        width = (self.width() - self._left) / len(self._columns)
        height = (self.height() - _HEAD - _FOOT) / max(len(self.shown()), 1)
        left, top = self._left + column * width, _HEAD + row * height
        return QRectF(left, top, width - _VALUE - _GAP, height).adjusted(0, 2, 0, -4)

    def _draw_head(self, painter: QPainter, column: int, theme: Theme) -> None:
        cell = self._cell(0, column)
        low, high = self._ranges[column]
        title = tr(self._columns[column].title)
        painter.setFont(self._font(bold=True))
        painter.setPen(QColor(theme.text))
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        box = QRectF(cell.left(), 0, cell.width() + _VALUE, _HEAD)
        painter.drawText(box, middle, title)
        wide = QFontMetricsF(painter.font()).horizontalAdvance(title + "  ")
        painter.setFont(self._font())
        painter.setPen(QColor(theme.muted))
        painter.drawText(box.adjusted(wide, 0, 0, 0), middle, f"{number(low)} {tr('to')} {number(high)}")

    def _draw_cell(
        self, painter: QPainter, cell: QRectF, column: int, strands: Sequence[Strand], theme: Theme
    ) -> None:
        painter.fillRect(cell, QColor(theme.control))
        guide = self._pixels(cell, column, np.full(2, self._columns[column].guide), ends=True)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(QPointF(*guide[0]), QPointF(*guide[1]))
        painter.save()
        painter.setClipRect(cell.adjusted(-1, -1, 4, 1))
        for strand in strands:
            self._shade(painter, cell, column, strand)
        for strand in reversed(strands):  # the first one on top
            points = self._pixels(cell, column, strand.y)
            points = points[np.isfinite(points).all(axis=1)]
            if len(points) > 1:
                stroke_thinly(painter, points, strand.colour, 1.0 if strand.dotted else 1.6, strand.dotted)
            elif len(points):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(strand.colour)
                painter.drawEllipse(QPointF(*points[0]), 2.6, 2.6)
        painter.restore()
        newest = strands[0].y[-1] if len(strands[0].y) else math.nan
        painter.setPen(QColor(theme.text))
        box = QRectF(cell.right() + 5, cell.top(), _VALUE, cell.height())
        low, high = self._ranges[column]
        painter.drawText(box, _MIDDLE, fixed(float(newest), high - low))

    def _shade(self, painter: QPainter, cell: QRectF, column: int, strand: Strand) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        colour = QColor(strand.colour)
        colour.setAlphaF(_SHADE)
        painter.setBrush(colour)
        for low, high in strand.bands:
            edges = [self._pixels(cell, column, bound) for bound in (low, high)]
            if len(edges[0]) == 1:  # only begun: a bar
                top, bottom = edges[1][0], edges[0][0]
                painter.drawRect(QRectF(top[0] - 2.6, top[1], 5.2, bottom[1] - top[1]))
            around = np.concatenate([edges[0], edges[1][::-1]])
            painter.drawPolygon(polygon(around[np.isfinite(around).all(axis=1)]))

    def _pixels(self, cell: QRectF, column: int, y: Array, ends: bool = False) -> Array:
        """(points, 2): `y` over the grid's x, or over the whole width; beyond the scale at its edge."""
        low, high = self._ranges[column]
        x = np.array([0.0, 1.0]) if ends else self._x / max(float(self._x.max(initial=0.0)), 1.0)
        parts = np.clip((y - low) / (high - low), -0.1, 1.1)
        return np.column_stack([cell.left() + x * cell.width(), cell.bottom() - parts * cell.height()])

    def _draw_key(self, painter: QPainter, theme: Theme) -> None:
        metrics, left = QFontMetricsF(self._font()), self._left
        box = QRectF(left, self.height() - _FOOT, self.width() - left, _FOOT)
        for words, colour, dotted in self._key:
            text = tr(words)
            painter.setPen(QPen(colour, 2.0, Qt.PenStyle.DotLine if dotted else Qt.PenStyle.SolidLine))
            middle = box.center().y()
            painter.drawLine(QPointF(left, middle), QPointF(left + 16, middle))
            painter.setPen(QColor(theme.muted))
            painter.drawText(box.adjusted(left + 21 - box.left(), 0, 0, 0), _MIDDLE, text)
            left += 33 + metrics.horizontalAdvance(text)


_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def number(value: float) -> str:
    """Three digits at most, with a real minus sign; "–" for what is no number."""
    return f"{value:.3g}".replace("-", "−") if math.isfinite(value) else "–"


def fixed(value: float, span: float) -> str:
    """With as many decimals as tell apart what a scale of that span shows."""
    if not math.isfinite(value) or span >= 1e3:
        return number(value)
    decimals = max(0, 2 - math.floor(math.log10(span)))
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def _range(strands: Sequence[Strand], column: StrandColumn) -> tuple[float, float]:
    """Round bounds around all finite values and the guide."""
    values = [column.guide - column.around * (not column.positive), column.guide + column.around]
    for strand in strands:
        for part in (strand.y, *(bound for band in strand.bands for bound in band)):
            finite = part[np.isfinite(part)]
            values += [float(finite.min()), float(finite.max())] if finite.size else []
    low, high = min(values), max(values)
    step = _round_step(high - low)
    low = column.guide if column.positive else step * math.floor(low / step + _ROUNDING)
    return low, step * math.ceil(high / step - _ROUNDING)


def _round_step(span: float) -> float:
    """About a quarter of a span: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(span / 4))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= span / 4 * 0.999)
