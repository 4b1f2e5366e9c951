"""The plot of a map: its pixels between two axes, hatched where runs diverged, and the key beside it."""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.plots.map_colours import HATCH, KeyRow, MapColours, coloured
from app.plots.view_layer import PictureLayer, dress
from app.theme import Theme
from core.hyperparameter import Scale
from core.map_spec import MapAxis
from core.maps import MapResult

_KEY_WIDTH, _LINE, _SWATCH, _BAR = 210, 22, 13, 150
_FULL_DECADES = 1.5
"""On a logarithmic axis at least this long only whole decades are named."""


class MapLayer(PictureLayer):
    """The pixels of a map, on the even scale of its axes."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=-40)
        self._colours: MapColours | None = None
        self._corners: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))
        self._theme: Theme | None = None

    def set_pixels(self, colours: MapColours, corners: tuple[tuple[float, float], ...], theme: Theme) -> None:
        """Show coloured pixels between two corners, the lower left and the upper right."""
        self._colours, self._corners, self._theme = colours, corners, theme
        self.redraw()

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the hatching, and over it the pixels, which are transparent where it is to show."""
        if self._colours is None or self._theme is None:
            return
        (left, bottom), (right, top) = self.to_pixels(np.array(self._corners)).tolist()
        target = QRectF(QPointF(left, top), QPointF(right, bottom))
        _draw_hatching(painter, target, self._theme)
        pixels = self._colours.pixels
        rows, columns = pixels.shape
        image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32)
        painter.drawImage(target, image)


class MapKey(QWidget):
    """What the colours mean."""

    def __init__(self) -> None:
        super().__init__()
        self._colours: MapColours | None = None
        self._theme: Theme | None = None
        self.setFixedWidth(_KEY_WIDTH)

    def set_key(self, colours: MapColours, theme: Theme) -> None:
        """Show another key."""
        self._colours, self._theme = colours, theme
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        count = len(self._colours.rows) if self._colours is not None else 0
        return QSize(_KEY_WIDTH, _LINE * (count + 1) + 2 * _BAR)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ramp, then a line for each colour."""
        if self._colours is None or self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        top = 12.0 + (self._draw_bar(painter, 12.0) if self._colours.bar is not None else 0.0)
        for place, row in enumerate(self._colours.rows):
            self._draw_row(painter, row, top + place * _LINE)
        painter.end()

    def _draw_bar(self, painter: QPainter, top: float) -> float:
        assert self._colours is not None
        assert self._colours.bar is not None
        assert self._theme is not None
        bar, left = self._colours.bar, Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(self._theme.text))
        painter.drawText(QRectF(8, top, _KEY_WIDTH, _LINE), left, bar.title)
        box = QRectF(8, top + _LINE + 6, _SWATCH, _BAR)
        gradient = QLinearGradient(box.bottomLeft(), box.topLeft())
        for place, colour in enumerate(bar.colours):
            gradient.setColorAt(place / (len(bar.colours) - 1), QColor(colour))
        painter.fillRect(box, QColor(bar.colours[0]) if len(bar.numbers) == 1 else gradient)
        painter.setPen(QColor(self._theme.muted))
        for place, number in enumerate(bar.numbers):
            y = box.bottom() - place / max(len(bar.numbers) - 1, 1) * box.height()
            painter.drawText(QRectF(box.right() + 8, y - _LINE / 2, _KEY_WIDTH, _LINE), left, number)
        return _BAR + 2.5 * _LINE

    def _draw_row(self, painter: QPainter, row: KeyRow, top: float) -> None:
        assert self._theme is not None
        swatch = QRectF(8, top + (_LINE - _SWATCH) / 2, _SWATCH, _SWATCH)
        if row.colour == HATCH:
            _draw_hatching(painter, swatch, self._theme)
        else:
            painter.fillRect(swatch, QColor(row.colour))
        painter.setPen(QPen(QColor(self._theme.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(swatch)
        painter.setPen(QColor(self._theme.text))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(30, top, _KEY_WIDTH - 90, _LINE), middle, row.text)
        painter.setPen(QColor(self._theme.muted))
        share = QRectF(_KEY_WIDTH - 66, top, 56, _LINE)
        painter.drawText(share, middle | Qt.AlignmentFlag.AlignRight, f"{row.share:.1%}")


class MapPlot(QWidget):
    """A map with its axes and its key; set_* in."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = pg.PlotWidget()
        item = self.plot.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        self.view: pg.ViewBox = item.getViewBox()
        self.view.setDefaultPadding(0.0)
        self.view.disableAutoRange()
        self._layer, self._key = MapLayer(self.view), MapKey()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self._key)

    def set_map(self, result: MapResult, quantity: str, theme: Theme) -> None:
        """Show a map by one of its quantities."""
        dress(self.plot, theme, text_size=11)
        (x_low, x_high), (y_low, y_high) = (_ends(axis) for axis in result.spec.axes)
        for side, axis in zip(("bottom", "left"), result.spec.axes, strict=True):
            shown = self.plot.getPlotItem().getAxis(side)
            shown.setTicks([_ticks(axis)] if axis.scale != Scale.LINEAR else None)
            shown.setLabel(axis.name.replace("_", " "), color=theme.muted)
        colours = coloured(result, quantity, theme)
        self._layer.set_pixels(colours, ((x_low, y_low), (x_high, y_high)), theme)
        self._key.set_key(colours, theme)
        self.view.setRange(xRange=(x_low, x_high), yRange=(y_low, y_high), padding=0, disableAutoRange=True)


def _ends(axis: MapAxis) -> tuple[float, float]:
    return float(axis.to_scale(axis.low)), float(axis.to_scale(axis.high))


def _ticks(axis: MapAxis) -> list[tuple[float, str]]:
    """Places and texts of round values on an axis that is not linear."""
    low, high = _ends(axis)
    decades = range(math.floor(low), math.ceil(high) + 1)
    factors = (1.0,) if high - low >= _FULL_DECADES else (1.0, 2.0, 5.0)
    if axis.scale == Scale.LOG:
        values = [factor * 10.0**decade for decade in decades for factor in factors]
    else:
        values = [1.0 - factor * 10.0**-decade for decade in decades for factor in factors]
    places = [(float(axis.to_scale(value)), f"{value:.12g}") for value in values]
    return [(place, text) for place, text in places if low - 1e-9 <= place <= high + 1e-9]


def _draw_hatching(painter: QPainter, place: QRectF, theme: Theme) -> None:
    painter.fillRect(place, QColor(theme.plot))
    painter.fillRect(place, QBrush(QColor(theme.muted), Qt.BrushStyle.BDiagPattern))
