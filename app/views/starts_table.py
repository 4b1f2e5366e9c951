"""The list of start points, with coordinates that can be typed."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.forms.number_box import number_text
from app.language import tr

Point = tuple[float, float]
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_ROLES = Qt.ItemDataRole


class PointsModel(QAbstractTableModel):
    """Points as rows: number, x and y.

    Signals
    -------
    typed(int, str, str)
        Row, "x" or "y", and the text that was typed there.
    """

    typed = Signal(int, str, str)

    def __init__(self) -> None:
        super().__init__()
        self._points: Sequence[Point] = ()

    def set_points(self, points: Sequence[Point]) -> None:
        """Show other points; as many as before only change their numbers."""
        if len(points) == len(self._points):
            self._points = points
            self.dataChanged.emit(self.index(0, 0), self.index(len(points) - 1, 2))
        else:
            self.beginResetModel()
            self._points = points
            self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """As many rows as points."""
        return 0 if parent.isValid() else len(self._points)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Number, x, y."""
        return 0 if parent.isValid() else 3

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLES.DisplayRole) -> Any:
        """The columns' titles."""
        shown = orientation == Qt.Orientation.Horizontal and role == _ROLES.DisplayRole
        return ("#", "x", "y")[section] if shown else None

    def data(self, index: Index, role: int = _ROLES.DisplayRole) -> Any:
        """A number, as boxes show it."""
        row, column = index.row(), index.column()
        if role in (_ROLES.DisplayRole, _ROLES.EditRole):
            value = self._points[row][column - 1] if column else row + 1
            return number_text(value) if role == _ROLES.EditRole else _short(value)
        if role == _ROLES.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == _ROLES.ToolTipRole and column:
            return tr("Double-click or press F2 to type a coordinate.")
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Coordinates can be edited."""
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() else flags

    def setData(self, index: Index, value: Any, role: int = _ROLES.EditRole) -> bool:
        """Tell what was typed; who listens sets the points if it is right."""
        self.typed.emit(index.row(), "xy"[index.column() - 1], str(value))
        return True


def _short(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value + 0.0:.4g}".replace("-", "−")


class StartsTable(QTableView):
    """All start points; the current row is the selected one.

    Signals
    -------
    chosen(int)
        A person selected another row.
    typed(int, str, str)
        Row, "x" or "y", and the text that was typed there.
    removed()
        Delete was pressed.
    """

    chosen = Signal(int)
    typed = Signal(int, str, str)
    removed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.points = PointsModel()
        self.points.typed.connect(self.typed)
        self.setModel(self.points)
        self.setAccessibleName(tr("Start points"))
        self.setToolTip(
            tr("Every start point. Select one to move it on the surface; double-click a number to type.")
        )
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)  # Tab goes on to the next control
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(20)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._setting = False
        self.selectionModel().currentRowChanged.connect(self._moved)

    def set_points(self, points: Sequence[Point], selected: int) -> None:
        """Show the points, one of them selected."""
        self._setting = True
        self.points.set_points(points)
        if self.currentIndex().row() != selected or not self.selectionModel().hasSelection():
            column = max(self.currentIndex().column(), 1)
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self.points.index(selected, column), flags)
        self._setting = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes the selected start."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def _moved(self, current: QModelIndex) -> None:
        if not self._setting and current.isValid():
            self.chosen.emit(current.row())
