"""One step of a rule as it is written, untraced, of either kind: what printed code is compared with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.optimizer import Hessian, Optimizer, Pair
from core.surface import Surface

Array = NDArray[np.float64]


def on_arrays(
    optimizer: Optimizer,
    place: Surface,
    x: Array,
    gradient: Array,
    state: Any,
    rate: float,
    t: int,
    **others: Any,
) -> tuple[Array, Any]:
    """The rule on points, gradients and a state of (..., 2)."""
    if not optimizer.surfaces_only:
        stepped: tuple[Array, Any] = optimizer.rule(x, gradient, state, rate, t, **others)
        return stepped
    given: list[Any] = [Pair(x[..., 0], x[..., 1]), Pair(gradient[..., 0], gradient[..., 1])]
    if optimizer.needs_hessian:
        given.append(Hessian(*place.hessian(x[..., 0], x[..., 1])))
    pairs = optimizer.state(*(Pair(field[..., 0], field[..., 1]) for field in state))
    point, after = optimizer.rule(*given, pairs, rate, t, **others)
    return np.stack(point, -1), optimizer.state(*(np.stack(field, -1) for field in after))


def on_floats(
    optimizer: Optimizer, place: Surface, point: Pair, gradient: Pair, state: Any, rate: float, t: int,
    **others: Any,
) -> tuple[Pair, Any]:  # fmt: skip
    """The rule on floats; every field of the state is a `Pair`."""
    if optimizer.surfaces_only:
        hessian = [Hessian(*place.hessian_at(*point))] if optimizer.needs_hessian else []
        stepped: tuple[Pair, Any] = optimizer.rule(point, gradient, *hessian, state, rate, t, **others)
        return stepped
    axes = [
        optimizer.rule(
            point[i], gradient[i], optimizer.state(*(field[i] for field in state)), rate, t, **others
        )
        for i in (0, 1)
    ]
    (x, of_x), (y, of_y) = axes
    return Pair(x, y), optimizer.state(*(Pair(*both) for both in zip(of_x, of_y, strict=True)))
