"""A table of critical points: sorted by any column, with the mouse or the keys."""

from typing import Any

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
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.plots.critical_layer import mark_icon
from app.theme import Theme
from app.views.numbers import shown
from core.critical_points import KINDS, CriticalPoint, Kind

COLUMNS: tuple[tuple[str, str], ...] = (
    ("kind", "Minimum: both eigenvalues above 0. Maximum: both below. Saddle: one of each."
             " Degenerate: one is 0, or there is no gradient."),
    ("x", "Where it is."),
    ("y", "Where it is."),
    ("loss", "The loss there."),
    ("‖∇‖", "Norm of the gradient: what floats leave of 0; a dash where there is no gradient."),
    ("λ low", "Lower eigenvalue of the Hessian: how the surface bends where it bends up least."),
    ("λ high", "Higher eigenvalue of the Hessian: SGD needs a learning rate below 2 / λ here."),
)  # fmt: skip
Index = QModelIndex | QPersistentModelIndex
_ROOM = 7
"""Characters that fit a column of numbers in the narrowest panel."""
_SORT = Qt.ItemDataRole.UserRole


def _cells(point: CriticalPoint) -> tuple[float | None, ...]:
    low, high = point.eigenvalues or (None, None)
    return point.x, point.y, point.loss, point.gradient_norm, low, high


class _Model(QAbstractTableModel):
    """The points as rows; sorted by a proxy."""

    def __init__(self) -> None:
        super().__init__()
        self.points: tuple[CriticalPoint, ...] = ()
        self._sorted = (-1, Qt.SortOrder.AscendingOrder)
        self._icons: dict[Kind, QIcon] = {}

    def set_points(self, points: tuple[CriticalPoint, ...]) -> None:
        self.beginResetModel()
        self.points = points
        self.endResetModel()

    def set_sorted(self, column: int, order: Qt.SortOrder) -> None:
        self._sorted = (column, order)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def set_theme(self, theme: Theme) -> None:
        self._icons = {kind: mark_icon(kind, theme) for kind in KINDS}
        if self.points:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.points) - 1, 0))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.points)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        tip = COLUMNS[section][1]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{tip}\nClick, or press {section + 1} in the table, to sort."
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return self._title(section) if role == Qt.ItemDataRole.DisplayRole else None

    def _title(self, column: int) -> str:
        """Its name, with an arrow on the inner side where the rows are sorted by it."""
        name, (by, order) = COLUMNS[column][0], self._sorted
        arrow = "▴" if order == Qt.SortOrder.AscendingOrder else "▾"
        return name if by != column else f"{name} {arrow}" if column == 0 else f"{arrow} {name}"

    def data(self, index: Index, role: int = 0) -> Any:
        point, column = self.points[index.row()], index.column()
        value: Any = point.kind if column == 0 else _cells(point)[column - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return value.capitalize() if column == 0 else _short(value)
        if role == _SORT:
            return KINDS.index(value) if column == 0 else float("inf") if value is None else value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return point.note or (point.kind.capitalize() if column == 0 else shown(value, 12))
        if role == Qt.ItemDataRole.DecorationRole and column == 0:
            return self._icons.get(point.kind)
        return None


def _short(value: float | None) -> str:
    """Four digits, or as many as the column has room for."""
    texts = [shown(value, digits) for digits in (4, 3, 2)]
    return next((text for text in texts if len(text) <= _ROOM), texts[-1])


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class PointsTable(QTableView):
    """Critical points; the keys 1 to 7 sort by a column, once more turns the order.

    Signals
    -------
    chosen(int)
        Index of the point that a person went to.
    start_asked(int)
        Return or a double click on a point.
    """

    chosen = Signal(int)
    start_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._model = _Model()
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(_SORT)
        self.setModel(self._sorted)
        self.setAccessibleName("Critical points")
        self.setToolTip("Choose a point to fly there; Return or a double click starts there."
                        " The keys 1 to 7 sort by a column.")  # fmt: skip
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(22)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(48)
        header.sortIndicatorChanged.connect(self._model.set_sorted)
        self.setIconSize(QSize(16, 16))
        self.setColumnWidth(0, 100)
        self.setSortingEnabled(True)
        self.sortByColumn(3, Qt.SortOrder.AscendingOrder)
        self.selectionModel().currentRowChanged.connect(self._tell)
        self.activated.connect(lambda index: self.start_asked.emit(self._source(index)))
        self._setting = False

    def set_points(self, points: tuple[CriticalPoint, ...]) -> None:
        """Show other points; the order stays."""
        self._setting = True
        self._model.set_points(points)
        self._setting = False

    def set_chosen(self, index: int | None) -> None:
        """Select a point, or none."""
        self._setting = True
        if index is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        elif index != self.current():
            self.selectRow(self._sorted.mapFromSource(self._model.index(index, 0)).row())
        self._setting = False

    def set_theme(self, theme: Theme) -> None:
        """Draw marks in another look."""
        self._model.set_theme(theme)

    def current(self) -> int | None:
        """Index of the point that is selected."""
        index = self.currentIndex()
        return self._source(index) if index.isValid() else None

    def rows(self) -> list[list[str]]:
        """What is shown, row by row."""
        model = self._sorted
        return [
            [str(model.index(row, column).data()) for column in range(len(COLUMNS))]
            for row in range(model.rowCount())
        ]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits sort; everything else is the table's."""
        column = event.key() - Qt.Key.Key_1
        if 0 <= column < len(COLUMNS):
            header = self.horizontalHeader()
            same = header.sortIndicatorSection() == column
            rising = same and header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            ascending = Qt.SortOrder.AscendingOrder
            self.sortByColumn(column, ascending if rising or not same else Qt.SortOrder.DescendingOrder)
        else:
            super().keyPressEvent(event)

    def _source(self, index: QModelIndex) -> int:
        return self._sorted.mapToSource(index).row()

    def _tell(self, current: QModelIndex, _: QModelIndex) -> None:
        if current.isValid() and not self._setting:
            self.chosen.emit(self._source(current))
