"""The networks of an experiment on an easel: their layers' distributions and their curves, at any step."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np

from app.exporters.canvas import Key, SteppedEasel
from app.exporters.sheet import Sheet
from app.language import tr
from app.plots.curve_plot import Curve, curve_plot
from app.plots.depth_plot import DepthPlot
from app.plots.distribution import PLURALS, HistogramLook
from app.plots.histogram_grid import HistogramGrid
from app.plots.histogram_overlay import HistogramOverlay
from app.plots.readable_plot import ReadablePlot
from app.plots.ridge_plot import RidgePlot
from app.shown.distribution_history import DistributionHistory
from app.shown.distributions import depth_lines, histogram_rows, named_networks, ridged, ridges
from app.theme import Theme, theme_of
from core.experiment import Experiment
from core.experiment_file import Saved
from core.training import TrainingFrame


class _Form(ABC):
    """How distributions are drawn.

    Attributes
    ----------
    plots
        One above the other.
    keys
        Names and colours that the plots do not tell.
    """

    plots: Sequence[ReadablePlot]
    keys: Sequence[Key] = ()

    def __init__(self, experiment: Experiment, theme: Theme) -> None:
        self._experiment, self._kind, self._theme = experiment, experiment.shown, theme

    @property
    def _look(self) -> HistogramLook:
        chosen = self._experiment.distributions
        return HistogramLook(chosen.own_axes, chosen.log_counts)

    @abstractmethod
    def show(self, frame: TrainingFrame) -> None:
        """Show another frame."""


class _Rows(_Form):
    """A histogram for each network and layer: in a grid, or all networks over each other."""

    def __init__(self, experiment: Experiment, moments: Sequence[TrainingFrame], theme: Theme) -> None:
        super().__init__(experiment, theme)
        overlaid = experiment.distributions.form == "overlay"
        self._plot = HistogramOverlay() if overlaid else HistogramGrid()
        self._plot.set_look(self._look)
        self.plots = [self._plot]

    def show(self, frame: TrainingFrame) -> None:
        self._plot.set_rows(histogram_rows(frame, self._kind, self._theme))


class _Ridges(_Form):
    """One layer of one network over time."""

    def __init__(self, experiment: Experiment, moments: Sequence[TrainingFrame], theme: Theme) -> None:
        super().__init__(experiment, theme)
        self._history = DistributionHistory()
        for moment in moments:
            self._history.take(moment)
        self._place, self._layer = ridged(experiment, moments[-1])
        self._label, self._colour = named_networks(moments[-1], theme)[self._place]
        self.keys = [(f"{tr(self._label)} · {tr(f'layer {self._layer}')}", self._colour)]
        self._plot = RidgePlot()
        self._plot.set_look(self._look)
        self.plots = [self._plot]

    def show(self, frame: TrainingFrame) -> None:
        until = self._history.until(frame)
        self._plot.set_ridges(self._label, self._colour, ridges(until, self._place, self._layer, self._kind))


class _Depth(_Form):
    """Spread and mean against depth, a line for each network."""

    def __init__(self, experiment: Experiment, moments: Sequence[TrainingFrame], theme: Theme) -> None:
        super().__init__(experiment, theme)
        self.keys = named_networks(moments[-1], theme)
        self._figures = {"std": DepthPlot("standard deviation"), "mean": DepthPlot("|mean|")}
        self.plots = list(self._figures.values())

    def show(self, frame: TrainingFrame) -> None:
        for figure, plot in self._figures.items():
            plot.set_lines(depth_lines(frame, self._kind, figure, self._theme))


_Make = Callable[[Experiment, Sequence[TrainingFrame], Theme], _Form]
_FORMS: dict[str, _Make] = {"grid": _Rows, "overlay": _Rows, "ridges": _Ridges, "depth": _Depth}


class DistributionEasel(SteppedEasel):
    """Distributions of every layer of every network, in the form that the experiment has chosen."""

    def __init__(self, saved: Saved, moments: Sequence[TrainingFrame], sheet: Sheet) -> None:
        """`moments` are in the order of their steps; ridges show an even choice of them."""
        self._saved, self._moments = saved, {frame.step: frame for frame in moments}
        theme = theme_of(sheet.look, sheet.colours)
        self._form = _FORMS[saved.experiment.distributions.form](saved.experiment, moments, theme)
        for plot in self._form.plots:
            plot.set_theme(theme)
        self._form.show(moments[-1])
        super().__init__(self._form.plots, self._title_at(moments[-1]), theme, sheet.size, self._form.keys)

    def set_step(self, step: int) -> None:
        """Show the frame of a step, or of the last one before it."""
        frame = self._moments[max(each for each in self._moments if each <= step)]
        self._form.show(frame)
        self.title = self._title_at(frame)

    def _title_at(self, frame: TrainingFrame) -> str:
        when = f"after step {frame.step:,}" if frame.step else "before training"
        if self._saved.title:
            return f"{self._saved.title} · {tr(when)}"
        what = tr(PLURALS[self._saved.experiment.shown]).capitalize()
        return f"{what} {tr(when)}: {self._saved.experiment.training.data_name}"


class TrainingEasel(SteppedEasel):
    """Loss and accuracy after every epoch; dotted over the validation data."""

    def __init__(self, saved: Saved, frames: Sequence[TrainingFrame], sheet: Sheet) -> None:
        theme, last = theme_of(sheet.look, sheet.colours), frames[-1]
        names = named_networks(last, theme)
        self._last, self._steps_per_epoch = last.step, last.steps_per_epoch
        end = max(last.step / last.steps_per_epoch, 1.0)
        losses, accuracies = (_curves(frames, what, names) for what in ("loss", "accuracy"))
        self._plots = [
            curve_plot("loss by epoch (dotted: validation)", losses, end, theme),
            curve_plot("accuracy by epoch (dotted: validation)", accuracies, end, theme, (0.0, 1.0)),
        ]
        title = saved.title or saved.experiment.training.data_name
        super().__init__(self._plots, title, theme, sheet.size, names)

    def set_step(self, step: int) -> None:
        """Stand a line at a step, unless it is the last."""
        for plot in self._plots:
            plot.set_cursor(None if step >= self._last else step / self._steps_per_epoch)


def _curves(frames: Sequence[TrainingFrame], what: str, networks: Sequence[Key]) -> list[Curve]:
    curves = []
    for place, (_, colour) in enumerate(networks):
        records = [frame.networks[place].record for frame in frames]
        places = np.array([frame.step / frame.steps_per_epoch for frame in frames])
        fresh = np.array([record.step for record in records]) == [frame.step for frame in frames]
        for name, dotted in (("training", False), ("validation", True)):
            values = np.array([getattr(record, f"{name}_{what}") for record in records], float)
            curves.append(Curve(places[fresh], values[fresh], colour, dotted))
    return curves
