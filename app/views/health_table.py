"""A table of networks and what ails them: sorted by any column, with the mouse or the keys."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.theme import Theme
from app.views.numbers import shown

COLUMNS: tuple[tuple[str, str], ...] = (
    ("network", "What tells the network from the others."),
    ("state", "The most serious verdict."),
    ("dead", "Highest share of dead units in a layer: they are at 0 for every sample, and stay there."),
    ("saturated", "Highest share of saturated activations in a layer: there the slope is next to 0."),
    ("‖∇W‖", "Lowest norm of the gradient by a layer's weights."),
    ("‖Δ‖/‖W‖", "The last step's change of a layer's weights beside the weights, where it is farthest from"
                " 1e−3: much more is a learning rate too high, much less one too low."),
)  # fmt: skip
Index = QModelIndex | QPersistentModelIndex
_SORT = Qt.ItemDataRole.UserRole
_TEXTS = 2
"""Columns of words; the rest are numbers."""


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


class _Model(QAbstractTableModel):
    """The networks as rows; sorted by a proxy."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[HealthRow] = []
        self._sorted = (-1, Qt.SortOrder.AscendingOrder)
        self._theme: Theme | None = None

    def set_rows(self, rows: list[HealthRow]) -> None:
        if len(rows) == len(self.rows):
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def set_sorted(self, column: int, order: Qt.SortOrder) -> None:
        self._sorted = (column, order)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.set_rows(self.rows)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{COLUMNS[section][1]}\nClick, or press {section + 1} in the table, to sort."
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return self._title(section) if role == Qt.ItemDataRole.DisplayRole else None

    def _title(self, column: int) -> str:
        """Its name, with an arrow on the inner side where the rows are sorted by it."""
        name, (by, order) = COLUMNS[column][0], self._sorted
        arrow = "▴" if order == Qt.SortOrder.AscendingOrder else "▾"
        return name if by != column else f"{name} {arrow}" if column < _TEXTS else f"{arrow} {name}"

    def data(self, index: Index, role: int = 0) -> Any:
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column)
        if role == _SORT:
            value = _values(row)[column]
            if column < _TEXTS:
                return value
            return -1.0 if math.isnan(value) else float(value)  # Qt cannot compare NumPy's own floats
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(row.sentences)
        if role == Qt.ItemDataRole.DecorationRole and column < _TEXTS and self._theme is not None:
            levels = (self._theme.border, self._theme.warning, self._theme.error)
            return _dot((row.colour, QColor(levels[row.level]))[column].name())
        return None


@lru_cache(maxsize=64)
def _dot(colour: str) -> QIcon:
    """A dot, sharp at every scale, the same in a row that is selected."""
    icon = QIcon()
    for scale in (1, 2, 3):
        picture = QPixmap(12 * scale, 12 * scale)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QRectF(2 * scale, 2 * scale, 8 * scale, 8 * scale))
        painter.end()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            icon.addPixmap(picture, mode)
    return icon


def _values(row: HealthRow) -> tuple[Any, ...]:
    """What each column is sorted by."""
    numbers = row.dead, row.saturated, row.gradient_norm, row.update_ratio
    return row.label, f"{row.level} {row.word}", *numbers


def _text(row: HealthRow, column: int) -> str:
    if column < _TEXTS:
        return (row.label, row.word)[column]
    value = _values(row)[column]
    if column < 4:
        return "–" if math.isnan(value) else f"{100 * value:.0f} %"
    return shown(value, 2)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column < _TEXTS else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class HealthTable(QTableView):
    """Networks; the keys 1 to 6 sort by a column, once more turns the order.

    Signals
    -------
    chosen(int)
        Place of the network that a person went to.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._model = _Model()
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(_SORT)
        self.setModel(self._sorted)
        self.setAccessibleName("Health of the networks")
        self.setToolTip("Choose a network to read what is wrong with it. The keys 1 to 6 sort by a column.")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(22)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in enumerate((0, 132, 52, 74, 64, 78)):
            if width:
                self.setColumnWidth(column, width)
        header.sortIndicatorChanged.connect(self._model.set_sorted)
        self.setIconSize(QSize(12, 12))
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.selectionModel().currentRowChanged.connect(self._tell)
        self._setting = False

    def set_rows(self, rows: list[HealthRow]) -> None:
        """Show other figures; the order stays that of the column."""
        self._setting = True
        self._model.set_rows(rows)
        self._setting = False
        frame = 2 * self.frameWidth() + self.horizontalHeader().sizeHint().height()
        self.setMaximumHeight(22 * max(len(rows), 1) + frame + 4)
        self.setMinimumHeight(22 * min(max(len(rows), 1), 4) + frame + 4)

    def set_chosen(self, place: int) -> None:
        """Select a network."""
        self._setting = True
        index = self._sorted.mapFromSource(self._model.index(place, 0))
        if index.isValid() and index.row() != self.currentIndex().row():
            self.selectRow(index.row())
        self._setting = False

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._model.set_theme(theme)

    def rows(self) -> list[list[str]]:
        """What is shown, row by row."""
        model = self._sorted
        return [
            [str(model.index(row, column).data()) for column in range(len(COLUMNS))]
            for row in range(model.rowCount())
        ]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits sort, the worst first; everything else is the table's."""
        column = event.key() - Qt.Key.Key_1
        if 0 <= column < len(COLUMNS):
            header = self.horizontalHeader()
            same = header.sortIndicatorSection() == column
            falling = same and header.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
            descending = Qt.SortOrder.DescendingOrder
            self.sortByColumn(column, descending if falling or not same else Qt.SortOrder.AscendingOrder)
        else:
            super().keyPressEvent(event)

    def _tell(self, current: QModelIndex, _: QModelIndex) -> None:
        if current.isValid() and not self._setting:
            self.chosen.emit(self._sorted.mapToSource(current).row())
