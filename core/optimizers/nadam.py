"""NAdam."""

from typing import Any, NamedTuple

from core.hyperparameter import Hyperparameter, Scale
from core.optimizer import Optimizer, average_factor, epsilon, learning_rate


class State(NamedTuple):
    """first_moment, second_moment: exponential averages; weight_sum: 1 - mu_1 mu_2 ... mu_t."""

    first_moment: Any
    second_moment: Any
    weight_sum: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int,
    beta1: float, beta2: float, epsilon: float, momentum_decay: float,
) -> tuple[Any, State]:  # fmt: skip
    """Adam with Nesterov's look ahead (Dozat 2016, algorithm 2 with the momentum of section 3).

    `mu_t = b1 (1 - 0.96^(t psi) / 2)`. The paper divides by `1 - mu_1 ... mu_t`; that sum of weights
    is remembered instead of the product, since every state starts at 0.
    """
    first_moment = beta1 * state.first_moment + (1.0 - beta1) * gradient
    second_moment = beta2 * state.second_moment + (1.0 - beta2) * gradient * gradient
    momentum = beta1 * (1.0 - 0.5 * 0.96 ** (t * momentum_decay))
    next_momentum = beta1 * (1.0 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))
    weight_sum = 1.0 - momentum + momentum * state.weight_sum
    next_weight_sum = 1.0 - next_momentum + next_momentum * weight_sum
    ahead = next_momentum * first_moment / next_weight_sum + (1.0 - momentum) * gradient / weight_sum
    root = second_moment**0.5 * (1.0 / (1.0 - beta2**t) ** 0.5)
    return x - learning_rate * ahead / (root + epsilon), State(first_moment, second_moment, weight_sum)


ENTRY = Optimizer(
    id="nadam", name="NAdam", order=8, rule=rule, state=State,
    summary="Adam that looks ahead as Nesterov does: the newest gradient counts for more.",
    formula="m ← β₁ m + (1−β₁) g;  v ← β₂ v + (1−β₂) g²;  μₜ = β₁ (1 − ½ · 0.96^(t ψ));"
    "  x ← x − η (μₜ₊₁ m / (1−Πμₜ₊₁) + (1−μₜ) g / (1−Πμₜ)) / (√(v / (1−β₂ᵗ)) + ε)",
    convention="Same as torch.optim.NAdam (with float64 as torch's default type: it keeps the product"
    " of the momenta in that).",
    source="Dozat 2016",
    hyperparameters=(
        learning_rate(0.01),
        average_factor("beta1", 0.9, "How long the gradient is remembered: about 1 / (1 - beta1) steps."),
        average_factor("beta2", 0.999, "How long its square is remembered: about 1 / (1 - beta2) steps."),
        epsilon(1e-8),
        Hyperparameter(
            name="momentum_decay", default=0.004, low=1e-4, high=1.0, minimum=0, scale=Scale.LOG,
            help="How fast the momentum rises from half of beta1 to beta1: within about 25 / this steps.",
        ),
    ),
)  # fmt: skip
