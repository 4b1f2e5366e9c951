"""A label that shows formulas in type, with numbers that change."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.plots.typeset import Layout, Room, set_lines
from app.theme import Theme
from core.notation import Node, Row, plain, sign

_SMALLEST = 0.72
"""Of its size, that a formula is drawn at where it has little room; below that its end is left out."""


_PAIRED = 0.9
"""Of its size, that lines are drawn at rather than below each other."""


class FormulaLabel(QWidget):
    """One or several lines of mathematics, drawn as outlines.

    Where it has too little room it shrinks, and then ends in "…"; its tooltip and its accessible name hold
    all of it as text. The numbers under its symbols change without a new layout.
    """

    def __init__(self, size: int = 17, role: str = "text", columns: bool = False) -> None:
        """`columns` sets lines side by side where two have room."""
        super().__init__()
        self._usual = size
        self._size, self._role, self._columns = size, role, columns
        self._lines: tuple[Node, ...] = ()
        self._rooms: Mapping[str, Room] = {}
        self._values: Mapping[str, Sequence[str]] = {}
        self._theme: Theme | None = None
        self._whole = self._shown = set_lines((), size)
        self._height = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_formula(self, *lines: Node, rooms: Mapping[str, Room] | None = None) -> None:
        """Show other lines, with room for the numbers of some keys."""
        rooms = rooms or {}
        if lines == self._lines and rooms == self._rooms:
            return
        self._lines, self._rooms = lines, rooms
        self.setAccessibleName("; ".join(map(plain, lines)))
        self._fit()
        self.update()

    def set_values(self, values: Mapping[str, Sequence[str]]) -> None:
        """Show other numbers: key -> the texts below each other."""
        if values != self._values:
            self._values = values
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        size = round(self._usual * theme.scale)
        if size != self._size:
            self._size = size
            self._fit()
        self.update()

    def text(self) -> str:
        """The formula as plain text."""
        return "\n".join(map(plain, self._lines))

    def values(self) -> Mapping[str, Sequence[str]]:
        """The numbers that are shown."""
        return self._values

    def sizeHint(self) -> QSize:
        """The size at which nothing shrinks."""
        return QSize(round(self._whole.width) + 2, round(self._whole.height) + 3)

    def minimumSizeHint(self) -> QSize:
        """Any width, but all the height."""
        return QSize(40, self.sizeHint().height())

    def resizeEvent(self, event: object) -> None:
        """Shrink or cut for another width."""
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        if self._theme is None or not self._lines:
            return
        painter = QPainter(self)
        scale = min(1.0, self.width() / max(self._shown.width, 1.0))
        painter.translate(0.0, (self.height() - scale * self._shown.height) / 2)
        painter.scale(scale, scale)
        base = QPointF(0.0, self._shown.ascent)
        self._shown.draw(painter, base, QColor(getattr(self._theme, self._role)))
        if self._values:
            self._shown.draw_values(painter, base, self._values, QColor(self._theme.muted))

    def _fit(self) -> None:
        """The whole formula, or as many of its pieces as stand in the width."""
        self._whole = set_lines(self._lines, self._size, self._rooms, self.width() / _PAIRED * self._columns)
        if self.sizeHint().height() != self._height:
            self._height = self.sizeHint().height()
            self.updateGeometry()
        room = max(self.width(), 1) / _SMALLEST
        self._shown = self._whole if self._whole.width <= room else self._cut(room)
        self.setToolTip(self.text() if self._shown is not self._whole else "")

    def _cut(self, room: float) -> Layout:
        """The layout with the most pieces that stand in `room` pixels."""
        most = max((len(line.parts) for line in self._lines if isinstance(line, Row)), default=0)
        for kept in range(most - 1, 0, -1):
            shown = set_lines([_first(line, kept) for line in self._lines], self._size, self._rooms)
            if shown.width <= room:
                break
        else:
            return set_lines([sign("…")], self._size)
        return shown


def _first(line: Node, kept: int) -> Node:
    if not isinstance(line, Row) or len(line.parts) <= kept:
        return line
    return Row(line.value, (*line.parts[:kept], sign("…")))
