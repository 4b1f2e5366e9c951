"""Sigmoid."""

import numpy as np

from core.network.activation import Activation, Numbers
from core.network.arrays import Array


def forward(z: Array, out: Array, _numbers: Numbers) -> None:
    """`1 / (1 + exp(-z))`, written as `(1 + tanh(z / 2)) / 2`, which cannot overflow."""
    np.multiply(z, 0.5, out=out)
    np.tanh(out, out=out)
    out += 1.0
    out *= 0.5


def derivative(_z: Array, a: Array, out: Array, _numbers: Numbers) -> None:
    """`a (1 - a)`."""
    np.subtract(1.0, a, out=out)
    out *= a


ENTRY = Activation(
    id="sigmoid", name="Sigmoid", order=1, forward=forward, derivative=derivative,
    range=(0.0, 1.0), saturation=(0.015, 0.985),
    summary="Saturates at both ends and is never zero-centred; its slope is at most 1/4,"
    " so gradients fade in deep networks.",
)  # fmt: skip
