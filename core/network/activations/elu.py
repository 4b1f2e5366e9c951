"""Exponential linear unit."""

from core.hyperparameter import Hyperparameter
from core.network.activation import Activation, Numbers
from core.network.arrays import Array
from core.network.piecewise import exponential, exponential_derivative


def forward(z: Array, out: Array, numbers: Numbers) -> None:
    """`z` where z > 0, `alpha (exp(z) - 1)` elsewhere."""
    exponential(z, out, numbers["alpha"], 1.0)


def derivative(z: Array, a: Array, out: Array, numbers: Numbers) -> None:
    """`1` where z > 0, `a + alpha` elsewhere."""
    exponential_derivative(z, a, out, numbers["alpha"], 1.0)


ENTRY = Activation(
    id="elu", name="ELU", order=6, forward=forward, derivative=derivative,
    suited_initializer="he_normal",
    summary="Bends smoothly to -alpha below 0, which pulls the mean towards 0 (Clevert et al. 2016).",
    hyperparameters=(
        Hyperparameter(
            name="alpha", default=1.0, low=0.1, high=2.0, minimum=0, maximum=10,
            help="Very negative inputs give -alpha; at 1 there is no kink at 0.",
        ),
    ),
)  # fmt: skip
