"""All weights zero."""

from core.hyperparameter import Values
from core.network.initializer import Initializer, normal


def variance(_fan_in: int, _fan_out: int, _values: Values) -> float:
    """`0`."""
    return 0.0


ENTRY = Initializer(
    id="zeros", name="Zeros", order=1, variance=variance, draw=normal,
    label=lambda _: "Zeros",
    summary="All weights 0: every unit computes the same, so symmetry is never broken"
    " and nothing is learned but the output's bias.",
)  # fmt: skip
