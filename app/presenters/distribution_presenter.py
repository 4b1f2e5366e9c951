"""Settings and training frames -> the distributions' view; its signals -> settings."""

from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from app.document import Document
from app.plots.distribution import HistogramLook
from app.plots.histogram_grid import HistogramRow
from app.presenters.distribution_history import DistributionHistory
from app.theme import Theme
from app.views.distribution_view import DistributionView
from core.experiment import Experiment
from core.training import NetworkFrame, TrainingFrame

if TYPE_CHECKING:
    from app.plots.depth_plot import DepthLine


class DistributionPresenter(QObject):
    """Shows the newest frame in the form that is chosen."""

    def __init__(self, document: Document, view: DistributionView) -> None:
        super().__init__()
        self._document, self._view = document, view
        self._theme: Theme | None = None
        self._frame: TrainingFrame | None = None
        self._history = DistributionHistory()
        document.changed.connect(self._changed)
        view.kind_chosen.connect(self._set_kind)
        view.form_chosen.connect(lambda form: self._set(form=form))
        view.own_axes_chosen.connect(lambda on: self._set(own_axes=on))
        view.log_counts_chosen.connect(lambda on: self._set(log_counts=on))
        view.cell_opened.connect(self._open)
        self._show_settings()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self._view.set_theme(theme)
        self._show()

    def clear(self) -> None:
        """Another run begins."""
        self._history.clear()

    def take(self, frame: TrainingFrame) -> None:
        """Show a frame."""
        self._frame = frame
        self._history.take(frame)
        self._show()

    def _changed(self, old: Experiment, new: Experiment) -> None:
        if (old.shown, old.distributions) != (new.shown, new.distributions):
            self._show_settings()
            self._show()

    def _show_settings(self) -> None:
        experiment = self._document.experiment
        settings = experiment.distributions
        look = HistogramLook(settings.own_axes, settings.log_counts)
        self._view.set_settings(experiment.shown, settings.form, look)

    def _show(self) -> None:
        frame, theme = self._frame, self._theme
        if frame is None or theme is None:
            return
        colours = theme.networks([network.variant.initializer.id for network in frame.networks])
        shown = list(zip(frame.networks, colours, strict=True))
        kind = self._document.experiment.shown
        self._view.set_rows([_row(network, colour, kind) for network, colour in shown])
        form = self._document.experiment.distributions.form
        if form == "depth":
            self._view.set_depth(*(_depth(shown, kind, figure) for figure in ("std", "mean")))
        elif form == "ridges":
            self._show_ridges(frame, colours, kind)

    def _show_ridges(self, frame: TrainingFrame, colours: list[QColor], kind: str) -> None:
        from app.plots.ridge_plot import Ridge

        settings = self._document.experiment.distributions
        place = min(settings.network, len(frame.networks) - 1)
        network = frame.networks[place]
        layers = network.variant.network.layers
        layer = min(settings.layer, layers)
        ridges = [
            Ridge(moment.step, cell)
            for moment in self._history.until(frame)
            for cell in moment.networks[place].statistics
            if cell.layer == layer and cell.kind == kind and cell.counts.any()
        ]
        names = [(each.label, colour) for each, colour in zip(frame.networks, colours, strict=True)]
        self._view.set_ridges(names, place, layer, layers, ridges)

    # View -> document

    def _set_kind(self, kind: str) -> None:
        self._document.replace(replace(self._document.experiment, shown=kind))

    def _set(self, **values: Any) -> None:
        experiment = self._document.experiment
        self._document.replace(replace(experiment, distributions=replace(experiment.distributions, **values)))

    def _open(self, network: int, layer: int) -> None:
        place = self._document.experiment.distributions.network if network < 0 else network
        self._set(form="ridges", network=place, layer=layer)


def _row(network: NetworkFrame, colour: QColor, kind: str) -> HistogramRow:
    cells = tuple(cell for cell in network.statistics if cell.kind == kind)
    note = "diverged" if network.outcome == "diverged" else ""
    return HistogramRow(network.label, colour, note, network.message, cells)


def _depth(networks: list[tuple[NetworkFrame, QColor]], kind: str, figure: str) -> "list[DepthLine]":
    from app.plots.depth_plot import DepthLine

    return [
        DepthLine(
            network.label,
            colour,
            np.array([getattr(cell, figure) for cell in network.statistics if cell.kind == kind]),
        )
        for network, colour in networks
    ]
