"""RAdam."""

from typing import Any, NamedTuple

import numpy as np

from core.optimizer import Optimizer, average_factor, epsilon, learning_rate


class State(NamedTuple):
    """first_moment, second_moment: exponential averages of the gradient and of its square."""

    first_moment: Any
    second_moment: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int,
    beta1: float, beta2: float, epsilon: float,
) -> tuple[Any, State]:  # fmt: skip
    """Adam, rectified by `r_t`; momentum alone while too few squares are gathered (Liu et al. 2020).

    Algorithm 2: `rho_inf = 2/(1-b2) - 1; rho_t = rho_inf - 2 t b2^t / (1-b2^t)` is the length of the
    average of squares, and `r_t^2 = (rho_t-4)(rho_t-2) rho_inf / ((rho_inf-4)(rho_inf-2) rho_t)`.
    As torch has it, `rho_t > 5` decides (the paper: 4) and epsilon is added to `sqrt(v)` (the paper has
    none). Lengths that are not above 5 are raised to it: there `r_t` is not used and may have no root.
    """
    first_moment = beta1 * state.first_moment + (1.0 - beta1) * gradient
    second_moment = beta2 * state.second_moment + (1.0 - beta2) * gradient * gradient
    longest = 2.0 / (1.0 - beta2) - 1.0
    length = longest - 2.0 * t * beta2**t / (1.0 - beta2**t)
    rectified = length > 5.0
    longest, length = np.maximum(longest, 5.0), np.maximum(length, 5.0)
    rectification = ((length - 4.0) * (length - 2.0) * longest) / ((longest - 4.0) * (longest - 2.0) * length)
    scale = np.where(rectified, (rectification * (1.0 - beta2**t)) ** 0.5, 1.0)
    divisor = np.where(rectified, second_moment**0.5 + epsilon, 1.0)
    step_size = learning_rate * scale / (1.0 - beta1**t)
    return x - step_size * first_moment / divisor, State(first_moment, second_moment)


ENTRY = Optimizer(
    id="radam", name="RAdam", order=9, rule=rule, state=State,
    summary="Adam that waits: the first steps are plain momentum, until enough squares make a mean.",
    formula="m ← β₁ m + (1−β₁) g;  v ← β₂ v + (1−β₂) g²;"
    "  ρₜ > 5:  x ← x − η rₜ (m / (1−β₁ᵗ)) √(1−β₂ᵗ) / (√v + ε);  else  x ← x − η m / (1−β₁ᵗ)",
    convention="Same as torch.optim.RAdam: rectified from ρₜ > 5 on (the paper: from 4), the first steps"
    " unrectified, as long as the gradient is steep, and ε beside √v before the bias is undone.",
    source="Liu et al. 2020",
    hyperparameters=(
        learning_rate(0.01),
        average_factor("beta1", 0.9, "How long the gradient is remembered: about 1 / (1 - beta1) steps."),
        average_factor("beta2", 0.999, "How long its square is remembered: about 1 / (1 - beta2) steps."),
        epsilon(1e-8),
    ),
)  # fmt: skip
