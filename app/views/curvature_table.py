"""A table of how round the loss is around each network of a run."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from app.forms.controls import plain_tip
from app.language import tr
from app.views.network_combo import DOT_SIZE, dot_icon

COLUMNS: tuple[tuple[str, str], ...] = (
    ("network", "What tells this network from the others."),
    ("batch norm", "Whether batch norm is on: before or after the activation."),
    ("inputs", "How the data are preprocessed. Standardized inputs make the loss rounder."),
    ("λ max", "Largest eigenvalue of the Hessian there: SGD needs a learning rate below 2 / λ."),
    ("condition",
     "Condition number λ max / mean |λ|: how much steeper the steepest direction is than an ordinary one."
     " 1 where all are curved alike. By Lanczos' method (power iteration that keeps all it has seen) on"
     " Hessian-vector products."),
)  # fmt: skip
_ROW = 22


@dataclass(frozen=True)
class CurvatureRow:
    """A network: its colour, and the texts of its columns."""

    colour: QColor
    texts: tuple[str, ...]


class CurvatureTable(QTableWidget):
    """Networks as rows; it is as high as they are."""

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        self.setAccessibleName(tr("Curvature of the loss around each network"))
        self.setToolTip(plain_tip(COLUMNS[-1][1]))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setIconSize(DOT_SIZE)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(56)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, (name, tip) in enumerate(COLUMNS):
            item = QTableWidgetItem(tr(name))
            item.setToolTip(plain_tip(tip))
            item.setTextAlignment(_alignment(column))
            self.setHorizontalHeaderItem(column, item)

    def set_rows(self, rows: Sequence[CurvatureRow]) -> None:
        """Show other networks."""
        self.setRowCount(len(rows))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + _ROW * len(rows) + 4)
        for place, row in enumerate(rows):
            for column, text in enumerate(row.texts):
                item = QTableWidgetItem(tr(text))
                item.setTextAlignment(_alignment(column))
                item.setToolTip(plain_tip(text))
                if column == 0:
                    item.setIcon(dot_icon(row.colour.name()))
                self.setItem(place, column, item)

    def texts(self) -> list[list[str]]:
        """What is shown, row by row."""
        found = []
        for place in range(self.rowCount()):
            items = (self.item(place, column) for column in range(len(COLUMNS)))
            found.append([item.text() if item is not None else "" for item in items])
        return found


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column < 3 else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
