"""A table of networks and what ails them: sorted by any column, with the mouse or the keys."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QHeaderView

from app.language import tr
from app.views.network_combo import DOT_SIZE, dot_icon
from app.views.numbers import ABSENT, shown
from app.views.sorted_table import ROW_HEIGHT, Column, SortedModel, SortedTable

COLUMNS = (
    Column("network", "What tells the network from the others.", words=True),
    Column("state", "The most serious verdict.", words=True),
    Column("dead", "Highest share of dead units in a layer: they are at 0 for every sample, and stay there."),
    Column("saturated", "Highest share of saturated activations in a layer: there the slope is next to 0."),
    Column("‖∇W‖", "Lowest norm of the gradient by a layer's weights."),
    Column("‖Δ‖/‖W‖", "The last step's change of a layer's weights beside the weights, where it is farthest"
                      " from 1e−3: much more is a learning rate too high, much less one too low."),
)  # fmt: skip
_WIDTHS = (114, 50, 76, 54, 74)
"""Of all columns but the first, which has the rest."""
_MOST_SEEN = 4
"""Rows that have room in the narrowest panel; more are scrolled to."""


@dataclass(frozen=True)
class HealthRow:
    """One network.

    Attributes
    ----------
    label, colour
        Who it is.
    word, level
        The first verdict, and how bad it is: 0 healthy, 1 hindered, 2 serious.
    dead, saturated, gradient_norm, update_ratio
        Of the layer where each is worst; not a number where there is none.
    sentences
        Every verdict.
    """

    label: str
    colour: QColor
    word: str
    level: int
    dead: float
    saturated: float
    gradient_norm: float
    update_ratio: float
    sentences: tuple[str, ...]


class _Model(SortedModel[HealthRow]):
    """The networks as rows."""

    def __init__(self) -> None:
        super().__init__(COLUMNS)

    def text(self, row: HealthRow, column: int) -> str:
        if self.columns[column].words:
            return tr((row.label, row.word)[column])
        number = _numbers(row)[column - 2]
        if column > 3:
            return shown(number, 2)
        return ABSENT if math.isnan(number) else f"{100 * number:.0f} %"

    def sorted_by(self, row: HealthRow, column: int) -> str | float:
        if self.columns[column].words:
            return (tr(row.label), f"{row.level} {tr(row.word)}")[column]
        number = float(_numbers(row)[column - 2])  # Qt cannot compare NumPy's own floats
        return -1.0 if math.isnan(number) else number

    def tip(self, row: HealthRow, column: int) -> str:
        return "\n".join(map(tr, row.sentences))

    def icon(self, row: HealthRow, column: int) -> QIcon | None:
        if self.theme is None or not self.columns[column].words:
            return None
        levels = (self.theme.border, self.theme.warning, self.theme.error)
        return dot_icon((row.colour.name(), QColor(levels[row.level]).name())[column])


def _numbers(row: HealthRow) -> tuple[float, ...]:
    return row.dead, row.saturated, row.gradient_norm, row.update_ratio


class HealthTable(SortedTable):
    """Networks; the keys 1 to 6 sort by a column, the worst first, once more turns the order."""

    def __init__(self) -> None:
        super().__init__(_Model(), DOT_SIZE, Qt.SortOrder.DescendingOrder)
        self.setAccessibleName(tr("Health of the networks"))
        self.setToolTip(
            tr("Choose a network to read what is wrong with it. The keys 1 to 6 sort by a column.")
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in enumerate(_WIDTHS, 1):
            self.setColumnWidth(column, width)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)

    def set_rows(self, rows: Sequence[HealthRow]) -> None:
        """Show other figures; the order stays that of the column."""
        super().set_rows(rows)
        frame = 2 * self.frameWidth() + self.horizontalHeader().sizeHint().height() + 4
        self.setMaximumHeight(ROW_HEIGHT * max(len(rows), 1) + frame)
        self.setMinimumHeight(ROW_HEIGHT * min(max(len(rows), 1), _MOST_SEEN) + frame)
