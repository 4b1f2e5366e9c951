"""Xavier's (Glorot's) normal initializer."""

from core.hyperparameter import Values
from core.network.initializer import GAIN, Initializer, normal, number, with_gain


def variance(fan_in: int, fan_out: int, values: Values) -> float:
    """`gain^2 * 2 / (fan_in + fan_out)`."""
    return number(values["gain"]) ** 2 * 2.0 / (fan_in + fan_out)


ENTRY = Initializer(
    id="xavier_normal", name="Xavier / Glorot normal", order=6, variance=variance, draw=normal,
    label=with_gain("Xavier"), source="Glorot and Bengio 2010",
    summary="Keeps the spread of activations forward and of gradients backward, for"
    " units that are linear around 0 such as tanh.",
    hyperparameters=(GAIN,),
)  # fmt: skip
