"""LeCun's normal initializer; also the variant of Xavier's that looks at the fan-in only."""

from core.hyperparameter import Values
from core.network.initializer import GAIN, Initializer, normal, number, with_gain


def variance(fan_in: int, _fan_out: int, values: Values) -> float:
    """`gain^2 / fan_in`."""
    return number(values["gain"]) ** 2 / fan_in


ENTRY = Initializer(
    id="lecun_normal", name="LeCun normal", order=5, variance=variance, draw=normal,
    label=with_gain("LeCun"), source="LeCun et al. 1998",
    summary="Keeps the variance of a signal through linear units; the scale that SELU"
    " is made for.",
    hyperparameters=(GAIN,),
)  # fmt: skip
