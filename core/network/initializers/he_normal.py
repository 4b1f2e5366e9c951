"""He's (Kaiming's) normal initializer."""

from core.hyperparameter import Values
from core.network.initializer import GAIN, Initializer, normal, number, with_gain


def variance(fan_in: int, _fan_out: int, values: Values) -> float:
    """`gain^2 * 2 / fan_in`."""
    return number(values["gain"]) ** 2 * 2.0 / fan_in


ENTRY = Initializer(
    id="he_normal", name="He / Kaiming normal", order=8, variance=variance, draw=normal,
    label=with_gain("He"), source="He et al. 2015",
    summary="Twice LeCun's variance makes up for the half that ReLU cuts away.",
    hyperparameters=(GAIN,),
)  # fmt: skip
