"""A landscape as picture: the loss over the plane, and the training paths of all networks on it."""

from pathlib import Path

from app.exporters.canvas import SCALE, save_picture
from app.exporters.pictures import SIZE
from app.plots.landscape_scene import landscape_scene, landscape_surface
from app.plots.path_ends_layer import PathEndsLayer
from app.plots.surface_plot import SurfacePlot
from app.theme import LIGHT, Theme
from core.data.dataset import DATASETS
from core.landscape import Landscape

_DIRECTIONS = {
    "path": "principal components of the paths",
    "own": "principal components of its path",
    "random": "random filter-normalized directions",
}


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
    scene = landscape_scene(found.plane, theme)
    ends = PathEndsLayer(plot.view)
    plot.add_layer(ends)
    plot.set_surface(landscape_surface(found))
    plot.hide_marks()
    plot.set_trails(list(scene.trails))
    ends.set_trails(scene.trails)
    plot.set_step(scene.index(scene.last))
    plot.set_legend(scene.legend(scene.last))
    plot.set_theme(theme)


def title(found: Landscape) -> str:
    """What it shows, in one line."""
    spec = found.plane.spec
    label = next(each.label for each in found.paths if each.place == spec.place)
    what = _DIRECTIONS[spec.directions]
    own = spec.training.own is not None
    data = "Own data" if own else DATASETS[spec.training.dataset.id].name
    return f"{data}, {what} ({found.plane.residual:.1%} off the plane): training loss around {label}"
