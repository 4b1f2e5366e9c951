"""Small Gaussian weights."""

from core.hyperparameter import Values
from core.network.initializer import Initializer, normal, number, standard_deviation


def variance(_fan_in: int, _fan_out: int, values: Values) -> float:
    """`std^2`, whatever the layer's size."""
    return number(values["std"]) ** 2


ENTRY = Initializer(
    id="small_normal", name="Small normal", order=2, variance=variance, draw=normal,
    label=lambda values: f"Normal {number(values['std']):g}",
    summary="Weights of standard deviation 0.01: in a deep network the activations"
    " collapse to 0 layer by layer.",
    hyperparameters=(standard_deviation(0.01),),
)  # fmt: skip
