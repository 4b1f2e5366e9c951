"""Figures of a run that tell how it moves: its last steps, its curvature, how much is left to go."""

import math

import numpy as np
from numpy.typing import NDArray

from core.descent import Trajectory
from core.surface import surface

Array = NDArray[np.float64]
NEAR = 0.02
"""Share of the view's diagonal that counts as hardly any way."""
BENDS_DOWN = 1e-3
"""Share of the other curvature that a negative one must have to make a saddle."""
_TAIL, LEAST_TAIL = 0.2, 12


def curvatures(run: Trajectory, step: int) -> tuple[float, float]:
    """Both eigenvalues of the Hessian at a step's point, the lower first; NaN where it has none."""
    xx, xy, yy = (float(v) for v in surface(run.spec.surface).hessian(*run.points[step]))
    middle, apart = 0.5 * (xx + yy), math.hypot(0.5 * (xx - yy), xy)
    return middle - apart, middle + apart


def onset_of(run: Trajectory) -> int:
    """The point from which on the gradient norm only grows."""
    falls = np.flatnonzero(np.diff(run.gradient_norms) <= 0.0)
    return int(falls[-1]) + 1 if falls.size else 0


def rate_at(run: Trajectory, step: int) -> float:
    """The rate of the step made from a point."""
    if len(run.learning_rates) == 0:
        return float(run.values["learning_rate"])
    return float(run.learning_rates[min(step, len(run.learning_rates) - 1)])


def last_steps(run: Trajectory) -> int:
    """How many of its last steps tell what it does now."""
    return min(run.steps, max(LEAST_TAIL, round(_TAIL * run.steps)))


def view_diagonal(run: Trajectory) -> float:
    """The length of the view's diagonal, by which ways are measured."""
    low_x, high_x, low_y, high_y = surface(run.spec.surface).entry.domain
    return math.hypot(high_x - low_x, high_y - low_y)


def recent_way(run: Trajectory) -> float:
    """How far the last steps led."""
    return extent_of(run.points[-last_steps(run) - 1 :])


def stands_still(run: Trajectory, tail: int) -> bool:
    """Whether loss and gradient norm are, over the last steps, what they were before."""
    half = tail // 2
    norms, losses = run.gradient_norms, run.losses
    early, late = upper_median(norms[-2 * half : -half]), upper_median(norms[-half:])
    fell = upper_median(losses[-2 * half : -half]) - upper_median(losses[-half:])
    span = float(np.ptp(losses[-tail:]))
    return bool(late > 0.8 * early and fell <= max(0.25 * span, 0.02 * abs(losses[0] - losses[-1])))


def left_to_go(run: Trajectory, tail: int) -> float:
    """Steps until the gradient norm is below the tolerance, if it goes on falling as it does."""
    half = tail // 2
    if half < 1 or run.spec.tolerance <= 0.0:
        return math.inf
    norms = run.gradient_norms
    first, last = upper_median(norms[-2 * half : -half]), upper_median(norms[-half:])
    if not 0.0 < last < first:
        return math.inf
    return max(math.log(last / run.spec.tolerance), 0.0) * half / math.log(first / last)


def extent_of(points: Array) -> float:
    """The diagonal of the box around points."""
    x, y = (points.max(axis=0) - points.min(axis=0)).tolist()
    return math.hypot(x, y)


def upper_median(values: Array) -> float:
    """The upper median: NumPy's own takes ten times as long."""
    return float(np.sort(values)[len(values) // 2])


def eigenvalues_text(low: float, high: float) -> str:
    """The Hessian's eigenvalues as sentences write them."""
    return f"the Hessian's eigenvalues there are {low:.3g} and {high:.3g}"
