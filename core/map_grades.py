"""A map graded for the eye: one byte a pixel, and what each grade means. The colours are the look's.

A grade is small enough to cross from the process that computes a map to the one that shows it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.map_spec import MapSpec
from core.maps import MapResult

Array = NDArray[np.float64]
Grades = NDArray[np.uint8]
Flags = NDArray[np.bool_]

STOPS = 250
"""Grades of a ramp from its lowest number to its highest; minima have their place in the list."""
NOWHERE, UNDEFINED, DIVERGED = 253, 254, 255
"""Grades of what has no number: no minimum or not converged, no value at the start, diverged."""
OTHERS = 252
"""Stands in the key for all the minima that have no line of their own."""
_MOST_ROWS = 12
_MOST_OF = 0.9
"""Share of the losses that the ramp spans: what is just short of diverging is higher by any factor."""
_FINEST = 1e-12
"""Losses nearer to the lowest one than this share of the span share a grade."""


@dataclass(frozen=True)
class GradeRow:
    """A line of the key: a grade, what it stands for, and its share of the pixels."""

    grade: int
    text: str
    share: float


@dataclass(frozen=True)
class GradeBar:
    """What a ramp measures, and its numbers at even distances from the lowest up."""

    title: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class GradedMap:
    """A map by one of its quantities.

    Attributes
    ----------
    spec
        What was asked for, checked; its size is that of `grades`.
    grades
        (rows, columns), the top row first: a place in the list of minima, one of `STOPS` grades of the
        ramp, or `NOWHERE`, `UNDEFINED`, `DIVERGED`.
    rows, bar
        The key: lines for the pixels of one meaning, and the ramp of numbers.
    """

    spec: MapSpec
    grades: Grades
    rows: tuple[GradeRow, ...]
    bar: GradeBar | None


def graded(result: MapResult, quantity: str = "") -> GradedMap:
    """Grade a map by "minimum", "steps" or "loss"; its spec's unless named."""
    grade = {"minimum": _by_minimum, "steps": _by_steps, "loss": _by_loss}[quantity or result.spec.quantity]
    grades, rows, bar = grade(result)
    grades[result.undefined], grades[result.diverged] = UNDEFINED, DIVERGED
    ends = (("diverged", DIVERGED, result.diverged), ("no value here", UNDEFINED, result.undefined))
    rows += [GradeRow(value, text, result.share(mask)) for text, value, mask in ends if mask.any()]
    return GradedMap(result.spec, np.ascontiguousarray(grades[::-1]), tuple(rows), bar)


def _by_minimum(result: MapResult) -> tuple[Grades, list[GradeRow], GradeBar | None]:
    grades = np.where(result.minimum < 0, NOWHERE, result.minimum).astype(np.uint8)
    reached = result.minimum[result.minimum >= 0]
    counts = np.bincount(reached, minlength=len(result.minima)) / result.minimum.size
    order = [index for index in np.argsort(-counts, kind="stable").tolist() if counts[index] > 0]
    shown = sorted(order[:_MOST_ROWS])
    rows = [GradeRow(index, _point(result.minima[index]), float(counts[index])) for index in shown]
    if others := order[_MOST_ROWS:]:
        rows.append(GradeRow(OTHERS, f"{len(others)} other minima", float(counts[others].sum())))
    return grades, [*rows, *_nowhere(result, result.minimum < 0, "no minimum")], None


def _by_steps(result: MapResult) -> tuple[Grades, list[GradeRow], GradeBar | None]:
    steps = result.values("steps")
    rows = _nowhere(result, np.isnan(steps), f"not in {result.spec.steps:,} steps")
    low, high = _span(steps)
    bar = _bar("steps until converged", lambda place: f"{low + place * (high - low):,.0f}", low < high)
    return _placed((steps - low) / (high - low or 1.0)), rows, bar if np.isfinite(steps).any() else None


def _by_loss(result: MapResult) -> tuple[Grades, list[GradeRow], GradeBar | None]:
    """On log-like levels above the lowest loss: its differences span many orders of magnitude."""
    low, high = _span(result.losses, _MOST_OF)
    unit = max((high - low) * _FINEST, 5e-324)
    top = np.log1p((high - low) / unit) or 1.0
    with np.errstate(all="ignore"):
        grades = _placed(np.log1p((result.losses - low) / unit) / top)
    bar = _bar("final loss", lambda place: f"{low + unit * np.expm1(place * top):.3g}", low < high)
    return grades, [], bar if np.isfinite(result.losses).any() else None


def _nowhere(result: MapResult, mask: Flags, text: str) -> list[GradeRow]:
    mask = mask & ~result.diverged & ~result.undefined
    return [GradeRow(NOWHERE, text, result.share(mask))] if mask.any() else []


def _span(values: Array, share: float = 1.0) -> tuple[float, float]:
    """The lowest finite value, and the one that a share of them does not exceed."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 0.0
    place = int(share * (finite.size - 1))
    return float(finite.min()), float(np.partition(finite, place)[place])


def _bar(title: str, number: Callable[[float], str], spans: bool) -> GradeBar:
    places = np.linspace(0.0, 1.0, 5).tolist() if spans else [0.0]
    return GradeBar(title, tuple(number(place).replace("-", "−") for place in places))


def _placed(places: Array) -> Grades:
    """Grades of places between 0 and 1; NaN has no number."""
    finite = np.isfinite(places)
    stops = np.clip(np.where(finite, places, 0.0), 0.0, 1.0) * (STOPS - 1)
    return np.where(finite, stops, NOWHERE).astype(np.uint8)


def _point(point: tuple[float, float]) -> str:
    x, y = (f"{round(value, 3) + 0.0:g}".replace("-", "−") for value in point)
    return f"({x}, {y})"
