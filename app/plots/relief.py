"""A surface as a body in space: heights, normals and triangles over the range that is looked at.

The body stands in a box of its own: x and y from -1 to 1 over the range, height from 0 to `TALL`.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from app.plots.surface_layer import LossScale
from core.surface import Surface

Array = NDArray[np.float64]
Range = tuple[float, float, float, float]
"""X low, x high, y low, y high in data coordinates."""

SIDE, DRAFT = 201, 2
"""Grid points along each axis, and how many cells a side of a draft's cell is long."""
TALL = 0.66
"""Height of the box; it is 2 wide and 2 deep."""
FLOOR = -0.06
"""Height of the floor below it, so that the lowest points and the floor are told apart."""
_CUT, _TOWER = 0.999, 2.0
"""Where the highest point is more than `_TOWER` times as high as this share of all, as at poles, the rest
is cut level there."""


@dataclass(frozen=True)
class Relief:
    """Heights over a grid; made by `relief`.

    Attributes
    ----------
    range
        What the box spans.
    places
        (SIDE, SIDE) place of each loss on the colours' scale, y first, finite; see `valid`.
    heights
        (SIDE, SIDE) from 0 to `TALL`, finite.
    valid
        (SIDE, SIDE) whether the formula has a value there.
    low, high
        Loss or place, as `by_loss` says, at the bottom and at the top of the box.
    by_loss
        Whether height grows with the loss itself; else with its place on the colours' scale.
    scale
        Losses -> places.
    """

    range: Range
    places: Array
    heights: Array
    valid: NDArray[np.bool_]
    low: float
    high: float
    by_loss: bool
    scale: LossScale

    def height_of(self, losses: Array) -> Array:
        """Height at which losses stand; beyond the box for those beyond its ends."""
        values = losses if self.by_loss else self.scale(losses)
        height: Array = TALL * (values - self.low) / (self.high - self.low)
        return height

    def to_box(self, points: Array) -> Array:
        """(n, 2) data coordinates -> (n, 2) in the box; beyond -1 and 1 outside the range."""
        x0, x1, y0, y1 = self.range
        placed: Array = 2.0 * (points - (x0, y0)) / (x1 - x0, y1 - y0) - 1.0
        return placed

    def on_surface(self, placed: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Height of the drawn surface at (n, 2) places of the box, and whether it has a value there."""
        at = np.clip((placed + 1.0) * (0.5 * (SIDE - 1)), 0.0, SIDE - 1.000001)
        cell = at.astype(np.intp)
        (right, up), (column, row) = (at - cell).T, cell.T
        corner = row * SIDE + column
        flat, valid = self.heights.ravel(), self.valid.ravel()
        # The triangles' own planes, so that nothing that lies on them sinks below.
        low_left, low_right, high_left, high_right = (flat[corner + k] for k in (0, 1, SIDE, SIDE + 1))
        falling = self.falling.ravel()[row * (SIDE - 1) + column]
        rising = np.where(
            right > up,
            low_left + right * (low_right - low_left) + up * (high_right - low_right),
            low_left + up * (high_left - low_left) + right * (high_right - high_left),
        )
        other = np.where(
            right + up < 1.0,
            low_left + right * (low_right - low_left) + up * (high_left - low_left),
            high_right + (1.0 - right) * (high_left - high_right) + (1.0 - up) * (low_right - high_right),
        )
        nearest = np.rint(at).astype(np.intp)
        return np.where(falling, other, rising), valid[nearest[:, 1] * SIDE + nearest[:, 0]]

    @cached_property
    def falling(self) -> NDArray[np.bool_]:
        """(SIDE - 1, SIDE - 1) whether a cell is cut from lower right to upper left: the flatter way."""
        z = self.heights
        falls: NDArray[np.bool_] = abs(z[:-1, 1:] - z[1:, :-1]) < abs(z[:-1, :-1] - z[1:, 1:])
        return falls

    def vertices(self) -> NDArray[np.float32]:
        """(SIDE * SIDE, 8): position, normal, place, and 1 where the formula has a value, else 0."""
        heights = self.heights.astype(np.float32)
        slope_y, slope_x = np.gradient(heights, np.float32(2.0 / (SIDE - 1)))
        upright = 1.0 / np.sqrt(1.0 + slope_x**2 + slope_y**2)
        axis = np.linspace(-1.0, 1.0, SIDE)
        columns = (axis, axis[:, None], heights, -slope_x * upright, -slope_y * upright, upright)
        rows = np.empty((SIDE, SIDE, 8), np.float32)
        for index, column in enumerate((*columns, self.places, self.valid)):
            rows[:, :, index] = column
        return rows.reshape(SIDE * SIDE, 8)

    def triangles(self) -> NDArray[np.uint32]:
        """Indices of vertices, three a triangle; none where no corner has a value."""
        return self._with_values(1)

    def coarse_triangles(self) -> NDArray[np.uint32]:
        """Fewer, over some of the vertices, for a draft."""
        return self._with_values(DRAFT)

    def _with_values(self, stride: int) -> NDArray[np.uint32]:
        rising, falling = _cells(stride)
        falls = self.falling[::stride, ::stride].ravel()
        cells = np.where(falls[:, None], falling, rising).reshape(-1, 3)
        return cells if self.valid.all() else cells[self.valid.ravel()[cells].any(axis=1)]


@lru_cache(maxsize=2)
def _cells(stride: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """(n, 6) corners of both triangles of every cell, `stride` vertices wide, cut either way."""
    along = np.arange(0, SIDE - 1, stride, dtype=np.uint32)
    near = (along[:, None] * np.uint32(SIDE) + along).ravel()
    right, up = near + np.uint32(stride), near + np.uint32(stride * SIDE)
    far = up + np.uint32(stride)
    rising = np.column_stack([near, right, far, near, far, up])
    return rising, np.column_stack([near, right, up, right, far, up])


def relief(surface: Surface, scale: LossScale, shown: Range, by_loss: bool) -> Relief:
    """Compute the body of a surface over a range.

    The heights found there fill the box, so that near a minimum the slopes are seen as well as from afar;
    colours keep their meaning. Where the formula has no value the height of the nearest points stands in,
    for drawing the rim of the hole.
    """
    losses = surface.grid(shown, SIDE, SIDE)[2]
    valid = ~np.isnan(losses)
    places = scale(losses)
    values = np.where(np.isinf(losses), np.nan, losses) if by_loss else np.where(places < 1e6, places, np.nan)
    low, high = _ends(values[np.isfinite(values)])
    # Poles stand as high as the box.
    values = np.where(np.isposinf(losses) | (places >= 1e6), high, values)
    values = _filled(np.clip(values, low, high), low)
    places = _filled(np.clip(places, 0.0, 2.0), 0.0)
    heights = TALL * (values - low) / (high - low)
    return Relief(shown, places, heights, valid, low, high, by_loss, scale)


def _ends(values: Array) -> tuple[float, float]:
    """What the bottom and the top of the box stand for: finite and apart."""
    if not values.size:
        return 0.0, 1.0
    low = float(values.min())
    cut = min(int(_CUT * values.size), values.size - 1)
    high, top = float(np.partition(values, cut)[cut]), float(values.max())
    high = top if top - low <= _TOWER * (high - low) else high
    if high - low > 1e-12 * max(abs(low), abs(high)):
        return low, high
    return low - 0.5 * max(abs(low), 1e-300), low + 0.5 * max(abs(low), 1e-300)  # a plain stands half-way up


def _filled(values: Array, otherwise: float) -> Array:
    """Put the mean of the neighbours in place of NaN next to numbers, and `otherwise` farther away."""
    missing = np.isnan(values)
    if not missing.any():
        return values
    padded = np.pad(values, 1, constant_values=np.nan)
    shifts = [padded[1 + i : 1 + i + SIDE, 1 + j : 1 + j + SIDE] for i in (-1, 0, 1) for j in (-1, 0, 1)]
    near = np.stack(shifts)
    count = (~np.isnan(near)).sum(axis=0)
    mean = np.nansum(near, axis=0) / np.maximum(count, 1)
    return np.where(missing, np.where(count > 0, mean, otherwise), values)
