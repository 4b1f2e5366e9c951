"""Xavier's (Glorot's) uniform initializer."""

from core.hyperparameter import Values
from core.network.initializer import Initializer, uniform


def variance(fan_in: int, fan_out: int, _values: Values) -> float:
    """`2 / (fan_in + fan_out)`."""
    return 2.0 / (fan_in + fan_out)


ENTRY = Initializer(
    id="xavier_uniform", name="Xavier / Glorot uniform", order=7, variance=variance, draw=uniform,
    label=lambda _: "Xavier uniform", source="Glorot and Bengio 2010",
    summary="As Xavier normal, drawn evenly from an interval: the same spread without"
    " outliers.",
)  # fmt: skip
