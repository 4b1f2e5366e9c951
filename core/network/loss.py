"""Softmax cross-entropy, accuracy and weight decay.

Shapes: logits (samples, classes), labels (samples,) of whole numbers from 0.
"""

from functools import lru_cache

import numpy as np

from core.network.arrays import Array


def cross_entropy(logits: Array, labels: Array, out: Array) -> float:
    """Mean over the samples of `log(sum(exp(z))) - z[label]`; writes each row's softmax into `out`.

    Each row's largest logit is taken off first, which changes nothing in exact arithmetic and keeps
    `exp` from overflowing. The loss is taken from the logits, not from the probabilities, so that it
    stays finite where a probability underflows. `log(classes)` when the logits do not tell the classes
    apart; not a number when a logit is not finite.
    """
    peak = np.maximum.reduce(logits.T.copy(), axis=0)  # along the rows of a copy: three times as fast
    np.subtract(logits, peak[:, None], out=out)
    chosen = out[_places(len(labels)), labels]
    np.exp(out, out=out)
    total = out @ np.ones(out.shape[1], out.dtype)
    out /= total[:, None]
    return float(np.add.reduce(np.log(total) - chosen) / len(labels))


def cross_entropy_gradient(probabilities: Array, labels: Array) -> None:
    """Turn softmax into the mean loss' derivative by the logits: `(softmax - one_hot) / samples`."""
    samples = len(labels)
    probabilities[_places(samples), labels] -= 1.0
    probabilities *= 1.0 / samples


@lru_cache(maxsize=64)
def _places(samples: int) -> Array:
    places = np.arange(samples)
    places.flags.writeable = False
    return places


def correct(logits: Array, labels: Array) -> int:
    """How many samples have their largest logit at their label; a tie goes to the first class."""
    return int(np.count_nonzero(logits.argmax(axis=1) == labels))


def weight_penalty(weights: Array, l2: float) -> float:
    """`0.5 l2 sum(w^2)`, of weights only: not of biases, gammas, betas and slopes."""
    return 0.5 * l2 * float(np.vdot(weights, weights))


def add_weight_penalty_gradient(weights: Array, l2: float, gradient: Array, scratch: Array) -> None:
    """Add `l2 w` to the weights' gradient; `scratch` is as long as both."""
    np.multiply(weights, l2, out=scratch)
    gradient += scratch
