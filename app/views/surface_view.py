"""The surface with its header: which surface, its formula, the start point's coordinates."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from app.forms.controls import KeyCombo, flat_button, message_label, role
from app.forms.number_box import NumberBox
from app.language import tr
from app.plots.surface_plot import SurfacePlot
from app.theme import Theme
from app.views.formula_label import FormulaLabel
from app.views.parameter_bar import ParameterBar
from app.views.tool_strip import ToolStrip
from core.formula_notation import equation, mean_equation
from core.hyperparameter import Hyperparameter
from core.notation import Node
from core.samples import samples
from core.surface import Surface, SurfaceEntry

if TYPE_CHECKING:
    from app.views.data_bar import DataBar
    from app.views.formula_editor import FormulaEditor
    from app.views.landscape_page import LandscapePage

_OWN, _NEW = "\nown formula ", "\nown formula new"
"""Keys of kept formulas, with their places, and of the entry that asks for one."""
_FORMULA_HEIGHT = 36
"""Of the formula in the header: a fraction stands in it."""

_OWN_DATA = "\nown data"
"""Key of the entry that asks for a file; no surface can be called so."""
_PAGE = "\npage"
"""Key of the entry for what was last shown in place of the catalogue's surface."""


class SurfaceView(QWidget):
    """Header and plot of a surface; a page may be shown in place of all but the list of surfaces.

    Attributes
    ----------
    plot, stage
        The surface itself, and the splitter in which it stands alone or beside another view of it.
    tools
        The buttons beside it.
    parameters
        Sliders of the formula's free numbers.
    editor
        Where a formula is written, made when it is first opened; None before.
    page
        What is shown in place of the catalogue's surface, or None.

    Signals
    -------
    surface_chosen(str)
        Id of a surface of the catalogue.
    own_chosen(str), own_data_asked()
        Key of a surface that was offered; a person wants to choose a table of their own.
    formula_chosen(int), formula_asked(bool)
        Place of one of the kept formulas; a formula is to be written: the one that is shown, or (true)
        another one.
    file_dropped(str)
        Path of a file that was let fall on the window.
    page_changed(bool)
        Whether a page is shown.
    start_typed(str, float)
        "x" or "y", and the coordinate of the selected start from its box.
    """

    surface_chosen = Signal(str)
    own_chosen = Signal(str)
    own_data_asked = Signal()
    formula_chosen = Signal(int)
    formula_asked = Signal(bool)
    file_dropped = Signal(str)
    page_changed = Signal(bool)
    start_typed = Signal(str, float)

    def __init__(self, entries: dict[str, SurfaceEntry]) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._entries, self._shown = entries, ""
        self._entry: SurfaceEntry | None = None
        self._formulas: list[tuple[str, str]] = []
        self._theme: Theme | None = None
        self._data_bar: DataBar | None = None
        self.editor: FormulaEditor | None = None
        self.page: LandscapePage | None = None
        self._known_page: LandscapePage | None = None
        self.parameters = ParameterBar()
        self.error = message_label("error")
        self.error.setContentsMargins(12, 0, 12, 2)
        self._under_header, self._lines = _box(self.parameters, self.error)
        self._footer, self._footers = _box()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._header())
        column.addWidget(self._under_header)
        column.addLayout(self._make_body(), 1)
        column.addWidget(self._footer)

    def add_footer(self, widget: QWidget) -> None:
        """Show something more below the surface."""
        self._footers.addWidget(widget)

    @property
    def shown_plot(self) -> SurfacePlot:
        """The plot that is in sight."""
        return self.plot if self.page is None else self.page.plot

    def zoom(self, factor: float) -> None:
        """Zoom what is shown about its centre; a factor below 1 comes nearer."""
        self.shown_plot.zoom(factor)

    def fit(self) -> None:
        """Show the whole of what is shown."""
        self.shown_plot.fit()

    def add_page(self, page: "LandscapePage", text: str, tip: str) -> None:
        """Something that can be shown in place of the surface; from now on the list has an entry for it."""
        self._known_page = page
        page.hide()
        page.head.hide()
        self._body.addWidget(page, 1)
        self._head.addWidget(page.head, 1)
        self.offer(_PAGE, text, tip)

    def show_page(self, shown: bool) -> None:
        """Show the page in place of the catalogue's surface, or that again as it was."""
        page = self._known_page
        if page is None or shown == (self.page is not None):
            return
        self.page = page if shown else None
        at = QApplication.focusWidget()
        focused = at is not None and self.isAncestorOf(at)
        for part in (self._about, self._under_header, self.stage, self._footer):
            part.setVisible(not shown)
        page.head.setVisible(shown)
        page.setVisible(shown)
        self.tools.set_overlays_usable(not shown)
        self._show_choice()
        self.page_changed.emit(shown)
        if focused:
            (page.playback.bar if shown else self.plot).setFocus()

    def _header(self) -> QHBoxLayout:
        """The list of surfaces, and what is to be said of the one that is shown."""
        self._head = QHBoxLayout()
        self._head.setContentsMargins(12, 4, 8, 4)
        self._head.setSpacing(8)
        self.chooser = self._make_chooser()
        self._head.addWidget(self.chooser)
        self._about = QWidget()
        self._head.addWidget(self._about, 1)
        row = QHBoxLayout(self._about)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._formula_place(), 1)
        self.edit = flat_button("edit", "Edit the formula, its name and its view (Ctrl+F)")
        self.edit.clicked.connect(lambda: self.formula_asked.emit(False))
        row.addWidget(self.edit)
        self._add_start_boxes(row)
        return self._head

    def _make_chooser(self) -> KeyCombo:
        """The list of surfaces; what is kept and what is offered joins it later."""
        chooser = KeyCombo("Surface", "The loss surface that the optimizers run down.")
        for entry in self._entries.values():
            chooser.add(entry.id, entry.name, entry.summary)
        chooser.insertSeparator(chooser.count())
        chooser.add(_OWN_DATA, "Own data from CSV…", "A linear regression on a table of your own.")
        chooser.setMaxVisibleItems(40)
        chooser.chosen.connect(self._choose)
        return chooser

    def _add_start_boxes(self, row: QHBoxLayout) -> None:
        """The selected start's coordinates, to be read and typed."""
        self.start_title = role(QLabel(tr("Start")), "muted")
        row.addWidget(self.start_title)
        self._boxes: dict[str, NumberBox] = {}
        for axis in "xy":
            box = NumberBox(_coordinate(axis, -5.0, 5.0))
            box.edited.connect(lambda value, axis=axis: self.start_typed.emit(axis, value))
            box.refused.connect(self.set_error)
            row.addWidget(role(QLabel(axis), "muted"))
            row.addWidget(box)
            self._boxes[axis] = box

    def _make_body(self) -> QHBoxLayout:
        """The plot, where another view of the surface may stand beside it, and its tools."""
        self.plot = SurfacePlot()
        self.tools = ToolStrip()
        self.tools.zoomed.connect(self.zoom)
        self.tools.fit_asked.connect(self.fit)
        self.stage = QSplitter(Qt.Orientation.Horizontal)
        self.stage.setObjectName("surface_stage")
        self.stage.setChildrenCollapsible(False)
        self.stage.addWidget(self.plot)
        self._body = QHBoxLayout()
        self._body.setSpacing(0)
        self._body.addWidget(self.tools)
        self._body.addWidget(self.stage, 1)
        return self._body

    def set_surface(self, surface: Surface) -> None:
        """Show a surface."""
        self.show_page(False)
        entry = self._entry = surface.entry
        self._show_choice()
        self.formula.set_formula(_notation(entry))
        words = entry.equation if entry.data is None else tr(entry.equation)
        self._place.setToolTip(f"{tr(entry.summary)}\n{words}")
        self._show_formula(self.editor is None or self.editor.isHidden())
        self.parameters.set_parameters(entry.parameters)
        self.plot.set_surface(surface)
        for axis, low, high in (("x", *entry.domain[:2]), ("y", *entry.domain[2:])):
            self._boxes[axis].set_hyperparameter(_coordinate(axis, low, high))

    def _formula_place(self) -> QWidget:
        """The formula in the middle of a height that is the same for every surface, with what it teaches."""
        self._place = QWidget()
        self._place.setFixedHeight(_FORMULA_HEIGHT)
        inside = QVBoxLayout(self._place)
        inside.setContentsMargins(0, 0, 0, 0)
        self.formula = FormulaLabel(14, "muted")
        inside.addWidget(self.formula, 1)
        return self._place

    def _show_choice(self) -> None:
        """Let the list stand on what is shown: a formula that is not kept is at "Own formula…"."""
        if self._entry is None:
            return
        entry = self._entry
        self._shown = entry.id or entry.name
        if not entry.id and entry.data is None:
            known = (entry.name if entry.title == entry.name else "", entry.formula)
            self._shown = f"{_OWN}{self._formulas.index(known)}" if known in self._formulas else _NEW
        self.chooser.set_value(self._shown if self.page is None else _PAGE)
        self.chooser.setToolTip(tr(entry.summary))

    def set_formulas(self, formulas: list[tuple[str, str]]) -> None:
        """List other kept formulas, each with its name (or "") and its text."""
        self._formulas = formulas
        entries = [
            (f"{_OWN}{place}", name or text, f"f(x, y) = {text}")
            for place, (name, text) in enumerate(formulas)
        ]
        another = (_NEW, "Own formula…", "Write a formula of your own (Ctrl+F).")
        self.chooser.set_section("Own formulas", entries, [another])
        self._show_choice()

    def open_editor(self) -> "FormulaEditor":
        """Show where a formula is written."""
        self.show_page(False)
        if self.editor is None:
            from app.views.formula_editor import FormulaEditor

            self.editor = FormulaEditor()
            self._lines.insertWidget(0, self.editor)
            if self._theme is not None:
                self.editor.set_theme(self._theme)
        self.editor.show()
        self._show_formula(False)
        return self.editor

    def close_editor(self) -> None:
        """Hide it; the list shows again what is shown."""
        if self.editor is not None:
            self.editor.hide()
        self._show_formula(True)
        self._show_choice()
        self.plot.setFocus()

    def _show_formula(self, on: bool) -> None:
        """In the header, unless it stands in the editor."""
        self.formula.setVisible(on)
        own = self._entry is not None and not self._entry.id and self._entry.data is None
        self.edit.setVisible(on and own)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.plot.set_theme(theme)
        self.formula.set_theme(theme)
        self._place.setFixedHeight(round(_FORMULA_HEIGHT * theme.scale))
        if self.editor is not None:
            self.editor.set_theme(theme)

    def offer(self, key: str, text: str, tip: str) -> None:
        """One surface more in the list, above the entry that asks for a file; again only its words change."""
        index = self.chooser.findData(key)
        if index < 0:
            index = self.chooser.findData(_OWN_DATA)
            self.chooser.insertItem(index, tr(text), key)
        self.chooser.setItemData(index, tr(tip), Qt.ItemDataRole.ToolTipRole)
        self._show_choice()

    def data_bar(self) -> "DataBar":
        """The line below the header that surfaces made of data have, made when it is first needed."""
        if self._data_bar is None:
            from app.views.data_bar import DataBar

            self._data_bar = DataBar()
            self._lines.insertWidget(0, self._data_bar)
        return self._data_bar

    def set_data_shown(self, shown: bool) -> None:
        """Show what only surfaces made of data have, or hide it."""
        if shown or self._data_bar is not None:
            self.data_bar().setVisible(shown)
        if "noise" in self.tools.switches:
            self.tools.switches["noise"].setEnabled(shown)

    def _choose(self, key: str) -> None:
        if key == _PAGE or (self.page is not None and key == self._shown):  # neither begins anything anew
            self.show_page(key == _PAGE)
        elif key == _OWN_DATA:
            self._show_choice()
            self.own_data_asked.emit()
        elif key == _NEW:
            self.formula_asked.emit(True)
        elif key.startswith(_OWN):
            self.formula_chosen.emit(int(key.removeprefix(_OWN)))
        else:
            (self.surface_chosen if key in self._entries else self.own_chosen).emit(key)

    def set_starts(self, points: Sequence[tuple[float, float]], selected: int) -> None:
        """Show the start points, and the coordinates of the selected one."""
        self.plot.set_starts(points, selected)
        x, y = points[selected]
        several = len(points) > 1
        self.start_title.setText(tr(f"Start {selected + 1:,} of {len(points):,}" if several else "Start"))
        self._boxes["x"].set_value(x)
        self._boxes["y"].set_value(y)

    def set_error(self, sentence: str) -> None:
        """Say above the plot what is wrong with the start point, or nothing."""
        self.error.setText(tr(sentence))
        self.error.setVisible(bool(sentence))

    def box(self, axis: str) -> NumberBox:
        """The box of a coordinate."""
        return self._boxes[axis]


def _box(*widgets: QWidget) -> tuple[QWidget, QVBoxLayout]:
    """Widgets one below the other that can be hidden as one, without a say in whether each is shown."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget)
    return holder, column


def _notation(entry: SurfaceEntry) -> Node:
    if entry.data is None:
        return equation(entry.formula)
    table = samples(entry.data)
    return mean_equation(entry.formula, table.names, table.count)


def _coordinate(axis: str, low: float, high: float) -> Hyperparameter:
    return Hyperparameter(
        name=axis, default=0.0, low=low, high=high, minimum=low, maximum=high, label=f"Start {axis}",
        help=f"The start point's {axis} coordinate, inside the surface's domain.",
    )  # fmt: skip
