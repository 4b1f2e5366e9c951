"""Rectified linear unit."""

import numpy as np

from core.network.activation import Activation, Numbers
from core.network.arrays import Array


def forward(z: Array, out: Array, _numbers: Numbers) -> None:
    """`max(z, 0)`; with a 0 for every number, which NumPy compares four times faster than with one 0."""
    out.fill(0)
    np.maximum(z, out, out=out)


def derivative(z: Array, _a: Array, out: Array, _numbers: Numbers) -> None:
    """`1` where z > 0, `0` elsewhere."""
    np.greater(z, 0, out=out)


ENTRY = Activation(
    id="relu", name="ReLU", order=3, forward=forward, derivative=derivative, can_die=True,
    suited_initializer="he_normal",
    summary="Passes what is positive; a unit negative for every sample is dead: no gradient revives it.",
)  # fmt: skip
