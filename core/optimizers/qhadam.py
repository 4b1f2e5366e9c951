"""Quasi-hyperbolic Adam."""

from typing import Any, NamedTuple

from core.hyperparameter import Hyperparameter
from core.optimizer import Optimizer, average_factor, epsilon, learning_rate


class State(NamedTuple):
    """first_moment, second_moment: exponential averages of the gradient and of its square."""

    first_moment: Any
    second_moment: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int,
    beta1: float, beta2: float, nu1: float, nu2: float, epsilon: float,
) -> tuple[Any, State]:  # fmt: skip
    """Adam, with the gradient and its square mixed into their averages (Ma and Yarats 2019, section 4).

    `nu1` = `nu2` = 1 is Adam; `nu1` 0 and `nu2` 1 is RMSprop with its bias corrected.
    """
    first_moment = beta1 * state.first_moment + (1.0 - beta1) * gradient
    second_moment = beta2 * state.second_moment + (1.0 - beta2) * gradient * gradient
    direction = (1.0 - nu1) * gradient + nu1 / (1.0 - beta1**t) * first_moment
    square = (1.0 - nu2) * gradient * gradient + nu2 / (1.0 - beta2**t) * second_moment
    return x - learning_rate * direction / (square**0.5 + epsilon), State(first_moment, second_moment)


ENTRY = Optimizer(
    id="qhadam", name="QHAdam", order=14, rule=rule, state=State,
    summary="Adam whose step mixes the gradient itself into the average: longer memory, less overshoot.",
    formula="m ← β₁ m + (1−β₁) g;  v ← β₂ v + (1−β₂) g²;"
    "  x ← x − η ((1−ν₁) g + ν₁ m / (1−β₁ᵗ)) / (√((1−ν₂) g² + ν₂ v / (1−β₂ᵗ)) + ε)",
    convention="As the paper; torch.optim has none. ν₁ = ν₂ = 1 is Adam.",
    source="Ma and Yarats 2019",
    hyperparameters=(
        learning_rate(0.01),
        average_factor("beta1", 0.995, "How long the gradient is remembered: about 1 / (1 - beta1) steps."),
        average_factor("beta2", 0.999, "How long its square is remembered: about 1 / (1 - beta2) steps."),
        Hyperparameter(
            name="nu1", default=0.7, minimum=0, maximum=1,
            help="Share of the average in the direction; the rest is the gradient itself. 1 is Adam's.",
        ),
        Hyperparameter(
            name="nu2", default=1.0, minimum=0, maximum=1,
            help="Share of the average in the square; the rest is the new gradient's. 1 is Adam's.",
        ),
        epsilon(1e-8),
    ),
)  # fmt: skip
