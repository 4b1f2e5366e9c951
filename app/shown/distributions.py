"""A frame of networks in training -> the rows, lines and ridges that plots of distributions draw."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor

from app.plots.histogram_grid import HistogramRow
from app.theme import Theme
from core.experiment import Experiment
from core.network.statistics import LayerStatistics
from core.training import NetworkFrame, TrainingFrame

if TYPE_CHECKING:  # plots of forms that are made when they are first shown
    from app.plots.depth_plot import DepthLine
    from app.plots.ridge_plot import Ridge


def named_networks(frame: TrainingFrame, theme: Theme) -> list[tuple[str, QColor]]:
    """Label and colour of each network."""
    colours = theme.networks([network.variant.initializer.id for network in frame.networks])
    return [(network.label, colour) for network, colour in zip(frame.networks, colours, strict=True)]


def histogram_rows(frame: TrainingFrame, kind: str, theme: Theme) -> list[HistogramRow]:
    """A row for each network, with a cell for each layer."""
    return [
        HistogramRow(label, colour, _note(network), network.message, _cells(network, kind))
        for network, (label, colour) in zip(frame.networks, named_networks(frame, theme), strict=True)
    ]


def depth_lines(frame: TrainingFrame, kind: str, figure: str, theme: Theme) -> "list[DepthLine]":
    """A line for each network: a figure of `LayerStatistics` in every layer."""
    from app.plots.depth_plot import DepthLine

    return [
        DepthLine(label, colour, np.array([getattr(cell, figure) for cell in _cells(network, kind)]))
        for network, (label, colour) in zip(frame.networks, named_networks(frame, theme), strict=True)
    ]


def ridges(moments: Sequence[TrainingFrame], place: int, layer: int, kind: str) -> "list[Ridge]":
    """A ridge for each moment of one network's layer, but for those at which it has no finite value."""
    from app.plots.ridge_plot import Ridge

    return [
        Ridge(moment.step, cell)
        for moment in moments
        for cell in _cells(moment.networks[place], kind)
        if cell.layer == layer and cell.counts.any()
    ]


def ridged(experiment: Experiment, frame: TrainingFrame) -> tuple[int, int]:
    """Place of the network and layer, from 1, whose ridges are shown: as chosen, or the last there is."""
    chosen = experiment.distributions
    place = min(chosen.network, len(frame.networks) - 1)
    return place, min(chosen.layer, frame.networks[place].variant.network.layers)


def _cells(network: NetworkFrame, kind: str) -> tuple[LayerStatistics, ...]:
    return tuple(cell for cell in network.statistics if cell.kind == kind)


def _note(network: NetworkFrame) -> str:
    """A word below its name."""
    return "diverged" if network.outcome == "diverged" else ""
