"""What one network of a run has learned, small enough to send to a window while it trains."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.before_after import BeforeAfter
from core.data.preprocessing import TrainingData
from core.network.generalization import Gap, generalization_gap
from core.network.model import Network
from core.network.pictures import (
    Boundary,
    WrongSample,
    area_around,
    boundary,
    confusion,
    first_weights,
    most_wrong,
    probabilities,
)
from core.training.feed import Feed
from core.training.frame import EpochRecord

GRID = 72
"""Places along each side of a decision boundary's picture."""
MOST_SAMPLES = 2_000
"""Validation samples that are looked at: enough for every picture, and quick for any data."""
MOST_POINTS = 1_500
MOST_UNITS, MOST_WRONG = 64, 24
_MOST_FEATURES = 1_024


@dataclass(frozen=True, eq=False)
class Learned:
    """Pictures of one network; inputs are as they were read, before preprocessing.

    Attributes
    ----------
    name
        The network's, see `core.training.variant.names`.
    samples, of
        Validation samples that were looked at, and how many there are.
    boundary
        For two features; else None.
    points, labels
        For two features: (points, 2) of the training set and their classes; else empty.
    weights
        (units, features) of the first layer, in terms of the features: where preprocessing turns to
        other axes they are turned back. Only the first features where there are very many.
    confusion
        (classes, classes): true classes in rows, predicted ones in columns; without samples for which
        the network overflows.
    wrong, wrong_inputs
        The most confidently wrong validation samples, and (samples, features) their inputs.
    gap
        Training against validation, by the latest evaluation.
    data
        The training data before and after preprocessing.
    """

    name: str
    samples: int
    of: int
    boundary: Boundary | None
    points: NDArray[np.float64]
    labels: NDArray[np.uint8]
    weights: NDArray[np.float32]
    confusion: NDArray[np.intp]
    wrong: tuple[WrongSample, ...]
    wrong_inputs: NDArray[np.float64]
    gap: Gap
    data: BeforeAfter


def learned(name: str, network: Network, feed: Feed, record: EpochRecord) -> Learned:
    """The pictures of a network as it is now; nothing of it changes."""
    data = feed.data
    inputs, labels = data.validation_inputs[:MOST_SAMPLES], data.validation_labels[:MOST_SAMPLES]
    found = probabilities(network, inputs)
    finite = np.isfinite(found).all(axis=1)
    wrong = most_wrong(found, labels, MOST_WRONG)
    points, area, point_labels = np.zeros((0, 2)), None, np.zeros(0, np.uint8)
    if data.features == 2:
        points = data.raw.training_inputs[:MOST_POINTS]
        point_labels = data.training_labels[:MOST_POINTS].astype(np.uint8)
        area = area_around(points)
    return Learned(
        name=name,
        samples=len(labels),
        of=len(data.validation_labels),
        boundary=boundary(network, area, GRID, data.transform.apply) if area is not None else None,
        points=points,
        labels=point_labels,
        weights=_seen(first_weights(network, MOST_UNITS), data)[:, :_MOST_FEATURES],
        confusion=confusion(labels[finite], found[finite].argmax(axis=1), data.classes),
        wrong=wrong,
        wrong_inputs=data.raw.validation_inputs[[sample.index for sample in wrong]],
        gap=generalization_gap(
            record.training_loss, record.training_accuracy, record.validation_loss,
            record.validation_accuracy, len(data.validation_labels), data.classes,
        ),
        data=feed.picture,
    )  # fmt: skip


def _seen(weights: NDArray[np.float32], data: TrainingData) -> NDArray[np.float32]:
    """First weights (units, features) turned back from principal axes to the features that one knows."""
    axes = data.transform.axes
    return weights if axes is None else (weights @ axes.T).astype(np.float32)
