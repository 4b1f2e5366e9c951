"""RMSprop."""

from typing import Any, NamedTuple

from core.optimizer import Optimizer, average_factor, epsilon, learning_rate


class State(NamedTuple):
    """second_moment: exponential average of the squared gradients."""

    second_moment: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int, decay: float, epsilon: float
) -> tuple[Any, State]:
    """`s <- rho s + (1 - rho) g^2; x <- x - eta g / (sqrt(s) + eps)`, with `s` starting at 0."""
    second_moment = decay * state.second_moment + (1.0 - decay) * gradient * gradient
    return x - learning_rate * gradient / (second_moment**0.5 + epsilon), State(second_moment)


ENTRY = Optimizer(
    id="rmsprop", name="RMSprop", order=5, basic=True, rule=rule, state=State,
    summary="Divides each axis' step by the root of a running average of its squared gradients.",
    formula="s ← ρ s + (1 − ρ) g²;  x ← x − η g / (√s + ε)",
    convention="Same as torch.optim.RMSprop (decay is torch's alpha).",
    letters={"second_moment": ("s",)},
    source="Tieleman and Hinton 2012, lecture 6.5",
    hyperparameters=(
        learning_rate(0.01),
        average_factor("decay", 0.99, "How long squares are remembered: about 1 / (1 - decay) steps."),
        epsilon(1e-8),
    ),
)  # fmt: skip
