"""A table of critical points: sorted by any column, with the mouse or the keys."""

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHeaderView

from app.language import tr
from app.plots.critical_layer import mark_icon
from app.theme import Theme
from app.views.numbers import shown
from app.views.sorted_table import Column, SortedModel, SortedTable
from core.critical_points import KINDS, CriticalPoint, Kind

COLUMNS = (
    Column("kind", "Minimum: both eigenvalues above 0. Maximum: both below. Saddle: one of each."
                   " Degenerate: one is 0, or there is no gradient.", words=True),
    Column("x", "Where it is."),
    Column("y", "Where it is."),
    Column("loss", "The loss there."),
    Column("‖∇‖", "Norm of the gradient: what floats leave of 0; a dash where there is no gradient."),
    Column("λ low", "Lower eigenvalue of the Hessian: how the surface bends where it bends up least."),
    Column("λ high", "Higher eigenvalue of the Hessian: SGD needs a learning rate below 2 / λ here."),
)  # fmt: skip
_ROOM = 7
"""Characters that fit a column of numbers in the narrowest panel."""


class _Model(SortedModel[CriticalPoint]):
    """The points as rows."""

    def __init__(self) -> None:
        super().__init__(COLUMNS)
        self._icons: dict[Kind, QIcon] = {}

    def set_theme(self, theme: Theme) -> None:
        self._icons = {kind: mark_icon(kind, theme) for kind in KINDS}
        super().set_theme(theme)

    def text(self, row: CriticalPoint, column: int) -> str:
        return _short(_numbers(row)[column - 1]) if column else tr(row.kind.capitalize())

    def sorted_by(self, row: CriticalPoint, column: int) -> float:
        number = _numbers(row)[column - 1] if column else KINDS.index(row.kind)
        return float("inf") if number is None else number

    def tip(self, row: CriticalPoint, column: int) -> str:
        number = shown(_numbers(row)[column - 1], 12) if column else ""
        return tr(row.note) or number or self.text(row, column)

    def icon(self, row: CriticalPoint, column: int) -> QIcon | None:
        return None if column else self._icons.get(row.kind)


def _numbers(point: CriticalPoint) -> tuple[float | None, ...]:
    low, high = point.eigenvalues or (None, None)
    return point.x, point.y, point.loss, point.gradient_norm, low, high


def _short(value: float | None) -> str:
    """Four digits, or as many as the column has room for."""
    texts = [shown(value, digits) for digits in (4, 3, 2)]
    return next((text for text in texts if len(text) <= _ROOM), texts[-1])


class PointsTable(SortedTable):
    """Critical points; the keys 1 to 7 sort by a column, once more turns the order.

    Signals
    -------
    start_asked(int)
        Return or a double click on a point.
    """

    start_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__(_Model(), QSize(16, 16))
        self.setAccessibleName(tr("Critical points"))
        self.setToolTip(
            tr(
                "Choose a point to fly there; Return or a double click starts there."
                " The keys 1 to 7 sort by a column."
            )
        )
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(48)
        self.setColumnWidth(0, 100)
        self.sortByColumn(3, Qt.SortOrder.AscendingOrder)
        self.activated.connect(self._ask_start)

    def _ask_start(self, index: QModelIndex) -> None:
        self.start_asked.emit(self.place(index))
