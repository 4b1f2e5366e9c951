"""Small figures with captions, in columns, that change from frame to frame without a new layout."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.language import tr
from app.theme import Theme

_COLUMN, _CAPTION, _VALUE, _GAP = 146, 15, 16, 6
"""Pixels: least width of a column, heights of caption and value, and between rows."""


class FigureStrip(QWidget):
    """Captions with their values below, as many side by side as have room."""

    def __init__(self) -> None:
        super().__init__()
        self._figures: tuple[tuple[str, str], ...] = ()
        self._theme: Theme | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_figures(self, figures: Sequence[tuple[str, str]]) -> None:
        """Show other figures: caption and value."""
        figures = tuple(figures)
        if figures == self._figures:
            return
        rows, self._figures = self._rows(), figures
        if self._rows() != rows:
            self._set_height()
        self.update()

    def figures(self) -> dict[str, str]:
        """What is shown."""
        return dict(self._figures)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """All rows at the present width."""
        return QSize(2 * _COLUMN, self._rows() * (_CAPTION + _VALUE + _GAP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many columns as have room."""
        self._set_height()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw captions and values."""
        if self._theme is None:
            return
        painter = QPainter(self)
        caption, value = QFont(self.font()), QFont(self.font())
        caption.setPixelSize(11)
        value.setPixelSize(12)
        columns = self._columns()
        width = self.width() / columns
        for font, colour, top, height in (
            (caption, self._theme.muted, 0, _CAPTION),
            (value, self._theme.text, _CAPTION, _VALUE),
        ):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            for index, (name, number) in enumerate(self._figures):
                row, column = divmod(index, columns)
                y = row * (_CAPTION + _VALUE + _GAP) + top
                place = QRectF(column * width, y, width - 4, height)
                text = tr(name) if font is caption else number
                painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _columns(self) -> int:
        return max(1, min(self.width() // _COLUMN, max(len(self._figures), 1)))

    def _rows(self) -> int:
        return -(-len(self._figures) // self._columns())

    def _set_height(self) -> None:
        height = self.sizeHint().height()
        if height != self.height():
            self.setFixedHeight(height)
