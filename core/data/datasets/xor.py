"""Exclusive or."""

import numpy as np

from core.data.dataset import Dataset, Inputs, Labels, jittered, noise, samples
from core.hyperparameter import Values


def make(values: Values, rng: np.random.Generator) -> tuple[Inputs, Labels]:
    """Points of the square [-1, 1] x [-1, 1]; class 1 where x and y have different signs.

    The quadrants take turns, so that both classes have equally many points.
    """
    quadrant = np.arange(int(values["samples"])) % 4
    signs = np.column_stack([1 - 2 * (quadrant % 2), 1 - 2 * (quadrant // 2)])
    points = signs * rng.uniform(0.0, 1.0, signs.shape)
    labels = (signs[:, 0] != signs[:, 1]).astype(np.intp)
    return jittered(points, values, rng), labels


ENTRY = Dataset(
    id="xor", name="XOR", order=6, make=make,
    summary="Opposite quadrants share a class: the smallest problem that no single line solves.",
    hyperparameters=(samples(), noise(0.05, 0.5, "Spread added to points after their class is set.")),
)  # fmt: skip
