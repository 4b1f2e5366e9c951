"""Distributions of the layers: of what, in which form, on whose axes; and the plots themselves."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QWidget

from app.forms.controls import KeyCombo, Segments, icon_button, plain_tip
from app.plots.distribution import PLURALS, HistogramLook
from app.plots.histogram_grid import HistogramGrid, HistogramRow
from app.plots.readable_plot import ReadablePlot
from app.theme import Theme

if TYPE_CHECKING:
    from app.plots.depth_plot import DepthLine
    from app.plots.ridge_plot import Ridge
    from app.views.distribution_pages import DepthPage, HistogramOverlay, RidgePage

_KINDS = {
    "pre_activation": "What enters the activation function of each layer.",
    "activation": "What leaves the activation function of each layer.",
    "gradient": "The loss's gradient with respect to each layer's pre-activations.",
    "weight": "The matrix of weights of each layer.",
    "update": "What the last step added to each layer's weights.",
}
_FORMS = (
    ("grid", "grid", "A row for each network, a column for each layer."),
    ("overlay", "overlay", "A plot for each layer, with all networks over each other."),
    ("ridges", "ridges", "One layer over time: a ridge for each moment, the newest in front."
                         " A double click or Return on a cell of the grid goes there."),
    ("depth", "depth", "Spread and mean against depth, on logarithmic axes: a line that falls vanishes,"
                       " one that rises explodes."),
)  # fmt: skip


class DistributionView(QObject):
    """A row of controls, and one plot at a time; all but the grid are made when first shown.

    Attributes
    ----------
    controls, stack
        The row, and the plots: who lays out the panel places them.
    kind, form, own_axes, log_counts
        The controls.
    grid
        The form that is there from the start.

    Signals
    -------
    kind_chosen(str), form_chosen(str), own_axes_chosen(bool), log_counts_chosen(bool)
        The controls.
    cell_opened(int, int)
        Network's place and layer of which a person wants to see more; -1 for the network as it is.
    """

    kind_chosen = Signal(str)
    form_chosen = Signal(str)
    own_axes_chosen = Signal(bool)
    log_counts_chosen = Signal(bool)
    cell_opened = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self._theme: Theme | None = None
        self._message = ""
        self._look = HistogramLook()
        self.kind = KeyCombo("Distributions of", "Which values the distributions show.")
        for key, tip in _KINDS.items():
            self.kind.add(key, PLURALS[key], tip)
        self.form = Segments(_FORMS, "Distributions as")
        self.own_axes = _switch(
            "own_axes",
            "Own axes. An axis for each layer of each network, not one for all of them: small values can be"
            " seen beside large ones, but sizes no longer be compared.",
        )
        self.log_counts = _switch(
            "log_counts",
            "Log counts. Heights are logarithms of counts, not square roots: single values far out show.",
        )
        self.grid = HistogramGrid()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.grid)
        self._overlay: HistogramOverlay | None = None
        self._ridges: RidgePage | None = None
        self._depth: DepthPage | None = None
        self.kind.chosen.connect(self.kind_chosen)
        self.form.chosen.connect(self.form_chosen)
        self.own_axes.clicked.connect(self.own_axes_chosen)
        self.log_counts.clicked.connect(self.log_counts_chosen)
        self.grid.cell_opened.connect(self.cell_opened)
        self.controls = QWidget()
        row = QHBoxLayout(self.controls)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for control in (self.kind, self.form, self.own_axes, self.log_counts):
            row.addWidget(control)
        row.addStretch(1)

    # What is shown

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        for page in self._plots():
            page.set_theme(theme)

    def set_message(self, message: str) -> None:
        """Say something in place of networks that are not there."""
        self._message = message
        for page in self._plots():
            page.set_message(message)

    def set_settings(self, kind: str, form: str, look: HistogramLook) -> None:
        """Show what was chosen."""
        self.kind.set_value(kind)
        self.form.set_value(form)
        self.own_axes.setChecked(look.own_axes)
        self.log_counts.setChecked(look.log_counts)
        for switch in (self.own_axes, self.log_counts):
            switch.setEnabled(form != "depth")
        self._look = look
        pages = {"overlay": self.overlay, "ridges": self.ridges, "depth": self.depth}
        self.stack.setCurrentWidget(pages[form]() if form in pages else self.grid)
        for page in (self.grid, self._overlay, self._ridges):
            if page is not None:
                page.set_look(look)

    def set_rows(self, rows: list[HistogramRow]) -> None:
        """Show distributions of one kind: a row for each network, in the grid or over each other."""
        self.grid.set_rows(rows)
        if self._overlay is not None:
            self._overlay.set_rows(rows)

    def set_depth(self, spread: "list[DepthLine]", mean: "list[DepthLine]") -> None:
        """Show spread and mean of every layer."""
        page = self.depth()
        page.names.set_names([(line.label, line.colour) for line in spread])
        page.spread.set_lines(spread)
        page.mean.set_lines(mean)

    def set_ridges(
        self, networks: list[tuple[str, QColor]], chosen: int, layer: int, layers: int, ridges: "list[Ridge]"
    ) -> None:
        """Show one layer of the chosen one of the networks over time."""
        page = self.ridges()
        page.set_choices(networks, chosen, layer, layers)
        page.plot.set_ridges(*networks[chosen], ridges)

    # Forms that are made when first shown

    def overlay(self) -> "HistogramOverlay":
        """All networks over each other."""
        if self._overlay is None:
            from app.views.distribution_pages import HistogramOverlay

            self._overlay = page = HistogramOverlay()
            page.set_rows(self.grid.rows())
            page.layer_opened.connect(lambda layer: self.cell_opened.emit(-1, layer))
            self._add(page)
        return self._overlay

    def ridges(self) -> "RidgePage":
        """One layer over time."""
        if self._ridges is None:
            from app.views.distribution_pages import RidgePage

            self._ridges = page = RidgePage()
            page.chosen.connect(self.cell_opened)
            self._add(page)
        return self._ridges

    def depth(self) -> "DepthPage":
        """Spread and mean against depth."""
        if self._depth is None:
            from app.views.distribution_pages import DepthPage

            self._depth = DepthPage()
            self._add(self._depth)
        return self._depth

    def _add(self, page: QWidget) -> None:
        self.stack.addWidget(page)
        for plot in self._plots():
            plot.set_message(self._message)
            if self._theme is not None:
                plot.set_theme(self._theme)

    def _plots(self) -> list[ReadablePlot]:
        return self.stack.findChildren(ReadablePlot)


def _switch(icon: str, tip: str) -> QToolButton:
    button = icon_button(icon, tip, checkable=True)
    button.setToolTip(plain_tip(tip))
    return button
