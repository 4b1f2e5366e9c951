"""AdamW."""

from typing import Any, NamedTuple

from core.optimizer import Optimizer, average_factor, epsilon, learning_rate, weight_decay


class State(NamedTuple):
    """first_moment, second_moment: exponential averages of the gradient and of its square."""

    first_moment: Any
    second_moment: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int,
    beta1: float, beta2: float, epsilon: float, weight_decay: float,
) -> tuple[Any, State]:  # fmt: skip
    """Adam's step, and `x` shrunk by `1 - eta lambda` beside it.

    Loshchilov and Hutter 2019, algorithm 2. The decay never enters the averages.
    """
    first_moment = beta1 * state.first_moment + (1.0 - beta1) * gradient
    second_moment = beta2 * state.second_moment + (1.0 - beta2) * gradient * gradient
    step_size = learning_rate / (1.0 - beta1**t)
    root = second_moment**0.5 * (1.0 / (1.0 - beta2**t) ** 0.5)
    shrunk = x * (1.0 - learning_rate * weight_decay)
    return shrunk - step_size * first_moment / (root + epsilon), State(first_moment, second_moment)


ENTRY = Optimizer(
    id="adamw", name="AdamW", order=7, rule=rule, state=State,
    summary="Adam with weight decay beside the step, so that it rests where gradient and decay balance.",
    formula="m ← β₁ m + (1−β₁) g;  v ← β₂ v + (1−β₂) g²;"
    "  x ← (1 − η λ) x − η (m / (1−β₁ᵗ)) / (√(v / (1−β₂ᵗ)) + ε)",
    convention="Same as torch.optim.AdamW: the decay is multiplied by the learning rate,"
    " which the paper scales by the schedule alone.",
    source="Loshchilov and Hutter 2019",
    hyperparameters=(
        learning_rate(0.01),
        average_factor("beta1", 0.9, "How long the gradient is remembered: about 1 / (1 - beta1) steps."),
        average_factor("beta2", 0.999, "How long its square is remembered: about 1 / (1 - beta2) steps."),
        epsilon(1e-8),
        weight_decay(0.01),
    ),
)  # fmt: skip
