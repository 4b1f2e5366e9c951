"""Pictures of what a network has learned: frozen results of its parameters, in evaluation mode."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.network.arrays import Array
from core.network.layers.dense import Dense
from core.network.model import Network

Rectangle = tuple[float, float, float, float]
"""x low, x high, y low, y high."""
Prepare = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From inputs as they are read to what the network takes: the training data's own preprocessing."""
_MARGIN = 0.08
"""Room around the points, as a share of their extent."""


@dataclass(frozen=True, eq=False)
class Boundary:
    """What a network says of every place of a plane.

    Attributes
    ----------
    area
        Centres of the outermost cells.
    classes
        (rows, columns) the likeliest class; rows from the lowest y up, columns from the lowest x.
    confidence
        (rows, columns) float32, its probability; not a number where the network overflows.
    """

    area: Rectangle
    classes: NDArray[np.uint8]
    confidence: NDArray[np.float32]


@dataclass(frozen=True)
class WrongSample:
    """A sample that the network takes for another class than its own.

    Attributes
    ----------
    index
        Its place among the samples that were looked at.
    true, predicted
        Classes.
    probability
        What the network gives the predicted class.
    """

    index: int
    true: int
    predicted: int
    probability: float


def probabilities(network: Network, inputs: Array) -> NDArray[np.float64]:
    """Softmax of the logits in evaluation mode, (samples, classes); `inputs` (samples, features), prepared.

    With squared error the logits are to be 1 for the class and 0 elsewhere, so they are taken as they
    are; rows with larger ones are scaled to 1, which leaves their order. Rows that overflow are not
    numbers. Overwrites the buffers of the network's passes, nothing else.
    """
    inputs = np.asarray(inputs, network.workspace.dtype)
    found = np.empty((len(inputs), network.classes))
    with np.errstate(all="ignore"):
        for start in range(0, len(inputs), network.workspace.capacity):
            part = slice(start, start + network.workspace.capacity)
            found[part] = network.forward(inputs[part], training=False)
        largest = found.max(axis=1, keepdims=True)
        if network.spec.loss == "squared_error":
            found /= np.maximum(largest, 1.0)
            return found
        found -= largest
        np.exp(found, out=found)
        found /= found.sum(axis=1, keepdims=True)
    return found


def area_around(points: NDArray[np.float64]) -> Rectangle:
    """The rectangle of points (samples, 2) with a margin; of some extent where all lie on a line."""
    low, high = points.min(axis=0), points.max(axis=0)
    extent = np.where(high > low, high - low, 1.0)
    low, high = (low - _MARGIN * extent).tolist(), (high + _MARGIN * extent).tolist()
    return low[0], high[0], low[1], high[1]


def boundary(network: Network, area: Rectangle, size: int, prepare: Prepare) -> Boundary:
    """The likeliest class on a grid of `size` times `size` places.

    Parameters
    ----------
    area
        In the units of the data as it is read.
    prepare
        Makes of (samples, 2) what the network takes.
    """
    x, y = np.linspace(*area[:2], size), np.linspace(*area[2:], size)
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    found = probabilities(network, prepare(places))
    shape = (size, size)
    return Boundary(
        area,
        found.argmax(axis=1).astype(np.uint8).reshape(shape),
        found.max(axis=1).astype(np.float32).reshape(shape),
    )


def first_weights(network: Network, most: int) -> NDArray[np.float32]:
    """Weights into the first `most` units of the first layer, (units, features); a copy."""
    first = next(layer for layer in network.layers if isinstance(layer, Dense))
    return first.weights.value.T[:most].astype(np.float32)


def confusion(labels: Array, predicted: Array, classes: int) -> NDArray[np.intp]:
    """How many samples of each class (rows) were taken for each class (columns), (classes, classes)."""
    pairs = np.asarray(labels) * classes + np.asarray(predicted)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def most_wrong(found: NDArray[np.float64], labels: Array, most: int) -> tuple[WrongSample, ...]:
    """The samples that are wrong with the highest probability, most confident first.

    Parameters
    ----------
    found
        (samples, classes), see `probabilities`. Rows that are not numbers are passed over.
    labels
        (samples,) the true classes.
    """
    predicted, sure = found.argmax(axis=1), found.max(axis=1)
    wrong = np.flatnonzero((predicted != labels) & np.isfinite(sure))
    order = wrong[np.argsort(-sure[wrong], kind="stable")][:most]
    return tuple(WrongSample(int(i), int(labels[i]), int(predicted[i]), float(sure[i])) for i in order)
