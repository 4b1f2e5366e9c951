"""Runs that blew up or left the view: what drove them away, and a rate that would have held."""

import math

import numpy as np

from core.descent import Trajectory, descend_again
from core.diagnosis.figures import curvatures, onset_of, rate_at, view_diagonal
from core.diagnosis.stability import largest_stable_rate, limit_name, stability
from core.diagnosis.verdict import Diagnosis
from core.surface import surface

_BOTTOMLESS = 1e6
_LOOK = 50
"""Steps of a run that blows up that are looked at: one that begins on a hilltop bends up only later."""
_TRIES = 40


def why_diverged(run: Trajectory, try_rates: bool) -> Diagnosis:
    """A step divides by zero, the rate is too large, the surface has no bottom, or the formula an edge."""
    step, onset = run.step, onset_of(run)
    begin = f"Diverged at step {step:,}"
    if "zero" in run.message:
        guard = "a damping" if "damping" in run.values else "an epsilon"
        return Diagnosis(
            "diverged", f"{begin}: the step divides by zero; {guard} above 0 prevents that.", step
        )
    growing = range(onset, min(onset + _LOOK, len(run.points)))
    too_large = next(filter(None, (_too_large(run, place) for place in growing)), "")
    if not too_large and run.losses[-1] < min(run.losses[0], -_BOTTOMLESS):
        last = f"the loss was {run.losses[-1]:.3g} at last"
        return Diagnosis("unbounded", f"{begin}: the surface falls without end this way; {last}.", step)
    rate = holding_rate(run) if try_rates else None
    hold = _hold_sentence(rate, try_rates)
    if too_large:
        return Diagnosis("diverged", f"{begin}: {too_large}.{hold}", step, rate)
    x, y = run.points[-1]
    return Diagnosis(
        "edge",
        f"{begin}: the step from ({x:.4g}, {y:.4g}) at the learning rate {rate_at(run, run.steps):.4g}"
        f" leads to where the formula has no finite value.{hold}", step, rate,
    )  # fmt: skip


def why_left(run: Trajectory, try_rates: bool) -> Diagnosis:
    """Out of view at the end, driven there by a rate that is too large or by itself."""
    step = left_view_at(run)
    x, y = run.points[-1]
    begin = (
        f"Left the view at step {step:,} and has not come back: it ends at ({x:.4g}, {y:.4g}),"
        f" where the loss is {run.losses[-1]:.4g}"
    )
    too_large = _too_large(run, onset_of(run)) if run.losses[-1] > run.losses[0] else ""
    if not too_large:
        return Diagnosis("left_view", f"{begin}.", step)
    rate = holding_rate(run) if try_rates else None
    return Diagnosis("left_view", f"{begin}: {too_large}.{_hold_sentence(rate, try_rates)}", step, rate)


def left_view_at(run: Trajectory) -> int | None:
    """The step with which a run left the view for good; None when it ends inside."""
    if not run.left_view:
        return None
    low_x, high_x, low_y, high_y = surface(run.spec.surface).entry.domain
    x, y = run.points.T
    inside = np.flatnonzero((low_x <= x) & (x <= high_x) & (low_y <= y) & (y <= high_y))
    return int(inside[-1]) + 1 if inside.size else 0


def _too_large(run: Trajectory, step: int) -> str:
    """That the rate exceeds what the method can take at a step, with the figures; "" where it does not."""
    limit, used = largest_stable_rate(run, step), rate_at(run, step)
    if limit is None or used <= limit:
        return ""
    x, y = run.points[step]
    return (
        f"from step {step:,} on, at ({x:.4g}, {y:.4g}), the learning rate {used:.4g} exceeds"
        f" {limit_name(run)} = {limit:.4g} (λmax = {curvatures(run, step)[1]:.4g}),"
        " so that every step leads further away"
    )


def _hold_sentence(rate: float | None, tried: bool) -> str:
    if not tried:
        return ""
    return f" A learning rate of {rate:g} was tried and holds." if rate is not None else (
        " No smaller learning rate that was tried holds."
    )  # fmt: skip


def holding_rate(run: Trajectory) -> float | None:
    """A learning rate with which the run from the same start neither diverges nor ends higher.

    Tried by running it: from a guess down by halves, later by decades. Only rates below the one
    that diverged are tried; None when none of them holds.
    """
    rate = float(run.values["learning_rate"])
    wished = _guessed_rate(run, rate)
    for attempt in range(_TRIES):
        tried = _short(wished)
        if tried <= 0.0:
            return None
        if tried < rate and _holds(run, tried):
            return tried
        wished *= 0.5 if attempt < _TRIES // 2 else 0.1
    return None


def _guessed_rate(run: Trajectory, rate: float) -> float:
    """0.9 of what is stable at the onset; for a method that scales its steps, one across the view."""
    onset = onset_of(run)
    limit, used = largest_stable_rate(run, onset), rate_at(run, onset)
    if limit is not None and used > limit:
        return 0.9 * rate * (limit / used)
    if stability(run.method.optimizer.id, tuple(run.values.items())) is None:
        return min(0.5 * rate, view_diagonal(run))
    bends = max(map(abs, curvatures(run, 0)))
    return min(0.5 * rate, 1.0 / bends) if 0.0 < bends < math.inf else 0.5 * rate


def _holds(run: Trajectory, rate: float) -> bool:
    other = descend_again(run, rate)
    return other.outcome != "diverged" and bool(other.losses[-1] <= run.losses[0])


def _short(rate: float) -> float:
    """The rate with two digits, not above it."""
    if not rate > 0.0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(rate)) - 1)
    return float(f"{math.floor(rate / unit * (1.0 + 1e-12)) * unit:.2g}")
