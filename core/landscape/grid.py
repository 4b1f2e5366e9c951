"""The loss at every point of a plane's grid, from coarse to fine, in tiles that need nothing of each other.

Every point is evaluated once: first every eighth in each direction, then those between. A coarse picture
shows each point in a block up to the next.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.landscape.loss import ParameterLoss
from core.landscape.paths import trained_paths
from core.landscape.plane import LandscapePlane, ProjectedPath, landscape_plane
from core.landscape.spec import LandscapeSpec
from core.network.arrays import Array

STRIDES = (8, 4, 2, 1)
_TILE = 64
"""Points of a tile at most: about a tenth of a second for the digits."""


@dataclass(frozen=True, eq=False)
class LandscapeTile:
    """Some points of one level: their rows and columns in the grid, (points,) each."""

    stride: int
    rows: Array
    columns: Array


Parts = tuple[tuple[LandscapeTile, Array], ...]


@dataclass(frozen=True, eq=False)
class Landscape:
    """The loss over the plane.

    Attributes
    ----------
    plane
        Where it lies.
    losses
        (resolution, resolution), row 0 at the lowest y; in training mode over the first training samples,
        see `core.landscape.loss`. Not finite where it overflows.
    stride
        1 when every point was evaluated, else how far apart those are that were.
    """

    plane: LandscapePlane
    losses: Array
    stride: int

    @property
    def x(self) -> Array:
        """(resolution,): coordinates of the columns."""
        return self.plane.x

    @property
    def y(self) -> Array:
        """(resolution,): coordinates of the rows."""
        return self.plane.y

    @property
    def paths(self) -> tuple[ProjectedPath, ...]:
        """Of all networks on the plane."""
        return self.plane.paths


def tiles(resolution: int) -> tuple[LandscapeTile, ...]:
    """All points of a grid, in tiles from coarse to fine."""
    found, seen = [], np.zeros((resolution, resolution), bool)
    for stride in STRIDES:
        level = np.zeros_like(seen)
        level[::stride, ::stride] = True
        rows, columns = np.nonzero(level & ~seen)
        seen |= level
        found += [
            LandscapeTile(stride, rows[k : k + _TILE], columns[k : k + _TILE])
            for k in range(0, len(rows), _TILE)
        ]
    return tuple(found)


def compute_tile(plane: LandscapePlane, tile: LandscapeTile) -> Array:
    """The losses (points,) of a tile."""
    loss = ParameterLoss(plane.spec, plane.spec.place)
    places = zip(plane.x[tile.columns].tolist(), plane.y[tile.rows].tolist(), strict=True)
    return np.array([loss(plane.point(x, y)) for x, y in places])


def assemble(plane: LandscapePlane, parts: Iterable[tuple[LandscapeTile, Array]]) -> Landscape:
    """Put tiles together, from the first on and any number of whole levels; points between are filled in."""
    size = plane.spec.resolution
    losses = np.full((size, size), np.nan)
    stride = STRIDES[0]
    for tile, values in parts:
        stride = min(stride, tile.stride)
        losses[tile.rows, tile.columns] = values
    whole = np.arange(size) // stride * stride
    return Landscape(plane, losses[np.ix_(whole, whole)], stride)


def compute_landscape(
    spec: LandscapeSpec,
    executor: Executor | None = None,
    watch: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Landscape:
    """Train the run and compute the whole landscape, here or by an executor.

    Parameters
    ----------
    watch
        Hears what is done ("training", "landscape"), how much of it, and of how much.

    Raises
    ------
    InputError
        For anything in the spec that is wrong, and when the network at the centre diverges.
    """
    plane = landscape_plane(trained_paths(spec, partial(watch, "training")))
    return evaluated(plane, executor, partial(watch, "landscape"))


def evaluated(
    plane: LandscapePlane,
    executor: Executor | None = None,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> Landscape:
    """Evaluate a whole plane; `watch` hears of every tile that is done, and how many there are."""
    whole, parts = tiles(plane.spec.resolution), []
    compute = partial(compute_tile, plane)
    results = map(compute, whole) if executor is None else executor.map(compute, whole)
    for tile, values in zip(whole, results, strict=True):
        parts.append((tile, values))
        watch(len(parts), len(whole))
    return assemble(plane, parts)


def level(plane: LandscapePlane, stride: int) -> Parts:
    """The tiles of one of `STRIDES`, with their losses."""
    chosen = (tile for tile in tiles(plane.spec.resolution) if tile.stride == stride)
    return tuple((tile, compute_tile(plane, tile)) for tile in chosen)
