"""The search for critical points: starts from a grid, damped Newton on the gradient, one of each kept.

Everything happens in the unit square, onto which the domain is mapped: there, a step and a slope mean the
same on every surface. Points are arrays (n, 2).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.curvature import eigen
from core.surface import Surface

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Domain = tuple[float, float, float, float]

GRIDS = (129, 257, 513)
"""Cells along each side of the square. Odd, so that a cell's centre lies on the domain's."""
_COARSE = 24
_ROUNDS, _POLISHES = 30, 12
_LONGEST = 0.1
_SAME = 1e-6
_NEAR = 1 / 128
MOST_STARTS = 12_000
SHARP = 0.05
"""A gradient that does not fall below this share on the way from 1e-4 to 1e-7 of a point has a kink there."""


@dataclass(frozen=True)
class Plane:
    """A surface over the unit square: its domain, shifted and stretched."""

    surface: Surface
    domain: Domain

    @property
    def widths(self) -> Array:
        """Of the domain, along x and y."""
        return np.array([self.domain[1] - self.domain[0], self.domain[3] - self.domain[2]])

    def place(self, points: Array) -> tuple[Array, Array]:
        """Where points of the square are: x and y."""
        x, y = np.moveaxis(points, -1, 0)
        return self.domain[0] + x * self.widths[0], self.domain[2] + y * self.widths[1]

    def square(self, x: Array, y: Array) -> Array:
        """Points in the square of x and y."""
        return np.stack([(x - self.domain[0]) / self.widths[0], (y - self.domain[2]) / self.widths[1]], -1)

    def loss(self, points: Array) -> Array:
        """Loss, of the shape of the points without its last axis."""
        return self.surface.loss(*self.place(points))

    def gradient(self, points: Array) -> Array:
        """Gradient in the square's coordinates, of the points' shape."""
        with np.errstate(all="ignore"):
            return np.stack(self.surface.gradient(*self.place(points)), -1) * self.widths

    def hessian(self, points: Array) -> tuple[Array, Array, Array]:
        """Second derivatives in the square's coordinates."""
        xx, xy, yy = self.surface.hessian(*self.place(points))
        wide, high = self.widths
        with np.errstate(all="ignore"):
            return xx * wide**2, xy * wide * high, yy * high**2


def ring(count: int, turn: float = 0.0) -> Array:
    """Unit vectors all around, (count, 2)."""
    angles = 2 * np.pi * np.arange(count) / count + turn
    return np.column_stack([np.cos(angles), np.sin(angles)])


def length(vectors: Array) -> Array:
    """Lengths of vectors along the last axis; NaN unless finite."""
    with np.errstate(all="ignore"):
        sizes = np.hypot(vectors[..., 0], vectors[..., 1])
    return np.where(np.isfinite(sizes), sizes, np.nan)


def inside(points: Array, margin: float = 1e-9) -> Flags:
    """Which points lie in the square."""
    result: Flags = np.all((points >= -margin) & (points <= 1 + margin), axis=-1)
    return result


# ---------------------------------------------------------------- starts


def starts(plane: Plane, cells: int) -> tuple[Array, Flags]:
    """Where to begin, and which cells are flat.

    Cells at whose corners both slopes change sign, nodes where the gradient is shorter than at its
    neighbours, and a coarse grid for what both of them miss.
    """
    nodes = np.linspace(0.0, 1.0, cells + 1)
    slopes = plane.gradient(np.stack(np.meshgrid(nodes, nodes), -1))
    flat = _corners(np.where((slopes == 0.0).all(-1), 0.0, 1.0))[1] == 0.0
    low, high = zip(*(_corners(slopes[..., axis]) for axis in (0, 1)), strict=True)
    changing = (low[0] <= 0) & (high[0] >= 0) & (low[1] <= 0) & (high[1] >= 0) & ~flat
    rows, columns = np.nonzero(changing)
    centres = (np.column_stack([columns, rows]) + 0.5) / cells
    rows, columns = np.nonzero(lowest(length(slopes)) & ~_touching(flat | changing))
    found = [centres, np.column_stack([columns, rows]) / cells]
    middles = (np.arange(_COARSE) + 0.5) / _COARSE
    coarse = np.stack(np.meshgrid(middles, middles), -1).reshape(-1, 2)
    return np.concatenate([np.full((1, 2), 0.5), *found, coarse]), flat


def lowest(values: Array) -> Flags:
    """Where a grid's value is at most that of each neighbour, and not that of all of them; NaN is high."""
    rows, columns = values.shape
    padded = np.pad(np.where(np.isnan(values), np.inf, values), 1, constant_values=np.inf)
    centre = padded[1:-1, 1:-1]
    result: Flags = np.isfinite(centre)
    above = np.zeros_like(result)
    for row in range(3):
        for column in range(3):
            other = padded[row : row + rows, column : column + columns]
            result &= centre <= other
            above |= centre < other
    result &= above
    return result


def _corners(values: Array) -> tuple[Array, Array]:
    """Lowest and highest value at the corners of each cell; NaN where one of them is."""
    four = (values[:-1, :-1], values[1:, :-1], values[:-1, 1:], values[1:, 1:])
    low, high = four[0], four[0]
    for corner in four[1:]:
        low, high = np.minimum(low, corner), np.maximum(high, corner)
    return low, high


def _touching(flat: Flags) -> Flags:
    """Nodes at a corner of a flat cell."""
    padded = np.pad(flat, 1)
    result: Flags = padded[:-1, :-1] | padded[1:, :-1] | padded[:-1, 1:] | padded[1:, 1:]
    return result


# ---------------------------------------------------------------- Newton


def newton(plane: Plane, points: Array) -> Array:
    """Where damped Newton steps on the gradient lead; only the starts that seem to arrive.

    Levenberg's damping: the step solves `(H H + mu) step = -H g`. It falls with every step that shortens
    the gradient and rises with every other. Starts that arrive slowly approach a degenerate point.
    """
    points = points.copy()
    sizes = length(plane.gradient(points))
    damping = np.full(len(points), 1e-2)
    waiting = np.flatnonzero(np.isfinite(sizes) & (sizes > 0.0))
    arrived = sizes == 0.0
    for _ in range(_ROUNDS):
        if not waiting.size:
            break
        step = damped_step(plane, points[waiting], damping[waiting])
        reach = length(step)
        trial = points[waiting] + step * np.minimum(1.0, _LONGEST / np.maximum(reach, 1e-300))[:, None]
        after = length(plane.gradient(trial))
        better = after < sizes[waiting]
        points[waiting[better]], sizes[waiting[better]] = trial[better], after[better]
        done = (sizes[waiting] == 0.0) | ((reach < 1e-12) & (damping[waiting] <= 1.0))
        damping[waiting] = np.where(better, damping[waiting] * 0.1, np.maximum(damping[waiting], 1e-8) * 10)
        arrived[waiting[done]] = True
        lost = (damping[waiting] > 1e4) | ~inside(points[waiting], 0.1) | np.isnan(reach)
        waiting = waiting[~(done | lost)]
    points[waiting] = _polished(plane, points[waiting])
    arrived[waiting] = True
    result: Array = points[arrived & inside(points)]
    return result


def damped_step(plane: Plane, points: Array, damping: float | Array) -> Array:
    """Newton steps; the damping counts in squares of the larger eigenvalue. NaN without curvature."""
    low, high, along = eigen(*plane.hessian(points))
    across = np.column_stack([-along[:, 1], along[:, 0]])
    gradient = plane.gradient(points)
    with np.errstate(all="ignore"):
        scale = np.maximum(abs(low), abs(high))
        step = np.zeros_like(points)
        for value, vector in ((low, across), (high, along)):
            part = (gradient * vector).sum(-1) / scale
            bend = value / scale
            step -= (bend * part / (bend**2 + damping + 1e-20))[:, None] * vector
    step[(gradient == 0.0).all(-1)] = 0.0
    return step


def _polished(plane: Plane, points: Array) -> Array:
    """Points near degenerate ones come nearer: towards a root of order m, m Newton steps are one."""
    sizes = length(plane.gradient(points))
    for _ in range(_POLISHES if len(points) else 0):
        step = damped_step(plane, points, 0.0)
        for order in (3.0, 2.0, 1.0):
            trial = points + order * step
            after = length(plane.gradient(trial))
            better = after < sizes
            points = np.where(better[:, None], trial, points)
            sizes = np.where(better, after, sizes)
    return points


# ---------------------------------------------------------------- which are critical, one of each


def critical(plane: Plane, points: Array) -> Flags:
    """At which points the gradient is 0 as far as floats can tell.

    It must be much shorter than nearby, and a Newton step must lead nowhere: far out on the tail of
    a bell the first holds without the second. At a kink, where the slope
    jumps, it is not; nor where only the derivatives have a value, as those of `log(x)` below 0.
    """
    size, step = length(plane.gradient(points)), length(damped_step(plane, points, 1e-16))
    near, nearer, nearest = (
        longest(plane.gradient(points[:, None] + radius * ring(8, 0.1))) for radius in (_NEAR, 1e-4, 1e-7)
    )
    smooth = (nearest <= SHARP * nearer) & np.isfinite(plane.loss(points))
    return (size <= 1e-9 * near) & (step <= 1e-6) & smooth & ~flat_around(plane, points)


def longest(gradients: Array) -> Array:
    """Length of the longest of the finite gradients (n, samples, 2) around each point."""
    sizes = length(gradients)
    result: Array = np.where(np.isnan(sizes), 0.0, sizes).max(-1, initial=0.0)
    return result


def flat_around(plane: Plane, points: Array) -> Flags:
    """Which points lie in, or at the rim of, an area without gradient."""
    near = points[:, None] + 1e-3 * ring(8)
    flat = (plane.gradient(near) == 0.0).all(-1)
    for part in plane.hessian(near):
        flat &= part == 0.0
    result: Flags = flat.sum(-1) >= 3
    return result


def degenerate(plane: Plane, points: Array) -> Flags:
    """Which critical points have an eigenvalue of 0, measured by the other one and by those nearby."""
    low, high, _ = eigen(*plane.surface.hessian(*plane.place(points)))
    small, large = np.minimum(abs(low), abs(high)), np.maximum(abs(low), abs(high))
    around = eigen(*plane.surface.hessian(*plane.place(points[:, None] + 1e-3 * ring(8))))
    near = np.fmax(abs(around[0]), abs(around[1]))
    scale = np.where(np.isfinite(near), near, 0.0).max(-1, initial=0.0)
    result: Flags = ~((small > 1e-7 * large) & (large > 1e-5 * scale))
    return result


def different(points: Array) -> Array:
    """Each point once: those nearer than `_SAME` are one and the same."""
    for shift in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)):
        cells = np.floor(points / _SAME + shift).astype(np.int64)
        keys = cells[:, 0] * 2**32 + cells[:, 1]
        points = points[np.sort(np.unique(keys, return_index=True)[1])]
    return points


def rounder(plane: Plane, points: Array) -> Array:
    """Points at round numbers, where the gradient is at least as short there: 3, not 2.9999999999999996."""
    x, y = plane.place(points)
    for digits in (12, 9):
        round_x, round_y = np.round(x, digits) + 0.0, np.round(y, digits) + 0.0
        before, after = (
            length(np.stack(plane.surface.gradient(*at), -1)) for at in ((x, y), (round_x, round_y))
        )
        better = after <= before
        x, y = np.where(better, round_x, x), np.where(better, round_y, y)
    return np.column_stack([x, y])


def along_lines(plane: Plane, points: Array) -> Array:
    """Where the flat direction of degenerate points leads: again to such points, if they form lines."""
    thin = points[np.unique(np.floor(points * GRIDS[0]).astype(int), axis=0, return_index=True)[1]]
    low, high, along = eigen(*plane.hessian(thin))
    across = np.column_stack([-along[:, 1], along[:, 0]])
    flat = np.where((abs(low) <= abs(high))[:, None], across, along)
    steps = np.array([-6.0, -4.5, -3.0, -1.5, 1.5, 3.0, 4.5, 6.0]) / GRIDS[0]
    ahead = (thin[:, None] + steps[:, None] * flat[:, None]).reshape(-1, 2)
    return newton(plane, ahead[:MOST_STARTS][inside(ahead[:MOST_STARTS])])


def components(points: Array, cell: float) -> list[NDArray[np.intp]]:
    """Indices of the points that hang together, in steps of at most two cells."""
    keys = np.floor(points / cell).astype(int).tolist()
    members: dict[tuple[int, int], list[int]] = {}
    for index, (column, row) in enumerate(keys):
        members.setdefault((column, row), []).append(index)
    groups = []
    while members:
        waiting, group = [next(iter(members))], []
        while waiting:
            column, row = waiting.pop()
            group += members.pop((column, row), [])
            reach = ((column + c, row + r) for c in range(-2, 3) for r in range(-2, 3))
            waiting += [key for key in reach if key in members]
        groups.append(np.array(group))
    return groups
