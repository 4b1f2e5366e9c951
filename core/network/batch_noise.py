"""How much batch norm's means and variances wander from batch to batch, against the size of the batches."""

from dataclasses import dataclass

import numpy as np

from core.network.arrays import Array
from core.network.model import Network
from core.network.whole_set import WholeSetStatistics

BATCHES = 12
"""Batches of each size at most: with some ten units, enough for a figure good to a tenth."""
_LEAST_BATCHES = 4
_WORK = 500_000_000
"""Multiplications that all passes together may take: some hundredths of a second."""


@dataclass(frozen=True, eq=False)
class BatchNoise:
    """Noise of the batch statistics in training mode.

    Both kinds are taken together over a layer's units (roots of mean squares), so that dead units have no
    say.

    Attributes
    ----------
    samples
        How many the batches were drawn from.
    sizes
        (sizes,) of the batches: 2, 4, 8 and so on, below `samples`.
    of_mean
        (sizes, layers): standard deviation of the batch mean over random batches, in standard
        deviations of the layer's values over the whole set. For the first layer that is
        `sqrt(1 - size / samples) / sqrt(size)` up to chance: batches are drawn without repeats.
    of_variance
        (sizes, layers): standard deviation of the batch variance (unbiased), in variances of the
        layer's values over the whole set. Of normally distributed values, from batches much smaller
        than the set, that is `sqrt(2 / (size - 1))`.
    """

    samples: int
    sizes: Array
    of_mean: Array
    of_variance: Array


def batch_noise(network: Network, x: Array, whole: WholeSetStatistics, batches: int = BATCHES) -> BatchNoise:
    """Draw batches of `x` (samples, features), the same every time, and see how their statistics differ.

    Every layer sees what the layers before make of the same batch, with its statistics, as in training.
    Sizes that a pass cannot hold, or for which few batches would take too long, are left out. Nothing
    of the network changes but the latest batch's statistics, which the next batch overwrites.
    """
    rng = np.random.default_rng(0)
    variance = np.asarray(whole.var, np.float64)
    scales = variance.mean(axis=1), np.square(variance).mean(axis=1)
    plan = _plan(network, len(x), batches)
    noise = np.empty((2, len(plan), len(variance)))
    for place, (size, count) in enumerate(plan):
        for kind, (found, scale) in enumerate(zip(_drawn(network, x, size, count, rng), scales, strict=True)):
            noise[kind, place] = np.sqrt(found.var(axis=0, ddof=1).mean(axis=1) / scale)
    return BatchNoise(len(x), np.array([size for size, _ in plan], int), *noise)


def _plan(network: Network, samples: int, batches: int) -> list[tuple[int, int]]:
    """Size and number of batches."""
    largest = min(samples - 1, network.workspace.capacity)
    sizes = [2**power for power in range(1, largest.bit_length()) if 2**power <= largest]
    passes = _WORK // max(len(sizes) * network.vector.weights, 1)
    plan = [(size, min(batches, passes // size)) for size in sizes]
    return [(size, count) for size, count in plan if count >= min(_LEAST_BATCHES, batches)]


def _drawn(network: Network, x: Array, size: int, count: int, rng: np.random.Generator) -> Array:
    """(2, count, layers, units): means and unbiased variances of random batches."""
    statistics = network.statistics
    found: Array = np.empty((2, count, *statistics.batch_mean.shape))
    for place in range(count):
        chosen = rng.choice(len(x), size, replace=False)
        with network.masks.probing():
            network.forward(x[chosen], training=True)
        found[:, place] = statistics.batch_mean, statistics.batch_var
    found[1] *= size / (size - 1)
    return found
