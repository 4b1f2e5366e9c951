"""A confusion matrix: true classes in rows, what the network takes them for in columns."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent

from app.language import tr
from app.plots.pointed_plot import PointedPlot
from app.theme import Theme

_TIP = (
    "<p>Validation samples: a row for each true class, a column for each class that the network takes"
    " them for. Everything off the diagonal is a mistake.</p>"
)
_HEAD = 30.0
_MOST_LABEL = 70.0
_LEAST_TEXT = 15.0
"""Pixels of a cell in which its number is written."""


class ConfusionPlot(PointedPlot):
    """Draws counts as shades: right ones on the diagonal in one colour, mistakes in another."""

    def __init__(self) -> None:
        super().__init__("Confusion matrix")
        self._counts: NDArray[np.intp] = np.zeros((0, 0), np.intp)
        self._names: tuple[str, ...] = ()
        self._colours: tuple[QColor, ...] = ()
        self.setToolTip(tr(_TIP))

    def sizeHint(self) -> QSize:
        """Room for ten classes."""
        return QSize(220, 200)

    def minimumSizeHint(self) -> QSize:
        """Small, but all of it can be seen."""
        return QSize(110, 90)

    def set_counts(
        self, counts: NDArray[np.intp], names: tuple[str, ...], colours: Sequence[QColor] = ()
    ) -> None:
        """Show another matrix, with the names of its classes and their colours where they have such."""
        self._counts, self._names, self._colours = counts, names, tuple(colours)
        right, total = int(np.trace(counts)), int(counts.sum())
        self.setAccessibleDescription(tr(f"{right:,} of {total:,} validation samples are right"))
        self.update()

    def counts(self) -> NDArray[np.intp]:
        """What is shown."""
        return self._counts

    def text_at(self, position: QPointF) -> str:
        """The cell at a position in words."""
        for row in range(len(self._counts)):
            for column in range(len(self._counts)):
                if self._cell(row, column).contains(position):
                    return self._sentence(row, column)
        return ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw heads and cells."""
        theme = self._theme
        if theme is None or not len(self._counts):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        painter.setPen(QColor(theme.muted))
        last = self._cell(0, len(self._counts) - 1)
        words, room = tr("taken for"), last.right() - self._left()
        wide = max(room, 60.0, QFontMetricsF(painter.font()).horizontalAdvance(words))
        over = QRectF(self._left(), 0, wide, _HEAD / 2)
        painter.drawText(over, int(Qt.AlignmentFlag.AlignCenter), words)
        shares = self._counts / np.maximum(self._counts.sum(axis=1, keepdims=True), 1)
        for place in range(len(self._counts)):
            self._draw_heads(painter, place, theme)
            for column in range(len(self._counts)):
                self._draw_cell(painter, place, column, float(shares[place, column]), theme)
        painter.end()

    def _draw_heads(self, painter: QPainter, place: int, theme: Theme) -> None:
        cell, metrics = self._cell(place, place), QFontMetricsF(self._font())
        if place % max(1, round(metrics.height() / max(cell.height(), 1.0))):
            return
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(QColor(theme.text))
        name = metrics.elidedText(self._names[place], Qt.TextElideMode.ElideRight, _MOST_LABEL)
        row = QRectF(0, cell.center().y() - 8, self._left() - 5.0, 16)
        painter.drawText(row, right, name)
        if self._colours:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colours[place])
            painter.drawEllipse(QPointF(4.5, cell.center().y()), 4.0, 4.0)
            painter.setPen(QColor(theme.text))
        width = max(cell.width(), metrics.averageCharWidth() * 2.5)
        name = metrics.elidedText(self._names[place], Qt.TextElideMode.ElideRight, width)
        column = QRectF(cell.center().x() - width / 2, _HEAD / 2, width, _HEAD / 2)
        painter.drawText(column, int(Qt.AlignmentFlag.AlignCenter), name)

    def _draw_cell(self, painter: QPainter, row: int, column: int, share: float, theme: Theme) -> None:
        cell, count = self._cell(row, column).adjusted(0.5, 0.5, -0.5, -0.5), int(self._counts[row, column])
        colour = QColor(theme.accent if row == column else theme.error)
        colour.setAlphaF(0.12 + 0.78 * share**0.5 if count else 0.0)
        painter.fillRect(cell, QColor(theme.control))
        painter.fillRect(cell, colour)
        if not count or min(cell.width(), cell.height()) < _LEAST_TEXT - 1:
            return
        painter.setPen(QColor(theme.on_accent if share > 0.4 else theme.text))
        text = str(count)
        if QFontMetricsF(self._font()).horizontalAdvance(text) <= cell.width():
            painter.drawText(cell, int(Qt.AlignmentFlag.AlignCenter), text)

    def _sentence(self, row: int, column: int) -> str:
        count, total = int(self._counts[row, column]), int(self._counts[row].sum())
        what = "are right" if row == column else f"are taken for '{self._names[column]}'"
        return f"{count:,} of {total:,} samples of '{self._names[row]}' {what}."

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(11)
        return font

    def _left(self) -> float:
        metrics = QFontMetricsF(self._font())
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)
        return min(widest, _MOST_LABEL) + 8.0 + (14.0 if self._colours else 0.0)

    def _cell(self, row: int, column: int) -> QRectF:
        count, left = len(self._counts), self._left()
        side = min((self.width() - left - 1.0) / count, (self.height() - _HEAD - 1.0) / count)
        return QRectF(left + column * side, _HEAD + row * side, side, side)
