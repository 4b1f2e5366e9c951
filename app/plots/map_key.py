"""What a map's colours mean: a line for each colour, and a ramp with its numbers."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.language import tr
from app.plots.map_colours import HATCH, ColourBar, KeyRow, MapColours
from app.plots.map_layer import draw_hatching
from app.theme import Theme

KEY_WIDTH = 210
_LINE, _SWATCH, _BAR, _SHARE = 22, 13, 150, 56


class MapKey(QWidget):
    """What the colours mean."""

    def __init__(self, width: int = KEY_WIDTH) -> None:
        super().__init__()
        self._colours: MapColours | None = None
        self._theme: Theme | None = None
        self._width = width
        self.setFixedWidth(width)
        self.setAccessibleName(tr("Key to the map's colours"))

    def set_key(self, colours: MapColours | None, theme: Theme) -> None:
        """Show another key, or none."""
        self._colours, self._theme = colours, theme
        rows = colours.rows if colours is not None else ()
        self.setToolTip("\n".join(f"{tr(row.text)}: {row.share:.1%}" for row in rows))
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        count = len(self._colours.rows) if self._colours is not None else 0
        return QSize(self._width, _LINE * (count + 1) + 2 * _BAR)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ramp, then a line for each colour."""
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        if self._colours is not None:
            self._draw(painter, self._colours)
        painter.end()

    def _draw(self, painter: QPainter, colours: MapColours) -> None:
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        top = 12.0 + (self._draw_bar(painter, colours.bar, 12.0) if colours.bar is not None else 0.0)
        for place, row in enumerate(colours.rows):
            self._draw_row(painter, row, top + place * _LINE)

    def _draw_bar(self, painter: QPainter, bar: ColourBar, top: float) -> float:
        assert self._theme is not None
        left = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(self._theme.text))
        painter.drawText(QRectF(8, top, self._width, _LINE), left, tr(bar.title))
        box = QRectF(8, top + _LINE + 6, _SWATCH, _BAR)
        gradient = ramp(bar, box.bottomLeft(), box.topLeft())
        painter.fillRect(box, QColor(bar.colours[0]) if len(bar.numbers) == 1 else gradient)
        painter.setPen(QColor(self._theme.muted))
        for place, number in enumerate(bar.numbers):
            y = box.bottom() - place / max(len(bar.numbers) - 1, 1) * box.height()
            painter.drawText(QRectF(box.right() + 8, y - _LINE / 2, self._width, _LINE), left, number)
        return _BAR + 2.5 * _LINE

    def _draw_row(self, painter: QPainter, row: KeyRow, top: float) -> None:
        assert self._theme is not None
        box = QRectF(8, top + (_LINE - _SWATCH) / 2, _SWATCH, _SWATCH)
        draw_swatch(painter, box, row.colour, self._theme)
        middle, room = Qt.AlignmentFlag.AlignVCenter, self._width - 30 - _SHARE
        text = painter.fontMetrics().elidedText(tr(row.text), Qt.TextElideMode.ElideRight, room)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(QRectF(30, top, room, _LINE), middle, text)
        painter.setPen(QColor(self._theme.muted))
        share = QRectF(self._width - _SHARE, top, _SHARE - 8, _LINE)
        painter.drawText(share, middle | Qt.AlignmentFlag.AlignRight, f"{row.share:.1%}")


def draw_swatch(painter: QPainter, place: QRectF, colour: str, theme: Theme) -> None:
    """A colour of the key, or its hatching."""
    if colour == HATCH:
        draw_hatching(painter, place, theme)
    else:
        painter.fillRect(place, QColor(colour))
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place)


def ramp(bar: ColourBar, low: QPointF, high: QPointF) -> QLinearGradient:
    """The colours of a ramp from its lowest number to its highest."""
    gradient = QLinearGradient(low, high)
    for place, colour in enumerate(bar.colours):
        gradient.setColorAt(place / (len(bar.colours) - 1), QColor(colour))
    return gradient
