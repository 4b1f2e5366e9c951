"""Adagrad."""

from typing import Any, NamedTuple

from core.hyperparameter import Hyperparameter, Scale
from core.optimizer import Optimizer, epsilon, learning_rate


class State(NamedTuple):
    """sum_of_squares: of all gradients so far (with `accumulate` mean, their average)."""

    sum_of_squares: Any


def rule(
    x: Any, gradient: Any, state: State, learning_rate: float, t: int, epsilon: float, accumulate: str
) -> tuple[Any, State]:
    """`s <- s + g^2; x <- x - eta g / (sqrt(s) + eps)` (Duchi et al. 2011, diagonal form).

    With `accumulate` = "mean", `s` is the average of all `g^2` so far (root mean square form).
    """
    if accumulate == "mean":
        sum_of_squares = state.sum_of_squares + (gradient * gradient - state.sum_of_squares) / t
    else:
        sum_of_squares = state.sum_of_squares + gradient * gradient
    return x - learning_rate * gradient / (sum_of_squares**0.5 + epsilon), State(sum_of_squares)


ENTRY = Optimizer(
    id="adagrad", name="Adagrad", order=4, basic=True, rule=rule, state=State,
    summary="Divides each axis' step by the root of all its squared gradients; its rate only falls.",
    formula="s ← s + g²;  x ← x − η g / (√s + ε)",
    convention="Same as torch.optim.Adagrad (accumulate=sum).",
    source="Duchi et al. 2011",
    hyperparameters=(
        learning_rate(0.01),
        epsilon(1e-10),
        Hyperparameter(
            name="accumulate", default="sum", scale=Scale.CHOICE, choices=("sum", "mean"),
            help="Sum of all squared gradients, or their mean: the root mean square form, whose steps can"
            " burst after a flat stretch.",
        ),
    ),
)  # fmt: skip
