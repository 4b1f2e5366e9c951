"""Gaussian clouds."""

import numpy as np

from core.data.dataset import Dataset, Inputs, Labels, class_count, jittered, noise, samples
from core.hyperparameter import Values


def make(values: Values, rng: np.random.Generator) -> tuple[Inputs, Labels]:
    """One cloud a class, with centres evenly spaced on the unit circle."""
    count, classes = int(values["samples"]), int(values["classes"])
    labels = np.arange(count) % classes
    angle = 2.0 * np.pi * labels / classes
    centres = np.column_stack([np.cos(angle), np.sin(angle)])
    return jittered(centres, values, rng), labels


ENTRY = Dataset(
    id="blobs", name="Blobs", order=5, make=make,
    summary="Gaussian clouds on a circle: straight lines separate them, until they overlap.",
    hyperparameters=(
        samples(),
        class_count(4, low=2, high=10),
        noise(0.25, 1.0, "Spread of each cloud about its centre, which is 1 from the middle."),
    ),
)  # fmt: skip
