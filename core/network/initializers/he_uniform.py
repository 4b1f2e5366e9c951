"""He's (Kaiming's) uniform initializer."""

from core.hyperparameter import Values
from core.network.initializer import GAIN, Initializer, number, uniform, with_gain


def variance(fan_in: int, _fan_out: int, values: Values) -> float:
    """`gain^2 * 2 / fan_in`."""
    return number(values["gain"]) ** 2 * 2.0 / fan_in


ENTRY = Initializer(
    id="he_uniform", name="He / Kaiming uniform", order=9, variance=variance, draw=uniform,
    label=with_gain("He uniform"), source="He et al. 2015",
    summary="As He normal, drawn evenly from an interval: the same spread without"
    " outliers.",
    hyperparameters=(GAIN,),
)  # fmt: skip
