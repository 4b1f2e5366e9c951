"""Marks of the known minima, and the legend over the surface."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from app.plots.devices import is_vector
from app.plots.trail_layer import draw_head
from app.plots.view_layer import Array, ViewLayer
from app.theme import Theme


class MinimaLayer(ViewLayer):
    """A cross at every known minimum."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=10)
        self._minima: tuple[tuple[float, float], ...] = ()
        self._theme: Theme | None = None

    def set_minima(self, minima: tuple[tuple[float, float], ...]) -> None:
        """Mark other points."""
        self._minima = minima
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def paint_layer(self, painter: QPainter) -> None:
        """Draw each cross twice: a rim in the background's colour, the cross upon it."""
        if self._theme is None or not self._minima:
            return
        painter.setClipRect(self._view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x, y in self.to_pixels(np.array(self._minima)):
            draw_cross(painter, x, y, self._theme)


def draw_cross(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    """Draw the mark of a known minimum."""
    for colour, width, size in ((theme.plot, 6.0, 7.0), (theme.text, 2.4, 6.0)):
        reach = size * theme.scale
        pen = QPen(QColor(colour), width * theme.scale)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(x - reach, y), QPointF(x + reach, y))
        painter.drawLine(QPointF(x, y - reach), QPointF(x, y + reach))


_MARGIN = 7
"""Pixels above and below the legend's rows."""
CONVERGED = "✓"
"""How the note of a run that has converged begins."""


@dataclass(frozen=True)
class LegendRow:
    """One optimizer in the legend: its name, its step, its loss there, and a word if it has ended.

    `tip` is the same in a sentence, for who points at the row. Words are in the chosen language.
    """

    name: str
    step: str
    loss: str
    note: str
    colour: QColor
    shape: int
    tip: str = ""


class LegendBox:
    """A box with names, steps and losses, and with the heads as keys; `scale` enlarges its texts."""

    def __init__(self) -> None:
        self.rows: list[LegendRow] = []
        self.scale = 1.0
        self._key: tuple[int, int, float, str] | None = None
        self._picture = QPixmap()

    def size(self) -> QSizeF:
        """Room that it takes: as wide as its columns."""
        metrics = QFontMetricsF(_legend_font(self.scale))
        columns, notes = self._columns(metrics)
        width = 30 + sum(columns) + 28 + (notes + 12 if notes else 0) + 12
        return QSizeF(width, (metrics.height() + 3) * len(self.rows) + 2 * _MARGIN)

    def draw(self, painter: QPainter, box: QRectF, theme: Theme) -> None:
        """Draw it into a box of its `size`."""
        self._draw_ground(painter, box, theme)
        font = _legend_font(self.scale)
        metrics = QFontMetricsF(font)
        columns, _ = self._columns(metrics)
        height = metrics.height() + 3
        painter.setFont(font)
        for index, row in enumerate(self.rows):
            line = QRectF(box.left(), box.top() + _MARGIN + index * height, box.width(), height)
            _draw_row(painter, row, line, columns, theme)

    def row_at(self, box: QRectF, place: QPointF) -> LegendRow | None:
        """The row at a place, where the legend was drawn into `box`."""
        if not self.rows or not box.contains(place):
            return None
        height = (box.height() - 2 * _MARGIN) / len(self.rows)
        row = int((place.y() - box.top() - _MARGIN) // height)
        return self.rows[min(max(row, 0), len(self.rows) - 1)]

    def _columns(self, metrics: QFontMetricsF) -> tuple[list[float], float]:
        """Widths of name, step and loss, and of the notes."""
        columns = [
            max(metrics.horizontalAdvance(text) for text in texts)
            for texts in zip(*((r.name, r.step, r.loss) for r in self.rows), strict=True)
        ]
        columns = [columns[0], max(columns[1], metrics.horizontalAdvance("0000")),
                   max(columns[2], metrics.horizontalAdvance("−0.000e−00"))]  # fmt: skip
        return columns, max(metrics.horizontalAdvance(r.note) for r in self.rows)

    def _draw_ground(self, painter: QPainter, box: QRectF, theme: Theme) -> None:
        """The box behind the rows: a picture that is kept, since rounding corners takes time."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_vector(painter):
            draw_box(painter, box, theme)
            return
        ratio = painter.device().devicePixelRatioF()
        key = (round(box.width()), round(box.height()), ratio, theme.name)
        if key != self._key:
            self._key, self._picture = key, rounded_box(*key[:3], theme)
        painter.drawPixmap(box.topLeft().toPoint(), self._picture)


class LegendLayer(ViewLayer):
    """The legend in the corner where it hides least.

    Attributes
    ----------
    box
        Where it was last drawn, in the view's pixels; empty where it was not.
    """

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=40)
        self.box = QRectF()
        self._legend = LegendBox()
        self._avoid = np.zeros((0, 2))
        self._theme: Theme | None = None

    def set_avoid(self, points: Array) -> None:
        """Points, (n, 2) in data coordinates, that the box should rather not hide."""
        self._avoid = points
        self.update()

    def set_rows(self, rows: list[LegendRow]) -> None:
        """Show other rows."""
        self._legend.rows = rows
        self.update()

    def rows(self) -> list[LegendRow]:
        """What is shown."""
        return self._legend.rows

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme, self._legend.scale = theme, theme.scale
        self.update()

    def paint_layer(self, painter: QPainter) -> None:
        """Draw the box."""
        self.box = QRectF()
        if self._theme is None or not self._legend.rows:
            return
        size = self._legend.size()
        self.box = self._place(size.width(), size.height()) or QRectF()
        if not self.box.isEmpty():
            self._legend.draw(painter, self.box, self._theme)

    def hoverEvent(self, event: Any) -> None:
        """Say in a sentence what the row under the pointer is about."""
        row = None if event.isExit() else self._legend.row_at(self.box, event.pos())
        tip = row.tip if row is not None else ""
        if tip != self.toolTip():
            self.setToolTip(tip)

    def _place(self, width: float, height: float) -> QRectF | None:
        """The corner where the box hides least of what is to be seen; upper right when all are alike."""
        view = self._view.rect()
        if width + 24 > view.width() or height + 24 > view.height():
            return None
        right, bottom = view.width() - width - 12, view.height() - height - 12
        boxes = [
            QRectF(x, y, width, height) for x, y in ((right, 12), (12, 12), (right, bottom), (12, bottom))
        ]
        if not len(self._avoid):
            return boxes[0]
        pixels = self.to_pixels(self._avoid)
        return min(boxes, key=lambda box: int(_inside(box, pixels).sum()))


def _legend_font(scale: float) -> QFont:
    font = QFont(pg.QtWidgets.QApplication.font())
    font.setPixelSize(round(12 * scale))
    return font


def _draw_row(painter: QPainter, row: LegendRow, line: QRectF, columns: list[float], theme: Theme) -> None:
    middle = line.center().y()
    size = 10.0 * theme.scale
    draw_head(painter, QPointF(line.left() + 16, middle), row.colour, row.shape, theme, size)
    left = line.left() + 30
    align = Qt.AlignmentFlag.AlignVCenter
    right = align | Qt.AlignmentFlag.AlignRight
    painter.setPen(QColor(theme.text))
    painter.drawText(QRectF(left, line.top(), columns[0] + 4, line.height()), align, row.name)
    left += columns[0] + 14
    painter.setPen(QColor(theme.muted))
    painter.drawText(QRectF(left, line.top(), columns[1], line.height()), right, row.step)
    left += columns[1] + 14
    painter.setPen(QColor(theme.text))
    painter.drawText(QRectF(left, line.top(), columns[2], line.height()), right, row.loss)
    painter.setPen(QColor(theme.muted if row.note.startswith(CONVERGED) else theme.warning))
    painter.drawText(QRectF(left + columns[2] + 12, line.top(), 400, line.height()), align, row.note)


def rounded_box(width: int, height: int, ratio: float, theme: Theme) -> QPixmap:
    """A box with a thin border, through which what lies below is just seen."""
    picture = QPixmap(round((width + 1) * ratio), round((height + 1) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_box(painter, QRectF(0, 0, width, height), theme)
    painter.end()
    return picture


def draw_box(painter: QPainter, box: QRectF, theme: Theme) -> None:
    """Draw such a box."""
    fill = QColor(theme.panel)
    fill.setAlphaF(0.88)
    painter.setBrush(fill)
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


def _inside(box: QRectF, pixels: Array) -> Array:
    x, y = pixels.T
    return (x > box.left()) & (x < box.right()) & (y > box.top()) & (y < box.bottom())
