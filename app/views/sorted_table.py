"""A table that is sorted by any column, with the mouse or the keys: what every such table shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView

from app.language import tr
from app.theme import Theme

R = TypeVar("R")
ROW_HEIGHT = 22
Index = QModelIndex | QPersistentModelIndex
_SORT = Qt.ItemDataRole.UserRole
_ASCENDING, _DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


@dataclass(frozen=True)
class Column:
    """Its name, what it tells, and whether it holds words or numbers."""

    name: str
    tip: str
    words: bool = False


class SortedModel(QAbstractTableModel, Generic[R]):
    """Things as rows; a table of its own says what stands in their cells."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self.rows: Sequence[R] = ()
        self.theme: Theme | None = None
        self._sorted = (-1, _ASCENDING)

    # What differs between tables

    def text(self, row: R, column: int) -> str:
        """What a cell shows, in the reader's language."""
        raise NotImplementedError

    def sorted_by(self, row: R, column: int) -> str | float:
        """What a cell is sorted by."""
        raise NotImplementedError

    def tip(self, row: R, column: int) -> str:
        """What a cell says when pointed at, in the reader's language."""
        raise NotImplementedError

    def icon(self, row: R, column: int) -> QIcon | None:
        """What stands before a cell's text, if anything."""
        return None

    # What does not

    def set_rows(self, rows: Sequence[R]) -> None:
        """Show other things; as many as before take the places of those, so that nothing jumps."""
        if len(rows) == len(self.rows):
            self.rows = rows
            self._changed()
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.theme = theme
        self._changed()

    def set_sorted(self, column: int, order: Qt.SortOrder) -> None:
        """Mark the column that the rows are sorted by."""
        self._sorted = (column, order)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def rowCount(self, parent: Index | None = None) -> int:
        """How many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """How many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Name and explanation of a column."""
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            how = tr(f"Click, or press {section + 1} in the table, to sort.")
            return f"{tr(self.columns[section].tip)}\n{how}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return self._title(section) if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = 0) -> Any:
        """What a cell holds."""
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == _SORT:
            return self.sorted_by(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tip(row, column)
        return self.icon(row, column) if role == Qt.ItemDataRole.DecorationRole else None

    def _changed(self) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))

    def _title(self, place: int) -> str:
        """Its name, with an arrow on the inner side where the rows are sorted by it."""
        column, (by, order) = self.columns[place], self._sorted
        name, arrow = tr(column.name), "▴" if order == _ASCENDING else "▾"
        if by != place:
            return name
        return f"{name} {arrow}" if column.words else f"{arrow} {name}"

    def _alignment(self, place: int) -> Qt.AlignmentFlag:
        words = self.columns[place].words
        side = Qt.AlignmentFlag.AlignLeft if words else Qt.AlignmentFlag.AlignRight
        return side | Qt.AlignmentFlag.AlignVCenter


class SortedTable(QTableView):
    """Rows of which one is chosen; digits sort by a column, once more turns the order.

    Signals
    -------
    chosen(int)
        Place of the thing that a person went to, in the order in which the model has them.
    """

    chosen = Signal(int)

    def __init__(self, model: SortedModel[Any], icon_size: QSize, first: Qt.SortOrder = _ASCENDING) -> None:
        """`first` is the order in which a key sorts at first."""
        super().__init__()
        self._model, self._first = model, first
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(model)
        self._sorted.setSortRole(_SORT)
        self._setting = False
        self.setModel(self._sorted)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setIconSize(icon_size)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().sortIndicatorChanged.connect(model.set_sorted)
        self.setSortingEnabled(True)
        self.selectionModel().currentRowChanged.connect(self._tell)

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show other things; the order stays that of the column."""
        self._setting = True
        self._model.set_rows(rows)
        self._setting = False

    def set_chosen(self, place: int | None) -> None:
        """Select a thing, or none."""
        self._setting = True
        if place is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        elif place != self.current():
            self.selectRow(self._sorted.mapFromSource(self._model.index(place, 0)).row())
        self._setting = False

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._model.set_theme(theme)

    def current(self) -> int | None:
        """Place of the thing that is selected."""
        index = self.currentIndex()
        return self.place(index) if index.isValid() else None

    def place(self, index: QModelIndex) -> int:
        """Place of the thing in a row as it is shown."""
        return self._sorted.mapToSource(index).row()

    def rows(self) -> list[list[str]]:
        """What is shown, row by row."""
        model = self._sorted
        return [
            [str(model.index(row, column).data()) for column in range(model.columnCount())]
            for row in range(model.rowCount())
        ]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits sort; everything else is the table's."""
        column = event.key() - Qt.Key.Key_1
        if 0 <= column < self._sorted.columnCount():
            header = self.horizontalHeader()
            again = (header.sortIndicatorSection(), header.sortIndicatorOrder()) == (column, self._first)
            self.sortByColumn(column, _other(self._first) if again else self._first)
        else:
            super().keyPressEvent(event)

    def _tell(self, current: QModelIndex, _: QModelIndex) -> None:
        if current.isValid() and not self._setting:
            self.chosen.emit(self.place(current))


def _other(order: Qt.SortOrder) -> Qt.SortOrder:
    return _DESCENDING if order == _ASCENDING else _ASCENDING
