"""Losses, accuracy, penalties on weights, and how long a gradient may be.

Shapes: logits (samples, classes); labels either (samples,) of whole numbers from 0, or soft: (samples,
classes) of shares that sum to 1 in each row.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from core.network.arrays import Array


@dataclass(frozen=True)
class Loss:
    """A loss over the logits of a batch.

    Attributes
    ----------
    id, name
        The word of code and files, and what is shown.
    value
        `value(logits, labels, out)`: the mean over the samples; leaves in `out` what `gradient` needs.
    gradient
        `gradient(out, labels)`: turns that into the mean loss' derivative by the logits, in place.
    """

    id: str
    name: str
    value: Callable[[Array, Array, Array], float]
    gradient: Callable[[Array, Array], None]


def cross_entropy(logits: Array, labels: Array, out: Array) -> float:
    """Mean over the samples of `log(sum(exp(z))) - z[label]`; writes each row's softmax into `out`.

    Each row's largest logit is taken off first, which changes nothing in exact arithmetic and keeps
    `exp` from overflowing. The loss is taken from the logits, not from the probabilities, so that it
    stays finite where a probability underflows. `log(classes)` when the logits do not tell the classes
    apart; not a number when a logit is not finite. Of soft labels, `z[label]` is the mean they stand for.
    """
    peak = np.maximum.reduce(logits.T.copy(), axis=0)  # along the rows of a copy: three times as fast
    np.subtract(logits, peak[:, None], out=out)
    chosen = _at(out, labels)
    np.exp(out, out=out)
    total = np.dot(out, _ones(out.shape[1], out.dtype))
    out /= total[:, None]
    return float(np.add.reduce(np.log(total) - chosen) / len(labels))


def cross_entropy_gradient(probabilities: Array, labels: Array) -> None:
    """Turn softmax into the mean loss' derivative by the logits: `(softmax - one_hot) / samples`."""
    _take_off(probabilities, labels)
    probabilities *= 1.0 / len(labels)


def squared_error(logits: Array, labels: Array, out: Array) -> float:
    """Mean over the samples of `0.5 sum((z - one_hot)^2)`; writes `z - one_hot` into `out`.

    There is no softmax: the logits themselves are to be 1 for the label and 0 elsewhere. This is half
    of torch's `mse_loss` with `reduction="sum"`, over the samples. 0.5 when all logits are 0.
    """
    np.copyto(out, logits)
    _take_off(out, labels)
    return 0.5 * float(np.vdot(out, out)) / len(labels)


def squared_error_gradient(differences: Array, labels: Array) -> None:
    """Turn `z - one_hot` into the mean loss' derivative by the logits: `(z - one_hot) / samples`."""
    differences *= 1.0 / len(labels)


def _at(values: Array, labels: Array) -> Array:
    """Each row's value at its label, or the mean that its shares weigh."""
    if labels.ndim == 1:
        return values.reshape(-1).take(_places(values.shape) + labels)
    return np.asarray(np.einsum("ij,ij->i", values, labels))


def _take_off(values: Array, labels: Array) -> None:
    if labels.ndim == 1:
        values.reshape(-1, copy=False)[_places(values.shape) + labels] -= 1.0
    else:
        values -= labels


@lru_cache(maxsize=64)
def _places(shape: tuple[int, int]) -> Array:
    """Where each row begins among all numbers: one axis is indexed twice as fast as two."""
    samples, classes = shape
    return _fixed(np.arange(samples) * classes)


@lru_cache(maxsize=64)
def _ones(count: int, dtype: np.dtype[Any]) -> Array:
    return _fixed(np.ones(count, dtype))


def _fixed(array: Array) -> Array:
    array.flags.writeable = False
    return array


LOSSES = {
    loss.id: loss
    for loss in (
        Loss("cross_entropy", "Cross-entropy", cross_entropy, cross_entropy_gradient),
        Loss("squared_error", "Squared error", squared_error, squared_error_gradient),
    )
}


def correct(logits: Array, labels: Array) -> int:
    """How many samples have their largest logit at their label; a tie goes to the first class.

    The label of soft ones is the class with the largest share.
    """
    classes = labels if labels.ndim == 1 else labels.argmax(axis=1)
    return int(np.count_nonzero(logits.argmax(axis=1) == classes))


def weight_penalty(weights: Array, l2: float, l1: float = 0.0) -> float:
    """`0.5 l2 sum(w^2) + l1 sum(|w|)`, of weights only: not of biases, gammas, betas and slopes.

    L2 alone, L1 alone, or both: elastic net (Zou and Hastie 2005).
    """
    squares = 0.5 * l2 * float(np.vdot(weights, weights))
    return squares + l1 * float(np.abs(weights).sum()) if l1 else squares


def add_weight_penalty_gradient(
    weights: Array, l2: float, gradient: Array, scratch: Array, l1: float = 0.0
) -> None:
    """Add `l2 w + l1 sign(w)` to the weights' gradient; `scratch` is as long as both.

    At a weight of exactly 0 the kink's derivative is taken as 0, as torch does.
    """
    if l2:
        np.multiply(weights, l2, out=scratch)
        gradient += scratch
    if l1:
        np.sign(weights, out=scratch)
        scratch *= l1
        gradient += scratch


def elastic_net(strength: float, l1_share: float) -> tuple[float, float]:
    """`(l1, l2)` of a penalty `strength (share sum(|w|) + (1 - share) 0.5 sum(w^2))`."""
    return strength * l1_share, strength * (1.0 - l1_share)


def gradient_norm(gradient: Array) -> float:
    """Length of the gradient; also where the squares of its numbers overflow or underflow."""
    norm = math.sqrt(np.vdot(gradient, gradient))
    if 0.0 < norm < np.inf:
        return norm
    peak = float(np.abs(gradient).max(initial=0.0))
    if not 0.0 < peak < np.inf:
        return peak
    scaled = (gradient / peak).astype(np.float64)
    return peak * float(np.linalg.norm(scaled))


def clip_gradient(gradient: Array, largest: float) -> float:
    """Shorten the gradient, in place, to `largest` where it is longer; returns the length it had.

    All parameters together, with torch's factor `min(1, largest / (norm + 1e-6))`. A gradient with a
    number that is not finite stays as it is, for the divergence to be seen.
    """
    norm = gradient_norm(gradient)
    factor = largest / (norm + 1e-6)
    if np.isfinite(norm) and factor < 1.0:
        gradient *= factor
    return norm
