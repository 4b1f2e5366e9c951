"""Xavier's (Glorot's) uniform initializer."""

from core.hyperparameter import Values
from core.network.initializer import GAIN, Initializer, number, uniform, with_gain


def variance(fan_in: int, fan_out: int, values: Values) -> float:
    """`gain^2 * 2 / (fan_in + fan_out)`."""
    return number(values["gain"]) ** 2 * 2.0 / (fan_in + fan_out)


ENTRY = Initializer(
    id="xavier_uniform", name="Xavier / Glorot uniform", order=7, variance=variance, draw=uniform,
    label=with_gain("Xavier uniform"), source="Glorot and Bengio 2010",
    summary="As Xavier normal, drawn evenly from an interval: the same spread without"
    " outliers.",
    hyperparameters=(GAIN,),
)  # fmt: skip
