"""The panel of health: a table of networks, what is wrong in words, and each figure against depth."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.forms.controls import restyle, role
from app.language import tr
from app.plots.depth_plot import DepthLine, DepthPlot, Guide
from app.theme import Theme
from app.views.health_table import HealthRow, HealthTable

_ROLES = ("muted", "warning", "error")


class HealthPanel(QWidget):
    """What ails the networks.

    Attributes
    ----------
    table, verdicts
        All networks, and sentences about the chosen one.
    shares, gradients, ratios
        Dead or saturated share, gradient norm and update ratio of each layer.

    Signals
    -------
    chosen(int)
        Place of a network.
    """

    chosen = Signal(int)

    def __init__(self, guide: Guide) -> None:
        super().__init__()
        self._rows: list[HealthRow] = []
        self.table = HealthTable()
        self.table.chosen.connect(self.chosen)
        self.verdicts = role(QLabel(), "muted")
        self.verdicts.setTextFormat(Qt.TextFormat.PlainText)
        self.verdicts.setWordWrap(True)
        self.verdicts.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.verdicts.setMinimumHeight(2 * self.verdicts.fontMetrics().lineSpacing() + 2)
        self.verdicts.setToolTip(tr("What is wrong with the chosen network, the most serious first."))
        self.shares = DepthPlot("dead or saturated", share=True)
        self.gradients = DepthPlot("gradient norm")
        self.ratios = DepthPlot("update / weights", guide)
        self.ratios.set_message("Make a step to see one.")
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.table)
        column.addWidget(self.verdicts)
        row = QHBoxLayout()
        row.setSpacing(4)
        for plot in self._plots():
            row.addWidget(plot)
        column.addLayout(row, 1)

    def _plots(self) -> tuple[DepthPlot, ...]:
        return self.shares, self.gradients, self.ratios

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.table.set_theme(theme)
        for plot in self._plots():
            plot.set_theme(theme)

    def set_rows(self, rows: list[HealthRow], chosen: int) -> None:
        """Show every network, and what is wrong with the chosen one."""
        self._rows = rows
        self.table.set_rows(rows)
        self.table.set_chosen(chosen)
        row = rows[chosen]
        restyle(self.verdicts, _ROLES[row.level])
        self.verdicts.setText("\n".join(map(tr, row.sentences)))
        self.verdicts.setAccessibleName(tr(f"Health of {row.label}"))

    def set_layers(
        self, shares: list[DepthLine], gradients: list[DepthLine], ratios: list[DepthLine]
    ) -> None:
        """Show each figure against depth, a line for each network."""
        for plot, lines in zip(self._plots(), (shares, gradients, ratios), strict=True):
            plot.set_lines(lines)
