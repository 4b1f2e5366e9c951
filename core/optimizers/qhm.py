"""Quasi-hyperbolic momentum."""

from typing import Any, NamedTuple

from core.hyperparameter import Hyperparameter
from core.optimizer import Optimizer, average_factor, learning_rate


class State(NamedTuple):
    """first_moment: exponential average of the gradient."""

    first_moment: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int, momentum: float, nu: float
) -> tuple[Any, State]:
    """`m <- beta m + (1-beta) g; x <- x - eta ((1-nu) g + nu m)` (Ma and Yarats 2019, eq. 3-4).

    `nu` 0 is plain SGD, `nu` 1 dampened momentum.
    """
    first_moment = momentum * state.first_moment + (1.0 - momentum) * gradient
    return x - learning_rate * ((1.0 - nu) * gradient + nu * first_moment), State(first_moment)


ENTRY = Optimizer(
    id="qhm", name="QHM", order=13, rule=rule, state=State,
    summary="A mean of a plain SGD step and a momentum step: long memory without the long overshoot.",
    formula="m ← β m + (1−β) g;  x ← x − η ((1−ν) g + ν m)",
    convention="As the paper; ν = 0 is torch.optim.SGD, ν = 1 torch.optim.SGD with momentum and dampening"
    " both β, whose first average is the first gradient and not a share of it.",
    letters={"momentum": ("β",)},
    source="Ma and Yarats 2019",
    hyperparameters=(
        learning_rate(0.01),
        average_factor("momentum", 0.999, "How long the gradient is remembered: about 1 / (1 - this) steps."),
        Hyperparameter(
            name="nu", default=0.7, minimum=0, maximum=1,
            help="Share of the average in the step; the rest is the gradient itself. 0 is plain SGD.",
        ),
    ),
)  # fmt: skip
