"""AMSGrad."""

from typing import Any, NamedTuple

import numpy as np

from core.hyperparameter import Hyperparameter, Scale
from core.optimizer import Optimizer, average_factor, epsilon, learning_rate


class State(NamedTuple):
    """first_moment, second_moment: as Adam's; largest_second_moment: the most that the latter has been."""

    first_moment: Any
    second_moment: Any
    largest_second_moment: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int,
    beta1: float, beta2: float, epsilon: float, bias_correction: bool,
) -> tuple[Any, State]:  # fmt: skip
    """Adam, divided by the root of the largest `v` so far (Reddi et al. 2018, algorithm 2).

    The paper corrects no bias (`bias_correction` false); torch corrects it after the maximum is taken.
    """
    first_moment = beta1 * state.first_moment + (1.0 - beta1) * gradient
    second_moment = beta2 * state.second_moment + (1.0 - beta2) * gradient * gradient
    largest = np.maximum(second_moment, state.largest_second_moment)
    if bias_correction:
        step_size = learning_rate / (1.0 - beta1**t)
        root = largest**0.5 * (1.0 / (1.0 - beta2**t) ** 0.5)
    else:
        step_size = learning_rate
        root = largest**0.5
    return x - step_size * first_moment / (root + epsilon), State(first_moment, second_moment, largest)


ENTRY = Optimizer(
    id="amsgrad", name="AMSGrad", order=10, rule=rule, state=State,
    summary="Adam that never forgets the steepest it has seen, so that its rate does not rise again.",
    formula="m ← β₁ m + (1−β₁) g;  v ← β₂ v + (1−β₂) g²;  v̂ ← max(v̂, v);"
    "  x ← x − η (m / (1−β₁ᵗ)) / (√(v̂ / (1−β₂ᵗ)) + ε)",
    convention="Same as torch.optim.Adam(amsgrad=True), which corrects the bias of the largest v;"
    " the paper corrects none (bias_correction=false).",
    source="Reddi et al. 2018",
    hyperparameters=(
        learning_rate(0.01),
        average_factor("beta1", 0.9, "How long the gradient is remembered: about 1 / (1 - beta1) steps."),
        average_factor("beta2", 0.999, "How long its square is remembered: about 1 / (1 - beta2) steps."),
        epsilon(1e-8),
        Hyperparameter(
            name="bias_correction", default=True, scale=Scale.SWITCH,
            help="Undo that the averages start at zero, as torch does; the paper leaves it out.",
        ),
    ),
)  # fmt: skip
