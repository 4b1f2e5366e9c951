"""Adam."""

from typing import Any, NamedTuple

from core.hyperparameter import Hyperparameter, Scale
from core.optimizer import Optimizer, average_factor, epsilon, learning_rate


class State(NamedTuple):
    """first_moment, second_moment: exponential averages of the gradient and of its square."""

    first_moment: Any
    second_moment: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int,
    beta1: float, beta2: float, epsilon: float, bias_correction: bool,
) -> tuple[Any, State]:  # fmt: skip
    """`m <- b1 m + (1-b1) g; v <- b2 v + (1-b2) g^2; x <- x - eta (m/(1-b1^t)) / (sqrt(v/(1-b2^t)) + eps)`.

    Kingma and Ba 2015, algorithm 1. Epsilon stands outside the root.
    """
    first_moment = beta1 * state.first_moment + (1.0 - beta1) * gradient
    second_moment = beta2 * state.second_moment + (1.0 - beta2) * gradient * gradient
    if bias_correction:
        step_size = learning_rate / (1.0 - beta1**t)
        root = second_moment**0.5 * (1.0 / (1.0 - beta2**t) ** 0.5)
    else:
        step_size = learning_rate
        root = second_moment**0.5
    return x - step_size * first_moment / (root + epsilon), State(first_moment, second_moment)


ENTRY = Optimizer(
    id="adam", name="Adam", order=6, basic=True, rule=rule, state=State,
    summary="Momentum for the direction, a running root mean square for the scale, both bias-corrected.",
    formula="m ← β₁ m + (1−β₁) g;  v ← β₂ v + (1−β₂) g²;"
    "  x ← x − η (m / (1−β₁ᵗ)) / (√(v / (1−β₂ᵗ)) + ε)",
    convention="Same as torch.optim.Adam (bias_correction=true).",
    source="Kingma and Ba 2015",
    hyperparameters=(
        learning_rate(0.01),
        average_factor("beta1", 0.9, "How long the gradient is remembered: about 1 / (1 - beta1) steps."),
        average_factor("beta2", 0.999, "How long its square is remembered: about 1 / (1 - beta2) steps."),
        epsilon(1e-8),
        Hyperparameter(
            name="bias_correction", default=True, scale=Scale.SWITCH,
            help="Undo that both averages start at zero; without it the first steps have a wrong length.",
        ),
    ),
)  # fmt: skip
