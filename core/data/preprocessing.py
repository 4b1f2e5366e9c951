"""From a data set to what a network trains on: split, then preprocessed by the training set's figures."""

from dataclasses import dataclass
from functools import lru_cache

import msgspec
import numpy as np

from core.choice import Choice
from core.data.dataset import DATASETS, Inputs, Labels
from core.data.own_samples import OwnSamples
from core.data.streams import named_stream
from core.data.transform import PREPROCESSING, Transform, fit

VALIDATION_SHARE = 0.2


@dataclass(frozen=True, eq=False)
class SplitData:
    """A data set split into training and validation set, as it was made; the arrays are read-only."""

    training_inputs: Inputs
    training_labels: Labels
    validation_inputs: Inputs
    validation_labels: Labels
    classes: int


@dataclass(frozen=True, eq=False)
class TrainingData:
    """A data set split and preprocessed; the arrays are read-only.

    Attributes
    ----------
    training_inputs, validation_inputs
        (samples, features) float64; standardized, the training inputs have mean 0 and variance 1 (0
        where a feature never changes).
    training_labels, validation_labels
        (samples,), whole numbers from 0.
    classes
        How many classes there are.
    transform
        What was done to the raw inputs, as fitted on the training set.
    raw
        The same samples in the same order before that.
    """

    training_inputs: Inputs
    training_labels: Labels
    validation_inputs: Inputs
    validation_labels: Labels
    classes: int
    transform: Transform
    raw: SplitData

    @property
    def features(self) -> int:
        """Numbers in each input."""
        return int(self.training_inputs.shape[1])

    @property
    def training_samples(self) -> int:
        """Size of the training set."""
        return len(self.training_labels)


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


def prepare(
    dataset: Choice, seed: int, own: OwnSamples | None = None, preprocessing: str = "standardize"
) -> TrainingData:
    """Make a data set from a seed, split and preprocess it; the last few are kept.

    Parameters
    ----------
    own
        Samples of one's own, instead of the data set.

    Raises
    ------
    InputError
        For an unknown data set or preprocessing, wrong numbers, or a file that is missing or damaged.
    """
    kind = str(PREPROCESSING.check(preprocessing))
    source = msgspec.json.encode(dataset, order="deterministic") if own is None else own
    return _prepare(source, seed, kind)


@lru_cache(maxsize=8)
def _prepare(source: bytes | OwnSamples, seed: int, preprocessing: str) -> TrainingData:
    raw = _split_data(source, seed)
    transform = fit(raw.training_inputs, preprocessing)
    training, validation = map(transform.apply, (raw.training_inputs, raw.validation_inputs))
    for array in (training, validation):
        array.flags.writeable = False
    labels = raw.training_labels, raw.validation_labels
    return TrainingData(training, labels[0], validation, labels[1], raw.classes, transform, raw)


@lru_cache(maxsize=8)
def _split_data(source: bytes | OwnSamples, seed: int) -> SplitData:
    inputs, labels = _made(source, seed)
    training, validation = split(labels, named_stream(seed, "split"))
    parts = inputs[training], labels[training], inputs[validation], labels[validation]
    for array in parts:
        array.flags.writeable = False
    return SplitData(*parts, classes=int(labels.max()) + 1)


def _made(source: bytes | OwnSamples, seed: int) -> tuple[Inputs, Labels]:
    if isinstance(source, OwnSamples):
        return source.checked().arrays()
    dataset = msgspec.json.decode(source, type=Choice)
    entry = DATASETS[dataset.id]
    return entry.make(entry.values(dataset.values), named_stream(seed, "data"))
