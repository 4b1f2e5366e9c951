"""Forms of the distributions that are made when first shown: over each other, over time, against depth."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.forms.controls import KeyCombo
from app.language import tr
from app.plots.depth_plot import DepthPlot
from app.plots.distribution import HistogramLook
from app.plots.histogram_overlay import HistogramOverlay
from app.plots.readable_plot import NamesBar
from app.plots.ridge_plot import RidgePlot
from app.views.network_combo import NetworkCombo

__all__ = ["DepthPage", "HistogramOverlay", "RidgePage"]


class DepthPage(QWidget):
    """Two plots side by side, below the networks' names.

    Attributes
    ----------
    names, spread, mean
        The parts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.spread, self.mean = DepthPlot("standard deviation"), DepthPlot("|mean|")
        self.names = NamesBar()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.spread)
        row.addWidget(self.mean)
        column.addWidget(self.names)
        column.addLayout(row, 1)


class RidgePage(QWidget):
    """The ridges, and whose they are.

    Attributes
    ----------
    network, layer, plot
        The parts.

    Signals
    -------
    chosen(int, int)
        Network's place and layer that a person chose.
    """

    chosen = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self.network = NetworkCombo("Network of the ridges", "Whose layer is shown over time.")
        self.layer = KeyCombo("Layer of the ridges", "Which layer is shown over time.")
        self.plot = RidgePlot()
        for combo in (self.network, self.layer):
            combo.activated.connect(
                lambda _: self.chosen.emit(self.network.currentIndex(), self.layer.currentIndex() + 1)
            )
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.network)
        row.addWidget(self.layer)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.plot, 1)

    def set_look(self, look: HistogramLook) -> None:
        """Show them on other axes, or with other heights."""
        self.plot.set_look(look)

    def set_choices(self, networks: list[tuple[str, QColor]], network: int, layer: int, layers: int) -> None:
        """What can be chosen, and what is."""
        labels, colours = zip(*networks, strict=True)
        self.network.set_networks(labels, colours, network)
        _fill(self.layer, [tr(f"layer {number}") for number in range(1, layers + 1)])
        self.layer.setCurrentIndex(layer - 1)


def _fill(combo: KeyCombo, texts: list[str]) -> None:
    """Other entries; nothing when they are the same, so that an open list stays open."""
    if [combo.itemText(index) for index in range(combo.count())] != texts:
        combo.clear()
        combo.addItems(texts)
