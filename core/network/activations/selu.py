"""Scaled exponential linear unit."""

from core.network.activation import Activation, Numbers
from core.network.arrays import Array
from core.network.piecewise import exponential, exponential_derivative

ALPHA = 1.6732632423543772
LAMBDA = 1.0507009873554805


def forward(z: Array, out: Array, _numbers: Numbers) -> None:
    """`lambda z` where z > 0, `lambda alpha (exp(z) - 1)` elsewhere."""
    exponential(z, out, ALPHA, LAMBDA)


def derivative(z: Array, a: Array, out: Array, _numbers: Numbers) -> None:
    """`lambda` where z > 0, `a + lambda alpha` elsewhere."""
    exponential_derivative(z, a, out, ALPHA, LAMBDA)


ENTRY = Activation(
    id="selu", name="SELU", order=7, forward=forward, derivative=derivative,
    suited_initializer="lecun_normal",
    summary="Its two constants keep mean 0 and variance 1 from layer to layer under LeCun weights"
    " (Klambauer et al. 2017).",
)  # fmt: skip
