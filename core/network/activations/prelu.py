"""Parametric rectified linear unit."""

import numpy as np

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


def slope_derivative(z: Array, upstream: Array, _numbers: Numbers) -> float:
    """`sum(upstream min(z, 0))`: the output changes with the slope by `z` where z < 0."""
    return float(np.vdot(upstream, np.minimum(z, 0)))


ENTRY = Activation(
    id="prelu", name="PReLU", order=5, forward=forward, derivative=derivative,
    learned="slope", learned_derivative=slope_derivative,
    suited_initializer="he_normal",
    summary="Each layer learns its own slope below 0, with the weights' optimizer (He et al. 2015).",
    hyperparameters=(
        Hyperparameter(
            name="slope", default=0.25, low=0.0, high=1.0, minimum=-10, maximum=10,
            help="Slope below 0 that every layer starts from.",
        ),
    ),
)  # fmt: skip
