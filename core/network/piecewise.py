"""Formulas that several activations share: a straight line above 0, something else below.

The functions write into `out`, which may have any shape and any float type.
"""

import numpy as np

from core.network.arrays import Array


def leaky(z: Array, out: Array, slope: float) -> None:
    """`z` where z > 0, `slope z` elsewhere."""
    np.multiply(z, slope, out=out)
    np.copyto(out, z, where=z > 0)


def leaky_derivative(z: Array, out: Array, slope: float) -> None:
    """`1` where z > 0, `slope` elsewhere."""
    np.greater(z, 0, out=out)
    out *= 1.0 - slope
    out += slope


def exponential(z: Array, out: Array, alpha: float, scale: float) -> None:
    """`scale z` where z > 0, `scale alpha (exp(z) - 1)` elsewhere."""
    np.minimum(z, 0, out=out)
    np.expm1(out, out=out)
    out *= alpha
    np.copyto(out, z, where=z > 0)
    out *= scale


def exponential_derivative(z: Array, a: Array, out: Array, alpha: float, scale: float) -> None:
    """`scale` where z > 0, `scale alpha exp(z) = a + scale alpha` elsewhere, with `a` the output."""
    np.add(a, scale * alpha, out=out)
    np.copyto(out, scale, where=z > 0)
