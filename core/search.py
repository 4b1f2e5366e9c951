"""Fair mode: tunes every optimizer's numbers with the same number of trials.

A trial runs one setting from every start. Learning rates are tried on a log scale from coarse to
fine, other numbers by random draws on their own scales; what is set now and the defaults are
always among the trials, so that the best is never worse than either. One optimizer's trials need
nothing of another's, so that any `concurrent.futures.Executor` can share them out.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future, as_completed
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.batches import BATCH_SIZE
from core.descent import NOISE, SEED, STEPS, DescentSpec, Point, Trajectory, descend
from core.errors import InputError, unknown_name
from core.hyperparameter import Hyperparameter, Scale, Value, complete, written
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import Surface, SurfaceSpec, surface

Array = NDArray[np.float64]
RATE = "learning_rate"
WORST = math.log10(np.finfo(float).max)
"""What a start counts for from which a run diverges: no finite loss is as bad."""
FLOOR = 1e-16
"""Losses nearer to the lowest known (relative to it, above 1) are alike: a float's own rounding of 1."""
BUDGET = Hyperparameter(
    name="budget", default=40, low=10, high=400, minimum=5, maximum=10_000, scale=Scale.LOG_INTEGER,
    unit="trials", help="Settings that are tried for every optimizer, each of them from every start.",
)  # fmt: skip
SEARCH_HYPERPARAMETERS = (STEPS, BUDGET, NOISE, SEED, BATCH_SIZE)
_GRID_SHARE = 0.6
_FINEST = 0.04
"""Decades between two tried rates that are not halved before every better place is looked at."""
_NEAR = 0.15
"""Standard deviation of a draw around the best setting, as a share of the slider."""
_BEYOND = 1e3
"""How many times beyond the slider's span rates are followed when the best is at its end."""
_ROUNDS, _GRID = 12, 65
"""How often, and into how many points a side, `lowest_loss` divides the view."""


class TuneSpec(msgspec.Struct, frozen=True):
    """What to tune.

    Attributes
    ----------
    surface, methods, starts, steps, noise, batch_size
        As in `DescentSpec`; the methods hold what is set now, their schedules stay as they are.
    budget
        Settings tried for each optimizer. Each is run from every start, so that an optimizer
        makes `budget * len(starts)` descents.
    what
        Names of the hyperparameters to tune, the learning rate among them. An optimizer that lacks
        one spends its budget on the others.
    seed
        Of the random draws, and of the gradients' noise.
    """

    surface: SurfaceSpec
    methods: tuple[MethodSpec, ...]
    starts: tuple[Point, ...]
    steps: int = 300
    budget: int = 40
    what: tuple[str, ...] = (RATE,)
    seed: int = 0
    noise: float = 0.0
    batch_size: int = 0

    def checked(self) -> "TuneSpec":
        """Return the spec with everything in it checked.

        Raises
        ------
        InputError
            For anything in it that is wrong.
        """
        given = {each.name: getattr(self, each.name) for each in SEARCH_HYPERPARAMETERS}
        numbers: dict[str, Value] = complete(SEARCH_HYPERPARAMETERS, given, "a search")
        spec = msgspec.structs.replace(self, **numbers)
        spec.descent(spec.methods).checked()
        if not spec.methods:
            raise InputError("A search needs an optimizer to tune.", "optimizer")
        _check_names(spec)
        return spec

    def descent(self, methods: tuple[MethodSpec, ...]) -> DescentSpec:
        """These methods, run as the trials run them."""
        return DescentSpec(
            self.surface, methods, self.starts, self.steps, self.noise, self.seed, batch_size=self.batch_size
        )

    @property
    def total(self) -> int:
        """Trials of all optimizers together."""
        return self.budget * len(self.methods)


@dataclass(frozen=True)
class Trial:
    """One setting, run from every start.

    Attributes
    ----------
    kind
        Why it was tried: "current", "default", "suited" (the rate the catalogue gives for the
        surface), "grid", "drawn" or "refined".
    values
        The tuned hyperparameters by name.
    losses
        Final loss from each start; infinite where the run diverged.
    score
        Mean over the starts of `log10(final loss - lowest known)`, not below a float's rounding,
        with `WORST` for a run that diverged: the mean of logarithms keeps one bad start from
        drowning the others, and any divergence outweighs all that holds. On a surface that falls
        without end outside the view, whatever gets below the view's lowest loss counts alike.
    loss
        The final loss; from several starts the one that the score stands for, infinite when a run
        diverged.
    tie
        What is less in the better of two trials with equal scores.
    """

    kind: str
    values: dict[str, Value]
    losses: tuple[float, ...]
    score: float
    loss: float
    tie: float

    @property
    def diverged(self) -> int:
        """From how many starts the run diverged."""
        return sum(math.isinf(loss) for loss in self.losses)

    @property
    def rank(self) -> tuple[float, float]:
        """What the best trial has least of."""
        return self.score, self.tie


@dataclass(frozen=True)
class Tuning:
    """What was tried for one optimizer, and what came of it.

    Attributes
    ----------
    spec, method
        What it is a part of, and the method as it is set now.
    trials
        In the order in which they were made: the current values first, then the defaults.
    """

    spec: TuneSpec
    method: MethodSpec
    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        """The best trial; of equals the first, so that nothing changes without a gain.

        Only among what was set and the defaults the last digit decides, so that it is never worse.
        """
        first = min(self.trials, key=lambda trial: trial.rank)
        alike = [t for t in self.trials if t.rank == first.rank and t.kind in ("current", "default")]
        return min(alike, key=lambda trial: sum(trial.losses), default=first)

    @property
    def current(self) -> Trial:
        """The trial of what is set now."""
        return self.trials[0]

    @property
    def default(self) -> Trial:
        """The trial of the defaults; the current one where they are the same."""
        return next((trial for trial in self.trials if trial.kind == "default"), self.current)

    @property
    def tuned(self) -> MethodSpec:
        """The method with the best values set."""
        return _with_values(self.method, self.best.values)

    @property
    def descents(self) -> int:
        """Runs that were made."""
        return len(self.trials) * len(self.spec.starts)

    def curve(self) -> tuple[Trial, ...]:
        """The trials in which only the learning rate differs from what is set now, by rate."""
        others = {name: value for name, value in self.current.values.items() if name != RATE}
        along = [t for t in self.trials if {n: v for n, v in t.values.items() if n != RATE} == others]
        return tuple(sorted(along, key=lambda trial: float(trial.values[RATE])))

    @property
    def sentence(self) -> str:
        """What was tried and found."""
        name = OPTIMIZERS[self.method.optimizer.id].name
        starts = len(self.spec.starts)
        rates = [float(trial.values[RATE]) for trial in self.trials]
        others = [each.replace("_", " ") for each in self.current.values if each != RATE]
        tried = f"learning rates from {min(rates):g} to {max(rates):g}"
        tried += f", with draws of {' and '.join(others)}" if others else ""
        lost = sum(trial.diverged > 0 for trial in self.trials)
        return (
            f"{name}: {len(self.trials):,} settings from {_count(starts, 'start')} ({tried});"
            f" {self._found()}{f' {lost:,} of the settings diverged.' if lost else ''}"
        )

    def _found(self) -> str:
        best, current = self.best, self.current
        if best.diverged == len(best.losses):
            return "all of them diverged, so the current values stay."
        where = " and ".join(f"{name.replace('_', ' ')} {said(v)}" for name, v in best.values.items())
        if best is current:
            return f"none was better than the current {where}, with a final loss of {said_loss(best)}."
        return f"the best is {where}: final loss {said_loss(best)}, before {said_loss(current)}."


@dataclass(frozen=True)
class TuneResult:
    """Every optimizer's tuning.

    Attributes
    ----------
    spec, tunings
        What was asked for, and an answer for each method in its order.
    lowest
        The lowest loss that was known before, from which scores are measured.
    complete
        False when it was cancelled on the way; no optimizer is then more than one trial ahead,
        unless an executor shared them out.
    """

    spec: TuneSpec
    tunings: tuple[Tuning, ...]
    lowest: float
    complete: bool = True

    @property
    def methods(self) -> tuple[MethodSpec, ...]:
        """Every method with its best values set."""
        return tuple(tuning.tuned for tuning in self.tunings)

    @property
    def sentence(self) -> str:
        """What was done, in a line."""
        each, made = self.spec.budget, sum(len(tuning.trials) for tuning in self.tunings)
        if not self.complete:
            return f"Stopped after {made:,} of {self.spec.total:,} trials; the best until then are kept."
        better = sum(tuning.best.rank < tuning.current.rank for tuning in self.tunings)
        return (
            f"Every optimizer had {each:,} trials of {self.spec.steps:,} steps from"
            f" {_count(len(self.spec.starts), 'start')}; {better} of {len(self.tunings)} got better values."
            f"{self._bottomless()}"
        )

    def _bottomless(self) -> str:
        least = min(tuning.best.loss for tuning in self.tunings)
        if least > self.lowest - 1e-6 * max(1.0, abs(self.lowest)):
            return ""
        return (
            f" The surface falls on outside the view: whatever ends there below the view's lowest loss"
            f" ({self.lowest:.4g}) counts alike."
        )


Watcher = Callable[[int, int, str], bool | None]
"""Told trials made, trials in all, and whose turn it was; returns False to stop there."""


def tune(spec: TuneSpec, executor: Executor | None = None, watch: Watcher | None = None) -> TuneResult:
    """Tune every optimizer.

    Parameters
    ----------
    executor
        Makes one optimizer's trials in one task; without it they are made here, in turns.
    watch
        Called after every trial (after every optimizer, with an executor); False cancels the rest.

    Raises
    ------
    InputError
        For anything in the spec that is wrong; never for a run that diverges.
    """
    spec = spec.checked()
    watch = watch or (lambda *_: None)
    tunings = _in_turns(spec, watch) if executor is None else _shared_out(spec, executor, watch)
    complete = sum(len(tuning.trials) for tuning in tunings) == spec.total
    return TuneResult(spec, tunings, lowest_loss(surface(spec.surface)), complete)


def tune_one(spec: TuneSpec, place: int) -> Tuning:
    """Every trial of the method at a place of the (checked) spec: a pure function of both."""
    return Tuning(spec, spec.methods[place], tuple(trials(spec, place)))


def trials(spec: TuneSpec, place: int) -> Iterator[Trial]:
    """The trials of the method at a place of the (checked) spec, each made when it is asked for.

    First what is set now, the defaults and the surface's own rate; then a log grid of learning
    rates over the slider's span; then, where other numbers are tuned, random draws of them, first
    anywhere, later around the best; then rates between the best ones and their neighbours.
    """
    method = spec.methods[place]
    search = _Search(spec, method, lowest_loss(surface(spec.surface)))
    for kind, values in _anchors(spec, method):
        yield search.tried(kind, values)
    left = spec.budget - len(search.made)
    extra = [each for each in search.tunable if each.name != RATE]
    grid = max(1, round(left * _GRID_SHARE * (0.5 if extra else 1.0)))
    for rate in _log_grid(search.rate, grid):
        if search.is_new({**search.current, RATE: rate}):
            yield search.tried("grid", {**search.current, RATE: rate})
    random = np.random.default_rng([spec.seed, 1])
    drawn = (spec.budget - len(search.made)) * 2 // 3 if extra else 0
    for turn in range(drawn):
        yield search.tried("drawn", search.drawn(random, extra, anywhere=turn < drawn // 2))
    while len(search.made) < spec.budget:
        yield search.tried("refined", search.refined())


def lowest_loss(place: Surface) -> float:
    """The lowest loss known in the view: of the catalogue's minima, and of a grid that closes in."""
    known = [float(place.loss(*minimum)) for minimum in place.entry.minima]
    x_low, x_high, y_low, y_high = place.entry.domain
    view = place.entry.domain
    for _ in range(_ROUNDS):
        x, y, losses = place.grid(view, _GRID, _GRID)
        losses = np.where(np.isfinite(losses), losses, np.inf)
        row, column = np.unravel_index(np.argmin(losses), losses.shape)
        known.append(float(losses[row, column]))
        reach_x, reach_y = 2.0 * (x[1] - x[0]), 2.0 * (y[1] - y[0])
        view = (
            max(float(x[column] - reach_x), x_low), min(float(x[column] + reach_x), x_high),
            max(float(y[row] - reach_y), y_low), min(float(y[row] + reach_y), y_high),
        )  # fmt: skip
    return min(known)


def said(value: Value) -> str:
    """A hyperparameter's value as a sentence writes it."""
    return f"{value:.6g}" if isinstance(value, float) else str(value).lower()


def said_loss(trial: Trial) -> str:
    """A trial's final loss as tables and sentences write it."""
    if not trial.diverged:
        return f"{trial.loss:.4g}"
    return "diverged" + f" from {trial.diverged} of {len(trial.losses)} starts" * (len(trial.losses) > 1)


# ---------------------------------------------------------------- one optimizer's search


class _Search:
    """The trials of one optimizer so far, and where to look next."""

    def __init__(self, spec: TuneSpec, method: MethodSpec, lowest: float) -> None:
        self._spec, self._method, self._lowest = spec, method, lowest
        self.tunable = _tunable(spec, method)
        self.rate = next(each for each in self.tunable if each.name == RATE)
        values = method.values()
        self.current = {each.name: values[each.name] for each in self.tunable}
        self.made: list[Trial] = []

    def tried(self, kind: str, values: Mapping[str, Value]) -> Trial:
        """Run a setting from every start."""
        runs = descend(self._spec.descent((_with_values(self._method, values),))).runs
        self.made.append(_trial(kind, dict(values), runs, self._lowest))
        return self.made[-1]

    def is_new(self, values: Mapping[str, Value]) -> bool:
        """Whether this setting was not tried yet."""
        return all(trial.values != values for trial in self.made)

    def drawn(
        self, random: np.random.Generator, extra: list[Hyperparameter], anywhere: bool
    ) -> dict[str, Value]:
        """Other numbers drawn on their own scales, at a rate within a decade or so of the best."""
        best = min(self.made, key=lambda trial: trial.rank).values
        values = dict(best)
        for each in extra:
            values[each.name] = _draw(each, best[each.name], random, anywhere)
        decades = random.normal(0.0, 0.5 if anywhere else _NEAR)
        values[RATE] = self._rate(float(best[RATE]) * 10.0**decades)
        return values

    def refined(self) -> dict[str, Value]:
        """A new rate beside the best trial that still has room beside it: halfway to its neighbour."""
        finest = _FINEST
        while True:
            for trial in sorted(self.made, key=lambda trial: (*trial.rank, float(trial.values[RATE]))):
                rate = self._beside(trial, finest)
                if rate is not None and self.is_new({**trial.values, RATE: rate}):
                    return {**trial.values, RATE: rate}
            finest /= 4.0

    def _beside(self, trial: Trial, finest: float) -> float | None:
        others = {**trial.values, RATE: 0.0}
        rates = {float(t.values[RATE]) for t in self.made if {**t.values, RATE: 0.0} == others}
        here, logs = math.log10(float(trial.values[RATE])), sorted(math.log10(rate) for rate in rates)
        at = logs.index(here)
        outwards = max((b - a for a, b in pairwise(logs)), default=0.5)
        below = here - logs[at - 1] if at else 2.0 * outwards
        above = logs[at + 1] - here if at + 1 < len(logs) else 2.0 * outwards
        gap, sign = max((below, -1), (above, 1))
        return self._rate(10.0 ** (here + sign * gap / 2.0), finest) if gap > finest else None

    def _rate(self, rate: float, finest: float = _FINEST) -> float:
        """Rounded so that a box can show it, and not far from the slider's span."""
        digits = 3 if finest >= _FINEST else 3 + math.ceil(math.log10(_FINEST / finest))
        low, high = self.rate.low / _BEYOND, min(self.rate.high * _BEYOND, self.rate.maximum)
        return min(max(float(f"{rate:.{digits}g}"), low), high)


def _anchors(spec: TuneSpec, method: MethodSpec) -> list[tuple[str, dict[str, Value]]]:
    """The settings that are always tried, without those that are the same as an earlier one."""
    tunable, values = _tunable(spec, method), method.values()
    current = {each.name: values[each.name] for each in tunable}
    found = [("current", current)]
    suited = surface(spec.surface).entry.learning_rates.get(method.optimizer.id)
    wished = [("default", {each.name: each.default for each in tunable})]
    wished += [("suited", {**current, RATE: float(suited)})] if suited is not None else []
    for kind, setting in wished:
        if all(setting != other for _, other in found):
            found.append((kind, setting))
    return found


def _tunable(spec: TuneSpec, method: MethodSpec) -> list[Hyperparameter]:
    return [each for each in OPTIMIZERS[method.optimizer.id].hyperparameters if each.name in spec.what]


def _with_values(method: MethodSpec, values: Mapping[str, Value]) -> MethodSpec:
    choice = method.optimizer
    for name, value in values.items():
        choice = choice.with_value(name, value)
    return msgspec.structs.replace(method, optimizer=choice)


def _log_grid(rate: Hyperparameter, count: int) -> list[float]:
    """`count` rates over the slider's span, evenly on the log scale, rounded as boxes show them."""
    positions = np.linspace(0.0, 1.0, count) if count > 1 else [0.5]
    return [rate.from_slider(float(position)) for position in positions]


def _draw(each: Hyperparameter, best: Value, random: np.random.Generator, anywhere: bool) -> Value:
    if each.scale is Scale.SWITCH or each.scale is Scale.CHOICE:
        options: tuple[Value, ...] = (False, True) if each.scale is Scale.SWITCH else each.choices
        pick = options[int(random.integers(len(options)))]
        return pick if anywhere else best
    position = random.uniform() if anywhere else each.to_slider(float(best)) + random.normal(0.0, _NEAR)
    return each.check(each.from_slider(float(position)))


def _trial(kind: str, values: dict[str, Value], runs: Sequence[Trajectory], lowest: float) -> Trial:
    losses = tuple(math.inf if run.outcome == "diverged" else float(run.losses[-1]) for run in runs)
    score = _score(losses, lowest)
    tie = sum(_counted(run, loss, lowest) for run, loss in zip(runs, losses, strict=True))
    return Trial(kind, values, losses, score, _typical(losses, score, lowest), tie)


def _counted(run: Trajectory, loss: float, lowest: float) -> float:
    """The loss without what is only rounding; what falls below all that is known counts inside the view."""
    floor = _floor(lowest)
    return loss if loss < lowest - floor and not run.left_view else max(loss, lowest + floor)


def _score(losses: tuple[float, ...], lowest: float) -> float:
    above = [max(loss - lowest, _floor(lowest)) for loss in losses]
    return sum(math.log10(each) if math.isfinite(each) else WORST for each in above) / len(above)


def _typical(losses: tuple[float, ...], score: float, lowest: float) -> float:
    if len(losses) == 1 or math.inf in losses:
        return max(losses)
    above: float = 10.0**score
    return lowest + above if above > 1.01 * _floor(lowest) else max(losses)


def _floor(lowest: float) -> float:
    return FLOOR * max(1.0, abs(lowest))


def _check_names(spec: TuneSpec) -> None:
    owned = {each.name: None for m in spec.methods for each in OPTIMIZERS[m.optimizer.id].hyperparameters}
    for name in spec.what:
        if name not in owned:
            raise InputError(str(unknown_name("hyperparameter of these optimizers", name, owned)), "what")
    for method in spec.methods:
        if RATE not in {each.name for each in _tunable(spec, method)}:
            raise InputError(
                f"A search tunes the learning rate of every optimizer; {RATE} is missing among its names"
                f" or in {OPTIMIZERS[method.optimizer.id].name}.", "what",
            )  # fmt: skip


# ---------------------------------------------------------------- all optimizers


def _in_turns(spec: TuneSpec, watch: Watcher) -> tuple[Tuning, ...]:
    """One trial of each optimizer, then the next of each, so that stopping on the way stays fair."""
    streams = [trials(spec, place) for place in range(len(spec.methods))]
    made: list[list[Trial]] = [[] for _ in streams]
    for turn in range(spec.total):
        place = turn % len(streams)
        made[place].append(next(streams[place]))
        if watch(turn + 1, spec.total, spec.methods[place].optimizer.id) is False:
            break
    pairs = zip(spec.methods, made, strict=True)
    return tuple(Tuning(spec, method, tuple(each)) for method, each in pairs if each)


def _shared_out(spec: TuneSpec, executor: Executor, watch: Watcher) -> tuple[Tuning, ...]:
    tasks: list[Future[Tuning]] = [executor.submit(tune_one, spec, p) for p in range(len(spec.methods))]
    done = 0
    for task in as_completed(tasks):
        try:
            tuning = task.result()
        except CancelledError:
            continue
        done += len(tuning.trials)
        if watch(done, spec.total, tuning.method.optimizer.id) is False:
            for other in tasks:
                other.cancel()
            break
    return tuple(task.result() for task in tasks if task.done() and not task.cancelled())


def _count(number: int, word: str) -> str:
    return f"{written(number)} {word}{'s' * (number != 1)}"
