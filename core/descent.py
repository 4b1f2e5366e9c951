"""Runs optimizers over a surface: a frozen spec in, frozen trajectories out.

Divergence is a result: the run ends at the last finite point and says in a sentence why.
"""

import math
import struct
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.choice import Choice
from core.descent_code import Settings, path_code, step_code
from core.errors import InputError
from core.hyperparameter import Hyperparameter, Scale, Value, complete
from core.momentum_schedule import momenta
from core.optimizer import OPTIMIZERS, MethodSpec
from core.rule import trace
from core.schedule import learning_rates
from core.surface import SurfaceSpec, surface

Array = NDArray[np.float64]
Point = tuple[float, float]
_KEPT_STEPS = 20_000

STEPS = Hyperparameter(
    name="steps", default=300, low=10, high=10_000, minimum=1, maximum=1_000_000, scale=Scale.LOG_INTEGER,
    unit="steps", help="Steps that every optimizer makes.",
)  # fmt: skip
NOISE = Hyperparameter(
    name="noise", default=0.0, low=0, high=10, minimum=0, maximum=1e6,
    help="Standard deviation of Gaussian noise added to both gradient components, as mini-batches do.",
)  # fmt: skip
SEED = Hyperparameter(
    name="seed", default=0, low=0, high=100, minimum=0, maximum=2**32 - 1, scale=Scale.INTEGER,
    help="Where the random numbers begin; the same seed gives the same run.",
)  # fmt: skip
TOLERANCE = Hyperparameter(
    name="tolerance", default=1e-6, low=1e-12, high=1.0, minimum=0, maximum=1e6, scale=Scale.LOG,
    help="A run counts as converged from the step on from which its gradient norm stays below this.",
)  # fmt: skip
DESCENT_HYPERPARAMETERS = (STEPS, NOISE, SEED, TOLERANCE)


class DescentSpec(msgspec.Struct, frozen=True):
    """What to run: every method from every start.

    Attributes
    ----------
    surface, methods, starts
        Where, with which optimizers, and from which points (x, y).
    steps
        Steps each run makes.
    noise, seed
        Standard deviation of the gradient noise, and the seed that it comes from. Every method
        sees the same noise from the same start.
    tolerance
        Gradient norm below which a run is called converged.
    """

    surface: SurfaceSpec
    methods: tuple[MethodSpec, ...]
    starts: tuple[Point, ...]
    steps: int = 300
    noise: float = 0.0
    seed: int = 0
    tolerance: float = 1e-6

    def numbers(self) -> dict[str, Value]:
        """The spec's numbers by name, checked."""
        given = {name: getattr(self, name) for name in ("steps", "noise", "seed", "tolerance")}
        return complete(DESCENT_HYPERPARAMETERS, given, "a run")

    def checked(self) -> "DescentSpec":
        """Return the spec with every number checked.

        Raises
        ------
        InputError
            For anything in it that is wrong.
        """
        spec = msgspec.structs.replace(self, **self.numbers())
        place = surface(spec.surface)
        if not spec.starts:
            raise InputError("A run needs a start point, x and y.", "start")
        for start in spec.starts:
            place.check_start(*start)
        for method in spec.methods:
            method.values()
        return spec


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
    def state(self) -> dict[str, Array]:
        """Name of each thing the optimizer remembers -> (steps made + 1, 2), zero at the start.

        Made when it is asked for, by the same run once more: most runs are only drawn.
        """
        noise = _noise(self.spec, self.start_index)
        _, table, _, _ = _table(
            self.spec, self.method, self.values, self.start_index, noise, remembering=True
        )
        names = OPTIMIZERS[self.method.optimizer.id].state_names
        return {n: table[: len(self.points), 5 + 2 * i : 7 + 2 * i] for i, n in enumerate(names)}


@dataclass(frozen=True)
class Trajectories:
    """Every run of a spec: method by method, and for each method start by start."""

    spec: DescentSpec
    runs: tuple[Trajectory, ...]

    @cached_property
    def steps(self) -> int:
        """Steps of the longest run."""
        return max((run.steps for run in self.runs), default=0)


def descend(spec: DescentSpec) -> Trajectories:
    """Run every method from every start.

    Raises
    ------
    InputError
        For anything in the spec that is wrong; never for a run that diverges.
    """
    spec = spec.checked()
    noises = [_noise(spec, index) for index in range(len(spec.starts))]
    return Trajectories(
        spec,
        tuple(
            _run(spec, method, index, noise) for method in spec.methods for index, noise in enumerate(noises)
        ),
    )


def descend_again(run: Trajectory, learning_rate: float) -> Trajectory:
    """The same run from the same start, with the same noise, at another learning rate."""
    method = MethodSpec(run.method.optimizer.with_value("learning_rate", learning_rate), run.method.schedule)
    spec = msgspec.structs.replace(run.spec, methods=(method,))
    return _run(spec, method, run.start_index, _noise(spec, run.start_index))


def _noise(spec: DescentSpec, start_index: int) -> Array:
    if spec.noise == 0.0:
        return np.zeros((0, 2))
    return np.random.default_rng([spec.seed, start_index]).normal(0.0, spec.noise, (spec.steps, 2))


def _run(spec: DescentSpec, method: MethodSpec, start_index: int, noise: Array) -> Trajectory:
    values = method.values()
    rates, table, fault, state = _table(spec, method, values, start_index, noise, remembering=False)
    if not all(map(math.isfinite, state)):  # it may have overflowed long before the points show it
        rates, table, fault, state = _table(spec, method, values, start_index, noise, remembering=True)
    with np.errstate(over="ignore"):  # components may be finite and their norm not
        norms = np.hypot(table[:, 3], table[:, 4])
    finite = np.isfinite(table).all(axis=1) & np.isfinite(norms)
    made = len(table) if finite.all() else int(np.argmin(finite))
    diverged_at = made if made <= spec.steps else None
    table, norms = table[: max(made, 1)], norms[: max(made, 1)]
    outcome, step, message = _outcome(table, norms, diverged_at, fault, spec)
    return Trajectory(
        spec=spec,
        method=method,
        values=values,
        start_index=start_index,
        points=table[:, :2],
        losses=table[:, 2],
        gradient_norms=norms,
        learning_rates=rates[: len(table) - 1],
        outcome=outcome,
        step=step,
        message=message,
    )


def _table(
    spec: DescentSpec,
    method: MethodSpec,
    values: dict[str, Value],
    start_index: int,
    noise: Array,
    remembering: bool,
) -> tuple[Array, Array, str, tuple[float, ...]]:
    """Rates; a row for each point with x, y, loss, gradient (and state); what stopped it; the last state."""
    place, optimizer = surface(spec.surface), OPTIMIZERS[method.optimizer.id]
    settings = tuple((k, v) for k, v in values.items() if isinstance(v, bool | str))
    scheduled = method.scheduled_momentum
    numbers = tuple(float(values[name]) for name in trace(optimizer, values, scheduled).numbers)
    rates, steps = _steps(method, values, spec.steps, settings, numbers)
    path = path_code(
        place, optimizer.id, settings, noisy=spec.noise > 0.0, remembering=remembering, scheduled=scheduled
    )
    record: list[float] = []
    x, y = spec.starts[start_index]
    fault, state = path(float(x), float(y), steps, record, place.at, noise.tolist(), *numbers)
    columns = 5 + 2 * len(optimizer.state_names) * remembering
    table = np.frombuffer(struct.pack(f"{len(record)}d", *record)).reshape(-1, columns)
    return rates, table, fault, state


def _steps(
    method: MethodSpec, values: dict[str, Value], steps: int, settings: Settings, numbers: tuple[float, ...]
) -> tuple[Array, list[Any]]:
    """The rate of every step, and what `path_code`'s loop takes for it.

    Kept for the next run, since a start that is dragged changes nothing here; not so for long runs,
    which would fill the memory.
    """
    scheduled = method.scheduled_momentum
    rates = (*_parts(method.schedule), float(values["learning_rate"]))
    ramp = (*_parts(method.momentum_schedule), float(values[scheduled])) if scheduled else None
    make = _make_steps if steps <= _KEPT_STEPS else _make_steps.__wrapped__
    return make(rates, ramp, steps, method.optimizer.id, settings, scheduled, numbers)


def _parts(choice: Choice) -> tuple[str, Settings]:
    """A choice as something that a cache can look up."""
    return choice.id, tuple(choice.values.items())


@lru_cache(maxsize=64)
def _make_steps(
    schedule: tuple[str, Settings, float],
    ramp: tuple[str, Settings, float] | None,
    steps: int,
    optimizer_id: str,
    settings: Settings,
    scheduled: str,
    numbers: tuple[float, ...],
) -> tuple[Array, list[Any]]:
    rates = learning_rates(Choice(schedule[0], dict(schedule[1])), schedule[2], steps)
    changing = momenta(Choice(ramp[0], dict(ramp[1])), ramp[2], steps) if ramp else []
    fixed = np.array(rates)
    fixed.flags.writeable = False
    return fixed, step_code(optimizer_id, settings, scheduled)(rates, changing, *numbers)


def _outcome(
    table: Array, norms: Array, diverged_at: int | None, fault: str, spec: DescentSpec
) -> tuple[str, int | None, str]:
    if diverged_at is not None:
        x, y, loss = table[-1, :3]
        why = f" ({fault})" if fault else ""
        return "diverged", diverged_at, (
            f"Diverged at step {diverged_at:,}: no finite value after ({x:.4g}, {y:.4g}),"
            f" where the loss was {loss:.4g}{why}; a smaller learning rate may hold."
        )  # fmt: skip
    above = np.flatnonzero(norms >= spec.tolerance)
    settled = int(above[-1]) + 1 if above.size else 0
    if settled < len(norms):
        return "converged", settled, (
            f"Converged at step {settled:,}: the gradient norm stays below {spec.tolerance:g}."
        )  # fmt: skip
    return "completed", None, (
        f"Made all {len(norms) - 1:,} steps; the gradient norm is {norms[-1]:.3g},"
        f" not below {spec.tolerance:g}."
    )  # fmt: skip
