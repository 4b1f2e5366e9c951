"""Results as pictures, painted by the very plots that the window shows.

Landscapes, rates and tuning are drawn by plots that are imported for them alone.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from app.exporters.canvas import TITLE_HEIGHT
from app.exporters.picture import Picture
from app.language import tr
from app.plots.critical_layer import SHAPES, CriticalLayer, mark_colour
from app.plots.descent_plot import descent_plot
from app.plots.histogram_grid import HistogramGrid
from app.plots.map_plot import MapPlot
from app.plots.marks_layer import LegendRow
from app.plots.surface_plot import SurfacePlot
from app.shown.distributions import histogram_rows
from app.theme import Theme
from core.critical_points import KINDS, CriticalPoints
from core.descent import Trajectories
from core.map_grades import graded
from core.maps import MapResult
from core.network.statistics import Kind
from core.surface import Surface, SurfaceEntry, surface
from core.training import TrainingFrame, TrainingSpec

if TYPE_CHECKING:
    from core.checks import CheckReport
    from core.landscape import Landscape
    from core.search import TuneResult

SIZE, MAP_SIZE, CURVES_SIZE = (1200, 834), (1060, 834), (1000, 640)
CELL = (132, 120)
"""Width and height of a histogram."""
GRID_MARGIN, LEAST_WIDTH, MOST_COLUMNS = 110, 640, 12
_DIRECTIONS = {
    "path": "principal components of the paths",
    "own": "principal components of its path",
    "random": "random filter-normalized directions",
}


def descent_picture(trajectories: Trajectories) -> Picture:
    """Surface and paths."""
    title = surface_title(surface(trajectories.spec.surface).entry)
    return Picture(partial(descent_plot, trajectories), title, SIZE)


def critical_picture(place: Surface, found: CriticalPoints) -> Picture:
    """Surface and critical points."""
    return Picture(partial(_critical_plot, place, found), surface_title(place.entry), SIZE)


def map_picture(result: MapResult, title: str = "") -> Picture:
    """A map with its axes and its key, coloured by its spec's quantity."""
    return Picture(partial(_map_plot, result), title, MAP_SIZE)


def distributions_picture(frame: TrainingFrame, title: str = "", kind: Kind = "activation") -> Picture:
    """The histograms of every layer: a row for each network, a column for each layer."""
    columns = sum(cell.kind == kind for cell in frame.networks[0].statistics)
    return Picture(partial(_histogram_grid, frame, kind), title, grid_size(columns, len(frame.networks)))


def landscape_picture(found: "Landscape") -> Picture:
    """The loss over the plane, and the training paths of all networks on it."""
    from app.plots.landscape_scene import landscape_plot

    return Picture(partial(landscape_plot, found), _landscape_title(found), SIZE)


def rate_picture(spec: TrainingSpec, found: Sequence["CheckReport"]) -> Picture:
    """The curves of the learning-rate range test."""
    from app.plots.rate_curves import rate_plot

    title = f"Learning-rate range test: {spec.data_name}"
    return Picture(partial(rate_plot, spec.variants, [each.rate_range for each in found]), title, CURVES_SIZE)


def sensitivity_picture(result: "TuneResult") -> Picture:
    """The curves of a search."""
    from app.plots.tuning_curves import tuning_plot

    return Picture(partial(tuning_plot, result), _search_title(result), CURVES_SIZE)


def surface_title(entry: SurfaceEntry) -> str:
    """Its name in the chosen language, and its formula where that says more."""
    name = tr(entry.name) if entry.id else entry.name
    return f"{name}: {entry.equation}" if entry.title != entry.equation else entry.equation


def _landscape_title(found: "Landscape") -> str:
    """What it shows, in one line."""
    spec = found.plane.spec
    label = next(each.label for each in found.paths if each.place == spec.place)
    what = _DIRECTIONS[spec.directions]
    data = spec.training.data_name
    return f"{data}, {what} ({found.plane.residual:.1%} off the plane): training loss around {label}"


def _search_title(result: "TuneResult") -> str:
    name, spec = surface(result.spec.surface).entry.title, result.spec
    starts = f"{len(spec.starts)} start{'s' * (len(spec.starts) != 1)}"
    return f"{name}: final loss after {spec.steps:,} steps from {starts}, {spec.budget} trials each"


def grid_size(columns: int, rows: int) -> tuple[int, int]:
    """What suits so many histograms, beside and above each other, under a title."""
    width = GRID_MARGIN + CELL[0] * min(columns, MOST_COLUMNS)
    return max(width, LEAST_WIDTH), TITLE_HEIGHT + GRID_MARGIN // 5 + CELL[1] * rows


def _histogram_grid(frame: TrainingFrame, kind: Kind, theme: Theme) -> HistogramGrid:
    """A row of histograms for every network."""
    grid = HistogramGrid()
    grid.set_theme(theme)
    grid.set_rows(histogram_rows(frame, kind, theme))
    return grid


def _map_plot(result: MapResult, theme: Theme) -> MapPlot:
    plot = MapPlot()
    plot.set_map(graded(result), theme)
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
        LegendRow(tr(kind.capitalize()), str(len(losses)), "", "", mark_colour(theme, kind), SHAPES[kind])
        for kind, losses in kinds if losses
    ])  # fmt: skip
    plot.set_theme(theme)
    return plot
