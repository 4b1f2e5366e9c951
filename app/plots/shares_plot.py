"""Which minima were reached: a bar for each optimizer, cut in the minima's colours."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.language import tr
from app.plots.map_colours import HATCH
from app.plots.trail_layer import draw_head
from app.theme import Theme

_ROW, _BAR, _LEFT, _KEY = 22.0, 16.0, 24.0, 18.0
"""Pixels: height of a row, of its bar; where names begin; height of a line of the key."""
_GAP, _SWATCH = 12.0, 10.0


@dataclass(frozen=True)
class Piece:
    """A part of a bar: "#rrggbb" (or `HATCH`), how many runs, and the sentence that says so."""

    colour: str
    count: int
    tip: str


@dataclass(frozen=True)
class ShareBar:
    """One optimizer's bar: its name, the colour and shape of its heads, and the parts from the left."""

    name: str
    colour: QColor
    shape: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class ShareKey:
    """A line of the key: "#rrggbb" (or `HATCH`, or "" with `plain`) and what it stands for."""

    colour: str
    text: str
    plain: bool = False


class SharesPlot(QWidget):
    """Bars with the shares written in them, and the key below."""

    def __init__(self) -> None:
        super().__init__()
        self._bars: tuple[ShareBar, ...] = ()
        self._key: tuple[ShareKey, ...] = ()
        self._theme: Theme | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("Minima reached"))

    def set_shares(self, bars: tuple[ShareBar, ...], key: tuple[ShareKey, ...]) -> None:
        """Show other bars and their key."""
        self._bars, self._key = bars, key
        self.setAccessibleDescription(" ".join(tr(piece.tip) for bar in bars for piece in bar.pieces))
        self.updateGeometry()
        self.update()

    def bars(self) -> tuple[ShareBar, ...]:
        """What is shown."""
        return self._bars

    def key(self) -> tuple[ShareKey, ...]:
        """The lines of the key."""
        return self._key

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """All bars and the key."""
        return QSize(280, self.heightForWidth(max(self.width(), 280)))

    def hasHeightForWidth(self) -> bool:
        """The key wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """All bars and the lines of the key."""
        lines = [place.bottom() for place in self._key_places(width)]
        return round(max(lines, default=_ROW * len(self._bars))) + 2

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a row for each optimizer, then the key."""
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, bar in enumerate(self._bars):
            middle = _ROW * (index + 0.5)
            draw_head(painter, QPointF(10.0, middle), bar.colour, bar.shape, self._theme, 10.0)
            painter.setPen(QColor(self._theme.text))
            name = QRectF(_LEFT, middle - _ROW / 2, self._bar_left() - _LEFT, _ROW)
            painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, tr(bar.name))
            for piece, place in self._pieces(index):
                self._draw_piece(painter, self._theme, piece, place, sum(p.count for p in bar.pieces))
        for line, place in zip(self._key, self._key_places(self.width()), strict=True):
            self._draw_key(painter, self._theme, line, place)

    def event(self, event: QEvent) -> bool:
        """Say what the part of a bar under the pointer stands for."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), tr(self.tip_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def tip_at(self, position: QPointF) -> str:
        """What is said of a part of a bar; "" beside them."""
        for index in range(len(self._bars)):
            for piece, place in self._pieces(index):
                if place.contains(position):
                    return piece.tip
        return ""

    def _bar_left(self) -> float:
        metrics = QFontMetricsF(self.font())
        widest = max((metrics.horizontalAdvance(tr(bar.name)) for bar in self._bars), default=0.0)
        return _LEFT + widest + _GAP

    def _pieces(self, index: int) -> Iterator[tuple[Piece, QRectF]]:
        pieces = self._bars[index].pieces
        total = sum(piece.count for piece in pieces) or 1
        left = self._bar_left()
        width = max(self.width() - left - 2.0, 0.0)
        done = 0
        for piece in pieces:
            x = left + width * done / total
            done += piece.count
            yield piece, QRectF(x, _ROW * (index + 0.5) - _BAR / 2, width * piece.count / total, _BAR)

    def _draw_piece(self, painter: QPainter, theme: Theme, piece: Piece, place: QRectF, total: int) -> None:
        inner = place.adjusted(0.5, 0.0, -0.5, 0.0) if place.width() > 3 else place
        _fill(painter, theme, piece.colour, inner)
        text = f"{100 * piece.count / total:.0f} %"
        if painter.fontMetrics().horizontalAdvance(text) + 8 < place.width():
            ink = theme.text if piece.colour == HATCH else _ink(piece.colour)
            if piece.colour == HATCH:
                width = painter.fontMetrics().horizontalAdvance(text) + 6
                painter.fillRect(
                    QRectF(place.center().x() - width / 2, place.top(), width, _BAR), QColor(theme.panel)
                )
            painter.setPen(QColor(ink))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _key_places(self, width: int) -> list[QRectF]:
        """Where the lines of the key are: as many in a row as fit."""
        metrics, places = QFontMetricsF(self.font()), []
        x, y = _LEFT, _ROW * len(self._bars) + 6.0
        for line in self._key:
            needed = (0.0 if line.plain else _SWATCH + 6.0) + metrics.horizontalAdvance(tr(line.text))
            if x > _LEFT and x + needed > width:
                x, y = _LEFT, y + _KEY
            places.append(QRectF(x, y, needed, _KEY))
            x += needed + _GAP
        return places

    def _draw_key(self, painter: QPainter, theme: Theme, line: ShareKey, place: QRectF) -> None:
        left = place.left()
        if not line.plain:
            _fill(
                painter, theme, line.colour, QRectF(left, place.center().y() - _SWATCH / 2, _SWATCH, _SWATCH)
            )
            left += _SWATCH + 6.0
        painter.setPen(QColor(theme.muted))
        text = QRectF(left, place.top(), place.width(), place.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, tr(line.text))


def _fill(painter: QPainter, theme: Theme, colour: str, place: QRectF) -> None:
    """A rectangle in a colour, or hatched as what diverged is in a map."""
    if colour != HATCH:
        painter.fillRect(place, QColor(colour))
        return
    painter.fillRect(place, QBrush(QColor(theme.muted), Qt.BrushStyle.BDiagPattern))
    painter.setPen(QPen(QColor(theme.muted), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))


def _ink(colour: str) -> str:
    """Black or white, whichever is read better on a colour."""
    shown = QColor(colour)
    luminance = 0.2126 * shown.redF() ** 2.2 + 0.7152 * shown.greenF() ** 2.2 + 0.0722 * shown.blueF() ** 2.2
    return "#10151b" if luminance > 0.18 else "#ffffff"
