"""Mixup (Zhang et al. 2018): training on weighted means of two samples and of their labels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def mixup(
    inputs: Array, labels: Array, classes: int, alpha: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Mix each sample of a batch with another: `share x_i + (1 - share) x_j`, labels alike.

    One share for the whole batch, drawn from `Beta(alpha, alpha)`, and each sample's partner from a
    permutation of the batch, as in the paper's program. With a small alpha most batches stay almost
    as they are; 1 takes every share alike.

    Parameters
    ----------
    inputs, labels
        (samples, features); (samples,) classes or (samples, classes) shares. Both are left alone.
    alpha
        Above 0; 0 mixes nothing.

    Returns
    -------
    tuple
        New inputs, and soft labels (samples, classes), both of the inputs' dtype.
    """
    soft = one_hot(labels, classes, inputs.dtype) if labels.ndim == 1 else labels
    if alpha <= 0.0:
        return inputs.copy(), soft.astype(inputs.dtype)
    # A tiny alpha makes both of Beta's draws underflow, which leaves no share at all.
    share = inputs.dtype.type(np.nan_to_num(rng.beta(alpha, alpha), nan=1.0))
    partners = rng.permutation(len(inputs))
    return _between(inputs, partners, share), _between(soft, partners, share)


def one_hot(labels: Array, classes: int, dtype: Any) -> Array:
    """Share 1 of each sample's class, (samples, classes)."""
    found: Array = np.zeros((len(labels), classes), dtype)
    found[np.arange(len(labels)), labels] = 1
    return found


def _between(values: Array, partners: Array, share: Any) -> Array:
    mixed: Array = values * share
    mixed += values[partners] * (1 - share)
    return mixed
