"""A landscape as picture: the loss over the plane, and the training paths of all networks on it."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.exporters.canvas import SCALE, save_picture
from app.exporters.pictures import SIZE
from app.plots.marks_layer import LegendRow
from app.plots.sampled_surface import SampledSurface
from app.plots.surface_plot import SurfacePlot
from app.plots.trail_layer import Trail
from app.theme import LIGHT, Theme
from core.data.dataset import DATASETS
from core.landscape import Landscape


def save_landscape_picture(
    found: Landscape,
    path: Path,
    theme: Theme = LIGHT,
    size: tuple[int, int] = SIZE,
    scale: float = SCALE,
) -> None:
    """Save the landscape as PNG of `size` times `scale` pixels.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    save_picture(lambda: _plot(found, theme), path, title(found), theme, size, scale)


def _plot(found: Landscape, theme: Theme) -> SurfacePlot:
    plot = SurfacePlot()
    show_landscape(plot, found, theme)
    return plot


def show_landscape(plot: SurfacePlot, found: Landscape, theme: Theme) -> None:
    """Let a plot of surfaces show a landscape with its whole paths."""
    plot.set_surface(SampledSurface("landscape", found.x, found.y, between(found)))
    plot.hide_marks()
    variants = found.plane.spec.training.variants
    colours = theme.networks([variant.initializer.id for variant in variants])
    rows = [(each, colours[each.place], shape) for shape, each in enumerate(found.paths)]
    plot.set_trails(
        [Trail(np.column_stack([each.x, each.y]), colour, shape) for each, colour, shape in rows], ()
    )
    plot.set_step(max(len(each.steps) for each in found.paths))
    plot.set_legend([
        LegendRow(each.label, f"{int(each.steps[-1]):,}", _shown(each.losses[-1]), "", colour, shape)
        for each, colour, shape in rows
    ])  # fmt: skip
    plot.set_theme(theme)


def _shown(loss: float) -> str:
    return f"{loss:.3e}".replace("e-", "e−")


def between(found: Landscape) -> NDArray[np.float64]:
    """The losses, of a coarse landscape linear between the points that were evaluated."""
    known_x, known_y = found.x[:: found.stride], found.y[:: found.stride]
    known = found.losses[:: found.stride, :: found.stride]
    rows = np.array([np.interp(found.x, known_x, row) for row in known])
    return np.array([np.interp(found.y, known_y, column) for column in rows.T]).T


def title(found: Landscape) -> str:
    """What it shows, in one line."""
    spec = found.plane.spec
    label = next(each.label for each in found.paths if each.place == spec.place)
    random = spec.directions == "random"
    what = "random filter-normalized directions" if random else "principal components of the paths"
    own = spec.training.own is not None
    data = "Own data" if own else DATASETS[spec.training.dataset.id].name
    return f"{data}, {what} ({found.plane.residual:.1%} off the plane): training loss around {label}"
