"""He's (Kaiming's) normal initializer."""

from core.hyperparameter import Values
from core.network.initializer import Initializer, normal


def variance(fan_in: int, _fan_out: int, _values: Values) -> float:
    """`2 / fan_in`."""
    return 2.0 / fan_in


ENTRY = Initializer(
    id="he_normal", name="He / Kaiming normal", order=8, variance=variance, draw=normal,
    label=lambda _: "He", source="He et al. 2015",
    summary="Twice LeCun's variance makes up for the half that ReLU cuts away.",
)  # fmt: skip
