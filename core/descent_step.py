"""One step of a run in all its numbers: from a point to the next, with what the rule had to go by."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from core import expression as arithmetic
from core.descent import Array, Trajectory
from core.optimizer import OPTIMIZERS
from core.rule_notation import BEFORE, RuleNotation, rule_notation
from core.surface import surface


@dataclass(frozen=True)
class DescentStep:
    """The step from point `index` to the next one.

    Attributes
    ----------
    run, index
        Which; `index` counts from 0, and the rule's own `t` is one more.
    gradient
        (2,): the surface's gradient at the point.
    noise
        (2,): what was added to it; zero on a run without noise.
    """

    run: Trajectory
    index: int
    gradient: Array
    noise: Array

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
    def used_gradient(self) -> Array:
        """(2,): the gradient that the rule saw."""
        return self.gradient + self.noise

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

    def remembered(self, name: str, after: bool = True) -> Array:
        """(2,): what the optimizer remembers under a name, after the step or before it."""
        row: Array = self.run.state[name][self.index + after]
        return row

    @cached_property
    def inputs(self) -> dict[str, Any]:
        """What the rule begins with, by the keys of its notation."""
        run = self.run
        optimizer = OPTIMIZERS[run.method.optimizer.id]
        known: dict[str, Any] = {k: v for k, v in run.values.items() if not isinstance(v, bool | str)}
        if run.momenta is not None:
            known[optimizer.momentum_name] = float(run.momenta[self.index])
        known |= {BEFORE + name: self.remembered(name, after=False) for name in optimizer.state_names}
        own = {"t": self.index + 1, "learning_rate": self.learning_rate, "gradient": self.used_gradient}
        return known | own | {BEFORE + "x": self.before}

    @cached_property
    def notation(self) -> RuleNotation:
        """The rule's formulas as they hold at this step."""
        return rule_notation(OPTIMIZERS[self.run.method.optimizer.id], self.run.values, self.inputs)

    @cached_property
    def numbers(self) -> dict[str, Any]:
        """The number of every letter in the formulas: a float, or (2,) for x and y."""
        return self.notation.numbers(self.inputs)

    @property
    def rates(self) -> Array | None:
        """(2,): what the direction is multiplied by along x and along y, where the rule has such a number."""
        if self.notation.rate is None:
            return None
        with np.errstate(all="ignore"):
            rates: Array = arithmetic.evaluate(self.notation.rate, self.numbers) * np.ones(2)
        return rates


def step_at(run: Trajectory, index: int) -> DescentStep | None:
    """The step that begins at point `index`; None where the run has none."""
    if not 0 <= index < run.steps:
        return None
    _, *gradient = surface(run.spec.surface).at(*run.points[index].tolist())
    noise = run.noise[index] if len(run.noise) else np.zeros(2)
    return DescentStep(run, index, np.array(gradient), noise)
