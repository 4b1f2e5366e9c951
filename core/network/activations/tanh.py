"""Hyperbolic tangent."""

import numpy as np

from core.network.activation import Activation, Numbers
from core.network.arrays import Array


def forward(z: Array, out: Array, _numbers: Numbers) -> None:
    """`tanh(z)`."""
    np.tanh(z, out=out)


def derivative(_z: Array, a: Array, out: Array, _numbers: Numbers) -> None:
    """`1 - a^2`."""
    np.multiply(a, a, out=out)
    np.subtract(1.0, out, out=out)


ENTRY = Activation(
    id="tanh", name="Tanh", order=2, forward=forward, derivative=derivative,
    range=(-1.0, 1.0), saturation=(-0.97, 0.97),
    summary="Zero-centred and nearly a straight line around 0; large weights saturate it at -1 and +1.",
)  # fmt: skip
