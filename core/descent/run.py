"""From a spec to its trajectories."""

import math

import msgspec
import numpy as np

from core.descent.paths import Array, ComputedPath, PathJob, computed_paths
from core.descent.spec import DescentSpec, needs_hessian
from core.descent.trajectory import Trajectories, Trajectory
from core.surface import surface


def descend(spec: DescentSpec) -> Trajectories:
    """Run every method from every start.

    Raises
    ------
    InputError
        For anything in the spec that is wrong; never for a run that diverges.
    """
    spec = spec.checked()
    jobs = [PathJob(spec, method, index) for method in spec.methods for index in range(len(spec.starts))]
    computed = zip(jobs, computed_paths(jobs, remembering=False), strict=True)
    return Trajectories(
        spec,
        tuple(_trajectory(job, made) for job, made in computed),
        surface(spec.surface).hessian_lines if needs_hessian(spec) else None,
    )


def descend_again(run: Trajectory, learning_rate: float) -> Trajectory:
    """The same run from the same start, with the same noise and batches, at another learning rate."""
    method = msgspec.structs.replace(
        run.method, optimizer=run.method.optimizer.with_value("learning_rate", learning_rate)
    )
    job = PathJob(msgspec.structs.replace(run.spec, methods=(method,)), method, run.start_index)
    (made,) = computed_paths([job], remembering=False)
    return _trajectory(job, made)


def keep_derived(result: Trajectories) -> None:
    """Take over what another process derived for a result."""
    if result.hessian is not None:
        surface(result.spec.surface).keep_hessian(result.hessian)


def _trajectory(job: PathJob, made: ComputedPath) -> Trajectory:
    spec = job.spec
    if not all(map(math.isfinite, made.state)):  # it may have overflowed long before the points show it
        (made,) = computed_paths([job], remembering=True)
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
