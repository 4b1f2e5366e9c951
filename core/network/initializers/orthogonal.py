"""Orthogonal matrices."""

import numpy as np

from core.hyperparameter import Values
from core.network.arrays import Array
from core.network.initializer import Initializer, gain, number, with_gain


def variance(fan_in: int, fan_out: int, values: Values) -> float:
    """`gain^2 / max(fan_in, fan_out)`."""
    return number(values["gain"]) ** 2 / max(fan_in, fan_out)


def draw(rng: np.random.Generator, shape: tuple[int, int], std: float) -> Array:
    """A random matrix with orthonormal rows or columns (the fewer), from a Gaussian one's QR factors.

    The signs of R's diagonal make it uniform over all such matrices (Mezzadri 2007).
    """
    fan_in, fan_out = shape
    gaussian = rng.standard_normal((max(shape), min(shape)))
    factor, triangle = np.linalg.qr(gaussian)
    factor *= np.sign(np.diag(triangle))
    weights: Array = (factor if fan_in >= fan_out else factor.T) * (std * max(shape) ** 0.5)
    return weights


ENTRY = Initializer(
    id="orthogonal", name="Orthogonal", order=10, variance=variance, draw=draw,
    label=with_gain("Orthogonal"), source="Saxe et al. 2014",
    summary="Turns and mirrors a signal without stretching it in any direction, however"
    " deep the network.",
    hyperparameters=(
        gain("Multiplies the matrix; about 1.4 makes up for what ReLU cuts away."),
    ),
)  # fmt: skip
