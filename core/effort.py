"""What a run has cost up to each of its points: steps, epochs, gradients of samples, seconds.

Two runs that make the same steps with other batches have not done the same work; these are the measures
by which they can be compared. On a plain formula a gradient counts as one evaluation, and there are no
epochs.

Seconds are measured on this machine, once for each surface and each optimizer, and not by a clock beside
the run, which computes many paths at once: the time of one sample's loss and gradient in straight-line
float code, times the samples seen, and the time of one update of the rule, times the steps. So a step
with a small batch is cheap, and what it costs beside the gradient shows too.
"""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.batches import samples_seen
from core.descent import Trajectory
from core.descent_code import step_code, stepper_code
from core.formula_code import FLOAT_SPACE, derive, print_code
from core.hyperparameter import Value
from core.optimizer import OPTIMIZERS
from core.plane import plane_trace
from core.rule import Settings, settings_of
from core.samples import DataSource, samples
from core.surface import surface
from core.written_code import compile_function

Array = NDArray[np.float64]
Measure = Literal["steps", "epochs", "evaluations", "seconds"]
MEASURES: dict[Measure, str] = {
    "steps": "steps",
    "epochs": "epochs",
    "evaluations": "gradient evaluations",
    "seconds": "seconds",
}
"""Every measure, and what people call it."""
_REPEATS, _CALLS = 5, 400


def effort(run: Trajectory, measure: Measure) -> Array:
    """(steps made + 1,): what a run has cost up to each point, 0 at its start.

    Epochs of a plain formula are its steps: every step takes all there is.
    """
    steps = np.arange(run.steps + 1, dtype=float)
    if measure == "steps":
        return steps
    seen = evaluations(run).astype(float)
    if measure == "seconds":
        return seen * gradient_seconds(run) + steps * update_seconds(run)
    mean = surface(run.spec.surface).mean
    return seen if measure == "evaluations" or mean is None else seen / mean.samples.count


def evaluations(run: Trajectory) -> NDArray[np.int64]:
    """(steps made + 1,): gradients computed up to each point; over data those of single samples."""
    mean = surface(run.spec.surface).mean
    return samples_seen(1 if mean is None else mean.samples.count, run.spec.batch_size, run.steps)


def gradient_seconds(run: Trajectory) -> float:
    """Time of one evaluation of loss and gradient, of one sample where the surface is made of data."""
    entry = surface(run.spec.surface).entry
    return _gradient_seconds(entry.formula, entry.data)


def update_seconds(run: Trajectory) -> float:
    """Time of one update of both parameters by the run's rule."""
    return _update_seconds(run.method.optimizer.id, settings_of(run.values), tuple(run.values.items()))


@lru_cache(maxsize=64)
def _gradient_seconds(formula: str, source: DataSource | None) -> float:
    columns = samples(source).names if source is not None else ()
    row = samples(source).values[:, 0].tolist() if source is not None else []
    derived = derive(formula, columns)
    lines, results = print_code((derived.loss, *derived.gradient))
    body = [*lines, *(f"{name} = {text}" for name, text in zip(("loss", "g_x", "g_y"), results, strict=True))]
    lines = ["for _ in range(calls):", *(f"    {line}" for line in body)]
    loop = compile_function("evaluate", ["calls", "x", "y", *columns], lines, FLOAT_SPACE)
    return _quickest(lambda: loop(_CALLS, 0.3, 0.2, *row)) / _CALLS


@lru_cache(maxsize=64)
def _update_seconds(optimizer_id: str, settings: Settings, values: tuple[tuple[str, Value], ...]) -> float:
    known = dict(values)
    traced = plane_trace(OPTIMIZERS[optimizer_id], known)
    numbers = [float(known[name]) for name in traced.numbers]
    derivatives = (0.5, 0.25, *((1.0, 0.1, 2.0) if traced.needs_hessian else ()))
    steps = step_code(optimizer_id, settings)([1e-3] * _CALLS, [], *numbers)
    stepper = stepper_code(optimizer_id, settings, noisy=False, remembering=False)

    def run() -> None:
        path = stepper(0.0, 0.0, steps, (), *numbers)
        next(path)
        for _ in range(_CALLS):
            path.send(derivatives)

    return _quickest(run) / _CALLS


def _quickest(call: Callable[[], Any]) -> float:
    times = []
    for _ in range(_REPEATS):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return min(times)
