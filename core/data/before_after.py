"""A picture of training data before and after preprocessing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.preprocessing import TrainingData
from core.data.transform import fit

MOST_POINTS = 500
_MOST_SAMPLES, _MOST_FEATURES = 2_000, 128
_NULL = 1e-5
"""A standard deviation below this share of the largest counts as none."""


@dataclass(frozen=True, eq=False)
class BeforeAfter:
    """The same samples twice.

    Attributes
    ----------
    kind
        Key of `core.data.transform.PREPROCESSINGS`.
    before, after
        (points, 2) float32: the two features, or of more the coordinates along the first two principal
        axes of each, from the origin.
    labels
        (points,), classes.
    principal
        Whether they are such coordinates.
    means
        Largest size of a feature's mean, before and after.
    stds
        Smallest and largest standard deviation of a feature (constant ones left out), before and after.
    conditions
        Largest over smallest variance along the principal axes, before and after: how long a valley
        the data make of the loss of a linear model.
    """

    kind: str
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    labels: NDArray[np.uint8]
    principal: bool
    means: tuple[float, float]
    stds: tuple[tuple[float, float], tuple[float, float]]
    conditions: tuple[float, float]


def before_after(data: TrainingData) -> BeforeAfter:
    """Look at the first training samples (of very many features, at the first ones)."""
    both = [
        inputs[:_MOST_SAMPLES, :_MOST_FEATURES] for inputs in (data.raw.training_inputs, data.training_inputs)
    ]
    principal = data.features > 2
    points = [(_turned(inputs) if principal else inputs)[:MOST_POINTS] for inputs in both]
    return BeforeAfter(
        kind=data.transform.kind,
        before=points[0][:, :2].astype(np.float32),
        after=points[1][:, :2].astype(np.float32),
        labels=data.training_labels[:MOST_POINTS].astype(np.uint8),
        principal=principal,
        means=(_largest_mean(both[0]), _largest_mean(both[1])),
        stds=(_range(both[0]), _range(both[1])),
        conditions=(_condition(both[0]), _condition(both[1])),
    )


def _turned(inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates along the principal axes; the origin stays where it is."""
    axes = fit(inputs, "pca").axes
    assert axes is not None
    turned: NDArray[np.float64] = inputs @ axes
    return turned


def _largest_mean(inputs: NDArray[np.float64]) -> float:
    return float(np.abs(inputs.mean(axis=0)).max())


def _range(inputs: NDArray[np.float64]) -> tuple[float, float]:
    std = inputs.std(axis=0)
    moving = std[std > _NULL * std.max(initial=0.0)]
    return (float(moving.min()), float(moving.max())) if moving.size else (0.0, 0.0)


def _condition(inputs: NDArray[np.float64]) -> float:
    low, high = _range(_turned(inputs))
    return (high / low) ** 2 if low > 0.0 else 1.0
