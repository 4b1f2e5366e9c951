"""Lion."""

from typing import Any, NamedTuple

import numpy as np

from core.optimizer import Optimizer, average_factor, learning_rate, weight_decay


class State(NamedTuple):
    """first_moment: exponential average of the gradient."""

    first_moment: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int,
    beta1: float, beta2: float, weight_decay: float,
) -> tuple[Any, State]:  # fmt: skip
    """`c = b1 m + (1-b1) g; x <- x - eta (sign(c) + lambda x); m <- b2 m + (1-b2) g`.

    Chen et al. 2023, algorithm 2.
    """
    mixed = beta1 * state.first_moment + (1.0 - beta1) * gradient
    first_moment = beta2 * state.first_moment + (1.0 - beta2) * gradient
    return x - learning_rate * (np.sign(mixed) + weight_decay * x), State(first_moment)


ENTRY = Optimizer(
    id="lion", name="Lion", order=12, rule=rule, state=State,
    summary="Steps of one length along each axis: only the sign of the averaged gradient counts.",
    formula="c = β₁ m + (1−β₁) g;  x ← x − η (sign(c) + λ x);  m ← β₂ m + (1−β₂) g",
    convention="As the paper's program; torch.optim has no Lion.",
    source="Chen et al. 2023",
    hyperparameters=(
        learning_rate(0.003),
        average_factor("beta1", 0.9, "Share of the average in the direction; the rest is the new gradient."),
        average_factor("beta2", 0.99, "How long the gradient is remembered: about 1 / (1 - beta2) steps."),
        weight_decay(0.0),
    ),
)  # fmt: skip
