"""What the surface is like at one point, in the status bar: labelled numbers that stay where they are."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.forms.controls import role
from app.language import tr
from app.views.numbers import ABSENT

_PLACES = ("pointer", "start")
WIDE = "−8.88e−88"
FIELDS: tuple[tuple[str, str, str, str], ...] = (
    ("x", "x", "−88.8888", "Where this is read: under the pointer, else at the start point."),
    ("y", "y", "−88.8888", "Where this is read: under the pointer, else at the start point."),
    ("loss", "loss", "−8.888e−88", "Value of the formula."),
    ("gradient", "gradient", f"({WIDE}, {WIDE})", "Slopes along x and y: minus it points downhill."),
    ("norm", "norm", WIDE, "Length of the gradient; 0 at a critical point."),
    ("eigenvalues", "λ", f"{WIDE}, {WIDE}",
     "Eigenvalues of the Hessian: how the surface bends along its flattest and its steepest direction."
     " Below 0 it bends down."),
    ("condition", "condition", "8.88e88",
     "Condition number: the larger eigenvalue by the smaller one, without signs. About as many steps does"
     " SGD need along the flat direction."),
    ("largest_rate", "2/λmax", "8.88e−88",
     "Largest stable learning rate of SGD here: 2 by the largest eigenvalue. Above it every step across the"
     " valley leads further out. A dash where nothing bends up."),
)  # fmt: skip
"""Name, label, the widest text there may be, and what it says."""


class _Value(QWidget):
    """A text in a place of its own: a label would ask the status bar for room with every change."""

    def __init__(self, widest: str) -> None:
        super().__init__()
        self._text = ABSENT
        metrics = self.fontMetrics()
        self.setFixedSize(metrics.horizontalAdvance(widest) + 2, metrics.height() + 2)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleDescription(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(
            self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self._text
        )


class Readout(QWidget):
    """A row of labelled numbers.

    Attributes
    ----------
    where, values
        Where they are read, and each number's place by name.
    """

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 0, 0)
        row.setSpacing(5)
        self.where = _Value(max(map(tr, _PLACES), key=len) + " ")
        self.where.setToolTip(tr("The numbers are read under the pointer; without it, at the start point."))
        self.where.setAccessibleName(tr("Where the numbers are read"))
        row.addWidget(self.where)
        self.values: dict[str, _Value] = {}
        for name, label, widest, tip in FIELDS:
            title, value = role(QLabel(tr(label)), "muted"), _Value(widest)
            tip = tr(tip)
            value.setAccessibleName(tip.split(":")[0].split(".")[0])
            for part in (title, value):
                part.setToolTip(tip)
                row.addWidget(part)
            self.values[name] = value

    def set_values(self, where: str, texts: Mapping[str, str]) -> None:
        """Show numbers, and where they were read; what is not given is a dash."""
        self.where.set_text(tr(where))
        for name, value in self.values.items():
            value.set_text(texts.get(name, ABSENT))

    def texts(self) -> dict[str, str]:
        """What is shown."""
        return {name: value.text() for name, value in self.values.items()}
