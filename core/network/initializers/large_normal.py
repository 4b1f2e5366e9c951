"""Large Gaussian weights."""

from core.hyperparameter import Values
from core.network.initializer import Initializer, normal, number, standard_deviation


def variance(_fan_in: int, _fan_out: int, values: Values) -> float:
    """`std^2`, whatever the layer's size."""
    return number(values["std"]) ** 2


ENTRY = Initializer(
    id="large_normal", name="Large normal", order=3, variance=variance, draw=normal,
    label=lambda values: f"Normal {number(values['std']):g}",
    summary="Weights of standard deviation 1: tanh saturates at -1 and +1, and hardly"
    " any gradient comes back.",
    hyperparameters=(standard_deviation(1.0),),
)  # fmt: skip
