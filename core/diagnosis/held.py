"""Runs that are still on their way or held up: by a saddle, a limit cycle, noise, or a flat direction."""

import math

import numpy as np

from core.descent import Trajectory
from core.diagnosis.figures import (
    BENDS_DOWN,
    LEAST_TAIL,
    NEAR,
    Array,
    curvatures,
    eigenvalues_text,
    extent_of,
    last_steps,
    left_to_go,
    rate_at,
    recent_way,
    stands_still,
    upper_median,
    view_diagonal,
)
from core.diagnosis.stability import largest_stable_rate, limit_name
from core.diagnosis.verdict import Diagnosis
from core.surface import surface

TURNING = 0.9
"""Share of steps that turn back on the one before in a run that bounces."""
_REACH = 0.05
"""Share of the view's diagonal within which a saddle holds a run up."""
_LONGEST_CYCLE = 40


def resting(run: Trajectory) -> Diagnosis | None:
    """Stopped by tolerances of its own, though the gradient is not below the run's."""
    moved = np.flatnonzero((np.diff(run.points, axis=0) != 0.0).any(axis=1))
    since = int(moved[-1]) + 1 if moved.size else 0
    if run.values.get("tolerances") is not True or since == run.steps:
        return None
    return Diagnosis(
        "resting",
        f"Rests from step {since:,} on, by its own tolerances: another step would lower the loss by less than"
        f" about 1e-9, though the gradient norm is {run.gradient_norms[-1]:.3g}.",
    )


def held_by_saddle(run: Trajectory) -> Diagnosis | None:
    """A saddle within reach of one Newton step, and a run that hardly moves beside it."""
    xx, xy, yy = (float(v) for v in surface(run.spec.surface).hessian(*run.points[-1]))
    determinant = xx * yy - xy * xy
    low, high = curvatures(run, len(run.points) - 1)
    if not determinant < 0.0 or low > -BENDS_DOWN * high:  # nor where it is no number
        return None
    _, g_x, g_y = surface(run.spec.surface).at(*run.points[-1])
    away = math.hypot(yy * g_x - xy * g_y, xx * g_y - xy * g_x) / -determinant
    if away > _REACH * view_diagonal(run) or recent_way(run) > NEAR * view_diagonal(run):
        return None
    return Diagnosis(
        "saddle",
        f"Stuck at a saddle: the gradient norm is only {run.gradient_norms[-1]:.3g},"
        f" and {eigenvalues_text(low, high)}; the way out is along the eigenvector of the negative one.",
    )


def restless(run: Trajectory) -> Diagnosis | None:
    """The loss stands still though the gradient does not: noise, bouncing, a cycle, or swinging."""
    tail = last_steps(run)
    if tail < LEAST_TAIL or not stands_still(run, tail):
        return None
    if upper_median(run.gradient_norms[-tail:]) < run.spec.tolerance:
        return None
    steps = np.diff(run.points[-tail - 1 :], axis=0)
    if run.spec.noise > 0.0 or run.spec.batch_size:
        return _noisy(run, tail)
    norms = np.sort(run.gradient_norms[-tail:])
    steady = norms[int(0.9 * tail)] <= 2.0 * norms[int(0.1 * tail)]
    if steady and ((steps[1:] * steps[:-1]).sum(axis=1) < 0.0).mean() >= TURNING:
        return _bouncing(run, steps)
    return _cycling(run, tail) or _swinging(run, steps)


def _noisy(run: Trajectory, tail: int) -> Diagnosis:
    noise = "noise of the mini-batches" if run.spec.batch_size else "noise"
    return Diagnosis(
        "noise",
        f"Kept moving by the {noise}: over the last {tail:,} steps the loss no longer falls, it stays about"
        f" {upper_median(run.losses[-tail:]):.3g}; a rate that decays would let it settle.",
    )


def _bouncing(run: Trajectory, steps: Array) -> Diagnosis:
    """Every step turns back, the gradient stays, and so does the loss."""
    tail, length = len(steps), upper_median(np.hypot(*steps.T))
    return Diagnosis(
        "bouncing",
        f"Bouncing: over the last {tail:,} steps every step turns back on the one before, {length:.3g} long;"
        f" the loss stands still at {upper_median(run.losses[-tail:]):.4g} while the gradient norm stays at"
        f" {upper_median(run.gradient_norms[-tail:]):.3g}{_limit_text(run)};"
        " a smaller or decaying rate settles it.",
    )


def _cycling(run: Trajectory, tail: int) -> Diagnosis | None:
    """The path goes away and comes back to where it was, again and again."""
    points = run.points[-tail:]
    extent = extent_of(points)
    lags = range(1, min(_LONGEST_CYCLE, tail // 2) + 1)
    apart = [float(np.abs(points[lag:] - points[:-lag]).max()) for lag in lags]
    for period in lags[1:]:
        if apart[period - 1] <= 0.05 * apart[period // 2 - 1]:
            return Diagnosis(
                "cycle",
                f"Goes round in circles: the same {period} points again and again, {extent:.3g} across,"
                f" with a gradient norm about {upper_median(run.gradient_norms[-tail:]):.3g};"
                " a smaller or decaying rate breaks the cycle.",
            )
    return None


def _swinging(run: Trajectory, steps: Array) -> Diagnosis | None:
    """Much way, but it leads nowhere."""
    if np.hypot(*steps.sum(axis=0)) > 0.2 * np.hypot(*steps.T).sum():
        return None
    tail = len(steps)
    return Diagnosis(
        "swinging",
        f"Swings to and fro without settling: over the last {tail:,} steps the loss stays about"
        f" {upper_median(run.losses[-tail:]):.3g} and the gradient norm about"
        f" {upper_median(run.gradient_norms[-tail:]):.3g}; a smaller or decaying rate settles it.",
    )


def slow(run: Trajectory) -> Diagnosis | None:
    """Hardly any way is made, and at this pace the steps made would not be enough once more."""
    tail = last_steps(run)
    fell, near = float(run.losses[-tail - 1] - run.losses[-1]), NEAR * view_diagonal(run)
    if tail < 2 or recent_way(run) > near or left_to_go(run, tail) <= run.steps:
        return None
    if fell > 0.05 * abs(run.losses[0] - run.losses[-1]) and extent_of(run.points) > near:
        return None
    low, high = curvatures(run, len(run.points) - 1)
    if low > 0.0 and fell > _still_to_fall(run):
        return None
    length = upper_median(np.hypot(*np.diff(run.points[-tail - 1 :], axis=0).T))
    return Diagnosis(
        "crawling",
        f"Crawling: the last {tail:,} steps are about {length:.2g} long, and the loss fell by only"
        f" {fell:.2g} to {run.losses[-1]:.4g}{_ratio(low, high)}.",
    )


def _still_to_fall(run: Trajectory) -> float:
    """How far the loss is above the minimum of the quadratic that fits at the end of the run."""
    place = surface(run.spec.surface)
    xx, xy, yy = (float(v) for v in place.hessian(*run.points[-1]))
    _, g_x, g_y = place.at(*run.points[-1])
    squares = yy * g_x * g_x - 2.0 * xy * g_x * g_y + xx * g_y * g_y
    return 0.5 * squares / (xx * yy - xy * xy)


def moving(run: Trajectory) -> Diagnosis:
    """Simply on its way; how far it still is."""
    tail = last_steps(run)
    more = left_to_go(run, tail)
    goal = f"; at this pace about {more:,.0f} more would bring it below {run.spec.tolerance:g}"
    return Diagnosis(
        "moving",
        f"Made all {run.steps:,} steps and is still on its way: the gradient norm is"
        f" {run.gradient_norms[-1]:.3g}{goal if 1.0 <= more <= 100 * run.steps else ''}.",
    )


def _ratio(low: float, high: float) -> str:
    if not (math.isfinite(low) and math.isfinite(high)) or high <= 0.0:
        return ""
    if 0.0 < low < high:
        return (
            f"; the flat direction bends {high / low:,.4g} times less than the steep one"
            f" ({low:.2g}, {high:.3g})"
        )
    return f"; {eigenvalues_text(low, high)}"


def _limit_text(run: Trajectory) -> str:
    limit = largest_stable_rate(run, len(run.points) - 1)
    if limit is None:
        return ""
    return f" (learning rate {rate_at(run, run.steps):.3g}, {limit_name(run)} = {limit:.3g})"
