"""What an experiment draws on its surface beside the paths, in pictures and films.

Arrows, critical points, the noise of mini-batches and the map of starts; the 3-D view is the window's.
"""

from typing import Protocol

import numpy as np

from app.language import tr
from app.plots.cloud_layer import CloudLayer
from app.plots.critical_layer import CriticalLayer
from app.plots.map_layer import MUTED, UNDER_SURFACE, MapLayer
from app.plots.map_strip import MapStrip, map_title
from app.plots.surface_plot import SurfacePlot
from app.plots.vector_key import VectorKey
from app.plots.vector_layer import VectorLayer
from app.shown.arrows import ARROWS, arrows_of, looked_at
from app.shown.noise import NAME as NOISE
from app.shown.noise import show_cloud
from app.theme import Theme
from core.critical_points import critical_points_of
from core.descent import Trajectories, Trajectory
from core.errors import InputError
from core.map_grades import graded
from core.map_spec import MapSpec
from core.maps import MapResult, compute_map, levels
from core.surface import surface

CRITICAL_POINTS, STARTS_MAP = "critical_points", "map"
_MOST_WORK = 100_000_000
"""Steps of all pixels of a map, each over all samples: some seconds. A coarser map is drawn of more."""
_MOST_COARSE = 4 * _MOST_WORK
"""The same of the coarsest map, without which there is none."""


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
    """Draw what is switched on over a plot of the runs, but for the map; returns what follows the step."""
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


def draw_map(plot: SurfacePlot, strip: MapStrip, wanted: MapSpec, theme: Theme) -> None:
    """Draw a map of starts below what a plot shows, with its key; one that cannot be is a sentence there."""
    try:
        found = _map_in_time(wanted)
    except InputError as error:
        strip.set_key(tr(str(error)), "", None, theme)
        return
    layer = MapLayer(plot.view, UNDER_SURFACE, MUTED)
    plot.add_layer(layer)
    layer.set_map(graded(found))
    plot.set_bare(True)
    coarse = (found.spec.columns, found.spec.rows) != (wanted.columns, wanted.rows)
    note = f"{found.spec.columns} × {found.spec.rows}" if coarse else ""
    strip.set_key(map_title(wanted), note, layer.colours, theme)


def _work(spec: MapSpec, each: int) -> int:
    return spec.columns * spec.rows * each


def _map_in_time(wanted: MapSpec) -> MapResult:
    """The map, as sharp as it can be within some seconds; raises `InputError` for one that takes longer."""
    each = wanted.steps * surface(wanted.surface).terms
    coarsest, *finer = levels(wanted.checked())
    fitting = [coarsest] if _work(coarsest, each) <= _MOST_COARSE else []
    fitting += [spec for spec in finer if _work(spec, each) <= _MOST_WORK]
    if not fitting:
        terms = surface(wanted.surface).terms
        over = f" over {terms:,} samples" if terms > 1 else ""
        raise InputError(
            f"There is no map in pictures of {wanted.steps:,} steps{over}: it would take too long."
        )
    return compute_map(fitting[-1])
