"""Xavier's (Glorot's) normal initializer."""

from core.hyperparameter import Values
from core.network.initializer import Initializer, normal


def variance(fan_in: int, fan_out: int, _values: Values) -> float:
    """`2 / (fan_in + fan_out)`."""
    return 2.0 / (fan_in + fan_out)


ENTRY = Initializer(
    id="xavier_normal", name="Xavier / Glorot normal", order=6, variance=variance, draw=normal,
    label=lambda _: "Xavier", source="Glorot and Bengio 2010",
    summary="Keeps the spread of activations forward and of gradients backward, for"
    " units that are linear around 0 such as tanh.",
)  # fmt: skip
