"""Patterns of start points: where many runs begin at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Catalogue, Entry
from core.choice import Choice
from core.errors import InputError
from core.surface import Surface

Array = NDArray[np.float64]
Point = tuple[float, float]
Area = tuple[float, float, float, float]

MOST_STARTS = 1_000
"""Start points that the window shows at most."""


@dataclass(frozen=True, kw_only=True)
class StartPattern(Entry):
    """A pattern: start points from a few numbers.

    Attributes
    ----------
    points
        Pure function `(area, centre, **hyperparameters) -> (n, 2)`, with `area` the x low, x high, y low
        and y high to fill and `centre` the point to surround. Either may be ignored.
    """

    points: Callable[..., Array]


START_PATTERNS: Catalogue[StartPattern] = Catalogue("core.start_patterns", StartPattern, "start pattern")


@dataclass(frozen=True)
class PlacedStarts:
    """The start points of a pattern.

    Attributes
    ----------
    points
        Those that a run can begin at, in the pattern's order.
    left_out
        How many others there were: outside the domain, or without a finite loss or gradient.
    """

    points: tuple[Point, ...]
    left_out: int

    @property
    def sentence(self) -> str:
        """What was left out and why; "" when nothing was."""
        if not self.left_out:
            return ""
        of_all = f"{self.left_out:,} of {self.left_out + len(self.points):,}"
        return (
            f"{of_all} points of the pattern are left out: they lie outside the surface's domain, or the loss"
            " or its gradient is not finite there."
        )


def place_starts(choice: Choice, place: Surface, centre: Point, area: Area | None = None) -> PlacedStarts:
    """Start points in a pattern, those that a run can begin at.

    Parameters
    ----------
    choice
        The pattern and its numbers.
    centre
        The point that a ring surrounds.
    area
        What a grid or random points fill, as far as it lies in the domain; the whole domain by default.

    Raises
    ------
    InputError
        For an unknown pattern, numbers out of bounds, more points than `MOST_STARTS`, and when no run
        can begin at any of them.
    """
    pattern = START_PATTERNS[choice.id]
    values: dict[str, Any] = pattern.values(choice.values)
    points = pattern.points(_common(area, place.entry.domain), centre, **values)
    good = can_start(place, points)
    if not good.any():
        raise InputError(
            f"No run can begin at any of the {len(points):,} points of the pattern: they lie outside the"
            " surface's domain, or the loss or its gradient is not finite there. Choose another place.",
            "start",
        )
    kept = tuple((x, y) for x, y in points[good].tolist())
    return PlacedStarts(kept, int(np.count_nonzero(~good)))


def can_start(place: Surface, points: Array) -> NDArray[np.bool_]:
    """Whether a run can begin at each of (n, 2) points, as `Surface.check_start` has it for one."""
    x, y = points.T
    x_low, x_high, y_low, y_high = place.entry.domain
    loss, gradient_x, gradient_y = place.loss_and_gradient(x, y)
    with np.errstate(over="ignore"):
        finite = np.isfinite(loss) & np.isfinite(np.hypot(gradient_x, gradient_y))
    inside = (x >= x_low) & (x <= x_high) & (y >= y_low) & (y <= y_high)
    result: NDArray[np.bool_] = finite & inside
    return result


def check_count(count: int, what: str = "") -> None:
    """Raise `InputError` for more start points than can be shown; `what` says how they came about."""
    if count > MOST_STARTS:
        raise InputError(
            f"{what}{count:,} start points are more than the {MOST_STARTS:,} that can be shown at once;"
            " choose fewer.",
            "start",
        )


def _common(area: Area | None, domain: Area) -> Area:
    """The part of the area that lies in the domain; the domain if nothing does."""
    if area is None:
        return domain
    x_low, x_high = max(area[0], domain[0]), min(area[1], domain[1])
    y_low, y_high = max(area[2], domain[2]), min(area[3], domain[3])
    return (x_low, x_high, y_low, y_high) if x_low < x_high and y_low < y_high else domain
