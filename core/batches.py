"""Mini-batches of a surface made of data: in which order, how many, and how their gradients scatter.

Every epoch goes through all samples in a new order; the last batch is smaller where the batch size does
not divide them. The order comes from the seed alone, so that every run sees the same batches.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.data.streams import named_stream
from core.errors import InputError
from core.hyperparameter import Hyperparameter, Scale
from core.surface import Surface

Array = NDArray[np.float64]
BATCH_SIZE = Hyperparameter(
    name="batch_size", default=0, low=1, high=64, minimum=0, maximum=10_000, scale=Scale.LOG_INTEGER,
    unit="samples",
    help="Samples in each step's gradient: few make many cheap and noisy steps an epoch, all make one steady"
    " step. 0 takes all.",
)  # fmt: skip
MOST_GRADIENTS = 400
"""Mini-batch gradients of a cloud at most: more would hide each other."""


def check_batch_size(place: Surface, size: object) -> int:
    """The batch size for a surface: 0 where it takes all samples.

    Raises
    ------
    InputError
        For more samples than there are, and for any batch size where there are none.
    """
    size = int(BATCH_SIZE.check(size))  # a number, or the text of one
    if size == 0:
        return 0
    if place.mean is None:
        raise InputError(
            "Mini-batches need a surface made of data, for example linear_regression_raw: a formula has no"
            " samples to take some of. Leave the batch size out.", "batch_size",
        )  # fmt: skip
    count = place.mean.samples.count
    if size > count:
        raise InputError(
            f"batch size must be at most {count:,}, the number of samples, not {size:,}.", "batch_size"
        )
    return size if size < count else 0


def steps_per_epoch(count: int, size: int) -> int:
    """Batches in an epoch of so many samples; 0 is the size of all of them."""
    return math.ceil(count / size) if size else 1


def batches(values: Array, size: int, seed: int) -> Iterator[Array]:
    """The columns (columns, samples) of one batch after the other, without end."""
    shuffles, count = named_stream(seed, "batches"), values.shape[1]
    while True:
        shuffled = values[:, shuffles.permutation(count)]
        for begin in range(0, count, size):
            yield shuffled[:, begin : begin + size]


def batch_of_step(values: Array, size: int, seed: int, step: int) -> Array:
    """The columns that `batches` gives at a step, counted from 0."""
    count = values.shape[1]
    epoch, place = divmod(step, steps_per_epoch(count, size))
    return values[:, _orders(count, seed).order(epoch)[place * size : (place + 1) * size]]


class _Orders:
    """The orders of the epochs one after the other; those that were asked for are kept."""

    def __init__(self, count: int, seed: int) -> None:
        self._count, self._shuffles = count, named_stream(seed, "batches")
        self._known: list[NDArray[np.uint32]] = []

    def order(self, epoch: int) -> NDArray[np.uint32]:
        while len(self._known) <= epoch:
            self._known.append(self._shuffles.permutation(self._count).astype(np.uint32))
        return self._known[epoch]


@lru_cache(maxsize=4)
def _orders(count: int, seed: int) -> _Orders:
    return _Orders(count, seed)


def samples_seen(count: int, size: int, steps: int) -> NDArray[np.int64]:
    """(steps + 1,): samples whose gradient was computed until each point, 0 at the start."""
    index = np.arange(steps + 1)
    if not size:
        return index * count
    epochs, rest = np.divmod(index, steps_per_epoch(count, size))
    seen: NDArray[np.int64] = epochs * count + rest * size
    return seen


@dataclass(frozen=True, eq=False)
class Cloud:
    """The gradients of mini-batches at one point.

    Attributes
    ----------
    gradients
        (n, 2), one for each batch.
    sizes
        (n,): samples of each batch. The mean weighted with them is the gradient of all samples, to
        rounding: every epoch goes through each sample once.
    full
        (2,): that gradient.
    """

    gradients: Array
    sizes: NDArray[np.int64]
    full: Array


def cloud(place: Surface, x: float, y: float, size: int, seed: int = 0, most: int = MOST_GRADIENTS) -> Cloud:
    """The gradients of the mini-batches of whole epochs at a point.

    Their standard deviation is that of single samples' gradients, divided by `sqrt(size)`, and smaller by
    `sqrt((count - size) / (count - 1))` because no sample is drawn twice in an epoch.

    Parameters
    ----------
    size
        Of the batches; 0 is all samples.
    most
        Gradients at most, one whole epoch at least.

    Raises
    ------
    InputError
        For a batch size that the surface does not have.
    """
    size = check_batch_size(place, size)
    if place.mean is None:
        raise InputError("Only a surface made of data has mini-batches.", "batch_size")
    each = place.mean.sample_gradients(x, y)
    count = len(each)
    begins = np.arange(0, count, size or count)
    sizes = np.diff(np.append(begins, count))
    shuffles, found = named_stream(seed, "cloud"), []
    for _ in range(max(most // len(begins), 1) if 1 < len(begins) < count else 1):
        found.append(np.add.reduceat(each[shuffles.permutation(count)], begins) / sizes[:, None])
    return Cloud(np.concatenate(found), np.tile(sizes, len(found)), each.mean(axis=0))
