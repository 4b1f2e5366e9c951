"""He's (Kaiming's) uniform initializer."""

from core.hyperparameter import Values
from core.network.initializer import Initializer, uniform


def variance(fan_in: int, _fan_out: int, _values: Values) -> float:
    """`2 / fan_in`."""
    return 2.0 / fan_in


ENTRY = Initializer(
    id="he_uniform", name="He / Kaiming uniform", order=9, variance=variance, draw=uniform,
    label=lambda _: "He uniform", source="He et al. 2015",
    summary="As He normal, drawn evenly from an interval: the same spread without"
    " outliers.",
)  # fmt: skip
