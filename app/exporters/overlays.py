"""What an experiment draws on its surface beside the paths, in pictures and films.

Arrows, critical points and the noise of mini-batches; the map of starts and the 3-D view are the window's.
"""

from typing import Protocol

import numpy as np

from app.plots.cloud_layer import CloudLayer
from app.plots.critical_layer import CriticalLayer
from app.plots.surface_plot import SurfacePlot
from app.plots.vector_key import VectorKey
from app.plots.vector_layer import VectorLayer
from app.presenters.noise_cloud import NAME as NOISE
from app.presenters.noise_cloud import show_cloud
from app.presenters.step_arrows import ARROWS, arrows_of
from app.presenters.step_common import looked_at
from app.theme import Theme
from core.critical_points import critical_points_of
from core.descent import Trajectories, Trajectory

CRITICAL_POINTS = "critical_points"


class Overlay(Protocol):
    """Something that is drawn anew at every step."""

    def set_step(self, step: int) -> None:
        """Show another step."""


class _Arrows:
    """The arrows of the optimizers that a new window looks at."""

    def __init__(
        self, plot: SurfacePlot, runs: list[Trajectory], wanted: frozenset[str], theme: Theme
    ) -> None:
        self._runs, self._wanted, self._theme = looked_at(runs), wanted, theme
        self._layer, self._key = VectorLayer(plot.view), VectorKey(plot.view, plot.legend_box)
        for layer in (self._layer, self._key):
            plot.add_layer(layer)

    def set_step(self, step: int) -> None:
        """Show the step that follows another one."""
        vectors = [
            vector
            for run in self._runs
            for vector in arrows_of(
                run, step, self._wanted, self._theme.optimizer(run.method.optimizer.id), remembers=True
            )
        ]
        self._layer.set_vectors(vectors)
        self._key.set_rows(self._layer.key(), np.reshape([vector.origin for vector in vectors], (-1, 2)))


class _Noise:
    """The noise at the first optimizer's point."""

    def __init__(self, plot: SurfacePlot, run: Trajectory, theme: Theme) -> None:
        self._run, self._colour = run, theme.optimizer(run.method.optimizer.id)
        self._layer = CloudLayer(plot.view)
        plot.add_layer(self._layer)

    def set_step(self, step: int) -> None:
        """Show the noise after another step."""
        show_cloud(self._layer, self._run, step, self._colour)


def add_overlays(
    plot: SurfacePlot, names: tuple[str, ...], result: Trajectories, theme: Theme
) -> list[Overlay]:
    """Draw what is switched on over a plot of the runs; returns what follows the step."""
    if CRITICAL_POINTS in names:
        _mark_critical_points(plot, result)
    runs = [run for run in result.runs if run.start_index == 0]
    found: list[Overlay] = []
    if runs and (arrows := ARROWS.intersection(names)):
        found.append(_Arrows(plot, runs, arrows, theme))
    if runs and NOISE in names:
        found.append(_Noise(plot, runs[0], theme))
    return found


def _mark_critical_points(plot: SurfacePlot, result: Trajectories) -> None:
    """Marks take the place of the crosses at known minima."""
    layer = CriticalLayer(plot.view)
    layer.set_points(critical_points_of(result.spec.surface).points)
    plot.add_layer(layer)
    plot.show_minima(not layer.points())
