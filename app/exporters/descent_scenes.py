"""The descents of an experiment on an easel: the paths on their surface, and their curves, at any step."""

import numpy as np

from app.exporters.canvas import Key, SteppedEasel
from app.exporters.overlays import STARTS_MAP, add_overlays, draw_map
from app.exporters.pictures import surface_title
from app.exporters.sheet import Sheet
from app.loss_floor import loss_floor, loss_title
from app.plots.curve_plot import Curve, curve_plot
from app.plots.descent_plot import descent_plot, legend
from app.plots.map_strip import MapStrip
from app.plots.surface_plot import SurfacePlot
from app.shown.clouds import cloud_curves, cloud_title
from app.theme import Theme, theme_of
from core.clouds import clouds
from core.descent import Trajectories
from core.experiment_file import Saved
from core.optimizer import OPTIMIZERS
from core.surface import surface


class SurfaceEasel(SteppedEasel):
    """Paths on their surface, with what the experiment has switched on beside them."""

    def __init__(self, saved: Saved, result: Trajectories, sheet: Sheet) -> None:
        theme = theme_of(sheet.look, sheet.colours)
        self._result = result
        self._plot: SurfacePlot = descent_plot(result, theme)
        experiment, strips = saved.experiment, [MapStrip()] if STARTS_MAP in saved.experiment.overlays else []
        super().__init__([self._plot, *strips], descent_title(saved, result), theme, sheet.size)
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


class CurvesEasel(SteppedEasel):
    """Loss and gradient norm against the steps."""

    def __init__(self, saved: Saved, result: Trajectories, sheet: Sheet) -> None:
        theme = theme_of(sheet.look, sheet.colours)
        floor = loss_floor(surface(result.spec.surface), result)
        losses, norms, note = _descent_curves(result, theme, floor)
        self._steps = result.steps
        self._plots = [curve_plot(loss_title(floor) + note, losses, result.steps, theme),
                       curve_plot("gradient norm", norms, result.steps, theme)]  # fmt: skip
        super().__init__(self._plots, descent_title(saved, result), theme, sheet.size, _keys(result, theme))

    def set_step(self, step: int) -> None:
        """Stand a line at a step, unless it is the last."""
        for plot in self._plots:
            plot.set_cursor(None if step >= self._steps else float(step))


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


def descent_title(saved: Saved, result: Trajectories) -> str:
    return saved.title or surface_title(surface(result.spec.surface).entry)
