"""The side panel of maps: what is mapped, and the map of two numbers of the optimizer."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.forms.controls import ElidedLabel, KeyCombo, Segments, flat_button, message_label, role
from app.forms.number_box import NumberBox
from app.language import tr
from app.plots.map_plot import MapPlot
from app.theme import Theme
from core.hyperparameter import Hyperparameter
from core.map_grades import GradedMap
from core.map_spec import COLUMNS, ROWS, MapAxis

STARTS, NUMBERS = "starts", "numbers"
_QUANTITIES = (
    ("minimum", "minimum", "Colour by the minimum that is reached."),
    ("steps", "steps", "Colour by the steps until the gradient's norm stays below the tolerance."),
    ("loss", "loss", "Colour by the final loss, on a log-like scale above the lowest one."),
)
_KEY_WIDTH = 200


class MapPanel(QWidget):
    """Controls of both maps, and the map of two numbers.

    Attributes
    ----------
    optimizer, on_surface, by, axes, ends, sizes, plot
        The controls: `by` by map, `axes` by side ("x", "y"), `ends` by side and "low" or "high",
        `sizes` by "columns" and "rows"; and the map.

    Signals
    -------
    optimizer_chosen(str), starts_toggled(bool)
        Which optimizer; whether the map of starts is on the surface.
    quantity_chosen(str, str)
        `STARTS` or `NUMBERS`, and what that map is coloured by.
    axis_chosen(str, str), end_typed(str, str, float), axes_reset()
        A side and its number; a side, "low" or "high", and the value; the axes as they suit.
    size_typed(str, int)
        "columns" or "rows", and how many.
    """

    optimizer_chosen = Signal(str)
    starts_toggled = Signal(bool)
    quantity_chosen = Signal(str, str)
    axis_chosen = Signal(str, str)
    end_typed = Signal(str, str, float)
    axes_reset = Signal()
    size_typed = Signal(str, int)

    def __init__(self, optimizers: Iterable[tuple[str, str]]) -> None:
        """`optimizers` are ids and names."""
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.optimizer = KeyCombo("Optimizer of the maps", "The optimizer that is mapped, with its numbers.")
        for key, name in optimizers:
            self.optimizer.add(key, name)
        self.optimizer.chosen.connect(self.optimizer_chosen)
        self.on_surface = QCheckBox(tr("Starts, on the surface"))
        self.on_surface.setToolTip(tr("Colour every point of the surface by what happens from there. (M)"))
        self.on_surface.clicked.connect(self.starts_toggled)
        self.by = {
            STARTS: Segments(_QUANTITIES, "Map of starts by"),
            NUMBERS: Segments(_QUANTITIES, "Map of numbers by"),
        }
        for name, segments in self.by.items():
            segments.chosen.connect(lambda key, name=name: self.quantity_chosen.emit(name, key))
        self.sizes = {each.name: NumberBox(each) for each in (COLUMNS, ROWS)}
        for name, box in self.sizes.items():
            box.edited.connect(lambda value, name=name: self.size_typed.emit(name, value))
            box.refused.connect(self.set_message)
        self.axes: dict[str, KeyCombo] = {}
        self.ends: dict[tuple[str, str], NumberBox] = {}
        self.message = message_label("warning")
        self.plot = MapPlot(_KEY_WIDTH)
        self.plot.plot.setAccessibleName(tr("Map of two numbers. Arrow keys set the values"))
        self.plot.plot.setToolTip(
            tr(
                "Every pixel is a run with these two numbers from the start. Click, drag or use the arrow"
                " keys (with Shift: finely) to set the values; the paths follow."
            )
        )
        self.pointed = role(ElidedLabel(), "muted")
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 6)
        column.setSpacing(4)
        column.addLayout(self._first_row())
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.on_surface, 0, 0)
        label = QLabel(tr("Two numbers, below"))
        label.setToolTip(tr("A run from the start point for every pair of two numbers of the optimizer."))
        grid.addWidget(label, 1, 0)
        for row, name in enumerate((STARTS, NUMBERS)):
            grid.addWidget(role(QLabel(tr("by")), "muted"), row, 1)
            grid.addWidget(self.by[name], row, 2)
        grid.setColumnStretch(3, 1)
        column.addLayout(grid)
        column.addLayout(self._axis_rows())
        column.addWidget(self.message)
        column.addWidget(self.plot, 1)
        column.addWidget(self.pointed)

    def _first_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.optimizer)
        row.addStretch(1)
        pixels = role(QLabel(tr("pixels")), "muted")
        pixels.setToolTip(tr("Pixels of a map, from left to right and from bottom to top."))
        row.addWidget(pixels)
        row.addWidget(self.sizes["columns"])
        row.addWidget(role(QLabel("×"), "muted"))
        row.addWidget(self.sizes["rows"])
        return row

    def _axis_rows(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        for row, (side, arrow) in enumerate((("x", "→"), ("y", "↑"))):
            where = "from left to right" if side == "x" else "from bottom to top"
            combo = KeyCombo(f"Number {where}", f"The number that varies {where}.")
            combo.chosen.connect(lambda name, side=side: self.axis_chosen.emit(side, name))
            self.axes[side] = combo
            grid.addWidget(role(QLabel(arrow), "muted"), row, 0)
            grid.addWidget(combo, row, 1)
            for place, (end, word) in enumerate((("low", "from"), ("high", "to"))):
                grid.addWidget(role(QLabel(tr(word)), "muted"), row, 2 + 2 * place)
                grid.addWidget(self._end_box(side, end, where), row, 3 + 2 * place)
        reset = flat_button("reset", "Set both axes to the numbers and ranges that suit the optimizer.")
        reset.clicked.connect(self.axes_reset)
        grid.addWidget(reset, 0, 6)
        grid.setColumnStretch(7, 1)
        return grid

    def _end_box(self, side: str, end: str, where: str) -> NumberBox:
        word = "lowest" if end == "low" else "highest"
        box = NumberBox(Hyperparameter(name=f"{side}_{end}", default=0.0, label=f"{word} number {where}"))
        box.edited.connect(lambda value: self.end_typed.emit(side, end, float(value)))
        box.refused.connect(self.set_message)
        self.ends[side, end] = box
        return box

    def set_optimizer(self, key: str) -> None:
        """Show which optimizer is mapped."""
        self.optimizer.set_value(key)

    def set_starts(self, on: bool, by: str) -> None:
        """Show whether the map of starts is on the surface, and its quantity."""
        self.on_surface.setChecked(on)
        self.by[STARTS].set_value(by)

    def set_numbers(self, by: str, columns: int, rows: int) -> None:
        """Show the quantity of the map of numbers, and the size of both maps."""
        self.by[NUMBERS].set_value(by)
        self.sizes["columns"].set_value(columns)
        self.sizes["rows"].set_value(rows)

    def set_axes(self, choices: tuple[Hyperparameter, ...], axes: tuple[MapAxis, MapAxis] | None) -> None:
        """Offer these numbers, and show the axes; none, where the optimizer has but one number."""
        named = {each.name: each for each in choices}
        for side, axis in zip(("x", "y"), axes or (None, None), strict=True):
            combo = self.axes[side]
            if [combo.itemData(index) for index in range(combo.count())] != list(named):
                combo.clear()
                for each in choices:
                    combo.add(each.name, each.title, each.help)
            combo.setEnabled(axis is not None)
            for end in ("low", "high"):
                box = self.ends[side, end]
                box.setEnabled(axis is not None)
                if axis is not None and axis.name in named:
                    box.set_hyperparameter(named[axis.name])
                    box.set_value(getattr(axis, end))
            if axis is not None:
                combo.set_value(axis.name)

    def set_map(self, shown: GradedMap | None, theme: Theme) -> None:
        """Show the map of numbers, or none."""
        self.plot.set_map(shown, theme)

    def set_pointed(self, text: str) -> None:
        """Say what is under the pointer, below the map."""
        self.pointed.setText(tr(text))

    def set_message(self, sentence: str) -> None:
        """Say something between controls and map, or nothing."""
        self.message.setText(tr(sentence))
        self.message.setVisible(bool(sentence))
