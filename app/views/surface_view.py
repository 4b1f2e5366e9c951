"""The surface with its header: which surface, its formula, the start point's coordinates."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from app.forms.controls import ElidedLabel, KeyCombo, message_label, role
from app.forms.number_box import NumberBox
from app.plots.surface_plot import SurfacePlot
from app.views.tool_strip import ToolStrip
from core.hyperparameter import Hyperparameter
from core.surface import Surface, SurfaceEntry


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
    start_typed(str, float)
        "x" or "y", and the coordinate of the selected start from its box.
    """

    surface_chosen = Signal(str)
    start_typed = Signal(str, float)

    def __init__(self, entries: dict[str, SurfaceEntry]) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.plot = SurfacePlot()
        self.chooser = KeyCombo("Surface", "The loss surface that the optimizers run down.")
        for entry in entries.values():
            self.chooser.add(entry.id, entry.name, entry.summary)
        self.chooser.chosen.connect(self.surface_chosen)
        self.formula = role(ElidedLabel(), "formula")
        self.error = message_label("error")
        self.error.setContentsMargins(12, 0, 12, 2)
        self._boxes: dict[str, NumberBox] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._header())
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
        self.chooser.set_value(entry.id)
        self.chooser.setToolTip(entry.summary)
        self.formula.setText(f"f(x, y) = {entry.formula}".replace("**", "^").replace("*", "·"))
        self.formula.setToolTip(f"{entry.summary}\nf(x, y) = {entry.formula}")
        self.plot.set_surface(surface)
        for axis, low, high in (("x", *entry.domain[:2]), ("y", *entry.domain[2:])):
            self._boxes[axis].set_hyperparameter(_coordinate(axis, low, high))

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


def _coordinate(axis: str, low: float, high: float) -> Hyperparameter:
    return Hyperparameter(
        name=axis, default=0.0, low=low, high=high, minimum=low, maximum=high, label=f"Start {axis}",
        help=f"The start point's {axis} coordinate, inside the surface's domain.",
    )  # fmt: skip
