"""An experiment's results on an easel: the views of the window, each at any size."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QColor

from app.exporters.canvas import Easel, Key
from app.exporters.overlays import STARTS_MAP, add_overlays, draw_map
from app.exporters.pictures import histogram_grid, surface_title
from app.exporters.sheet import Sheet
from app.language import tr
from app.loss_floor import loss_floor, loss_title
from app.plots.curve_plot import Curve, CurvePlot
from app.plots.descent_plot import descent_plot, legend
from app.plots.distribution import PLURALS
from app.plots.map_strip import MapStrip
from app.plots.surface_plot import SurfacePlot
from app.shown.clouds import cloud_curves, cloud_title
from app.theme import THEMES, Theme
from core.clouds import clouds
from core.descent import Trajectories
from core.experiment_file import Saved
from core.network.statistics import KINDS
from core.optimizer import OPTIMIZERS
from core.surface import surface
from core.training import TrainingFrame, TrainingSpec


class DescentEasel(Easel):
    """Paths on their surface, or their curves, at any step."""

    @abstractmethod
    def set_step(self, step: int) -> None:
        """Show another step."""


class SurfaceEasel(DescentEasel):
    """Paths on their surface, with what the experiment has switched on beside them."""

    def __init__(self, saved: Saved, result: Trajectories, sheet: Sheet) -> None:
        theme = THEMES[sheet.look]
        self._result = result
        self._plot: SurfacePlot = descent_plot(result, theme)
        experiment, strips = saved.experiment, [MapStrip()] if STARTS_MAP in saved.experiment.overlays else []
        super().__init__([self._plot, *strips], _title(saved, result), theme, sheet.size)
        if saved.view.area is not None:
            self._plot.show_part(saved.view.area)
        for strip in strips:
            draw_map(self._plot, strip, experiment.map_of_starts(self._plot.shown_range()), theme)
        self._overlays = add_overlays(self._plot, experiment.overlays, result, theme)

    def set_step(self, step: int) -> None:
        """Show the paths up to a step, and what is drawn of that step."""
        self._plot.set_step(step)
        for overlay in self._overlays:
            overlay.set_step(step)
        self._plot.set_legend(legend(self._result, self._theme, step))


class CurvesEasel(DescentEasel):
    """Loss and gradient norm against the steps."""

    def __init__(self, saved: Saved, result: Trajectories, sheet: Sheet) -> None:
        theme = THEMES[sheet.look]
        floor = loss_floor(surface(result.spec.surface), result)
        losses, norms, note = _descent_curves(result, theme, floor)
        self._steps = result.steps
        self._plots = [_curve_plot(loss_title(floor) + note, losses, result.steps, theme),
                       _curve_plot("gradient norm", norms, result.steps, theme)]  # fmt: skip
        super().__init__(self._plots, _title(saved, result), theme, sheet.size, _keys(result, theme))

    def set_step(self, step: int) -> None:
        """Stand a line at a step, unless it is the last."""
        for plot in self._plots:
            plot.set_cursor(None if step >= self._steps else float(step))


def descent_easel(view: str, saved: Saved, result: Trajectories, sheet: Sheet) -> DescentEasel:
    """The easel for "surface" or "curves"."""
    return (CurvesEasel if view == "curves" else SurfaceEasel)(saved, result, sheet)


def network_easel(saved: Saved, frame: TrainingFrame, sheet: Sheet) -> Easel:
    """Histograms of what the experiment shows, of every layer of every network."""
    theme = THEMES[sheet.look]
    kind = next(each for each in KINDS if each == saved.experiment.shown)
    when = f"after step {frame.step:,}" if frame.step else "before training"
    what = PLURALS[kind].capitalize()
    title = saved.title or f"{tr(f'{what} {when}')}: {saved.experiment.training.data_name}"
    return Easel([histogram_grid(frame, kind, theme)], title, theme, sheet.size)


def training_easel(title: str, spec: TrainingSpec, frames: Sequence[TrainingFrame], sheet: Sheet) -> Easel:
    """Loss and accuracy after every epoch; dotted over the validation data."""
    theme = THEMES[sheet.look]
    colours = theme.networks([variant.initializer.id for variant in spec.variants])
    names = [network.label for network in frames[-1].networks]
    losses, accuracies = (_training_curves(frames, what, colours) for what in ("loss", "accuracy"))
    epochs = max(frames[-1].step / frames[-1].steps_per_epoch, 1.0)
    plots = [
        _curve_plot("loss by epoch (dotted: validation)", losses, epochs, theme),
        _curve_plot("accuracy by epoch (dotted: validation)", accuracies, epochs, theme, (0.0, 1.0)),
    ]
    return Easel(plots, title, theme, sheet.size, list(zip(names, colours, strict=True)))


def _training_curves(frames: Sequence[TrainingFrame], what: str, colours: list[QColor]) -> list[Curve]:
    curves = []
    for place, colour in enumerate(colours):
        records = [frame.networks[place].record for frame in frames]
        places = np.array([frame.step / frame.steps_per_epoch for frame in frames])
        fresh = np.array([record.step for record in records]) == [frame.step for frame in frames]
        for name, dotted in (("training", False), ("validation", True)):
            values = np.array([getattr(record, f"{name}_{what}") for record in records], float)
            curves.append(Curve(places[fresh], values[fresh], colour, dotted))
    return curves


def _curve_plot(
    title: str, curves: list[Curve], end: float, theme: Theme, y_range: tuple[float, float] | None = None
) -> CurvePlot:
    plot = CurvePlot(title, log=y_range is None, y_range=y_range)
    plot.set_curves(curves, float(end))
    plot.set_theme(theme)
    return plot


def _descent_curves(result: Trajectories, theme: Theme, floor: float) -> tuple[list[Curve], list[Curve], str]:
    if len(result.spec.starts) > 1:
        groups = clouds(result)
        places = [np.arange(cloud.steps + 1, dtype=float) for cloud in groups]
        return *cloud_curves(groups, places, floor, theme), f": {cloud_title(groups)}" if groups else ""
    losses, norms = [], []
    for run in result.runs:
        colour, steps = theme.optimizer(run.method.optimizer.id), np.arange(run.steps + 1, dtype=float)
        losses.append(Curve(steps, run.losses - floor, colour))
        norms.append(Curve(steps, run.gradient_norms, colour))
    return losses, norms, ""


def _keys(result: Trajectories, theme: Theme) -> list[Key]:
    return [
        (OPTIMIZERS[method.optimizer.id].name, theme.optimizer(method.optimizer.id))
        for method in result.spec.methods
    ]


def _title(saved: Saved, result: Trajectories) -> str:
    return saved.title or surface_title(surface(result.spec.surface).entry)
