"""SGD with momentum."""

from typing import Any, NamedTuple

from core.optimizer import Optimizer, average_factor, learning_rate


class State(NamedTuple):
    """velocity: the decaying sum of past steps, in units of x."""

    velocity: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int, momentum: float
) -> tuple[Any, State]:
    """`v <- mu v - eta g; x <- x + v`.

    The learning rate stands *inside* the velocity (Sutskever et al. 2013, eq. 1-2). torch keeps
    it outside: the two are equal at a constant rate and differ when the rate changes mid-run.
    """
    velocity = momentum * state.velocity - learning_rate * gradient
    return x + velocity, State(velocity)


ENTRY = Optimizer(
    id="momentum", name="Momentum", order=2, basic=True, rule=rule, state=State,
    summary="Adds up past steps like a rolling ball: fast along valleys, overshoots at the end.",
    formula="v ← μ v − η g;  x ← x + v",
    convention="Same as torch.optim.SGD(momentum=μ) at a constant learning rate;"
    " differs when the rate changes mid-run, since the rate stands inside the velocity.",
    source="Polyak 1964; Sutskever et al. 2013",
    hyperparameters=(
        learning_rate(0.01),
        average_factor("momentum", 0.9, "Share of the velocity kept at every step; 0 is plain SGD."),
    ),
)  # fmt: skip
