"""The trials of one optimizer: where each looks next depends on the ones before."""

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.descent import descend
from core.hyperparameter import Hyperparameter, Scale, Value
from core.optimizer import MethodSpec
from core.search.spec import RATE, TuneSpec, tunable_numbers
from core.search.trial import Trial, trial_of
from core.search.tuning import Tuning, with_values
from core.surface import Surface, surface

Array = NDArray[np.float64]
_GRID_SHARE = 0.6
_FINEST = 0.04
"""Decades between two tried rates that are not halved before every better place is looked at."""
_NEAR = 0.15
"""Standard deviation of a draw around the best setting, as a share of the slider."""
_BEYOND = 1e3
"""How many times beyond the slider's span rates are followed when the best is at its end."""
_ROUNDS, _GRID = 12, 65
"""How often, and into how many points a side, `lowest_loss` divides the view."""


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


class _Search:
    """The trials of one optimizer so far, and where to look next."""

    def __init__(self, spec: TuneSpec, method: MethodSpec, lowest: float) -> None:
        self._spec, self._method, self._lowest = spec, method, lowest
        self.tunable = tunable_numbers(spec, method)
        self.rate = next(each for each in self.tunable if each.name == RATE)
        values = method.values()
        self.current = {each.name: values[each.name] for each in self.tunable}
        self.made: list[Trial] = []

    def tried(self, kind: str, values: Mapping[str, Value]) -> Trial:
        """Run a setting from every start."""
        runs = descend(self._spec.descent((with_values(self._method, values),))).runs
        self.made.append(trial_of(kind, dict(values), runs, self._lowest))
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
    tunable, values = tunable_numbers(spec, method), method.values()
    current = {each.name: values[each.name] for each in tunable}
    found = [("current", current)]
    suited = surface(spec.surface).entry.learning_rates.get(method.optimizer.id)
    wished = [("default", {each.name: each.default for each in tunable})]
    wished += [("suited", {**current, RATE: float(suited)})] if suited is not None else []
    for kind, setting in wished:
        if all(setting != other for _, other in found):
            found.append((kind, setting))
    return found


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
