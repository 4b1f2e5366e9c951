"""What batch norm does in one network of a run, small enough to send to a window while it trains."""

from dataclasses import dataclass

import numpy as np

from core.network.arrays import Array
from core.network.batch_noise import BatchNoise, batch_noise
from core.network.layers.batch_norm import EPSILON, BatchNorm
from core.network.model import Network
from core.network.modes import BiasEffect, Mode, bias_effect, modes
from core.network.whole_set import WholeSetStatistics, whole_set_statistics
from core.training.feed import Feed

MOST_SAMPLES = 2_000
"""Training samples, and validation samples, that are looked at: the first ones, of those in random order."""
QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, eq=False)
class NormMoment:
    """Batch norm's parameters and statistics at one step.

    The batch is the first one of the training set, the same every time, so that what changes is the
    network. Distances are (layers, 2), over a layer's units: root mean square of how far the means are
    apart, in standard deviations, and of how far the ratio of the standard deviations is from 1 - what
    normalizing with the one statistics instead of the others shifts and stretches values by.

    Attributes
    ----------
    name, step
        The network's name, see `core.training.variant.names`, and the steps it has made.
    gamma, beta
        (layers, quantiles): `QUANTILES` over a layer's units.
    running_from_whole, batch_from_whole, running_from_batch
        Distances of the running averages and of the batch's statistics from the whole set's, and from
        each other.
    """

    name: str
    step: int
    gamma: Array
    beta: Array
    running_from_whole: Array
    batch_from_whole: Array
    running_from_batch: Array


@dataclass(frozen=True, eq=False)
class Norms:
    """What batch norm does in one network, as it is now.

    Attributes
    ----------
    moment
        Its parameters and statistics.
    batch
        Samples in the batch.
    samples, of
        Training samples that stand for the whole set, and how many there are.
    modes
        The batch in training mode and in evaluation mode.
    bias
        What the biases before batch norm do, or None where there are none.
    noise
        Of the batch's statistics against batch size, or None where that was not asked for.
    """

    moment: NormMoment
    batch: int
    samples: int
    of: int
    modes: tuple[Mode, Mode, Mode]
    bias: BiasEffect | None
    noise: BatchNoise | None


class NormLab:
    """Looks at batch norm in one network of a run; nothing changes that training goes by."""

    def __init__(self, name: str, network: Network, feed: Feed, batch_size: int) -> None:
        self._name, self._network, self._feed = name, network, feed
        self._some = feed.training[:MOST_SAMPLES]
        self._batch = feed.training[:batch_size], feed.data.training_labels[:batch_size]

    def moment(self, step: int) -> NormMoment:
        """Parameters and statistics after so many steps."""
        return self._moment(step, whole_set_statistics(self._network, self._some))

    def norms(self, step: int, noise: bool) -> Norms:
        """All there is to show; the noise only where it is asked for, as it takes a while."""
        network, data = self._network, self._feed.data
        whole = whole_set_statistics(network, self._some)
        validation = self._feed.validation[:MOST_SAMPLES], data.validation_labels[:MOST_SAMPLES]
        return Norms(
            moment=self._moment(step, whole),
            batch=len(self._batch[0]),
            samples=len(self._some),
            of=data.training_samples,
            modes=modes(network, self._batch, validation, whole),
            bias=bias_effect(network, self._batch[0]),
            noise=batch_noise(network, self._some, whole) if noise else None,
        )

    def _moment(self, step: int, whole: WholeSetStatistics) -> NormMoment:
        network, (x, _) = self._network, self._batch
        with network.masks.probing():
            network.forward(x, training=True)
        statistics = network.statistics
        of_whole = whole.mean, whole.var
        of_running = statistics.running_mean, statistics.running_var
        of_batch = statistics.batch_mean, statistics.batch_var * (len(x) / (len(x) - 1))
        layers = [layer for layer in network.layers if isinstance(layer, BatchNorm)]
        return NormMoment(
            name=self._name,
            step=step,
            gamma=quantiles([layer.gamma.value for layer in layers]),
            beta=quantiles([layer.beta.value for layer in layers]),
            running_from_whole=distances(of_running, of_whole),
            batch_from_whole=distances(of_batch, of_whole),
            running_from_batch=distances(of_running, of_batch),
        )


def quantiles(layers: list[Array]) -> Array:
    """(layers, quantiles) of vectors of equal length."""
    found: Array = np.quantile(np.array(layers, np.float64), QUANTILES, axis=1).T
    return found


def distances(one: tuple[Array, Array], other: tuple[Array, Array]) -> Array:
    """(layers, 2): how far means and standard deviations are apart, see `NormMoment`.

    `one` and `other` are means and variances, (layers, units) each; epsilon is added to the variances
    as in batch norm itself.
    """
    mean, var, other_mean, other_var = (np.asarray(each, np.float64) for each in (*one, *other))
    shift = (mean - other_mean) / np.sqrt(other_var + EPSILON)
    stretch = np.sqrt((var + EPSILON) / (other_var + EPSILON)) - 1.0
    found: Array = np.sqrt(np.mean(np.square([shift, stretch]), axis=2)).T
    return found
