"""One network in training mode and in evaluation mode: the same samples, other statistics."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.network.arrays import Array
from core.network.layers.dense import Dense
from core.network.layers.nonlinearity import Nonlinearity
from core.network.loss import correct
from core.network.model import Network
from core.network.statistics import LayerStatistics, measure_values
from core.network.whole_set import WholeSetStatistics, normalizing_with

BIAS_SHIFT = 1.0
"""What is added to every hidden bias to see what it does."""


@dataclass(frozen=True, eq=False)
class Mode:
    """What a network makes of a batch with one kind of statistics.

    Attributes
    ----------
    statistics
        "batch" (training mode), "running" or "whole" (evaluation mode, with the running averages or
        with the whole set's statistics).
    loss, accuracy
        On the batch.
    validation_loss, validation_accuracy
        On the validation samples; not a number in training mode, which has no place there.
    difference
        Root mean square difference of the outputs (logits) from those in training mode.
    cells
        Distributions of the pre-activations, a hidden layer each, and of the outputs at the end: on
        the same bins in every mode. `dead` and `saturated`, figures of activations, are not numbers.
    """

    statistics: str
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    difference: float
    cells: tuple[LayerStatistics, ...]


@dataclass(frozen=True)
class BiasEffect:
    """Largest change of an output when `BIAS_SHIFT` is added to every hidden bias.

    Attributes
    ----------
    training, evaluation
        In training mode, where batch norm takes it off again, and in evaluation mode, where the
        running averages know nothing of it yet.
    """

    training: float
    evaluation: float


def modes(
    network: Network,
    batch: tuple[Array, Array],
    validation: tuple[Array, Array],
    whole: WholeSetStatistics,
) -> tuple[Mode, Mode, Mode]:
    """A batch (inputs, labels) in training mode and in both kinds of evaluation mode.

    Dropout drops in training mode, with the same masks every time. Nothing of the network changes but
    the latest batch's statistics, which the next batch overwrites.
    """
    in_training = _values(network, batch[0], training=True)
    running = _values(network, batch[0], training=False)
    scores = [(math.nan, math.nan), network.evaluate(*validation)]
    with normalizing_with(network, whole):
        over_whole = _values(network, batch[0], training=False)
        scores.append(network.evaluate(*validation))
    values = [in_training, running, over_whole]
    cells = _cells(values)
    names = ("batch", "running", "whole")
    first, second, third = (
        Mode(name, *_score(network, v[-1], batch[1]), *score, _difference(v[-1], in_training[-1]), own)
        for name, v, score, own in zip(names, values, scores, cells, strict=True)
    )
    return first, second, third


def bias_effect(network: Network, x: Array) -> BiasEffect | None:
    """What the hidden layers' biases do to the outputs of a batch; None unless batch norm follows them."""
    if network.spec.batch_norm != "before" or not network.spec.has_bias:
        return None
    hidden = [layer for layer in network.layers[:-1] if isinstance(layer, Dense)]
    biases = [layer.bias for layer in hidden if layer.bias is not None]
    kept = [bias.value.copy() for bias in biases]
    before = [_outputs(network, x, training) for training in (True, False)]
    for bias in biases:
        bias.value[:] += BIAS_SHIFT
    try:
        after = [_outputs(network, x, training) for training in (True, False)]
    finally:
        for bias, value in zip(biases, kept, strict=True):
            bias.value[:] = value
    training, evaluation = (float(np.abs(b - a).max()) for a, b in zip(before, after, strict=True))
    return BiasEffect(training, evaluation)


def _outputs(network: Network, x: Array, training: bool) -> Array:
    with network.masks.probing():
        return np.array(network.forward(x, training))


def _values(network: Network, x: Array, training: bool) -> list[Array]:
    """Pre-activations of the hidden layers, then the outputs."""
    outputs = _outputs(network, x, training)
    hidden = [layer for layer in network.layers if isinstance(layer, Nonlinearity)]
    return [*(layer.pre_activation.copy() for layer in hidden), outputs]


def _score(network: Network, logits: Array, labels: Array) -> tuple[float, float]:
    loss = network.loss.value(logits, labels, np.empty_like(logits))
    return loss, correct(logits, labels) / len(labels)


def _difference(one: Array, other: Array) -> float:
    return float(np.sqrt(np.mean(np.square(one - other, dtype=np.float64))))


def _cells(values: Sequence[Sequence[Array]]) -> list[tuple[LayerStatistics, ...]]:
    """Distributions, mode by mode: hidden layers share their bins, outputs have bins of their own."""
    hidden = measure_values([mode[:-1] for mode in values], "pre_activation")
    outputs = measure_values([mode[-1:] for mode in values], "pre_activation", first=len(values[0]))
    return [(*inner, *outer) for inner, outer in zip(hidden, outputs, strict=True)]
