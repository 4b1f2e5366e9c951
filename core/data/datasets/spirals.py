"""Interleaved spirals."""

import numpy as np

from core.data.dataset import Dataset, Inputs, Labels, class_count, jittered, noise, samples
from core.hyperparameter import Hyperparameter, Values


def make(values: Values, rng: np.random.Generator) -> tuple[Inputs, Labels]:
    """One arm a class: radius grows from 0 to 1 while the angle makes `turns` turns."""
    count, arms = int(values["samples"]), int(values["classes"])
    labels = np.arange(count) % arms
    along = rng.uniform(0.0, 1.0, count) ** 0.5
    angle = 2.0 * np.pi * (along * float(values["turns"]) + labels / arms)
    points = along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return jittered(points, values, rng), labels


ENTRY = Dataset(
    id="spirals", name="Spirals", order=2, make=make,
    summary="Arms wound round each other: no line separates them, so depth and good weights pay.",
    hyperparameters=(
        samples(),
        class_count(3, low=2, high=8),
        noise(0.02, 0.2, "Spread of the points about their arm, which is 1 long."),
        Hyperparameter(
            name="turns", default=0.75, low=0.25, high=3.0, minimum=0, maximum=10,
            help="Turns that each arm makes: more of them are harder.",
        ),
    ),
)  # fmt: skip
