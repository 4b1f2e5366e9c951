"""From a data set to what a network trains on: split, then scaled by the training set's figures."""

from dataclasses import dataclass
from functools import lru_cache

import msgspec
import numpy as np

from core.choice import Choice
from core.data.dataset import DATASETS, Inputs, Labels
from core.data.own_samples import OwnSamples
from core.data.streams import named_stream

VALIDATION_SHARE = 0.2


def split(labels: Labels, rng: np.random.Generator, share: float = VALIDATION_SHARE) -> tuple[Labels, Labels]:
    """Indices of the training and of the validation set, disjoint, each in random order.

    Every class is split in the same proportion, and has at least one sample in each part where it
    has two.
    """
    training, validation = [], []
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        held = held_out(len(members), share)
        validation.append(members[:held])
        training.append(members[held:])
    return rng.permutation(np.concatenate(training)), rng.permutation(np.concatenate(validation))


def held_out(members: int, share: float = VALIDATION_SHARE) -> int:
    """How many samples of a class are kept for validation: a share of them, but never all."""
    return min(max(round(members * share), 1), members - 1)


@dataclass(frozen=True, eq=False)
class Standardizer:
    """Takes off each feature's mean and divides by its standard deviation, as fitted.

    Attributes
    ----------
    mean, std
        (features,). A feature that never changed when fitted has the scale 1: its value there becomes 0.
    """

    mean: Inputs
    std: Inputs

    @classmethod
    def fit(cls, inputs: Inputs) -> "Standardizer":
        """Mean and (biased) standard deviation of the training inputs, (samples, features)."""
        constant = np.ptp(inputs, axis=0) == 0.0
        return cls(inputs.mean(axis=0), np.where(constant, 1.0, inputs.std(axis=0)))

    def apply(self, inputs: Inputs) -> Inputs:
        """Standardized inputs."""
        scaled: Inputs = (inputs - self.mean) / self.std
        return scaled

    def restore(self, inputs: Inputs) -> Inputs:
        """Inputs as they were before they were standardized."""
        restored: Inputs = inputs * self.std + self.mean
        return restored


@dataclass(frozen=True, eq=False)
class TrainingData:
    """A data set split and standardized; the arrays are read-only.

    Attributes
    ----------
    training_inputs, validation_inputs
        (samples, features) float64; the training inputs have mean 0 and variance 1 (0 where a
        feature never changes).
    training_labels, validation_labels
        (samples,), whole numbers from 0.
    classes
        How many classes there are.
    scale
        What standardized the inputs, to do the same with others and to get back what was read.
    """

    training_inputs: Inputs
    training_labels: Labels
    validation_inputs: Inputs
    validation_labels: Labels
    classes: int
    scale: Standardizer

    @property
    def features(self) -> int:
        """Numbers in each input."""
        return int(self.training_inputs.shape[1])

    @property
    def training_samples(self) -> int:
        """Size of the training set."""
        return len(self.training_labels)


def prepare(dataset: Choice, seed: int, own: OwnSamples | None = None) -> TrainingData:
    """Make a data set from a seed, split and standardize it; the last few are kept.

    Parameters
    ----------
    own
        Samples of one's own, instead of the data set.

    Raises
    ------
    InputError
        For an unknown data set, wrong numbers, or a file that is missing or damaged.
    """
    return _prepare(msgspec.json.encode(dataset, order="deterministic") if own is None else own, seed)


@lru_cache(maxsize=8)
def _prepare(source: bytes | OwnSamples, seed: int) -> TrainingData:
    inputs, labels = _made(source, seed)
    training, validation = split(labels, named_stream(seed, "split"))
    scale = Standardizer.fit(inputs[training])
    parts = (
        scale.apply(inputs[training]),
        labels[training],
        scale.apply(inputs[validation]),
        labels[validation],
    )
    for array in parts:
        array.flags.writeable = False
    return TrainingData(*parts, classes=int(labels.max()) + 1, scale=scale)


def _made(source: bytes | OwnSamples, seed: int) -> tuple[Inputs, Labels]:
    if isinstance(source, OwnSamples):
        return source.checked().arrays()
    dataset = msgspec.json.decode(source, type=Choice)
    entry = DATASETS[dataset.id]
    return entry.make(entry.values(dataset.values), named_stream(seed, "data"))
