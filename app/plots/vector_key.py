"""The key of the arrows, in a corner of the surface."""

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from app.plots.arrows import Kind, draw_arrow
from app.plots.devices import is_vector, pixel_ratio
from app.plots.marks_layer import draw_box, rounded_box
from app.plots.view_layer import Array, ViewLayer
from app.theme import Theme

KeyRows = tuple[tuple[Kind, str], ...]


class VectorKey(ViewLayer):
    """What the arrows stand for, in a lower corner that the legend leaves free."""

    def __init__(self, view: pg.ViewBox, taken: Callable[[], QRectF]) -> None:
        super().__init__(view, z=39)
        self._taken = taken
        self._rows: KeyRows = ()
        self._heads = np.zeros((0, 2))
        self._picture: QPixmap | None = None
        self._theme: Theme | None = None

    def set_rows(self, rows: KeyRows, heads: Array) -> None:
        """Show other rows, kind and words; `heads`, (n, 2), should rather not be hidden."""
        if rows != self._rows:
            self._rows, self._picture = rows, None
        self._heads = heads
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme, self._picture = theme, None
        self.update()

    def paint_layer(self, painter: QPainter) -> None:
        """Draw the key, where it has room; a screen's picture of it is kept: rounding corners takes time."""
        if self._theme is None or not self._rows:
            return
        size = _size(self._rows) * self._theme.scale
        place = self._place(size.width(), size.height())
        if place is None:
            return
        if is_vector(painter):
            painter.translate(place.topLeft())
            draw_box(painter, QRectF(QPointF(), size), self._theme)
            painter.scale(self._theme.scale, self._theme.scale)
            _draw_rows(painter, self._rows, self._theme)
            return
        ratio = pixel_ratio(painter)
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = _picture(self._rows, self._theme, ratio)
        painter.drawPixmap(place.topLeft().toPoint(), self._picture)

    def _place(self, width: float, height: float) -> QRectF | None:
        view = self._view.rect()
        if width + 24 > view.width() or height + 24 > view.height():
            return None
        top = view.height() - height - 12
        boxes = [QRectF(x, top, width, height) for x in (12.0, view.width() - width - 12)]
        free = [box for box in boxes if not box.intersects(self._taken())]
        heads = [QPointF(*place) for place in self.to_pixels(self._heads)]
        return min(free, key=lambda box: sum(map(box.contains, heads)), default=None)


def _size(rows: KeyRows) -> QSizeF:
    metrics = QFontMetricsF(_font())
    width = max(metrics.horizontalAdvance(text) for _, text in rows) + 54
    return QSizeF(round(width), round((metrics.height() + 3) * len(rows) + 10))


def _font() -> QFont:
    font = QFont(pg.QtWidgets.QApplication.font())
    font.setPixelSize(11)
    return font


def _picture(rows: KeyRows, theme: Theme, ratio: float) -> QPixmap:
    size = _size(rows) * theme.scale
    picture = rounded_box(round(size.width()), round(size.height()), ratio, theme)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(theme.scale, theme.scale)
    _draw_rows(painter, rows, theme)
    painter.end()
    return picture


def _draw_rows(painter: QPainter, rows: KeyRows, theme: Theme) -> None:
    painter.setFont(_font())
    height = QFontMetricsF(_font()).height() + 3
    for index, (kind, text) in enumerate(rows):
        middle = 5 + (index + 0.5) * height
        _draw_sample(painter, kind, middle, theme)
        painter.setPen(QColor(theme.text))
        place = QRectF(44, middle - height / 2, _size(rows).width(), height)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), text)


def _draw_sample(painter: QPainter, kind: Kind, middle: float, theme: Theme) -> None:
    ink, halo = QColor(theme.muted), QColor(theme.panel)
    if kind is Kind.SPREAD:
        painter.setPen(QPen(ink, kind.width))
        painter.drawEllipse(QPointF(22, middle), 12, 5)
    else:
        draw_arrow(painter, np.array([9.0, middle]), np.array([27.0, 0.0]), kind, ink, halo)
