"""What a run was: its points, losses, rates and outcome."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.descent.paths import Array, PathJob, remember
from core.descent.spec import DescentSpec, Point
from core.formula_code import Printed
from core.hyperparameter import Value
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import surface


@dataclass(frozen=True)
class Trajectory:
    """One optimizer's run from one start.

    Attributes
    ----------
    spec, method, values, start_index
        What it is a part of, the method, all its hyperparameters, and which of the spec's starts it is from.
    points
        (steps made + 1, 2): x and y, the start first.
    losses, gradient_norms
        (steps made + 1,): at each point, without the noise.
    learning_rates
        (steps made,): the rate of each step.
    outcome
        "completed", "converged" or "diverged".
    step
        The step at which it converged or diverged, else None.
    message
        The outcome in a sentence.
    """

    spec: DescentSpec
    method: MethodSpec
    values: dict[str, Value]
    start_index: int
    points: Array
    losses: Array
    gradient_norms: Array
    learning_rates: Array
    outcome: str
    step: int | None
    message: str

    @property
    def start(self) -> Point:
        """Where it began."""
        return self.spec.starts[self.start_index]

    @property
    def steps(self) -> int:
        """Steps made."""
        return len(self.points) - 1

    @cached_property
    def lowest(self) -> float:
        """The lowest loss that it met."""
        return float(self.losses.min())

    @property
    def left_view(self) -> bool:
        """Whether it ends outside the surface's view."""
        (x, y), (low_x, high_x, low_y, high_y) = self.points[-1], surface(self.spec.surface).entry.domain
        return not (low_x <= x <= high_x and low_y <= y <= high_y)

    @cached_property
    def momenta(self) -> Array | None:
        """(steps made,): the momentum (or beta1) of each step; None where the rule has none."""
        name = OPTIMIZERS[self.method.optimizer.id].momentum_name
        if not name:
            return None
        changing = self.method.momenta(self.spec.steps)
        return np.array(changing[: self.steps] if changing else [self.values[name]] * self.steps, float)

    @cached_property
    def noise(self) -> Array:
        """(steps of the spec, 2): what was added to the gradient at each step; (0, 2) where nothing was."""
        return np.reshape(PathJob(self.spec, self.method, self.start_index).noise, (-1, 2))

    @cached_property
    def state(self) -> dict[str, Array]:
        """Name of each thing the optimizer remembers -> (steps made + 1, 2), zero at the start.

        Made when it is asked for, by the same run once more: most runs are only drawn.
        """
        whole = remember([(self.spec, self.method, self.start_index)])[0]
        return {name: table[: len(self.points)] for name, table in whole.items()}

    def keep_state(self, state: dict[str, Array]) -> None:
        """Take `state` as `remember` has made it elsewhere."""
        vars(self)["state"] = {name: table[: len(self.points)] for name, table in state.items()}


@dataclass(frozen=True)
class Trajectories:
    """Every run of a spec: method by method, and for each method start by start.

    Attributes
    ----------
    hessian
        Code of the surface's second derivatives where a run needed them, for `keep_derived`.
    """

    spec: DescentSpec
    runs: tuple[Trajectory, ...]
    hessian: Printed | None = None

    @cached_property
    def steps(self) -> int:
        """Steps of the longest run."""
        return max((run.steps for run in self.runs), default=0)
