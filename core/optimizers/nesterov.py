"""Nesterov's accelerated gradient."""

from typing import Any, NamedTuple

from core.optimizer import Optimizer, average_factor, learning_rate


class State(NamedTuple):
    """velocity: the decaying sum of past steps, in units of x."""

    velocity: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int, momentum: float
) -> tuple[Any, State]:
    """`u = v; v <- mu v - eta g; x <- x - mu u + (1 + mu) v`.

    Written for the point that is drawn, at which the gradient is taken (Bengio et al. 2013, eq. 7).
    """
    before = state.velocity
    velocity = momentum * before - learning_rate * gradient
    return x - momentum * before + (1.0 + momentum) * velocity, State(velocity)


ENTRY = Optimizer(
    id="nesterov", name="Nesterov", order=3, basic=True, rule=rule, state=State,
    summary="Momentum that looks ahead before it steps, and so brakes earlier.",
    formula="u = v;  v ← μ v − η g;  x ← x − μ u + (1 + μ) v",
    convention="Same as torch.optim.SGD(momentum=μ, nesterov=True) at a constant learning rate;"
    " differs when the rate changes mid-run, since the rate stands inside the velocity.",
    source="Nesterov 1983; Sutskever et al. 2013",
    hyperparameters=(
        learning_rate(0.01),
        average_factor("momentum", 0.9, "Share of the velocity kept at every step; 0 is plain SGD."),
    ),
)  # fmt: skip
