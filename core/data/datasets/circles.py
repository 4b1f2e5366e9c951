"""Rings round each other."""

import numpy as np

from core.data.dataset import Dataset, Inputs, Labels, class_count, jittered, noise, samples
from core.hyperparameter import Values


def make(values: Values, rng: np.random.Generator) -> tuple[Inputs, Labels]:
    """One ring a class, with radii evenly spaced up to 1."""
    count, classes = int(values["samples"]), int(values["classes"])
    labels = np.arange(count) % classes
    radius = (labels + 1.0) / classes
    angle = rng.uniform(0.0, 2.0 * np.pi, count)
    points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return jittered(points, values, rng), labels


ENTRY = Dataset(
    id="circles", name="Circles", order=4, make=make,
    summary="Rings round each other: only the distance from the middle tells them apart.",
    hyperparameters=(
        samples(),
        class_count(2, low=2, high=6),
        noise(0.05, 0.3, "Spread of the points about their ring; the outermost has radius 1."),
    ),
)  # fmt: skip
