"""LeCun's normal initializer; also the variant of Xavier's that looks at the fan-in only."""

from core.hyperparameter import Values
from core.network.initializer import Initializer, normal


def variance(fan_in: int, _fan_out: int, _values: Values) -> float:
    """`1 / fan_in`."""
    return 1.0 / fan_in


ENTRY = Initializer(
    id="lecun_normal", name="LeCun normal", order=5, variance=variance, draw=normal,
    label=lambda _: "LeCun", source="LeCun et al. 1998",
    summary="Keeps the variance of a signal through linear units; the scale that SELU"
    " is made for.",
)  # fmt: skip
