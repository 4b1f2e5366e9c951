"""The surface with its header: which surface, its formula, the start point's coordinates."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from app.forms.controls import ElidedLabel, KeyCombo, message_label, role
from app.forms.number_box import NumberBox
from app.plots.surface_plot import SurfacePlot
from app.views.tool_strip import ToolStrip
from core.hyperparameter import Hyperparameter
from core.surface import Surface, SurfaceEntry

if TYPE_CHECKING:
    from app.views.data_bar import DataBar

_OWN_DATA = "\nown data"
"""Key of the entry that asks for a file; no surface can be called so."""


class SurfaceView(QWidget):
    """Header and plot of a surface.

    Attributes
    ----------
    plot, stage
        The surface itself, and the splitter in which it stands alone or beside another view of it.
    tools
        The buttons beside it.

    Signals
    -------
    surface_chosen(str)
        Id of a surface of the catalogue.
    own_chosen(str), own_data_asked()
        Key of a surface that was offered; a person wants to choose a table of their own.
    file_dropped(str)
        Path of a file that was let fall on the window.
    start_typed(str, float)
        "x" or "y", and the coordinate of the selected start from its box.
    """

    surface_chosen = Signal(str)
    own_chosen = Signal(str)
    own_data_asked = Signal()
    file_dropped = Signal(str)
    start_typed = Signal(str, float)

    def __init__(self, entries: dict[str, SurfaceEntry]) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.plot = SurfacePlot()
        self.chooser = KeyCombo("Surface", "The loss surface that the optimizers run down.")
        for entry in entries.values():
            self.chooser.add(entry.id, entry.name, entry.summary)
        self.chooser.insertSeparator(self.chooser.count())
        self.chooser.add(_OWN_DATA, "Own data from CSV…", "A linear regression on a table of your own.")
        self.chooser.chosen.connect(self._choose)
        self._entries, self._shown = entries, ""
        self._data_bar: DataBar | None = None
        self.formula = role(ElidedLabel(), "formula")
        self.error = message_label("error")
        self.error.setContentsMargins(12, 0, 12, 2)
        self._boxes: dict[str, NumberBox] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._header())
        self._column = column
        column.addWidget(self.error)
        self.tools = ToolStrip()
        self.tools.zoomed.connect(self.plot.zoom)
        self.tools.fit_asked.connect(self.plot.fit)
        self.stage = QSplitter(Qt.Orientation.Horizontal)
        self.stage.setObjectName("surface_stage")
        self.stage.setChildrenCollapsible(False)
        self.stage.addWidget(self.plot)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.tools)
        body.addWidget(self.stage, 1)
        column.addLayout(body, 1)
        self._column = column

    def add_footer(self, widget: QWidget) -> None:
        """Show something more below the surface."""
        self._column.addWidget(widget)

    def _header(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(12, 8, 8, 6)
        row.setSpacing(8)
        row.addWidget(self.chooser)
        row.addWidget(self.formula, 1)
        self.start_title = role(QLabel("Start"), "muted")
        row.addWidget(self.start_title)
        for axis in "xy":
            box = NumberBox(_coordinate(axis, -5.0, 5.0))
            box.edited.connect(lambda value, axis=axis: self.start_typed.emit(axis, value))
            box.refused.connect(self.set_error)
            row.addWidget(role(QLabel(axis), "muted"))
            row.addWidget(box)
            self._boxes[axis] = box
        return row

    def set_surface(self, surface: Surface) -> None:
        """Show a surface."""
        entry = surface.entry
        self._shown = entry.id or entry.name
        self.chooser.set_value(self._shown)
        self.chooser.setToolTip(entry.summary)
        self.formula.setText(_written(entry))
        self.formula.setToolTip(f"{entry.summary}\n{entry.equation}")
        self.plot.set_surface(surface)
        for axis, low, high in (("x", *entry.domain[:2]), ("y", *entry.domain[2:])):
            self._boxes[axis].set_hyperparameter(_coordinate(axis, low, high))

    def offer(self, key: str, text: str, tip: str) -> None:
        """One surface more in the list, above the entry that asks for a file; again only its words change."""
        index = self.chooser.findData(key)
        if index < 0:
            index = self.chooser.findData(_OWN_DATA)
            self.chooser.insertItem(index, text, key)
        self.chooser.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)
        self.chooser.set_value(self._shown)

    def data_bar(self) -> "DataBar":
        """The line below the header that surfaces made of data have, made when it is first needed."""
        if self._data_bar is None:
            from app.views.data_bar import DataBar

            self._data_bar = DataBar()
            self._column.insertWidget(1, self._data_bar)
        return self._data_bar

    def set_data_shown(self, shown: bool) -> None:
        """Show what only surfaces made of data have, or hide it."""
        if shown or self._data_bar is not None:
            self.data_bar().setVisible(shown)
        if "noise" in self.tools.switches:
            self.tools.switches["noise"].setEnabled(shown)

    def _choose(self, key: str) -> None:
        if key == _OWN_DATA:
            self.chooser.set_value(self._shown)
            self.own_data_asked.emit()
        else:
            (self.surface_chosen if key in self._entries else self.own_chosen).emit(key)

    def set_starts(self, points: Sequence[tuple[float, float]], selected: int) -> None:
        """Show the start points, and the coordinates of the selected one."""
        self.plot.set_starts(points, selected)
        x, y = points[selected]
        several = len(points) > 1
        self.start_title.setText(f"Start {selected + 1:,} of {len(points):,}" if several else "Start")
        self._boxes["x"].set_value(x)
        self._boxes["y"].set_value(y)

    def set_error(self, sentence: str) -> None:
        """Say above the plot what is wrong with the start point, or nothing."""
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))

    def box(self, axis: str) -> NumberBox:
        """The box of a coordinate."""
        return self._boxes[axis]


def _written(entry: SurfaceEntry) -> str:
    text = entry.equation if entry.data is None else entry.equation.replace("**2", "²").replace(" - ", " − ")
    return text.replace("**", "^").replace("*", "·")


def _coordinate(axis: str, low: float, high: float) -> Hyperparameter:
    return Hyperparameter(
        name=axis, default=0.0, low=low, high=high, minimum=low, maximum=high, label=f"Start {axis}",
        help=f"The start point's {axis} coordinate, inside the surface's domain.",
    )  # fmt: skip
