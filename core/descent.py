"""Runs optimizers over a surface: a frozen spec in, frozen trajectories out.

Divergence is a result: the run ends at the last finite point and says in a sentence why.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.batches import BATCH_SIZE, check_batch_size
from core.choice import Choice
from core.descent_code import path_code, step_code, stepper_code
from core.errors import InputError
from core.formula_code import Printed
from core.hyperparameter import Hyperparameter, Scale, Value, complete
from core.lockstep import step_together
from core.mean_loss import MeanDerivatives
from core.momentum_schedule import momenta
from core.optimizer import OPTIMIZERS, MethodSpec
from core.plane import plane_trace
from core.rule import Settings, settings_of
from core.schedule import learning_rates
from core.surface import SurfaceSpec, surface

Array = NDArray[np.float64]
Point = tuple[float, float]
_KEPT_STEPS = 20_000
_EVALUATION, _SAMPLES = 15.0, 100.0
"""What a gradient over samples costs in steps of Adam, and how many samples of a path cost one more."""
_ADAM_SIZE = 26
"""`PlaneTrace.size` of Adam."""

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
"""What every run has; a surface made of data has its `BATCH_SIZE` beside them."""


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
    batch_size
        Samples of each step's gradient on a surface made of data, 0 for all of them. Every run of a
        seed sees the same batches; what it records are loss and gradient norm of all samples.
    """

    surface: SurfaceSpec
    methods: tuple[MethodSpec, ...]
    starts: tuple[Point, ...]
    steps: int = 300
    noise: float = 0.0
    seed: int = 0
    tolerance: float = 1e-6
    batch_size: int = 0

    def numbers(self) -> dict[str, Value]:
        """The spec's numbers by name, checked."""
        known = (*DESCENT_HYPERPARAMETERS, BATCH_SIZE)
        return complete(known, {each.name: getattr(self, each.name) for each in known}, "a run")

    def checked(self) -> "DescentSpec":
        """Return the spec with every number checked.

        Raises
        ------
        InputError
            For anything in it that is wrong.
        """
        place = surface(self.surface)
        size = check_batch_size(place, self.batch_size)
        spec = msgspec.structs.replace(self, **{**self.numbers(), "batch_size": size})
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
    def noise(self) -> Array:
        """(steps of the spec, 2): what was added to the gradient at each step; (0, 2) where nothing was."""
        return np.reshape(_Job(self.spec, self.method, self.start_index).noise, (-1, 2))

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


def descend(spec: DescentSpec) -> Trajectories:
    """Run every method from every start.

    Raises
    ------
    InputError
        For anything in the spec that is wrong; never for a run that diverges.
    """
    spec = spec.checked()
    jobs = [_Job(spec, method, index) for method in spec.methods for index in range(len(spec.starts))]
    computed = zip(jobs, _computed(jobs, remembering=False), strict=True)
    return Trajectories(
        spec,
        tuple(_trajectory(job, made) for job, made in computed),
        surface(spec.surface).hessian_lines if _needs_hessian(spec) else None,
    )


def remember(runs: Sequence[tuple[DescentSpec, MethodSpec, int]]) -> list[dict[str, Array]]:
    """What was remembered along runs, given by spec, method and start, as in `Trajectory.state`."""
    found = []
    for job in (_Job(*run) for run in runs):
        (made,) = _computed([job], remembering=True)
        names = plane_trace(OPTIMIZERS[job.method.optimizer.id], job.values).state_names
        found.append({n: made.table[:, 5 + 2 * i : 7 + 2 * i] for i, n in enumerate(names)})
    return found


def work(spec: DescentSpec) -> float:
    """How long a descent takes, in steps of Adam: rules with many operations count for more.

    Over samples, a step of all paths takes its time and each path's part of it grows with the batch.
    """
    runs = spec.steps * len(spec.starts)
    traces = [plane_trace(OPTIMIZERS[m.optimizer.id], m.values()) for m in spec.methods]
    alone = runs * sum(max(1.0, each.size / _ADAM_SIZE) for each in traces)
    mean = surface(spec.surface).mean
    if mean is None or not over_batches(spec):
        return alone
    batch = spec.batch_size or mean.samples.count
    return alone + spec.steps * _EVALUATION + runs * len(traces) * batch / _SAMPLES


def without_underived(spec: DescentSpec) -> DescentSpec:
    """The spec without methods that need a Hessian not derived in this process: that may take a second."""
    if not _needs_hessian(spec) or surface(spec.surface).has_hessian:
        return spec
    ready = tuple(m for m in spec.methods if not OPTIMIZERS[m.optimizer.id].needs_hessian)
    return msgspec.structs.replace(spec, methods=ready)


def keep_derived(result: Trajectories) -> None:
    """Take over what another process derived for a result."""
    if result.hessian is not None:
        surface(result.spec.surface).keep_hessian(result.hessian)


def over_batches(spec: DescentSpec) -> bool:
    """Whether every step goes through samples."""
    return spec.batch_size > 0 or isinstance(surface(spec.surface).derivatives, MeanDerivatives)


def _needs_hessian(spec: DescentSpec) -> bool:
    return any(OPTIMIZERS[method.optimizer.id].needs_hessian for method in spec.methods)


def descend_again(run: Trajectory, learning_rate: float) -> Trajectory:
    """The same run from the same start, with the same noise and batches, at another learning rate."""
    method = msgspec.structs.replace(
        run.method, optimizer=run.method.optimizer.with_value("learning_rate", learning_rate)
    )
    job = _Job(msgspec.structs.replace(run.spec, methods=(method,)), method, run.start_index)
    (made,) = _computed([job], remembering=False)
    return _trajectory(job, made)


# ---------------------------------------------------------------- one run


@dataclass(frozen=True)
class _Job:
    """One method from one start."""

    spec: DescentSpec
    method: MethodSpec
    start_index: int

    @cached_property
    def values(self) -> dict[str, Value]:
        """All hyperparameters of the optimizer."""
        return self.method.values()

    @cached_property
    def settings(self) -> Settings:
        """Its switches and choices."""
        return settings_of(self.values)

    @property
    def numbers(self) -> tuple[float, ...]:
        """What the printed code takes at its end."""
        optimizer = OPTIMIZERS[self.method.optimizer.id]
        traced = plane_trace(optimizer, self.values, self.method.scheduled_momentum)
        return tuple(float(self.values[name]) for name in traced.numbers)

    @property
    def start(self) -> tuple[float, float]:
        """Where it begins."""
        x, y = self.spec.starts[self.start_index]
        return float(x), float(y)

    @property
    def noise(self) -> list[list[float]]:
        """(steps, 2): what is added to the gradients; empty without noise."""
        if self.spec.noise == 0.0:
            return []
        random = np.random.default_rng([self.spec.seed, self.start_index])
        shakes: list[list[float]] = random.normal(0.0, self.spec.noise, (self.spec.steps, 2)).tolist()
        return shakes


@dataclass(frozen=True)
class _Computed:
    """What a path's loop gives.

    Attributes
    ----------
    rates
        Of every step.
    table
        A row for each point with x, y, loss, gradient (and the state).
    fault, state
        A word on what stopped it, or "", and the state at the end.
    """

    rates: Array
    table: Array
    fault: str
    state: tuple[float, ...]


def _computed(jobs: list[_Job], remembering: bool) -> list[_Computed]:
    """Every job's path; those over data that must be gone through in every step go together."""
    spec = jobs[0].spec if jobs else None
    if spec is None:
        return []
    if over_batches(spec):
        return _over_samples(jobs, remembering)
    return [_over_formula(job, remembering) for job in jobs]


def _trajectory(job: _Job, made: _Computed) -> Trajectory:
    spec = job.spec
    if not all(map(math.isfinite, made.state)):  # it may have overflowed long before the points show it
        (made,) = _computed([job], remembering=True)
    table = made.table
    with np.errstate(over="ignore"):  # components may be finite and their norm not
        norms = np.hypot(table[:, 3], table[:, 4])
    finite = np.isfinite(table).all(axis=1) & np.isfinite(norms)
    count = len(table) if finite.all() else int(np.argmin(finite))
    diverged_at = count if count <= spec.steps else None
    table, norms = table[: max(count, 1)], norms[: max(count, 1)]
    outcome, step, message = _outcome(table, norms, diverged_at, made.fault, spec)
    return Trajectory(
        spec=spec,
        method=job.method,
        values=job.values,
        start_index=job.start_index,
        points=table[:, :2],
        losses=table[:, 2],
        gradient_norms=norms,
        learning_rates=made.rates[: len(table) - 1],
        outcome=outcome,
        step=step,
        message=message,
    )


def _over_formula(job: _Job, remembering: bool) -> _Computed:
    spec, place = job.spec, surface(job.spec.surface)
    optimizer, scheduled = OPTIMIZERS[job.method.optimizer.id], job.method.scheduled_momentum
    numbers = job.numbers
    rates, steps = _steps(job.method, job.values, spec.steps, job.settings, numbers)
    path = path_code(
        place,
        optimizer.id,
        job.settings,
        noisy=spec.noise > 0.0,
        remembering=remembering,
        scheduled=scheduled,
    )
    record: list[float] = []
    fault, state = path(*job.start, steps, record, job.noise, *numbers)
    columns = 5 + len(plane_trace(optimizer, job.values, scheduled).states) * remembering
    table = np.frombuffer(struct.pack(f"{len(record)}d", *record)).reshape(-1, columns)
    return _Computed(rates, table, fault, state)


def _over_samples(jobs: list[_Job], remembering: bool) -> list[_Computed]:
    spec, place = jobs[0].spec, surface(jobs[0].spec.surface)
    assert place.mean is not None
    rates, paths = [], []
    for job in jobs:
        method, numbers = job.method, job.numbers
        rate, steps = _steps(method, job.values, spec.steps, job.settings, numbers)
        stepper = stepper_code(
            method.optimizer.id, job.settings, spec.noise > 0.0, remembering, method.scheduled_momentum
        )
        rates.append(rate)
        paths.append(stepper(*job.start, steps, job.noise, *numbers))
    bent = [OPTIMIZERS[job.method.optimizer.id].needs_hessian for job in jobs]
    made = step_together(place.mean, paths, bent, spec.steps, spec.batch_size, spec.seed)
    points = made.points.swapaxes(0, 1)
    at_points = np.stack(place.loss_and_gradient(points[:, :, 0], points[:, :, 1]), axis=-1)
    tables = np.concatenate([points[:, :, :2], at_points, points[:, :, 2:]], axis=-1)
    return [
        _Computed(rate, table, fault, state)
        for rate, table, (fault, state) in zip(rates, tables, made.ends, strict=True)
    ]


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
