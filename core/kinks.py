"""Minima without a gradient: kinks such as those of `abs(x)`, cusps, edges of where a formula has a value.

Newton's method never arrives there. Lowest cells of a grid are followed downhill by gradient sampling (Burke,
Lewis and Overton 2005): the direction is the shortest vector in the hull of the gradients all around, and the
circle shrinks once the hull holds 0. What arrives is looked at: the loss must rise all around, with a kink.
"""

import numpy as np
from numpy.typing import NDArray

from core.critical_search import Array, Flags, Plane, inside, length, lowest, ring

_SAMPLES, _ROUNDS, _MOST = 12, 60, 1000
_LOOK = 32


def kinks(plane: Plane, losses: Array, known: Array) -> tuple[Array, Flags]:
    """Minima where the surface has no gradient.

    Parameters
    ----------
    losses
        At the centres of the cells of a square grid.
    known
        Critical points that have been found, (n, 2); nothing is looked for next to them.

    Returns
    -------
    points, edge
        (n, 2), and which of them lie at the edge of where the formula has a value.
    """
    points = _settled(plane, _candidates(plane, losses, known))
    points = points[_apart(points, known, 1e-4)]
    return _kinks(plane, points)


def _candidates(plane: Plane, losses: Array, known: Array) -> Array:
    """Lowest cells with gradients to all sides around them, or with places that have none."""
    rows, columns = np.nonzero(lowest(losses))
    points = (np.column_stack([columns, rows]) + 0.5) / len(losses)
    points = points[:: len(points) // _MOST + 1]
    points = points[_apart(points, known, 2.5 / len(losses))]
    around = plane.gradient(points[:, None] + 1.5 / len(losses) * ring(16))
    return points[_surrounded(around) | np.isnan(around).any((-1, -2))]


def _apart(points: Array, others: Array, distance: float) -> Flags:
    """Which points are further than a distance from all others."""
    result = np.ones(len(points), bool)
    for block in np.array_split(others, len(others) // 500 + 1):
        result &= (abs(points[:, None] - block).max(-1) > distance).all(-1)
    return result


def _settled(plane: Plane, points: Array) -> Array:
    """Follow points downhill until the circle around them is small."""
    points, losses = points.copy(), plane.loss(points).copy()
    radius = np.full(len(points), 1.0 / 128)
    lengths = 2.0 ** np.arange(-2, 4)
    for turn in range(_ROUNDS):
        active = np.flatnonzero(radius > 1e-14)
        if not active.size:
            break
        near = points[active, None] + radius[active, None, None] * ring(_SAMPLES, float(turn))
        down = -_shortest(plane.gradient(near))
        trials = points[active, None] + (radius[active, None] * lengths)[..., None] * down[:, None]
        after = plane.loss(trials)
        after = np.where(np.isfinite(after), after, np.inf)
        best = after.argmin(-1)
        rows = np.arange(len(active))
        better = after[rows, best] < losses[active]
        points[active[better]] = trials[rows, best][better]
        losses[active[better]] = after[rows, best][better]
        radius[active[~better]] *= 0.25
    return _rounder(plane, points)


def _rounder(plane: Plane, points: Array) -> Array:
    """Points at round numbers where the loss is at least as low there."""
    for digits in (12, 9, 6):
        x, y = plane.place(points)
        round_x, round_y = np.round(x, digits) + 0.0, np.round(y, digits) + 0.0
        for at_x, at_y in ((round_x, y), (x, round_y), (round_x, round_y)):
            trial = plane.square(at_x, at_y)
            lower = plane.surface.loss(at_x, at_y) <= plane.surface.loss(*plane.place(points))
            close = length(trial - points) <= 1e-9
            points = np.where((lower & close)[:, None], trial, points)
    return points


def _shortest(gradients: Array) -> Array:
    """Unit vector towards the shortest vector in each hull of gradients (n, samples, 2); 0 if that is 0."""
    finite = np.isfinite(gradients).all(-1)
    some = np.take_along_axis(gradients, finite.argmax(-1)[:, None, None], 1)
    gradients = np.where(finite[..., None], gradients, some)
    first, second = np.triu_indices(gradients.shape[1])
    a, b = gradients[:, first], gradients[:, second]
    with np.errstate(all="ignore"):
        share = -(a * (b - a)).sum(-1) / ((b - a) ** 2).sum(-1)
        points = a + np.clip(np.nan_to_num(share), 0.0, 1.0)[..., None] * (b - a)
        sizes = length(points)
        best = np.where(np.isnan(sizes), np.inf, sizes).argmin(-1)
        shortest = points[np.arange(len(points)), best]
        unit = shortest / length(shortest)[:, None]
    unit = np.where(np.isfinite(unit), unit, 0.0)
    unit[_surrounded(gradients)] = 0.0
    return unit


def _surrounded(gradients: Array) -> Flags:
    """Whether 0 lies in the hull of the gradients: no half of the plane is free of them."""
    angles = np.arctan2(gradients[..., 1], gradients[..., 0])
    angles = np.where((length(gradients) > 0.0) & np.isfinite(angles), angles, np.nan)
    angles = np.sort(angles, -1)  # NaN come last
    wrapped = np.concatenate([angles, angles[:, :1] + 2 * np.pi], -1)
    wrapped = np.where(np.isnan(wrapped), wrapped[:, -1:], wrapped)
    result: NDArray[np.bool_] = np.diff(wrapped, axis=-1).max(-1, initial=0.0) <= np.pi + 1e-9
    return result


def _kinks(plane: Plane, points: Array) -> tuple[Array, Flags]:
    """The points from which the loss rises all around with a kink, and which are at an edge."""
    losses = plane.loss(points)
    rises, slopes = {}, {}
    edge = np.zeros(len(points), bool)
    lower = np.zeros(len(points), bool)
    for radius in (1e-4, 1e-5, 1e-7):
        near = points[:, None] + radius * ring(_LOOK, 0.1)
        rise = plane.loss(near) - losses[:, None]
        edge |= ~np.isfinite(rise).all(-1)
        lower |= (rise < 0.0).any(-1)
        rises[radius] = np.where(np.isfinite(rise), rise, 0.0).max(-1, initial=0.0)
        slopes[radius] = _longest(plane.gradient(near))
    held = edge | _surrounded(plane.gradient(points[:, None] + 1e-5 * ring(_LOOK, 0.1)))
    sharp = slopes[1e-7] > 0.05 * slopes[1e-4]
    steady = (rises[1e-7] < 0.6 * rises[1e-4]) & (rises[1e-5] > 0.0)
    kept = np.isfinite(losses) & ~lower & held & sharp & steady & inside(points, -1e-6)
    return points[kept], edge[kept]


def _longest(gradients: Array) -> Array:
    sizes = length(gradients)
    result: Array = np.where(np.isnan(sizes), 0.0, sizes).max(-1, initial=0.0)
    return result
