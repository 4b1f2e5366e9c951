"""The logistic function and its integral, where the exponential is beyond the floats too."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(value: float) -> float:
    """`1 / (1 + exp(-value))`."""
    return 1.0 / (1.0 + math.exp(-value)) if value > -700.0 else math.exp(value)


def softplus(value: float) -> float:
    """`log(1 + exp(value))`."""
    return (value if value > 0.0 else 0.0 * value) + math.log1p(math.exp(-abs(value)))


def array_sigmoid(values: Any) -> Array:
    """`1 / (1 + exp(-values))`; an exponential that overflows leaves the 0 that is right."""
    result: Array = 1.0 / (1.0 + np.exp(-values))
    return result


def array_softplus(values: Any) -> Array:
    """`log(1 + exp(values))`."""
    result: Array = np.maximum(values, 0.0) + np.log1p(np.exp(-np.abs(values)))
    return result
