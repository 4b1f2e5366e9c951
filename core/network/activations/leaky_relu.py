"""Leaky rectified linear unit."""

from core.hyperparameter import Hyperparameter
from core.network.activation import Activation, Numbers
from core.network.arrays import Array
from core.network.piecewise import leaky, leaky_derivative


def forward(z: Array, out: Array, numbers: Numbers) -> None:
    """`z` where z > 0, `slope z` elsewhere."""
    leaky(z, out, numbers["slope"])


def derivative(z: Array, _a: Array, out: Array, numbers: Numbers) -> None:
    """`1` where z > 0, `slope` elsewhere."""
    leaky_derivative(z, out, numbers["slope"])


ENTRY = Activation(
    id="leaky_relu", name="Leaky ReLU", order=4, forward=forward, derivative=derivative,
    suited_initializer="he_normal",
    summary="A small slope below 0 lets gradient through, so that units cannot die (Maas et al. 2013).",
    hyperparameters=(
        Hyperparameter(
            name="slope", default=0.01, low=0.0, high=0.5, minimum=0, maximum=1,
            help="Slope below 0: 0 is ReLU, 1 is a straight line.",
        ),
    ),
)  # fmt: skip
