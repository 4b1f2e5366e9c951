"""How much batch norm's means wander from batch to batch, against the size of the batches."""

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
    """Noise of the batch means in training mode.

    Attributes
    ----------
    samples
        How many the batches were drawn from.
    sizes
        (sizes,) of the batches: 2, 4, 8 and so on, below `samples`.
    noise
        (sizes, layers): standard deviation of the batch mean over random batches, in standard
        deviations of the layer's values over the whole set. Both are taken together over the units
        (roots of mean variances), so that dead units have no say. For the first layer that is
        `sqrt(1 - size / samples) / sqrt(size)` up to chance: batches are drawn without repeats.
    """

    samples: int
    sizes: Array
    noise: Array


def batch_noise(network: Network, x: Array, whole: WholeSetStatistics, batches: int = BATCHES) -> BatchNoise:
    """Draw batches of `x` (samples, features), the same every time, and see how their means differ.

    Every layer sees what the layers before make of the same batch, with its statistics, as in training.
    Sizes that a pass cannot hold, or for which few batches would take too long, are left out. Nothing
    of the network changes but the latest batch's statistics, which the next batch overwrites.
    """
    rng = np.random.default_rng(0)
    spread = whole.var.mean(axis=1, dtype=np.float64)
    sizes, noise = [], []
    for size, count in _plan(network, len(x), batches):
        means = _means(network, x, size, count, rng)
        sizes.append(size)
        noise.append(np.sqrt(means.var(axis=0, ddof=1).mean(axis=1) / spread))
    return BatchNoise(len(x), np.array(sizes, int), np.array(noise).reshape(len(sizes), len(spread)))


def _plan(network: Network, samples: int, batches: int) -> list[tuple[int, int]]:
    """Size and number of batches."""
    largest = min(samples - 1, network.workspace.capacity)
    sizes = [2**power for power in range(1, largest.bit_length()) if 2**power <= largest]
    passes = _WORK // max(len(sizes) * network.vector.weights, 1)
    plan = [(size, min(batches, passes // size)) for size in sizes]
    return [(size, count) for size, count in plan if count >= min(_LEAST_BATCHES, batches)]


def _means(network: Network, x: Array, size: int, count: int, rng: np.random.Generator) -> Array:
    """(count, layers, units): means of random batches."""
    found = np.empty((count, *network.statistics.batch_mean.shape))
    for place in range(count):
        chosen = rng.choice(len(x), size, replace=False)
        with network.masks.probing():
            network.forward(x[chosen], training=True)
        found[place] = network.statistics.batch_mean
    return found
