"""A constant times the identity."""

import numpy as np

from core.hyperparameter import Values
from core.network.arrays import Array
from core.network.initializer import Initializer, gain, number


def variance(fan_in: int, _fan_out: int, values: Values) -> float:
    """`gain^2 / fan_in`: each unit has one weight of `gain`, the others are 0."""
    return number(values["gain"]) ** 2 / fan_in


def draw(_rng: np.random.Generator, shape: tuple[int, int], std: float) -> Array:
    """Each unit takes one input; where there are more units than inputs, the identity is repeated."""
    fan_in, fan_out = shape
    takes = np.arange(fan_in)[:, None] == np.arange(fan_out) % fan_in
    weights: Array = takes * (std * fan_in**0.5)
    return weights


ENTRY = Initializer(
    id="scaled_identity", name="Constant x identity", order=4, variance=variance, draw=draw,
    label=lambda values: f"Identity {number(values['gain']):g}",
    summary="Layer after layer multiplies by the same constant: at 1.5 signals explode as 1.5^layers,"
    " at 0.9 they vanish as 0.9^layers.",
    hyperparameters=(
        gain("The constant: 1.5 explodes, 0.9 vanishes, 1 keeps the signal.", default=1.5),
    ),
)  # fmt: skip
