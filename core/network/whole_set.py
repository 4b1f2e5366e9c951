"""Batch norm's means and variances over a whole set of samples, in place of running averages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from core.network.arrays import Array
from core.network.layers.batch_norm import BatchNorm
from core.network.layers.shortcut import Fork, Merge
from core.network.model import Network


@dataclass(frozen=True, eq=False)
class WholeSetStatistics:
    """What evaluation can normalize with instead of the running averages.

    Attributes
    ----------
    mean, var
        (layers, units) each; the variance is the unbiased one, as in the running averages.
    """

    mean: Array
    var: Array


def whole_set_statistics(network: Network, x: Array) -> WholeSetStatistics:
    """Mean and variance of every batch norm layer's input over all of `x`, at least two samples.

    Layer after layer: each is normalized with its own whole-set statistics before the next is looked
    at. That takes about one pass forward, and memory for two layers' values of all samples. Nothing of
    the network changes. Nothing is dropped.
    """
    running = network.statistics
    found = WholeSetStatistics(running.running_mean.copy(), running.running_var.copy())
    if network.spec.batch_norm == "off":
        return found
    with normalizing_with(network, found):
        _measure(network, _pieces(network, x))
        return WholeSetStatistics(running.running_mean.copy(), running.running_var.copy())


def _measure(network: Network, values: list[Array]) -> None:
    """Write each layer's statistics in the place of the running ones as soon as they are known."""
    kept, index, running = values, 0, network.statistics
    for layer in network.layers[:-1]:
        if isinstance(layer, Fork):
            kept = values
        elif isinstance(layer, Merge):  # a shortcut remembers one piece only
            values = [one + other for one, other in zip(values, kept, strict=True)]
        else:
            if isinstance(layer, BatchNorm):
                running.running_mean[index], running.running_var[index] = _moments(values)
                index += 1
            values = [layer.forward(piece, False).copy() for piece in values]


@contextmanager
def normalizing_with(network: Network, statistics: WholeSetStatistics) -> Iterator[None]:
    """Let evaluation normalize with other statistics meanwhile; the running ones are put back after.

    Evaluate only: an update of the running averages would be lost.
    """
    running = network.statistics
    mean, var = running.running_mean.copy(), running.running_var.copy()
    running.running_mean[:], running.running_var[:] = statistics.mean, statistics.var
    try:
        yield
    finally:
        running.running_mean[:], running.running_var[:] = mean, var


def _pieces(network: Network, x: Array) -> list[Array]:
    """The samples in pieces that a pass can hold."""
    capacity = network.workspace.capacity
    return [x[start : start + capacity] for start in range(0, len(x), capacity)]


def _moments(pieces: list[Array]) -> tuple[Array, Array]:
    """Mean and unbiased variance over all pieces, in float64."""
    samples = sum(map(len, pieces))
    mean = sum(piece.sum(axis=0, dtype=np.float64) for piece in pieces) / samples
    squares = sum(np.square(piece - mean).sum(axis=0) for piece in pieces)
    return np.asarray(mean), np.asarray(squares / (samples - 1))
