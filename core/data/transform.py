"""Preprocessing: a shift and a linear map of the features, fitted on the training set and then fixed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.data.dataset import Inputs
from core.hyperparameter import Hyperparameter, Scale

Fit = Callable[[Inputs], tuple[Inputs, Inputs, Inputs | None]]

_NULL = 1e-10
"""A principal component whose variance is below this share of the largest counts as constant."""


@dataclass(frozen=True, eq=False)
class Transform:
    """`y = ((x - mean) @ axes) / std`, as fitted; any set of samples may be put through it.

    Attributes
    ----------
    kind
        Key of `PREPROCESSINGS`.
    mean, std
        (features,). What never changed when fitted has the std 1: its value there becomes 0, and a
        value that is new in the validation set is not blown up.
    axes
        (features, features), its columns the principal axes by falling variance, or None: as they are.
    """

    kind: str
    mean: Inputs
    std: Inputs
    axes: Inputs | None = None

    def apply(self, inputs: Inputs) -> Inputs:
        """Preprocessed inputs (samples, features), in a new array."""
        if self.kind == "none":
            return inputs.copy()
        centred: Inputs = inputs - self.mean
        turned = centred if self.axes is None else centred @ self.axes
        turned /= self.std
        return turned

    @cached_property
    def matrix(self) -> Inputs:
        """(features, features): `apply(x)` is `(x - mean) @ matrix`.

        So a network's first weights, seen as images, are `matrix @ weights` in the raw pixels.
        """
        axes = np.eye(len(self.std)) if self.axes is None else self.axes
        matrix: Inputs = axes / self.std
        return matrix


def _leave(inputs: Inputs) -> tuple[Inputs, Inputs, None]:
    return np.zeros(inputs.shape[1]), np.ones(inputs.shape[1]), None


def _centre(inputs: Inputs) -> tuple[Inputs, Inputs, None]:
    return inputs.mean(axis=0), np.ones(inputs.shape[1]), None


def _standardize(inputs: Inputs) -> tuple[Inputs, Inputs, None]:
    constant = np.ptp(inputs, axis=0) == 0.0
    return inputs.mean(axis=0), np.where(constant, 1.0, inputs.std(axis=0)), None


def _turn(inputs: Inputs) -> tuple[Inputs, Inputs, Inputs]:
    mean, axes, _ = _principal(inputs)
    return mean, np.ones(len(mean)), axes


def _whiten(inputs: Inputs) -> tuple[Inputs, Inputs, Inputs]:
    mean, axes, std = _principal(inputs)
    return mean, np.where(std > _NULL**0.5 * std.max(initial=0.0), std, 1.0), axes


def _principal(inputs: Inputs) -> tuple[Inputs, Inputs, Inputs]:
    """Mean, principal axes (columns) and (biased) standard deviations along them, the largest first.

    An axis' sign is a matter of taste: here its largest number is positive, so that the same data
    give the same axes. Features that never change are left out of the search and come last, as
    themselves.
    """
    mean = inputs.mean(axis=0)
    moving = np.flatnonzero(np.ptp(inputs, axis=0) > 0.0)
    features = inputs.shape[1]
    axes, std = np.zeros((features, features)), np.zeros(features)
    still = np.setdiff1d(np.arange(features), moving)
    axes[still, np.arange(len(moving), features)] = 1.0
    if moving.size:
        centred = inputs[:, moving] - mean[moving]
        peak = np.abs(centred).max()  # squares of huge numbers would overflow
        centred /= peak
        values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
        vectors = vectors[:, ::-1]
        vectors *= np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(len(moving))])
        axes[moving, : len(moving)] = vectors
        std[: len(moving)] = np.sqrt(np.maximum(values[::-1], 0.0)) * peak
    return mean, axes, std


PREPROCESSINGS: dict[str, Fit] = {
    "none": _leave,
    "zero_centre": _centre,
    "standardize": _standardize,
    "pca": _turn,
    "whitening": _whiten,
}

PREPROCESSING = Hyperparameter(
    name="preprocessing", default="standardize", scale=Scale.CHOICE, choices=tuple(PREPROCESSINGS),
    help="What is done to the features before training, as fitted on the training set: none; zero_centre"
    " takes off the mean; standardize also divides by the standard deviation; pca turns to the principal"
    " axes; whitening also divides by the standard deviation along each.",
)  # fmt: skip


def fit(inputs: Inputs, kind: str = "standardize") -> Transform:
    """Fit a preprocessing to training inputs (samples, features).

    Raises
    ------
    InputError
        For an unknown kind.
    """
    kind = str(PREPROCESSING.check(kind))
    return Transform(kind, *PREPROCESSINGS[kind](inputs))
