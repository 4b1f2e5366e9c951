"""The loops of runs: every point of a path with its loss and gradient, as printed code makes it."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.choice import Choice
from core.descent.spec import DescentSpec, over_batches
from core.descent_code import path_code, step_code, stepper_code
from core.hyperparameter import Value
from core.lockstep import step_together
from core.momentum_schedule import momenta
from core.optimizer import OPTIMIZERS, MethodSpec
from core.plane import plane_trace
from core.rule import Settings, settings_of
from core.schedule import learning_rates
from core.surface import surface

Array = NDArray[np.float64]
_KEPT_STEPS = 20_000


@dataclass(frozen=True)
class PathJob:
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
class ComputedPath:
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


def computed_paths(jobs: list[PathJob], remembering: bool) -> list[ComputedPath]:
    """Every job's path; those over data that must be gone through in every step go together."""
    spec = jobs[0].spec if jobs else None
    if spec is None:
        return []
    if over_batches(spec):
        return _over_samples(jobs, remembering)
    return [_over_formula(job, remembering) for job in jobs]


def _over_formula(job: PathJob, remembering: bool) -> ComputedPath:
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
    return ComputedPath(rates, table, fault, state)


def _over_samples(jobs: list[PathJob], remembering: bool) -> list[ComputedPath]:
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
        ComputedPath(rate, table, fault, state)
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


def remember(runs: Sequence[tuple[DescentSpec, MethodSpec, int]]) -> list[dict[str, Array]]:
    """What was remembered along runs, given by spec, method and start, as in `Trajectory.state`."""
    found = []
    for job in (PathJob(*run) for run in runs):
        (made,) = computed_paths([job], remembering=True)
        names = plane_trace(OPTIMIZERS[job.method.optimizer.id], job.values).state_names
        found.append({n: made.table[:, 5 + 2 * i : 7 + 2 * i] for i, n in enumerate(names)})
    return found
