"""Which minimum the runs of a map reached, among those that are known and those that they found.

No derivatives: a point has a minimum within `reach` when the loss is higher all around, on a circle of
that radius. So minima at a kink (`abs(x)`) and valley floors (`(x - 5)**2`) count as well.
"""

import math

import numpy as np
from numpy.typing import NDArray

from core.surface import Surface

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
Point = tuple[float, float]

REACH = 0.01
"""How near to a minimum a run must end to have reached it, as a share of the domain's diagonal."""

_CIRCLE = np.linspace(0.0, 2.0 * math.pi, 17)[:-1]
_HALVINGS = 8
_NEIGHBOURS = 3
_LEVEL = 1e-9
"""A circle's lowest point may be lower by this share of its height: floors are level only to rounding."""
_BARRIER = 1e-2
"""Between two points of one minimum the loss rises less than this share of what it does around them."""
_MOST_ENDS = 16_384
"""Ends of runs among which minima are looked for, evenly spread; all of them are then told apart."""
_MOST_PLACES = 400
"""Places that are looked at for minima, the lowest of all where runs have ended."""
_MOST_MINIMA = 200


def reached(place: Surface, points: Array, known: tuple[Point, ...]) -> tuple[Integers, tuple[Point, ...]]:
    """Which minimum each point is at.

    Parameters
    ----------
    points
        (n, 2): where runs ended; NaN where they diverged.
    known
        Minima that are known; they come first, in their order.

    Returns
    -------
    tuple
        (n,) index of the minimum of each point, -1 for none; and all minima, those that the runs
        found after the known ones, from the lowest up.
    """
    x_low, x_high, y_low, y_high = place.entry.domain
    reach = REACH * math.hypot(x_high - x_low, y_high - y_low)
    ends = points[nearest(points, np.array(known).reshape(-1, 2), reach) < 0]
    some = ends[:: max(len(ends) // _MOST_ENDS, 1)]
    places, rises = _surrounded(place, _lowest_places(place, some, reach), reach)
    anchors = [*known, *((x, y) for x, y in places.tolist())]
    owners = np.append(_owners(place, anchors, rises.tolist(), reach), -1)
    minima = list(dict.fromkeys([*range(len(known)), *owners[:-1].tolist()]))[:_MOST_MINIMA]
    index = np.full(len(anchors) + 1, -1)  # the last is for those that are near to none
    index[minima] = np.arange(len(minima))
    found = index[owners[nearest(points, np.array(anchors).reshape(-1, 2), reach)]]
    return found, tuple(anchors[owner] for owner in minima)


def _owners(place: Surface, anchors: list[Point], rises: list[float], reach: float) -> Integers:
    """For each anchor the first one that is at the same minimum; the known ones stay apart.

    `rises` belongs to the last ones, those that are not known: how far the loss rises around them.
    """
    owners = np.arange(len(anchors))
    known = len(anchors) - len(rises)
    for index, rise in enumerate(rises, known):
        same = owners[_same_minimum(place, anchors[index], anchors[:index], rise, reach)]
        if same.size:
            first = same.min()
            owners[index] = first
            owners[:index][np.isin(owners[:index], same[same >= known])] = first
    return owners


def nearest(points: Array, anchors: Array, reach: float) -> Integers:
    """Index of the anchor nearest to each point, -1 where none is within `reach`."""
    best = np.full(len(points), reach * reach)
    index = np.full(len(points), -1, np.intp)
    with np.errstate(all="ignore"):
        for place, (x, y) in enumerate(anchors.tolist()):
            distance = (points[:, 0] - x) ** 2 + (points[:, 1] - y) ** 2
            nearer = distance <= best
            best[nearer] = distance[nearer]
            index[nearer] = place
    return index


def _lowest_places(place: Surface, points: Array, reach: float) -> Array:
    """The lowest of the points in each cell of a grid, the lowest first.

    The grid is three times as wide and high as the domain.
    """
    x_low, x_high, y_low, y_high = place.entry.domain
    low, high = np.array([x_low, y_low]), np.array([x_high, y_high])
    cells_across = np.ceil((high - low) / (0.5 * reach))
    with np.errstate(all="ignore"):
        losses = place.loss(points[:, 0], points[:, 1])
        cells = np.floor((points - low) / (0.5 * reach)) + cells_across
    good = np.flatnonzero(np.isfinite(losses) & ((cells >= 0) & (cells < 3 * cells_across)).all(axis=1))
    highest_first = good[np.argsort(-losses[good])]
    columns, rows = (3 * cells_across).astype(int).tolist()
    lowest = np.full(columns * rows, -1)
    keys = cells[highest_first, 0] * rows + cells[highest_first, 1]
    lowest[keys.astype(np.intp)] = highest_first  # the last one of a cell stays
    found = lowest[lowest >= 0]
    return points[found[np.argsort(losses[found])[:_MOST_PLACES]]]


def _surrounded(place: Surface, points: Array, reach: float) -> tuple[Array, Array]:
    """Those of the points around which the loss is higher, and how far it rises there."""
    centre = place.loss(points[:, 0], points[:, 1])
    low, high = _around(place, points, reach)
    with np.errstate(all="ignore"):
        rise = high - centre
        inside = (centre <= low + _LEVEL * rise) & (rise > 0.0)
    return points[inside], rise[inside]


def _around(place: Surface, points: Array, reach: float) -> tuple[Array, Array]:
    """Lowest and highest finite loss on a circle around each point; where there is no value is a wall.

    Narrow valleys cross a circle between the places that are looked at first: each is moved downhill.
    """
    angles = np.broadcast_to(_CIRCLE, (len(points), _CIRCLE.size))
    width = _CIRCLE[1] / 2
    losses = _on_circle(place, points, reach, angles)
    high = np.where(np.isfinite(losses), losses, -np.inf).max(axis=1, initial=-np.inf)
    for _ in range(_HALVINGS):
        for side in (angles - width, angles + width):
            other = _on_circle(place, points, reach, side)
            lower = other < losses
            angles, losses = np.where(lower, side, angles), np.where(lower, other, losses)
        width /= 2
    return losses.min(axis=1, initial=np.inf), high


def _on_circle(place: Surface, points: Array, reach: float, angles: Array) -> Array:
    losses = place.loss(points[:, :1] + reach * np.cos(angles), points[:, 1:] + reach * np.sin(angles))
    return np.where(np.isnan(losses), np.inf, losses)


def _same_minimum(place: Surface, point: Point, anchors: list[Point], rise: float, reach: float) -> list[int]:
    """Those of the nearest anchors that no rise of the loss keeps apart from the point."""
    if not anchors:
        return []
    offsets = np.array(anchors) - point
    distances = np.hypot(offsets[:, 0], offsets[:, 1])
    same = []
    for index in np.argsort(distances, kind="stable")[:_NEIGHBOURS].tolist():
        shares = np.linspace(0.0, 1.0, 9 + int(min(2.0 * distances[index] / reach, 400.0)))
        way = np.array(point) + shares[:, None] * offsets[index]
        losses = place.loss(way[:, 0], way[:, 1])
        if losses.max() - max(losses[0], losses[-1]) <= _BARRIER * rise:
            same.append(int(index))
    return same
