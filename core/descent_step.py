"""One step of a run in all its numbers: from a point to the next, with what the rule had to go by."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import expression as arithmetic
from core.batches import batch_of_step
from core.descent import Trajectory, over_batches
from core.notation import Node
from core.optimizer import OPTIMIZERS, Optimizer
from core.plane import plane_trace
from core.rule_notation import BEFORE, RuleNotation, letters, rule_notation
from core.surface import Surface, surface

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Explanation:
    """A rule's formulas with their numbers.

    Attributes
    ----------
    nodes, letters
        The formulas; every letter carries its key, one of `letters`.
    numbers
        By key: a float, (2,) for x and y, or (2, 2) for a matrix.
    rates
        (2,): what the direction is multiplied by along x and along y; None where the rule has no such number.
    """

    nodes: tuple[Node, ...]
    letters: tuple[str, ...]
    numbers: dict[str, Any]
    rates: Array | None


@dataclass(frozen=True)
class DescentStep:
    """The step from point `index` to the next one.

    Attributes
    ----------
    run, index
        Which; `index` counts from 0, and the rule's own `t` is one more.
    gradient
        (2,): the surface's gradient at the point.
    used_gradient
        (2,): the one that the rule saw: of a mini-batch, or with noise added; else the same.
    """

    run: Trajectory
    index: int
    gradient: Array
    used_gradient: Array

    @property
    def optimizer(self) -> Optimizer:
        """Whose step it is."""
        return OPTIMIZERS[self.run.method.optimizer.id]

    @property
    def is_noisy(self) -> bool:
        """Whether the run's rule sees other gradients than the surface has."""
        return self.run.spec.noise > 0.0 or self.run.spec.batch_size > 0

    @property
    def before(self) -> Array:
        """(2,): the point that the step begins at."""
        point: Array = self.run.points[self.index]
        return point

    @property
    def moved(self) -> Array:
        """(2,): the step itself."""
        moved: Array = self.run.points[self.index + 1] - self.before
        return moved

    @property
    def learning_rate(self) -> float:
        """Of this step."""
        return float(self.run.learning_rates[self.index])

    @property
    def length(self) -> float:
        """Of the step."""
        return math.hypot(*self.moved)

    @property
    def angle(self) -> float | None:
        """Degrees between the step and the negative gradient, 0 to 180; None where one of them is zero."""
        with np.errstate(all="ignore"):
            down = -self.gradient / np.abs(self.gradient).max()
            way = self.moved / np.abs(self.moved).max()
        cross, dot = down[0] * way[1] - down[1] * way[0], float(down @ way)
        angle = math.degrees(math.atan2(abs(cross), dot))
        return angle if math.isfinite(angle) else None

    @property
    def state_names(self) -> tuple[str, ...]:
        """What the optimizer remembers."""
        return plane_trace(self.optimizer, self.run.values).state_names

    def remembered(self, name: str, after: bool = True) -> Array:
        """(2,): what the optimizer remembers under a name, after the step or before it."""
        row: Array = self.run.state[name][self.index + after]
        return row

    @cached_property
    def inputs(self) -> dict[str, Any]:
        """What the rule begins with, by the keys of its notation; switches and choices too."""
        run = self.run
        known: dict[str, Any] = dict(run.values)
        if run.momenta is not None:
            known[self.optimizer.momentum_name] = float(run.momenta[self.index])
        known |= {BEFORE + name: self.remembered(name, after=False) for name in self.state_names}
        own = {"t": self.index + 1, "learning_rate": self.learning_rate, "gradient": self.used_gradient}
        bent = {"hessian": _hessian(run, self.index)} if self.optimizer.needs_hessian else {}
        return known | own | bent | {BEFORE + "x": self.before}

    @cached_property
    def explanation(self) -> Explanation:
        """The rule's formulas as they hold at this step, with their numbers."""
        if self.optimizer.explain is not None:
            with np.errstate(all="ignore"):
                nodes, numbers = self.optimizer.explain(self.inputs)
            return Explanation(nodes, letters(nodes), numbers, rates=None)
        notation = self.notation
        numbers = notation.numbers(self.inputs)
        rates: Array | None = None
        if notation.rate is not None:
            with np.errstate(all="ignore"):
                rates = arithmetic.evaluate(notation.rate, numbers) * np.ones(2)
        return Explanation(notation.nodes, notation.letters, numbers, rates)

    @property
    def notation(self) -> RuleNotation:
        """The formulas of a rule of one parameter, with the expressions behind them."""
        return rule_notation(self.optimizer, self.run.values, self.inputs)


def step_at(run: Trajectory, index: int) -> DescentStep | None:
    """The step that begins at point `index`; None where the run has none."""
    if not 0 <= index < run.steps:
        return None
    place = surface(run.spec.surface)
    _, *gradient = place.at(*run.points[index].tolist())
    used = np.array(_batch_gradient(run, place, index) if over_batches(run.spec) else gradient)
    return DescentStep(run, index, np.array(gradient), used + run.noise[index] if len(run.noise) else used)


def _batch_gradient(run: Trajectory, place: Surface, index: int) -> list[float]:
    assert place.mean is not None
    x, y = run.points[index][:, None]
    with np.errstate(all="ignore"):
        return [float(part[0]) for part in place.mean.batch_gradient(x, y, _batch(run, place, index))]


def _hessian(run: Trajectory, index: int) -> tuple[float, ...]:
    place = surface(run.spec.surface)
    x, y = run.points[index]
    if not over_batches(run.spec):
        return place.hessian_at(float(x), float(y))
    assert place.mean is not None
    parts = place.mean.batch_hessian(np.array([x]), np.array([y]), _batch(run, place, index))
    return tuple(float(part[0]) for part in parts)


def _batch(run: Trajectory, place: Surface, index: int) -> Array:
    """The samples of a step."""
    assert place.mean is not None
    columns, size = place.mean.samples.values, run.spec.batch_size
    return batch_of_step(columns, size, run.spec.seed, index) if size else columns
