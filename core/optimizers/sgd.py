"""Stochastic gradient descent."""

from typing import Any, NamedTuple

from core.optimizer import Optimizer, learning_rate


class State(NamedTuple):
    """SGD remembers nothing."""


def rule(x: Any, gradient: Any, state: State, learning_rate: float, t: int) -> tuple[Any, State]:
    """`x <- x - eta g`."""
    return x - learning_rate * gradient, state


ENTRY = Optimizer(
    id="sgd", name="SGD", order=1, basic=True, rule=rule, state=State,
    summary="Steps straight down the gradient; zigzags in ravines, crawls on plateaus.",
    formula="x ← x − η g",
    convention="Same as torch.optim.SGD.",
    source="Robbins and Monro 1951",
    hyperparameters=(learning_rate(0.01),),
)  # fmt: skip
