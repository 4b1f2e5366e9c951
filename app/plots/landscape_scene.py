"""What a plot of surfaces draws of a landscape: the losses, the paths of all networks, and the legend."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.forms.controls import plain_tip
from app.language import tr
from app.plots.marks_layer import LegendRow
from app.plots.path_ends_layer import PathEndsLayer
from app.plots.sampled_surface import SampledSurface
from app.plots.surface_plot import SurfacePlot
from app.plots.trail_layer import Trail
from app.theme import Theme
from core.landscape import Landscape, LandscapePlane, ProjectedPath
from core.training.variant import labels

_MOST_LETTERS = 30
"""Of a name in the legend, which would hide the picture otherwise; pointing at it shows the whole."""
_MOST_POINTS = 600
"""Places along a run between which heads jump; a path is straight between the points that are known."""


@dataclass(frozen=True, eq=False)
class LandscapeScene:
    """The paths on a plane, at common places along the run.

    Attributes
    ----------
    places
        (n,): the steps that can be shown, from 0 to the last.
    trails
        One for each path of the plane, (n, 2) points or fewer.
    labels
        What tells these networks from each other, in the same order.
    """

    plane: LandscapePlane
    places: NDArray[np.float64]
    trails: tuple[Trail, ...]
    labels: Sequence[str]

    @property
    def centre(self) -> str:
        """What tells the network at the centre from the others on the plane."""
        places = [path.place for path in self.plane.paths]
        return self.labels[places.index(self.plane.spec.place)]

    @property
    def last(self) -> int:
        """The last step of all paths."""
        return int(self.places[-1])

    def index(self, step: int) -> int:
        """Which point of the trails belongs to a step."""
        return int(np.searchsorted(self.places, step, side="right")) - 1

    def legend(self, step: int) -> list[LegendRow]:
        """Step and loss of every network at a step, the loss between known points linear in the step."""
        return [
            _row(label, path, trail, step)
            for label, path, trail in zip(self.labels, self.plane.paths, self.trails, strict=True)
        ]


def landscape_scene(plane: LandscapePlane, theme: Theme) -> LandscapeScene:
    """Paths in the colours of their networks."""
    variants = plane.spec.training.variants
    colours = theme.networks([variant.initializer.id for variant in variants])
    last = max(int(path.steps[-1]) for path in plane.paths)
    places = np.linspace(0, last, min(last, _MOST_POINTS) + 1).round()
    trails = tuple(_trail(path, places, colours[path.place], shape) for shape, path in enumerate(plane.paths))
    called = labels([variants[path.place] for path in plane.paths])
    return LandscapeScene(plane, places, trails, called)


def landscape_surface(found: Landscape, name: str = "landscape") -> SampledSurface:
    """The loss; of a coarse landscape linear between the points that were evaluated."""
    return SampledSurface(name, found.x, found.y, between(found))


def between(found: Landscape) -> NDArray[np.float64]:
    """The losses (rows, columns), of a coarse landscape linear between the points that were evaluated."""
    known_x, known_y = found.x[:: found.stride], found.y[:: found.stride]
    known = found.losses[:: found.stride, :: found.stride]
    rows = np.array([np.interp(found.x, known_x, row) for row in known])
    return np.array([np.interp(found.y, known_y, column) for column in rows.T]).T


def landscape_plot(found: Landscape, theme: Theme) -> SurfacePlot:
    """A plot of a landscape with the whole paths, and a legend."""
    scene = landscape_scene(found.plane, theme)
    plot = SurfacePlot()
    ends = PathEndsLayer(plot.view)
    plot.add_layer(ends)
    plot.set_surface(landscape_surface(found))
    plot.hide_marks()
    plot.set_trails(list(scene.trails))
    ends.set_trails(scene.trails)
    plot.set_step(scene.index(scene.last))
    plot.set_legend(scene.legend(scene.last))
    plot.set_theme(theme)
    return plot


def _trail(path: ProjectedPath, places: NDArray[np.float64], colour: QColor, shape: int) -> Trail:
    within = places[places <= path.steps[-1]]
    return Trail(
        np.column_stack([np.interp(within, path.steps, axis) for axis in (path.x, path.y)]), colour, shape
    )


def _row(label: str, path: ProjectedPath, trail: Trail, step: int) -> LegendRow:
    at = min(step, int(path.steps[-1]))
    loss = float(np.interp(at, path.steps, path.losses))
    name = tr(label)
    short = name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1].rstrip(' ·')}…"
    shown = f"{loss:.3e}".replace("e-", "e−")
    return LegendRow(short, f"{at:,}", shown, "", trail.colour, trail.shape, plain_tip(label))
