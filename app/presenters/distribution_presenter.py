"""Settings and training frames -> the distributions' view; its signals -> settings."""

from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QObject

from app.document import Document
from app.plots.distribution import HistogramLook
from app.shown.distribution_history import DistributionHistory
from app.shown.distributions import depth_lines, histogram_rows, named_networks, ridged, ridges
from app.theme import Theme
from app.views.distribution_view import DistributionView
from core.experiment import Experiment
from core.training import TrainingFrame


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
        kind, form = self._document.experiment.shown, self._document.experiment.distributions.form
        self._view.set_rows(histogram_rows(frame, kind, theme))
        if form == "depth":
            self._view.set_depth(*(depth_lines(frame, kind, figure, theme) for figure in ("std", "mean")))
        elif form == "ridges":
            self._show_ridges(frame, theme, kind)

    def _show_ridges(self, frame: TrainingFrame, theme: Theme, kind: str) -> None:
        place, layer = ridged(self._document.experiment, frame)
        layers = frame.networks[place].variant.network.layers
        found = ridges(self._history.until(frame), place, layer, kind)
        self._view.set_ridges(named_networks(frame, theme), place, layer, layers, found)

    # View -> document

    def _set_kind(self, kind: str) -> None:
        self._document.replace(replace(self._document.experiment, shown=kind))

    def _set(self, **values: Any) -> None:
        experiment = self._document.experiment
        self._document.replace(replace(experiment, distributions=replace(experiment.distributions, **values)))

    def _open(self, network: int, layer: int) -> None:
        place = self._document.experiment.distributions.network if network < 0 else network
        self._set(form="ridges", network=place, layer=layer)
