"""Why a run moved as it did, in words: what held it up, what blew it up, and a rate that would hold.

Made on demand from a trajectory and its surface; apart from the search for a rate that holds, which
runs the descent a few times more, it reads only what the run has recorded.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from msgspec.structs import replace as replace_fields
from numpy.typing import NDArray

from core.descent import DescentSpec, Trajectory, descend, descend_again
from core.hyperparameter import Value
from core.optimizer import OPTIMIZERS
from core.surface import surface

Array = NDArray[np.float64]
NEAR = 0.02
"""Share of the view's diagonal that counts as hardly any way."""
TURNING = 0.9
"""Share of steps that turn back on the one before in a run that bounces."""
BURST, BURST_AFTER = 3.0, 10
"""Learning rates on one axis that make a step of an adaptive method a burst, and after how many steps."""
_REACH = 0.05
"""Share of the view's diagonal within which a saddle holds a run up."""
_TAIL, _LEAST_TAIL = 0.2, 12
_FLAT = 1e-6
"""Curvature that counts as none."""
_BENDS_DOWN = 1e-3
"""Share of the other curvature that a negative one must have to make a saddle."""
_BOTTOMLESS = 1e6
_LOOK = 50
"""Steps of a run that blows up that are looked at: one that begins on a hilltop bends up only later."""
_LONGEST_CYCLE = 40
_TRIES = 40


WORDS = {
    "converged": "converged", "saddle": "saddle", "maximum": "maximum", "flat": "flat", "resting": "at rest",
    "bouncing": "bouncing", "cycle": "circling", "swinging": "swinging", "noise": "noisy",
    "crawling": "crawling", "moving": "", "left_view": "left view", "unbounded": "unbounded",
    "edge": "no value", "diverged": "diverged",
}  # fmt: skip
"""A short word for what each diagnosis is, for legends; nothing for a run that is simply on its way."""


@dataclass(frozen=True)
class Diagnosis:
    """What a run did and why.

    Attributes
    ----------
    id
        One of `WORDS`.
    sentence
        The same for a person, with the figures.
    step
        Where it converged, diverged or left the view for good; None for the rest.
    learning_rate
        For a run that the rate drove away: one that was tried and holds from this start; None where
        none was tried or found.
    burst, burst_sentence
        The longest step that suddenly burst along an axis, or None; what `sentence` says of it, or "".
    """

    id: str
    sentence: str
    step: int | None = None
    learning_rate: float | None = None
    burst: int | None = None
    burst_sentence: str = ""

    @property
    def word(self) -> str:
        """The diagnosis in a word or two."""
        return WORDS[self.id]


def diagnose_first(spec: DescentSpec) -> tuple[Diagnosis, ...]:
    """What every method did from the spec's first start, rates tried; one call for another process."""
    return tuple(diagnose(run) for run in descend(replace_fields(spec, starts=spec.starts[:1])).runs)


def diagnose(run: Trajectory, try_rates: bool = True) -> Diagnosis:
    """Say in words what a run did and why.

    Parameters
    ----------
    try_rates
        Whether to look for a rate that holds when the run diverged, by running it again.

    Returns
    -------
    Diagnosis
        Never an error: what fits nothing else is "moving".
    """
    found = _why(run, try_rates)
    burst = burst_step(run)
    if burst is None:
        return found
    said = _burst_sentence(run, burst)
    return replace(found, burst=burst, burst_sentence=said, sentence=f"{found.sentence} {said}")


def _why(run: Trajectory, try_rates: bool) -> Diagnosis:
    if run.outcome == "diverged":
        return _diverged(run, try_rates)
    if run.outcome == "converged":
        return _settled(run)
    if run.left_view:
        return _left(run, try_rates)
    for judge in (_resting, _held_by_saddle, _restless, _slow):
        found = judge(run)
        if found is not None:
            return found
    return _moving(run)


# ---------------------------------------------------------------- runs that ended well, or left


def _settled(run: Trajectory) -> Diagnosis:
    """Converged, and to what: the Hessian tells a minimum from a saddle."""
    low, high = curvatures(run, len(run.points) - 1)
    begin, step = run.message.removesuffix("."), run.step
    outside = ", outside the view" if run.left_view else ""
    if not (math.isfinite(low) and math.isfinite(high)):
        return Diagnosis("converged", f"{begin}{outside}.", step)
    scale = max(abs(low), abs(high))
    if scale > _FLAT and low < -_BENDS_DOWN * scale:
        kind, what = ("saddle", "a saddle") if high > 0.0 else ("maximum", "a maximum")
        way = "the way out is down along the eigenvector of the negative one"
        return Diagnosis(kind, f"{begin}, but at {what}{outside}: {_eigenvalues(low, high)}; {way}.", step)
    if scale <= _FLAT:
        return Diagnosis(
            "flat", f"{begin}{outside}, but the surface is flat there: {_eigenvalues(low, high)}.", step
        )
    return Diagnosis("converged", f"{begin}{outside}.", step)


def _left(run: Trajectory, try_rates: bool) -> Diagnosis:
    step = left_view_at(run)
    x, y = run.points[-1]
    begin = (
        f"Left the view at step {step:,} and has not come back: it ends at ({x:.4g}, {y:.4g}),"
        f" where the loss is {run.losses[-1]:.4g}"
    )
    too_large = _too_large(run, _onset(run)) if run.losses[-1] > run.losses[0] else ""
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


# ---------------------------------------------------------------- runs that are held up


def _resting(run: Trajectory) -> Diagnosis | None:
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


def _held_by_saddle(run: Trajectory) -> Diagnosis | None:
    """A saddle within reach of one Newton step, and a run that hardly moves beside it."""
    xx, xy, yy = (float(v) for v in surface(run.spec.surface).hessian(*run.points[-1]))
    determinant = xx * yy - xy * xy
    low, high = curvatures(run, len(run.points) - 1)
    if not determinant < 0.0 or low > -_BENDS_DOWN * high:  # nor where it is no number
        return None
    _, g_x, g_y = surface(run.spec.surface).at(*run.points[-1])
    away = math.hypot(yy * g_x - xy * g_y, xx * g_y - xy * g_x) / -determinant
    if away > _REACH * _diagonal(run) or _moved(run) > NEAR * _diagonal(run):
        return None
    return Diagnosis(
        "saddle",
        f"Stuck at a saddle: the gradient norm is only {run.gradient_norms[-1]:.3g},"
        f" and {_eigenvalues(low, high)}; the way out is along the eigenvector of the negative one.",
    )


def _restless(run: Trajectory) -> Diagnosis | None:
    """The loss stands still though the gradient does not: noise, bouncing, a cycle, or swinging."""
    tail = _tail(run)
    if tail < _LEAST_TAIL or not _stands_still(run, tail):
        return None
    if _middle(run.gradient_norms[-tail:]) < run.spec.tolerance:
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
        f" {_middle(run.losses[-tail:]):.3g}; a rate that decays would let it settle.",
    )


def _bouncing(run: Trajectory, steps: Array) -> Diagnosis:
    """Every step turns back, the gradient stays, and so does the loss."""
    tail, length = len(steps), _middle(np.hypot(*steps.T))
    return Diagnosis(
        "bouncing",
        f"Bouncing: over the last {tail:,} steps every step turns back on the one before, {length:.3g} long;"
        f" the loss stands still at {_middle(run.losses[-tail:]):.4g} while the gradient norm stays at"
        f" {_middle(run.gradient_norms[-tail:]):.3g}{_limit_text(run)};"
        " a smaller or decaying rate settles it.",
    )


def _cycling(run: Trajectory, tail: int) -> Diagnosis | None:
    """The path goes away and comes back to where it was, again and again."""
    points = run.points[-tail:]
    extent = _extent(points)
    lags = range(1, min(_LONGEST_CYCLE, tail // 2) + 1)
    apart = [float(np.abs(points[lag:] - points[:-lag]).max()) for lag in lags]
    for period in lags[1:]:
        if apart[period - 1] <= 0.05 * apart[period // 2 - 1]:
            return Diagnosis(
                "cycle",
                f"Goes round in circles: the same {period} points again and again, {extent:.3g} across,"
                f" with a gradient norm about {_middle(run.gradient_norms[-tail:]):.3g};"
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
        f" {_middle(run.losses[-tail:]):.3g} and the gradient norm about"
        f" {_middle(run.gradient_norms[-tail:]):.3g}; a smaller or decaying rate settles it.",
    )


def _slow(run: Trajectory) -> Diagnosis | None:
    """Hardly any way is made, and at this pace the steps made would not be enough once more."""
    tail = _tail(run)
    fell, near = float(run.losses[-tail - 1] - run.losses[-1]), NEAR * _diagonal(run)
    if tail < 2 or _moved(run) > near or _left_to_go(run, tail) <= run.steps:
        return None
    if fell > 0.05 * abs(run.losses[0] - run.losses[-1]) and _extent(run.points) > near:
        return None
    low, high = curvatures(run, len(run.points) - 1)
    if low > 0.0 and fell > _still_to_fall(run):
        return None
    length = _middle(np.hypot(*np.diff(run.points[-tail - 1 :], axis=0).T))
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


def _moving(run: Trajectory) -> Diagnosis:
    tail = _tail(run)
    more = _left_to_go(run, tail)
    goal = f"; at this pace about {more:,.0f} more would bring it below {run.spec.tolerance:g}"
    return Diagnosis(
        "moving",
        f"Made all {run.steps:,} steps and is still on its way: the gradient norm is"
        f" {run.gradient_norms[-1]:.3g}{goal if 1.0 <= more <= 100 * run.steps else ''}.",
    )


# ---------------------------------------------------------------- runs that blew up


def _diverged(run: Trajectory, try_rates: bool) -> Diagnosis:
    step, onset = run.step, _onset(run)
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
        f"{begin}: the step from ({x:.4g}, {y:.4g}) at the learning rate {_rate_at(run, run.steps):.4g}"
        f" leads to where the formula has no finite value.{hold}", step, rate,
    )  # fmt: skip


def _too_large(run: Trajectory, step: int) -> str:
    """That the rate exceeds what the method can take at a step, with the figures; "" where it does not."""
    limit, used = largest_stable_rate(run, step), _rate_at(run, step)
    if limit is None or used <= limit:
        return ""
    x, y = run.points[step]
    return (
        f"from step {step:,} on, at ({x:.4g}, {y:.4g}), the learning rate {used:.4g} exceeds"
        f" {_limit_name(run)} = {limit:.4g} (λmax = {curvatures(run, step)[1]:.4g}),"
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
    onset = _onset(run)
    limit, used = largest_stable_rate(run, onset), _rate_at(run, onset)
    if limit is not None and used > limit:
        return 0.9 * rate * (limit / used)
    if stability(run.method.optimizer.id, tuple(run.values.items())) is None:
        return min(0.5 * rate, _diagonal(run))
    bends = max(map(abs, curvatures(run, 0)))
    return min(0.5 * rate, 1.0 / bends) if 0.0 < bends < math.inf else 0.5 * rate


def _holds(run: Trajectory, rate: float) -> bool:
    other = descend_again(run, rate)
    return other.outcome != "diverged" and bool(other.losses[-1] <= run.losses[0])


def largest_stable_rate(run: Trajectory, step: int) -> float | None:
    """The largest rate at which the method is stable on the curvature at a step of the run.

    `2 / lambda_max` for SGD; momentum and the like have limits of their own, see `stability`. None
    for methods that scale the gradient, whose steps do not grow with it, and where nothing bends up.
    """
    _, high = curvatures(run, step)
    factor = stability(run.method.optimizer.id, tuple(run.values.items()))
    return factor / high if factor is not None and high > 0.0 and math.isfinite(high) else None


@lru_cache(maxsize=256)
def stability(optimizer_id: str, values: tuple[tuple[str, Value], ...]) -> float | None:
    """The largest `learning_rate * curvature` at which a method that is linear in the gradient is stable.

    On a quadratic such a rule is a matrix over (x, state); it is stable while no eigenvalue is
    longer than 1. 2 for SGD, `2 (1 + mu)` for momentum, `2 (1 + mu) / (1 + 2 mu)` for Nesterov.

    Returns
    -------
    float or None
        None for a rule that is not linear, and for one that couples both axes.
    """
    named = dict(values)
    if OPTIMIZERS[optimizer_id].surfaces_only:
        return None
    try:
        if not _is_linear(optimizer_id, named):
            return None
    except ArithmeticError:  # it divides by what is zero here
        return None
    low, high = 0.0, 1.0
    while _radius(optimizer_id, named, high) <= 1.0 + 1e-9 and high < 1e6:
        low, high = high, 2.0 * high
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _radius(optimizer_id, named, middle) <= 1.0 + 1e-9 else (low, middle)
    return low


def _radius(optimizer_id: str, values: dict[str, Value], product: float) -> float:
    """The longest eigenvalue of a step on `curvature x^2 / 2`; the product is `learning_rate * curvature`."""
    size = 1 + len(OPTIMIZERS[optimizer_id].state_names)
    columns = [_stepped(optimizer_id, values, product, unit, unit[0]) for unit in np.eye(size)]
    return float(np.abs(np.linalg.eigvals(np.column_stack(columns))).max())


def _stepped(
    optimizer_id: str, values: dict[str, Value], rate: float, place: Array, gradient: float
) -> Array:
    optimizer = OPTIMIZERS[optimizer_id]
    others = {name: value for name, value in values.items() if name != "learning_rate"}
    x, *state = (float(v) for v in place)
    new_x, new_state = optimizer.rule(x, gradient, optimizer.state(*state), rate, 1000, **others)
    return np.array([new_x, *new_state])


def _is_linear(optimizer_id: str, values: dict[str, Value]) -> bool:
    size = 1 + len(OPTIMIZERS[optimizer_id].state_names)
    place = np.linspace(0.3, 0.7, size)
    with np.errstate(all="ignore"):
        one = _stepped(optimizer_id, values, 0.1, place, 0.4)
        three = _stepped(optimizer_id, values, 0.1, 3.0 * place, 1.2)
        none = _stepped(optimizer_id, values, 0.1, 0.0 * place, 0.4)
        rest = _stepped(optimizer_id, values, 0.1, place, 0.0)
    return bool(np.allclose(three, 3.0 * one, rtol=1e-9) and np.allclose(none + rest, one, rtol=1e-9))


# ---------------------------------------------------------------- bursts


def burst_step(run: Trajectory) -> int | None:
    """The longest step with which a method that scales its gradient bursts along an axis.

    Where the gradient was small for long, its remembered squares are small too: when it grows
    again the root mean square falls behind, and a step of many learning rates follows (at most
    `sqrt(t)` of them for Adagrad with `accumulate` mean). A burst is a step of more than `BURST`
    learning rates on one axis, after the first `BURST_AFTER` steps, which is more than `BURST` times
    as long as the middle one of the ten before it on that axis and not just a dot in the view.
    """
    key = run.method.optimizer.id
    if run.steps <= BURST_AFTER or OPTIMIZERS[key].surfaces_only:
        return None
    if stability(key, tuple(run.values.items())) is not None:
        return None
    steps = np.abs(np.diff(run.points, axis=0))
    low_x, high_x, low_y, high_y = surface(run.spec.surface).entry.domain
    with np.errstate(all="ignore"):
        times = steps / run.learning_rates[:, None]
        times[steps < NEAR * np.array([high_x - low_x, high_y - low_y])] = 0.0
    times[:BURST_AFTER] = 0.0
    for step, axis in sorted(np.argwhere(times > BURST), key=lambda place: -float(times[tuple(place)])):
        if steps[step, axis] > BURST * _middle(steps[step - BURST_AFTER : step, axis]):
            return int(step) + 1
    return None


def _burst_sentence(run: Trajectory, burst: int) -> str:
    step = np.abs(run.points[burst] - run.points[burst - 1])
    axis = int(np.argmax(step))
    times = step[axis] / run.learning_rates[burst - 1]
    return (
        f"At step {burst:,} it burst along {'xy'[axis]}: {times:.1f} learning rates at once, since the"
        " squares remembered from the flat stretch before were small; a rate that decays calms it."
    )


# ---------------------------------------------------------------- figures


def curvatures(run: Trajectory, step: int) -> tuple[float, float]:
    """Both eigenvalues of the Hessian at a step's point, the lower first; NaN where it has none."""
    xx, xy, yy = (float(v) for v in surface(run.spec.surface).hessian(*run.points[step]))
    middle, apart = 0.5 * (xx + yy), math.hypot(0.5 * (xx - yy), xy)
    return middle - apart, middle + apart


def _onset(run: Trajectory) -> int:
    """The point from which on the gradient norm only grows."""
    falls = np.flatnonzero(np.diff(run.gradient_norms) <= 0.0)
    return int(falls[-1]) + 1 if falls.size else 0


def _rate_at(run: Trajectory, step: int) -> float:
    """The rate of the step made from a point."""
    if len(run.learning_rates) == 0:
        return float(run.values["learning_rate"])
    return float(run.learning_rates[min(step, len(run.learning_rates) - 1)])


def _tail(run: Trajectory) -> int:
    return min(run.steps, max(_LEAST_TAIL, round(_TAIL * run.steps)))


def _diagonal(run: Trajectory) -> float:
    low_x, high_x, low_y, high_y = surface(run.spec.surface).entry.domain
    return math.hypot(high_x - low_x, high_y - low_y)


def _moved(run: Trajectory) -> float:
    """How far the last steps led."""
    return _extent(run.points[-_tail(run) - 1 :])


def _stands_still(run: Trajectory, tail: int) -> bool:
    """Whether loss and gradient norm are, over the last steps, what they were before."""
    half = tail // 2
    norms, losses = run.gradient_norms, run.losses
    early, late = _middle(norms[-2 * half : -half]), _middle(norms[-half:])
    fell = _middle(losses[-2 * half : -half]) - _middle(losses[-half:])
    span = float(np.ptp(losses[-tail:]))
    return bool(late > 0.8 * early and fell <= max(0.25 * span, 0.02 * abs(losses[0] - losses[-1])))


def _left_to_go(run: Trajectory, tail: int) -> float:
    """Steps until the gradient norm is below the tolerance, if it goes on falling as it does."""
    half = tail // 2
    if half < 1 or run.spec.tolerance <= 0.0:
        return math.inf
    first, last = _middle(run.gradient_norms[-2 * half : -half]), _middle(run.gradient_norms[-half:])
    if not 0.0 < last < first:
        return math.inf
    return max(math.log(last / run.spec.tolerance), 0.0) * half / math.log(first / last)


def _extent(points: Array) -> float:
    """The diagonal of the box around points."""
    x, y = (points.max(axis=0) - points.min(axis=0)).tolist()
    return math.hypot(x, y)


def _middle(values: Array) -> float:
    """The upper median: NumPy's own takes ten times as long."""
    return float(np.sort(values)[len(values) // 2])


def _short(rate: float) -> float:
    """The rate with two digits, not above it."""
    if not rate > 0.0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(rate)) - 1)
    return float(f"{math.floor(rate / unit * (1.0 + 1e-12)) * unit:.2g}")


def _eigenvalues(low: float, high: float) -> str:
    return f"the Hessian's eigenvalues there are {low:.3g} and {high:.3g}"


def _ratio(low: float, high: float) -> str:
    if not (math.isfinite(low) and math.isfinite(high)) or high <= 0.0:
        return ""
    if 0.0 < low < high:
        return (
            f"; the flat direction bends {high / low:,.4g} times less than the steep one"
            f" ({low:.2g}, {high:.3g})"
        )
    return f"; {_eigenvalues(low, high)}"


def _limit_text(run: Trajectory) -> str:
    limit = largest_stable_rate(run, len(run.points) - 1)
    if limit is None:
        return ""
    return f" (learning rate {_rate_at(run, run.steps):.3g}, {_limit_name(run)} = {limit:.3g})"


def _limit_name(run: Trajectory) -> str:
    factor = stability(run.method.optimizer.id, tuple(run.values.items()))
    assert factor is not None  # only named where there is one
    return f"{factor:.4g} / λmax"
