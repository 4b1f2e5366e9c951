"""Adadelta."""

from typing import Any, NamedTuple

from core.optimizer import Optimizer, average_factor, epsilon, learning_rate


class State(NamedTuple):
    """second_moment, squared_steps: exponential averages of the squares of gradients and of steps."""

    second_moment: Any
    squared_steps: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int, decay: float, epsilon: float
) -> tuple[Any, State]:
    """`s <- rho s + (1-rho) g^2; d = sqrt(u+eps) / sqrt(s+eps) g; u <- rho u + (1-rho) d^2; x <- x - eta d`.

    Zeiler 2012, algorithm 1, where eta is 1. Epsilon stands inside the roots, as in the paper.
    """
    second_moment = decay * state.second_moment + (1.0 - decay) * gradient * gradient
    step = (state.squared_steps + epsilon) ** 0.5 / (second_moment + epsilon) ** 0.5 * gradient
    squared_steps = decay * state.squared_steps + (1.0 - decay) * step * step
    return x - learning_rate * step, State(second_moment, squared_steps)


ENTRY = Optimizer(
    id="adadelta", name="Adadelta", order=11, rule=rule, state=State,
    summary="Takes its rate from the steps it has made: in the units of x, slow to get going.",
    formula="s ← ρ s + (1−ρ) g²;  d = √(u + ε) / √(s + ε) · g;  u ← ρ u + (1−ρ) d²;  x ← x − η d",
    convention="Same as torch.optim.Adadelta (decay is torch's rho); the paper has η = 1. ε stands inside"
    " the roots: it sets how long the first steps are.",
    letters={"second_moment": ("s",)},
    source="Zeiler 2012",
    hyperparameters=(
        learning_rate(1.0),
        average_factor("decay", 0.9, "How long squares are remembered: about 1 / (1 - decay) steps."),
        epsilon(1e-6),
    ),
)  # fmt: skip
