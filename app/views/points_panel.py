"""The panel of critical points: what was found, the list, and where to go from a point."""

import math
from collections import Counter

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.forms.controls import role
from app.language import tr
from app.theme import Theme
from app.views.numbers import shown
from app.views.points_table import PointsTable
from core.critical_points import KINDS, CriticalPoint, CriticalPoints

_PLURAL = {"minimum": "minima", "maximum": "maxima", "saddle": "saddles", "degenerate": "degenerate"}
_MEANING = {
    "minimum": "Minimum: the loss rises every way, both eigenvalues are above 0.",
    "maximum": "Maximum: the loss falls every way, both eigenvalues are below 0.",
}
_TURN = "→↗↑↖←↙↓↘"
_CHOOSE = "Choose a point to fly there."


class PointsPanel(QWidget):
    """What was found, and what one can do with it.

    Attributes
    ----------
    table
        The list.
    start, ways, whole
        Buttons: start at the chosen point, leave a saddle along its way out or against it, fly back.

    Signals
    -------
    chosen(int)
        Index of a point.
    start_asked(), way_out_asked(int), whole_asked()
        What the buttons do, for the chosen point; 1 along its way out, -1 against it.
    """

    chosen = Signal(int)
    start_asked = Signal()
    way_out_asked = Signal(int)
    whole_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.summary = _sentence("text")
        self.table = PointsTable()
        self.detail = _sentence("muted")
        self.detail.setMinimumHeight(2 * self.detail.fontMetrics().lineSpacing() + 2)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.start = QPushButton(tr("Start here"))
        self.start.setToolTip(tr("Start every path at this point (Return in the table)."))
        self.ways = {sign: QPushButton() for sign in (1, -1)}
        self.whole = QPushButton(tr("Whole surface"))
        self.whole.setToolTip(tr("Fly back to the whole surface (F shows it at once)."))
        self.table.chosen.connect(self.chosen)
        self.table.start_asked.connect(lambda _: self.start_asked.emit())
        self.start.clicked.connect(self.start_asked)
        self.whole.clicked.connect(self.whole_asked)
        for sign, button in self.ways.items():
            button.clicked.connect(lambda _=False, sign=sign: self.way_out_asked.emit(sign))
        self._points: tuple[CriticalPoint, ...] = ()
        self._lay_out()
        self.set_chosen(None)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.summary)
        column.addWidget(self.table, 1)
        column.addWidget(self.detail)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.start, *self.ways.values()):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.whole)
        column.addLayout(row)

    def set_found(self, found: CriticalPoints) -> None:
        """Show what was found."""
        self._points = found.points
        self.summary.setText(" ".join(tr(part) for part in (_count(found), found.message) if part))
        self.table.set_rows(found.points)
        self.set_chosen(None)

    def set_message(self, sentence: str) -> None:
        """Say instead why there is nothing yet, or nothing at all."""
        self._points = ()
        self.summary.setText(tr(sentence))
        self.table.set_rows(())
        self.set_chosen(None)

    def set_chosen(self, index: int | None, ways: tuple[int, ...] = ()) -> None:
        """Show a point as the chosen one, with the ways out that stay inside the surface; or none."""
        self.table.set_chosen(index)
        point = None if index is None else self._points[index]
        words = "" if not self._points else _CHOOSE if point is None else _meaning(point)
        self.detail.setText(tr(words))
        self.start.setEnabled(point is not None)
        for sign, button in self.ways.items():
            button.setVisible(point is not None and point.way_out is not None)
            button.setEnabled(sign in ways)
            if point is not None and point.way_out is not None:
                arrow = _arrow(sign * point.way_out[0], sign * point.way_out[1])
                button.setText(tr(f"Way out {arrow}"))
                button.setToolTip(
                    tr(
                        "Start a small step away from the saddle, where the loss falls: along the eigenvector"
                        " of the negative eigenvalue."
                    )
                )
                button.setAccessibleName(tr(f"Way out {'along' if sign > 0 else 'against'} the eigenvector"))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.table.set_theme(theme)


def _sentence(name: str) -> QLabel:
    label = role(QLabel(), name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _count(found: CriticalPoints) -> str:
    """How many there are of each kind."""
    if not found.points:
        return ""
    numbers = Counter(point.kind for point in found.points)
    parts = [f"{n} {kind if n == 1 else _PLURAL[kind]}" for kind in KINDS if (n := numbers[kind])]
    many = len(found.points)
    begin = "1 critical point" if many == 1 else f"{many:,} critical points"
    return f"{begin}: {', '.join(parts)}."


def _meaning(point: CriticalPoint) -> str:
    if point.way_out is not None:
        x, y = (shown(part, 3) for part in point.way_out)
        return (
            f"Saddle: the loss falls along ({x}, {y}) and against it, and rises across. The gradient is 0,"
            " so a descent that comes by slows down."
        )
    return _MEANING.get(point.kind) or point.note or "Degenerate: an eigenvalue of the Hessian is 0."


def _arrow(x: float, y: float) -> str:
    return _TURN[round(math.atan2(y, x) / (math.pi / 4)) % 8]
