"""The largest rate at which a method is stable on a curvature."""

import math
from functools import lru_cache

import numpy as np

from core.descent import Trajectory
from core.diagnosis.figures import Array, curvatures
from core.hyperparameter import Value
from core.optimizer import OPTIMIZERS


def largest_stable_rate(run: Trajectory, step: int) -> float | None:
    """The largest rate at which the method is stable on the curvature at a step of the run.

    `2 / lambda_max` for SGD; momentum and the like have limits of their own, see `stability`. None
    for methods that scale the gradient, whose steps do not grow with it, and where nothing bends up.
    """
    _, high = curvatures(run, step)
    factor = stability(run.method.optimizer.id, tuple(run.values.items()))
    return factor / high if factor is not None and high > 0.0 and math.isfinite(high) else None


@lru_cache(maxsize=256)
def stability(optimizer_id: str, values: tuple[tuple[str, Value], ...]) -> float | None:
    """The largest `learning_rate * curvature` at which a method that is linear in the gradient is stable.

    On a quadratic such a rule is a matrix over (x, state); it is stable while no eigenvalue is
    longer than 1. 2 for SGD, `2 (1 + mu)` for momentum, `2 (1 + mu) / (1 + 2 mu)` for Nesterov.

    Returns
    -------
    float or None
        None for a rule that is not linear, and for one that couples both axes.
    """
    named = dict(values)
    if OPTIMIZERS[optimizer_id].surfaces_only:
        return None
    try:
        if not _is_linear(optimizer_id, named):
            return None
    except ArithmeticError:  # it divides by what is zero here
        return None
    low, high = 0.0, 1.0
    while _radius(optimizer_id, named, high) <= 1.0 + 1e-9 and high < 1e6:
        low, high = high, 2.0 * high
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _radius(optimizer_id, named, middle) <= 1.0 + 1e-9 else (low, middle)
    return low


def _radius(optimizer_id: str, values: dict[str, Value], product: float) -> float:
    """The longest eigenvalue of a step on `curvature x^2 / 2`; the product is `learning_rate * curvature`."""
    size = 1 + len(OPTIMIZERS[optimizer_id].state_names)
    columns = [_stepped(optimizer_id, values, product, unit, unit[0]) for unit in np.eye(size)]
    return float(np.abs(np.linalg.eigvals(np.column_stack(columns))).max())


def _stepped(
    optimizer_id: str, values: dict[str, Value], rate: float, place: Array, gradient: float
) -> Array:
    optimizer = OPTIMIZERS[optimizer_id]
    others = {name: value for name, value in values.items() if name != "learning_rate"}
    x, *state = (float(v) for v in place)
    new_x, new_state = optimizer.rule(x, gradient, optimizer.state(*state), rate, 1000, **others)
    return np.array([new_x, *new_state])


def _is_linear(optimizer_id: str, values: dict[str, Value]) -> bool:
    size = 1 + len(OPTIMIZERS[optimizer_id].state_names)
    place = np.linspace(0.3, 0.7, size)
    with np.errstate(all="ignore"):
        one = _stepped(optimizer_id, values, 0.1, place, 0.4)
        three = _stepped(optimizer_id, values, 0.1, 3.0 * place, 1.2)
        none = _stepped(optimizer_id, values, 0.1, 0.0 * place, 0.4)
        rest = _stepped(optimizer_id, values, 0.1, place, 0.0)
    return bool(np.allclose(three, 3.0 * one, rtol=1e-9) and np.allclose(none + rest, one, rtol=1e-9))


def limit_name(run: Trajectory) -> str:
    """The largest stable rate as a formula, for a method that has one."""
    factor = stability(run.method.optimizer.id, tuple(run.values.items()))
    assert factor is not None  # only named where there is one
    return f"{factor:.4g} / λmax"
