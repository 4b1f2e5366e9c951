"""What a data set is: inputs and the classes they belong to, made from a seed or read from a file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import Catalogue, Entry
from core.hyperparameter import Hyperparameter, Scale, Values

Inputs = NDArray[np.float64]
Labels = NDArray[np.intp]
Make = Callable[[Values, np.random.Generator], tuple[Inputs, Labels]]


@dataclass(frozen=True, kw_only=True)
class Dataset(Entry):
    """A data set of the catalogue.

    Attributes
    ----------
    make
        `make(values, rng)`: inputs (samples, features) float64 and labels (samples,), whole numbers
        from 0, every class present. The same values and stream give the same data.
    image_shape
        Height and width of an image when the features are its pixels row by row, or None.
    """

    make: Make
    image_shape: tuple[int, int] | None = None


def samples(default: int = 1_000) -> Hyperparameter:
    """How many samples to make."""
    return Hyperparameter(
        name="samples", default=default, low=100, high=4_000, minimum=20, maximum=20_000,
        scale=Scale.INTEGER, help="Samples in all; a fifth of them is kept for validation.",
    )  # fmt: skip


def noise(default: float, high: float, help_text: str) -> Hyperparameter:
    """Standard deviation of Gaussian noise on the inputs."""
    return Hyperparameter(
        name="noise", default=default, low=0.0, high=high, minimum=0, maximum=100, help=help_text
    )


def class_count(default: int, low: int, high: int) -> Hyperparameter:
    """How many classes to make."""
    return Hyperparameter(
        name="classes", default=default, low=low, high=high, minimum=low, maximum=high,
        scale=Scale.INTEGER, help="Classes, with equally many samples each as far as they go round.",
    )  # fmt: skip


def jittered(points: NDArray[Any], values: Values, rng: np.random.Generator) -> Inputs:
    """Points with Gaussian noise of the hyperparameter `noise`."""
    return points + rng.standard_normal(points.shape) * float(values["noise"])


DATASETS: Catalogue[Dataset] = Catalogue("core.data.datasets", Dataset, "dataset")
