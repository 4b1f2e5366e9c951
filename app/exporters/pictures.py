"""Results as pictures, painted by the very plots that the window shows."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QColor

from app.choices import method_labels, written_value
from app.exporters.canvas import SCALE, TITLE_HEIGHT, save_picture
from app.plots.critical_layer import SHAPES, CriticalLayer, mark_colour
from app.plots.histogram_grid import HistogramGrid, HistogramRow
from app.plots.map_plot import MapPlot
from app.plots.marks_layer import LegendRow
from app.plots.surface_plot import SurfacePlot
from app.plots.trail_layer import Trail
from app.theme import LIGHT, Theme
from core.critical_points import KINDS, CriticalPoints
from core.descent import Trajectories, Trajectory
from core.map_grades import graded
from core.maps import MapResult
from core.network.statistics import Kind
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import Surface, SurfaceEntry, surface
from core.training import NetworkFrame, TrainingFrame

SIZE = (1200, 834)
MAP_SIZE = (1060, 834)
CELL = (132, 120)
"""Width and height of a histogram."""
GRID_MARGIN, LEAST_WIDTH, MOST_COLUMNS = 110, 640, 12
MOST_ROWS = 18
"""Runs that the legend can name; beyond, it names only the optimizers."""


def save_descent_picture(
    trajectories: Trajectories,
    path: Path,
    theme: Theme = LIGHT,
    size: tuple[int, int] = SIZE,
    scale: float = SCALE,
) -> None:
    """Save surface and paths as PNG of `size` times `scale` pixels.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    title = surface_title(surface(trajectories.spec.surface).entry)
    save_picture(lambda: descent_plot(trajectories, theme), path, title, theme, size, scale)


def save_critical_picture(
    place: Surface,
    found: CriticalPoints,
    path: Path,
    theme: Theme = LIGHT,
    size: tuple[int, int] = SIZE,
    scale: float = SCALE,
) -> None:
    """Save surface and critical points as PNG of `size` times `scale` pixels.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    title = surface_title(place.entry)
    save_picture(lambda: _critical_plot(place, found, theme), path, title, theme, size, scale)


def save_distributions_picture(
    frame: TrainingFrame,
    path: Path,
    title: str = "",
    kind: Kind = "activation",
    theme: Theme = LIGHT,
    scale: float = SCALE,
) -> None:
    """Save the histograms of every layer as PNG: a row for each network, a column for each layer.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    columns = sum(cell.kind == kind for cell in frame.networks[0].statistics)
    size = grid_size(columns, len(frame.networks))
    save_picture(lambda: histogram_grid(frame, kind, theme), path, title, theme, size, scale)


def save_map_picture(
    result: MapResult,
    path: Path,
    title: str = "",
    theme: Theme = LIGHT,
    size: tuple[int, int] = MAP_SIZE,
    scale: float = SCALE,
) -> None:
    """Save a map with its axes and its key as PNG, coloured by its spec's quantity.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    save_picture(lambda: _map_plot(result, theme), path, title, theme, size, scale)


def _histograms(network: NetworkFrame, colour: QColor, kind: Kind) -> HistogramRow:
    cells = tuple(cell for cell in network.statistics if cell.kind == kind)
    note = network.outcome if network.outcome == "diverged" else ""
    return HistogramRow(network.label, colour, note, network.message, cells)


def grid_size(columns: int, rows: int) -> tuple[int, int]:
    """What suits so many histograms, beside and above each other, under a title."""
    width = GRID_MARGIN + CELL[0] * min(columns, MOST_COLUMNS)
    return max(width, LEAST_WIDTH), TITLE_HEIGHT + GRID_MARGIN // 5 + CELL[1] * rows


def histogram_grid(frame: TrainingFrame, kind: Kind, theme: Theme) -> HistogramGrid:
    """A row of histograms for every network."""
    colours = theme.networks([network.variant.initializer.id for network in frame.networks])
    rows = [_histograms(*each, kind) for each in zip(frame.networks, colours, strict=True)]
    grid = HistogramGrid()
    grid.set_theme(theme)
    grid.set_rows(rows)
    return grid


def _map_plot(result: MapResult, theme: Theme) -> MapPlot:
    plot = MapPlot()
    plot.set_map(graded(result), theme)
    return plot


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


def _critical_plot(place: Surface, found: CriticalPoints, theme: Theme) -> SurfacePlot:
    plot = SurfacePlot()
    plot.set_surface(place)
    plot.hide_marks()
    marks = CriticalLayer(plot.view)
    marks.set_points(found.points)
    marks.set_theme(theme)
    kinds = [(kind, [point.loss for point in found.points if point.kind == kind]) for kind in KINDS]
    plot.set_legend([
        LegendRow(kind.capitalize(), str(len(losses)), "", "", mark_colour(theme, kind), SHAPES[kind])
        for kind, losses in kinds if losses
    ])  # fmt: skip
    plot.set_theme(theme)
    return plot


def surface_title(entry: SurfaceEntry) -> str:
    """Its name, and its formula where that says more."""
    return f"{entry.name}: {entry.equation}" if entry.title != entry.equation else entry.equation


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


def _names(methods: Sequence[MethodSpec]) -> list[str]:
    """The optimizers' names, with the given numbers where the name alone is not unique."""
    names = []
    for method, label in zip(methods, method_labels(methods), strict=True):
        name = OPTIMIZERS[method.optimizer.id].name
        values = ", ".join(written_value(value) for value in method.optimizer.values.values())
        names.append(name if label == method.optimizer.id else f"{name} {values}")
    return names


def _row(run: Trajectory, name: str, shape: int, theme: Theme, starts: int, step: int) -> LegendRow:
    where = f" from ({run.start[0]:.3g}, {run.start[1]:.3g})" * (starts > 1)
    at = min(step, run.steps)
    note = run.outcome if run.outcome == "diverged" and at == run.steps else ""
    colour = theme.optimizer(run.method.optimizer.id)
    return LegendRow(name + where, f"{at:,}", f"{run.losses[at]:.3e}", note, colour, shape)
