"""What batch norm does in one network of a run, small enough to send to a window while it trains."""

from dataclasses import dataclass

import numpy as np

from core.network.arrays import Array
from core.network.batch_noise import BatchNoise, batch_noise
from core.network.layers.batch_norm import EPSILON, BatchNorm
from core.network.model import Network
from core.network.modes import BiasEffect, Mode, bias_effect, modes
from core.network.whole_set import whole_set_statistics
from core.training.feed import Feed

MOST_SAMPLES = 2_000
"""Training samples, and validation samples, that are looked at: the first ones, of those in random order."""
QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, eq=False)
class Norms:
    """Batch norm in one network.

    The batch is the first one of the training set, the same every time, so that what changes is the
    network. Distances are (layers, 2), over a layer's units: root mean square of how far the means are
    apart, in standard deviations, and of how far the ratio of the standard deviations is from 1 - what
    normalizing with the one statistics instead of the others shifts and stretches values by.

    Attributes
    ----------
    name
        The network's, see `core.training.variant.names`.
    batch
        Samples in the batch.
    samples, of
        Training samples that stand for the whole set, and how many there are.
    gamma, beta
        (layers, quantiles): `QUANTILES` over a layer's units.
    running_from_whole, batch_from_whole, running_from_batch
        Distances of the running averages and of the batch's statistics from the whole set's, and from
        each other.
    modes
        The batch in training mode and in evaluation mode.
    bias
        What the biases before batch norm do, or None where there are none.
    noise
        Of the batch means against batch size, or None where that was not asked for.
    """

    name: str
    batch: int
    samples: int
    of: int
    gamma: Array
    beta: Array
    running_from_whole: Array
    batch_from_whole: Array
    running_from_batch: Array
    modes: tuple[Mode, Mode, Mode]
    bias: BiasEffect | None
    noise: BatchNoise | None


def norms(name: str, network: Network, feed: Feed, batch_size: int, noise: bool) -> Norms | None:
    """Batch norm as it is now; None without it. Nothing changes that training goes by."""
    if network.spec.batch_norm == "off":
        return None
    some, labels = feed.training[:MOST_SAMPLES], feed.data.training_labels
    batch = feed.training[:batch_size], labels[:batch_size]
    validation = feed.validation[:MOST_SAMPLES], feed.data.validation_labels[:MOST_SAMPLES]
    whole = whole_set_statistics(network, some)
    seen = modes(network, batch, validation, whole)
    bias = bias_effect(network, batch[0])
    with network.masks.probing():
        network.forward(batch[0], training=True)
    statistics, samples = network.statistics, len(batch[0])
    of_whole = whole.mean, whole.var
    of_running = statistics.running_mean, statistics.running_var
    of_batch = statistics.batch_mean, statistics.batch_var * (samples / (samples - 1))
    layers = [layer for layer in network.layers if isinstance(layer, BatchNorm)]
    return Norms(
        name=name,
        batch=samples,
        samples=len(some),
        of=len(feed.training),
        gamma=quantiles([layer.gamma.value for layer in layers]),
        beta=quantiles([layer.beta.value for layer in layers]),
        running_from_whole=distances(of_running, of_whole),
        batch_from_whole=distances(of_batch, of_whole),
        running_from_batch=distances(of_running, of_batch),
        modes=seen,
        bias=bias,
        noise=batch_noise(network, some, whole) if noise else None,
    )


def quantiles(layers: list[Array]) -> Array:
    """(layers, quantiles) of vectors of equal length."""
    found: Array = np.quantile(np.array(layers, np.float64), QUANTILES, axis=1).T
    return found


def distances(one: tuple[Array, Array], other: tuple[Array, Array]) -> Array:
    """(layers, 2): how far means and standard deviations are apart, see `Norms`.

    `one` and `other` are means and variances, (layers, units) each; epsilon is added to the variances
    as in batch norm itself.
    """
    mean, var, other_mean, other_var = (np.asarray(each, np.float64) for each in (*one, *other))
    shift = (mean - other_mean) / np.sqrt(other_var + EPSILON)
    stretch = np.sqrt((var + EPSILON) / (other_var + EPSILON)) - 1.0
    found: Array = np.sqrt(np.mean(np.square([shift, stretch]), axis=2)).T
    return found
