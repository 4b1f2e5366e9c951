"""The key to the map on the surface: one line below the plot, as much of it as there is room for."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.language import tr
from app.plots.map_colours import MapColours
from app.plots.map_key import draw_swatch, ramp
from app.theme import Theme
from core.map_spec import SHOWN, MapSpec
from core.optimizer import OPTIMIZERS

_HEIGHT, _LEFT, _SWATCH, _BAR, _GAP = 24, 12.0, 11.0, 130.0, 14.0


def map_title(spec: MapSpec) -> str:
    """Whose map it is, and what it shows, in the chosen language."""
    return f"{tr(OPTIMIZERS[spec.method.optimizer.id].name)}: {tr(SHOWN[spec.quantity])}"


class MapStrip(QWidget):
    """Title, ramp and colours in a row; what has no room is in the tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self._title = self._note = ""
        self._colours: MapColours | None = None
        self._theme: Theme | None = None
        self.setFixedHeight(_HEIGHT)
        self.setMinimumWidth(120)

    def set_key(self, title: str, note: str, colours: MapColours | None, theme: Theme) -> None:
        """Show another key, its title in the chosen language; the note stands at the right."""
        self._title, self._note, self._colours, self._theme = title, tr(note), colours, theme
        self.setFixedHeight(round(_HEIGHT * theme.scale))
        rows = [f"{tr(row.text)}: {row.share:.1%}" for row in colours.rows] if colours is not None else []
        self.setToolTip("\n".join([title, *rows]))
        self.setAccessibleName(tr("Key to the map on the surface"))
        self.setAccessibleDescription("; ".join([title, *rows]))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as it may be."""
        return QSize(400, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw from left to right."""
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._theme.scale, self._theme.scale)
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        right = self.width() / self._theme.scale - _LEFT
        if self._note:
            width = metrics.horizontalAdvance(self._note)
            self._write(painter, right - width, self._note, self._theme.muted)
            right -= width + _GAP
        left = self._write(painter, _LEFT, metrics.elidedText(
            self._title, Qt.TextElideMode.ElideRight, right - _LEFT), self._theme.muted) + _GAP  # fmt: skip
        if self._colours is not None:
            left = self._draw_ramp(painter, left, right, metrics)
            self._draw_rows(painter, left, right, metrics)
        painter.end()

    def _write(self, painter: QPainter, left: float, text: str, colour: str) -> float:
        """Write a text; returns where it ends."""
        painter.setPen(QColor(colour))
        width = QFontMetricsF(painter.font()).horizontalAdvance(text)
        painter.drawText(QRectF(left, 0, width + 2, _HEIGHT), Qt.AlignmentFlag.AlignVCenter, text)
        return left + width

    def _draw_ramp(self, painter: QPainter, left: float, right: float, metrics: QFontMetricsF) -> float:
        assert self._colours is not None
        assert self._theme is not None
        bar = self._colours.bar
        if bar is None:
            return left
        first, last = bar.numbers[0], bar.numbers[-1]
        width = metrics.horizontalAdvance(first) + metrics.horizontalAdvance(last) + _BAR + 12
        if left + width > right:
            return left
        left = self._write(painter, left, first, self._theme.text) + 6
        box = QRectF(left, (_HEIGHT - 9) / 2, _BAR, 9)
        painter.fillRect(box, ramp(bar, QPointF(box.left(), 0), QPointF(box.right(), 0)))
        return self._write(painter, box.right() + 6, last, self._theme.text) + _GAP

    def _draw_rows(self, painter: QPainter, left: float, right: float, metrics: QFontMetricsF) -> None:
        assert self._colours is not None
        assert self._theme is not None
        rows = sorted(self._colours.rows, key=lambda row: -row.share)
        for place, row in enumerate(rows):
            share = f"{row.share:.0%}" if row.share >= 0.01 else "< 1%"
            text = tr(row.text)
            width = _SWATCH + 6 + metrics.horizontalAdvance(f"{text}  {share}")
            rest = f"+ {len(rows) - place}"
            room = metrics.horizontalAdvance(rest) + _GAP if place < len(rows) - 1 else 0.0
            if left + width + room > right:
                self._write(painter, left, rest, self._theme.muted)
                return
            box = QRectF(left, (_HEIGHT - _SWATCH) / 2, _SWATCH, _SWATCH)
            draw_swatch(painter, box, row.colour, self._theme)
            end = self._write(painter, box.right() + 6, f"{text}  ", self._theme.text)
            left = self._write(painter, end, share, self._theme.muted) + _GAP
