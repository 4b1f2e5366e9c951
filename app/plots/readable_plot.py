"""A plot that tells exact figures: under the pointer, and under a mark that arrow keys move."""

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.asked_keys import asked_key
from app.language import tr
from app.theme import Theme

_WAYS = {
    Qt.Key.Key_Left: QPointF(-1, 0), Qt.Key.Key_Right: QPointF(1, 0),
    Qt.Key.Key_Up: QPointF(0, -1), Qt.Key.Key_Down: QPointF(0, 1),
}  # fmt: skip


class ReadablePlot(QWidget):
    """What is drawn has spots; each says its figures as a tooltip, and to those who do not see.

    Subclasses draw (`draw`), and say where spots are (`spots`) and what is said at a position (`text_at`).
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._theme: Theme | None = None
        self._message = ""
        self._spot = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr(name))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def set_message(self, message: str) -> None:
        """Say something in place of what is not there."""
        self._message = message
        self.update()

    def draw(self, painter: QPainter, theme: Theme) -> bool:
        """Draw everything; false where there is nothing to show, so that the message stands there."""
        raise NotImplementedError

    def spots(self) -> list[QRectF]:
        """Where figures can be read."""
        raise NotImplementedError

    def text_at(self, position: QPointF) -> str:
        """What the tooltip says at a position, in the chosen language."""
        raise NotImplementedError

    def spot(self) -> QRectF | None:
        """Where the mark of the arrow keys is."""
        spots = self.spots()
        return spots[min(self._spot, len(spots) - 1)] if spots else None

    def event(self, event: QEvent) -> bool:
        """Exact figures under the pointer, as a tooltip; arrow keys are the plot's before the window's."""
        asked = asked_key(event)
        if asked and asked.modifiers() == Qt.KeyboardModifier.NoModifier and asked.key() in _WAYS:
            event.accept()
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.text_at(QPointF(event.pos())), self)
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the mark to the nearest spot that way."""
        way = _WAYS.get(Qt.Key(event.key()))
        spots = self.spots()
        if way is None or not spots:
            super().keyPressEvent(event)
            return
        here = spots[min(self._spot, len(spots) - 1)].center()
        ahead = []
        for index, each in enumerate(spots):
            apart = each.center() - here
            along = QPointF.dotProduct(apart, way)
            aside = abs(apart.x() * way.y()) + abs(apart.y() * way.x())
            if along > 0.5:
                ahead.append((along + 3.0 * aside, index))
        if ahead:
            self._spot = min(ahead)[1]
        self._tell()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the mark."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the mark."""
        super().focusOutEvent(event)
        self.update()

    def _tell(self) -> None:
        spot = self.spot()
        if spot is not None:
            text = self.text_at(spot.center())
            self.setAccessibleDescription(text)
            QToolTip.showText(self.mapToGlobal(spot.bottomLeft().toPoint()), text, self)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what there is, and the mark on it; or the message."""
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.draw(painter, self._theme):
            self._draw_mark(painter, self._theme)
        else:
            self._draw_message(painter, self._theme)
        painter.end()

    def _draw_mark(self, painter: QPainter, theme: Theme) -> None:
        """A frame around the spot that the arrow keys are at, while the plot has the keyboard."""
        spot = self.spot() if self.hasFocus() else None
        if spot is not None:
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(spot.adjusted(-1.5, -0.5, 1.5, 0.5), 3, 3)

    def _draw_message(self, painter: QPainter, theme: Theme) -> None:
        """What there is to say where there is nothing to show."""
        painter.setFont(self.small_font(size=12))
        painter.setPen(QColor(theme.muted))
        align = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(self.rect().adjusted(12, 0, -12, 0), align, tr(self._message))

    def small_font(self, bold: bool = False, size: int = 11) -> QFont:
        """The plot's font at a size in pixels."""
        font = QFont(self.font())
        font.setPixelSize(size)
        font.setBold(bold)
        return font


def draw_names(painter: QPainter, names: list[tuple[str, QColor]], room: QRectF) -> None:
    """Names in their colours in a row, shortened where they have no room."""
    metrics = QFontMetricsF(painter.font())
    names = [(tr(name), colour) for name, colour in names]
    wide = [min(metrics.horizontalAdvance(name) + 6.0, room.width() / len(names)) for name, _ in names]
    gap = min(16.0, (room.width() - sum(wide)) / max(len(wide), 1))
    left = room.left()
    for (name, colour), width in zip(names, wide, strict=True):
        painter.setPen(colour)
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, width)
        box = QRectF(left, room.top(), width, room.height())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), text)
        left += width + gap


class NamesBar(QWidget):
    """A row of names for plots that have none of their own."""

    def __init__(self) -> None:
        super().__init__()
        self._names: list[tuple[str, QColor]] = []
        self.setFixedHeight(15)

    def set_names(self, names: list[tuple[str, QColor]]) -> None:
        """Show other names."""
        if names != self._names:
            self._names = names
            self.setToolTip("\n".join(tr(name) for name, _ in names))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the names."""
        if self._names:
            painter = QPainter(self)
            font = QFont(self.font())
            font.setPixelSize(11)
            font.setBold(True)
            painter.setFont(font)
            draw_names(painter, self._names, QRectF(self.rect()).adjusted(4, 0, -4, 0))
            painter.end()
