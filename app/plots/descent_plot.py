"""Descents as a plot of their surface: whole paths, and the legend of every run."""

from collections.abc import Sequence

from app.choices import method_labels, written_value
from app.language import tr
from app.plots.marks_layer import LegendRow
from app.plots.surface_plot import SurfacePlot
from app.plots.trail_layer import Trail
from app.theme import Theme
from core.descent import Trajectories, Trajectory
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import surface

MOST_ROWS = 18
"""Runs that the legend can name; beyond, it names only the optimizers."""


def descent_plot(trajectories: Trajectories, theme: Theme) -> SurfacePlot:
    """Surface and whole paths, with a legend."""
    place = surface(trajectories.spec.surface)
    plot = SurfacePlot()
    plot.set_surface(place)
    plot.set_starts(trajectories.spec.starts, None)
    trails = _trails(trajectories, theme)
    many = len(trails) > MOST_ROWS
    plot.set_trails([] if many else trails, trails if many else ())
    plot.set_step(trajectories.steps)
    plot.set_legend(legend(trajectories, theme, trajectories.steps))
    plot.set_theme(theme)
    return plot


def trails_of(trajectories: Trajectories, theme: Theme) -> list[Trail]:
    """The paths where they are drawn one by one: all, or of very many those from the first start."""
    pairs = list(zip(trajectories.runs, _trails(trajectories, theme), strict=True))
    return [trail for run, trail in pairs if len(pairs) <= MOST_ROWS or run.start_index == 0]


def legend(trajectories: Trajectories, theme: Theme, step: int) -> list[LegendRow]:
    """Every run at a step; of many runs only whose they are."""
    methods, starts = trajectories.spec.methods, len(trajectories.spec.starts)
    keys = list(zip(_names(methods), _shapes(methods), strict=True))
    if len(trajectories.runs) > MOST_ROWS:
        colours = [theme.optimizer(method.optimizer.id) for method in methods]
        return [LegendRow(name, "", "", "", c, shape) for (name, shape), c in zip(keys, colours, strict=True)]
    return [
        _row(run, *keys[place // starts], theme, starts, step) for place, run in enumerate(trajectories.runs)
    ]


def _shapes(methods: Sequence[MethodSpec]) -> list[int]:
    """The head of each method: its optimizer's own, unless two of the same colour must be told apart."""
    catalogue, ids = list(OPTIMIZERS), [method.optimizer.id for method in methods]
    own = len(set(ids)) == len(ids)
    return [catalogue.index(key) for key in ids] if own else list(range(len(ids)))


def _trails(trajectories: Trajectories, theme: Theme) -> list[Trail]:
    shapes, starts = _shapes(trajectories.spec.methods), len(trajectories.spec.starts)
    return [
        Trail(run.points, theme.optimizer(run.method.optimizer.id), shapes[place // starts])
        for place, run in enumerate(trajectories.runs)
    ]


def _names(methods: Sequence[MethodSpec]) -> list[str]:
    """The optimizers' names, with the given numbers where the name alone is not unique."""
    names = []
    for method, label in zip(methods, method_labels(methods), strict=True):
        name = tr(OPTIMIZERS[method.optimizer.id].name)
        values = ", ".join(written_value(value) for value in method.optimizer.values.values())
        names.append(name if label == method.optimizer.id else f"{name} {values}")
    return names


def _row(run: Trajectory, name: str, shape: int, theme: Theme, starts: int, step: int) -> LegendRow:
    where = f" {tr('from')} ({run.start[0]:.3g}, {run.start[1]:.3g})" * (starts > 1)
    at = min(step, run.steps)
    note = tr("diverged") if run.outcome == "diverged" and at == run.steps else ""
    colour = theme.optimizer(run.method.optimizer.id)
    return LegendRow(name + where, f"{at:,}", f"{run.losses[at]:.3e}", note, colour, shape)
