"""Minima without a gradient: kinks such as those of `abs(x)`, cusps, edges of where a formula has a value.

Newton's method never arrives there. Lowest cells of a grid are followed downhill by gradient sampling (Burke,
Lewis and Overton 2005): the direction is the shortest vector in the hull of the gradients all around, and the
circle shrinks once the hull holds 0. What arrives is looked at: the loss must rise all around, with a kink.
"""

import numpy as np
from numpy.typing import NDArray

from core.critical_search import SHARP, Array, Flags, Plane, inside, length, longest, ring

_SAMPLES, _ROUNDS, _MOST = 12, 60, 1000
_LOOK = 32
_SQUARE = np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)], float)


def candidates(plane: Plane, losses: Array, known: Array) -> Array:
    """Where downhill paths end that do not end at a known critical point.

    Parameters
    ----------
    losses
        At the centres of the cells of a square grid. Paths begin at cells lower than their neighbours
        along a row or a column, with gradients to all sides around them or with places that have none.
    known
        Critical points that have been found, (n, 2); nothing is looked for next to them.
    """
    rows, columns = np.nonzero(_lowest_in_line(losses) | _lowest_in_line(losses.T).T)
    points = (np.column_stack([columns, rows]) + 0.5) / len(losses)
    points = points[_apart(points, known, 2.5 / len(losses))]
    points = points[_doubtful(plane, points, 1.5 / len(losses))]
    return _settled(plane, points[:: len(points) // _MOST + 1])


def kinks(plane: Plane, points: Array, known: Array) -> tuple[Array, Flags]:
    """The points from which the loss rises all around with a kink, apart from known critical points.

    Returns
    -------
    points, edge
        (n, 2), and which of them lie at the edge of where the formula has a value.
    """
    points = points[_apart(points, known, 1e-4) & np.isfinite(plane.loss(points))]
    losses = plane.loss(points)
    rises, slopes = {}, {}
    edge: Flags = np.zeros(len(points), bool)
    lower = np.zeros(len(points), bool)
    for radius in (1e-4, 1e-5, 1e-7):
        near = points[:, None] + radius * np.concatenate([ring(_LOOK, 0.1), ring(4).round()])
        rise = plane.loss(near) - losses[:, None]
        edge |= ~np.isfinite(rise).all(-1)
        lower |= (rise < 0.0).any(-1)
        rises[radius] = np.where(np.isfinite(rise), rise, 0.0).max(-1, initial=0.0)
        slopes[radius] = longest(plane.gradient(near))
    held = edge | _surrounded(plane.gradient(points[:, None] + 1e-5 * ring(_LOOK, 0.1)), 1e-3)
    sharp = slopes[1e-7] > SHARP * slopes[1e-4]
    steady = (rises[1e-7] < 0.6 * rises[1e-4]) & (rises[1e-5] > 0.0)
    kept: Flags = np.isfinite(losses) & ~lower & held & sharp & steady & inside(points, -1e-6)
    where = np.flatnonzero(kept)
    return points[where], edge[where]


def _lowest_in_line(values: Array) -> Flags:
    """Where a value is at most that of both neighbours in its row, and lower than one; NaN is high."""
    padded = np.pad(np.where(np.isnan(values), np.inf, values), ((0, 0), (1, 1)), constant_values=np.inf)
    left, centre, right = padded[:, :-2], padded[:, 1:-1], padded[:, 2:]
    result: Flags = (centre <= left) & (centre <= right) & ((centre < left) | (centre < right))
    result &= np.isfinite(centre)
    return result


def _doubtful(plane: Plane, points: Array, radius: float) -> Flags:
    """Around which points there may be a minimum that the Hessian does not foresee."""
    circle = radius * ring(16)
    around = plane.gradient(points[:, None] + circle)
    xx, xy, yy = (part[:, None] for part in plane.hessian(points))
    x, y = 2.0 * circle[:8].T
    with np.errstate(all="ignore"):
        change = around[:, :8] - around[:, 8:]
        foreseen = np.stack([xx * x + xy * y, xy * x + yy * y], -1)
        smooth = (length(change - foreseen) <= 0.2 * length(change)).all(-1)
    result: Flags = (_surrounded(around, 0.2) & ~smooth) | np.isnan(around).any((-1, -2))
    return result


def _apart(points: Array, others: Array, distance: float) -> Flags:
    """Which points have none of the others within a distance (or up to twice as far)."""
    taken = np.unique(_key(others[:, None] + distance * _SQUARE, distance))
    result: Flags = ~np.isin(_key(points, distance), taken)
    return result


def _key(points: Array, cell: float) -> NDArray[np.int64]:
    cells = np.floor(points / cell).astype(np.int64)
    keys: NDArray[np.int64] = cells[..., 0] * 2**32 + cells[..., 1]
    return keys


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
    finite: Flags = np.all(np.isfinite(gradients), axis=-1)
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


def _surrounded(gradients: Array, slack: float = 1e-9) -> Flags:
    """Whether 0 lies in the hull of the gradients: no half of the plane and some radians is without."""
    angles = np.arctan2(gradients[..., 1], gradients[..., 0])
    angles = np.asarray(np.where((length(gradients) > 0.0) & np.isfinite(angles), angles, np.nan))
    angles = np.sort(angles, -1)  # NaN come last
    wrapped = np.concatenate([angles, angles[:, :1] + 2 * np.pi], -1)
    wrapped = np.where(np.isnan(wrapped), wrapped[:, -1:], wrapped)
    result: NDArray[np.bool_] = np.diff(wrapped, axis=-1).max(-1, initial=0.0) <= np.pi + slack
    return result
