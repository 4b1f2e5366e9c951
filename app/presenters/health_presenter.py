"""Training reports -> panel of health; the network that a person chooses there -> document."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from app.plots.depth_plot import DepthLine, Guide
from app.theme import Theme
from app.views.health_panel import HealthPanel
from app.views.health_table import HealthRow
from core.experiment import Experiment
from core.network.health import FINE, GUIDE, GUIDE_BAND, LayerHealth, NetworkHealth, examine
from core.training import NetworkFrame

if TYPE_CHECKING:
    from app.main import Laboratory

NAME = "health"


def make_panel(lab: "Laboratory") -> HealthPanel:
    """The panel beside the network."""
    panel = HealthPanel(Guide(GUIDE, *GUIDE_BAND))
    HealthPresenter(lab, panel).setParent(panel)
    return panel


class HealthPresenter(QObject):
    """Examines the networks of every report while the panel is seen."""

    def __init__(self, lab: "Laboratory", panel: HealthPanel) -> None:
        super().__init__()
        self._document, self._panel, self._theme = lab.document, panel, lab.window.theme
        self._host = lab.window.panel_host(NAME)
        self._networks = lab.network_presenter
        lab.training.follow(self._follow_training)
        lab.document.changed.connect(self._follow)
        lab.window.theme_changed.connect(self._set_theme)
        self._host.seen.connect(lambda _: self._show())
        panel.chosen.connect(self._choose)
        panel.set_theme(self._theme)
        self._show()

    def _follow_training(self, _: object) -> None:
        if self._host.is_seen:
            self._show()

    def _follow(self, old: Experiment, new: Experiment) -> None:
        if old.distributions.network != new.distributions.network:
            self._show()

    def _set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._panel.set_theme(theme)
        self._show()

    def _choose(self, place: int) -> None:
        """The same network is shown over time by the ridges."""
        experiment = self._document.experiment
        shown = replace(experiment.distributions, network=place)
        self._document.replace(replace(experiment, distributions=shown))

    def _show(self) -> None:
        report = self._networks.report  # what the network's panel shows: it passes over what is late
        if report is None:
            return
        networks = report.frame.networks
        colours = self._theme.networks([network.variant.initializer.id for network in networks])
        found = [_examined(network) for network in networks]
        rows = [_row(*each) for each in zip(networks, colours, found, strict=True)]
        chosen = min(self._document.experiment.distributions.network, len(rows) - 1)
        self._panel.set_rows(rows, chosen)
        self._panel.set_layers(
            _lines(rows, found, lambda layer: max(layer.dead, layer.saturated)),
            _lines(rows, found, lambda layer: layer.gradient_norm),
            _lines(rows, found, lambda layer: layer.update_ratio),
        )


def _examined(network: NetworkFrame) -> NetworkHealth:
    return examine(network.statistics, network.variant.network, network.variant.initializer)


def _row(network: NetworkFrame, colour: QColor, health: NetworkHealth) -> HealthRow:
    """A network that diverged says so first."""
    layers, diverged = health.layers, network.outcome == "diverged"
    level = max((1 + verdict.serious for verdict in health.verdicts), default=0)
    said = tuple(f"{network.label}, {verdict.sentence}." for verdict in health.verdicts)
    if diverged or not said:
        said = (f"{network.label}: {network.message if diverged else FINE}", *said)
    return HealthRow(
        network.label,
        colour,
        "diverged" if diverged else health.word,
        2 if diverged else level,
        max(layer.dead for layer in layers),
        max(layer.saturated for layer in layers),
        min(
            (layer.gradient_norm for layer in layers), key=lambda norm: math.inf if math.isnan(norm) else norm
        ),
        max((layer.update_ratio for layer in layers), key=_from_guide),
        said,
    )


def _from_guide(ratio: float) -> float:
    """Decades between an update ratio and what it should be."""
    if math.isnan(ratio):
        return -1.0
    return abs(math.log10(ratio / GUIDE)) if 0.0 < ratio < math.inf else math.inf


def _lines(
    rows: list[HealthRow], found: list[NetworkHealth], figure: Callable[[LayerHealth], float]
) -> list[DepthLine]:
    return [
        DepthLine(row.label, row.colour, np.array([figure(layer) for layer in health.layers]))
        for row, health in zip(rows, found, strict=True)
    ]
