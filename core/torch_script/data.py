"""The data that networks learn from, as NumPy in a script: made, split, preprocessed, augmented and mixed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import DATASETS
from core.data.preprocessing import prepare
from core.data.streams import named_stream
from core.hyperparameter import Value
from core.torch_script.writing import MOST_WRITTEN, archive, assigned, comment, listed
from core.training import TrainingSpec

_MADE: dict[str, str] = {
    "blobs": """\
labels = np.arange({samples}) % {classes}
angle = 2.0 * np.pi * labels / {classes}
points = np.column_stack([np.cos(angle), np.sin(angle)])""",
    "circles": """\
labels = np.arange({samples}) % {classes}
radius = (labels + 1.0) / {classes}
angle = random.uniform(0.0, 2.0 * np.pi, {samples})
points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])""",
    "moons": """\
labels = np.arange({samples}) % 2
angle = random.uniform(0.0, np.pi, {samples})
side = 1.0 - 2.0 * labels
points = np.column_stack([labels + side * np.cos(angle), 0.5 * labels + side * np.sin(angle)])""",
    "spirals": """\
labels = np.arange({samples}) % {classes}
along = random.uniform(0.0, 1.0, {samples}) ** 0.5
angle = 2.0 * np.pi * (along * {turns} + labels / {classes})
points = along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])""",
    "xor": """\
quadrant = np.arange({samples}) % 4
signs = np.column_stack([1 - 2 * (quadrant % 2), 1 - 2 * (quadrant // 2)])
labels = (signs[:, 0] != signs[:, 1]).astype(np.int64)
points = signs * random.uniform(0.0, 1.0, signs.shape)""",
}
"""How each data set that is made from random numbers is made; others stand in the file beside the script."""

_NOISE = "inputs = points + random.standard_normal(points.shape) * {noise}"
_READ = """\
with np.load(Path(__file__).with_suffix(".npz")) as file:  # beside this script
    inputs, labels = file["inputs"].astype(float), file["labels"].astype(np.int64)"""

SPLIT = '''\
def split():
    """Places of the training and of the validation samples: a fifth of every class is held out."""
    random, training, validation = stream("split"), [], []
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        held = min(max(round(len(members) * 0.2), 1), len(members) - 1)
        validation.append(members[:held])
        training.append(members[held:])
    return [random.permutation(np.concatenate(part)) for part in (training, validation)]'''

_PRINCIPAL = '''\
def principal_axes(training):
    """Mean, principal axes (columns, by falling variance) and standard deviations along them.

    Features that never change come last, as themselves; an axis' largest number is positive.
    """
    mean, features = training.mean(axis=0), training.shape[1]
    moving = np.flatnonzero(np.ptp(training, axis=0) > 0.0)
    still = np.setdiff1d(np.arange(features), moving)
    axes, std = np.zeros((features, features)), np.zeros(features)
    axes[still, np.arange(len(moving), features)] = 1.0
    centred = training[:, moving] - mean[moving]
    peak = np.abs(centred).max()
    centred /= peak
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    vectors = vectors[:, ::-1]
    vectors *= np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(len(moving))])
    axes[moving, : len(moving)] = vectors
    std[: len(moving)] = np.sqrt(np.maximum(values[::-1], 0.0)) * peak
    return mean, axes, std'''

_PREPROCESSINGS: dict[str, tuple[str, ...]] = {
    "none": (
        '''\
def none(training):
    """The features as they are."""
    return lambda x: x''',
    ),
    "zero_centre": (
        '''\
def zero_centre(training):
    """Takes off the training set's mean."""
    mean = training.mean(axis=0)
    return lambda x: x - mean''',
    ),
    "standardize": (
        '''\
def standardize(training):
    """Gives every feature mean 0 and standard deviation 1 over the training set."""
    mean, std = training.mean(axis=0), training.std(axis=0)
    std[np.ptp(training, axis=0) == 0.0] = 1.0  # what never changes becomes 0
    return lambda x: (x - mean) / std''',
    ),
    "pca": (
        _PRINCIPAL,
        '''\
def pca(training):
    """Turns the features to the training set's principal axes."""
    mean, axes, _ = principal_axes(training)
    return lambda x: (x - mean) @ axes''',
    ),
    "whitening": (
        _PRINCIPAL,
        '''\
def whitening(training):
    """Turns to the principal axes and divides by the standard deviation along each."""
    mean, axes, std = principal_axes(training)
    std = np.where(std > 1e-5 * std.max(), std, 1.0)
    return lambda x: (x - mean) @ axes / std''',
    ),
}

AUGMENT = '''\
def augment(images, shift, rotate, scale, random):
    """Shift (pixels), turn (degrees) and scale each image in its own way; 0 comes in from outside."""
    count = len(images)
    most = np.array([[shift], [shift], [np.deg2rad(rotate)], [scale]])
    down, right, angle, growth = random.uniform(-1.0, 1.0, (4, count)) * most
    cosine, sine = np.cos(angle) / (1.0 + growth), np.sin(angle) / (1.0 + growth)
    down, right = down / {down}, right / {right}  # in units of half an image
    maps = [[cosine, -sine{across}, sine{across} * down - cosine * right],
            [sine{along}, cosine, -cosine * down - sine{along} * right]]
    grid = functional.affine_grid(
        torch.from_numpy(np.array(maps)).permute(2, 0, 1), (count, 1, {height}, {width}), align_corners=True
    )
    images = torch.from_numpy(images).view(count, 1, {height}, {width})
    moved = functional.grid_sample(images, grid, align_corners=True)
    return moved.view(count, -1).numpy()'''

MIXUP = '''\
def mixup(x, y, alpha, random):
    """Mix each sample with another, by one share for the batch that is drawn from Beta(alpha, alpha)."""
    soft = functional.one_hot(y, CLASSES).to(x.dtype)
    share = float(np.nan_to_num(random.beta(alpha, alpha), nan=1.0))
    partners = torch.from_numpy(random.permutation(len(x)))
    return share * x + (1 - share) * x[partners], share * soft + (1 - share) * soft[partners]'''


@dataclass(frozen=True)
class Data:
    """Where the samples of a script come from.

    Attributes
    ----------
    text
        Lines that set `inputs` (samples, features) and `labels` (samples,).
    file
        Content of the file that they read, or None.
    features, classes, training
        Numbers in an input, classes, and samples of the training set.
    """

    text: str
    file: bytes | None
    features: int
    classes: int
    training: int


def data_of(spec: TrainingSpec) -> Data:
    """The samples of a training run."""
    split = prepare(spec.dataset, spec.seed, spec.own)
    counts = split.features, split.classes, split.training_samples
    if spec.own is not None:
        return Data(*_own(spec), *counts)
    entry = DATASETS[spec.dataset.id]
    values: Mapping[str, Value] = entry.values(spec.dataset.values)
    if entry.id in _MADE:
        made = _MADE[entry.id].format(**values)
        lines = [f"# {entry.name}", 'random = stream("data")', made, _NOISE.format(**values)]
        return Data("\n".join(lines), None, *counts)
    inputs, labels = entry.make(values, named_stream(spec.seed, "data"))
    whole = np.array_equal(inputs, inputs.astype(np.uint8))
    file = archive(
        {"inputs": inputs.astype(np.uint8) if whole else inputs, "labels": labels.astype(np.uint8)}
    )
    return Data(f"{_ABOUT.get(entry.id, comment(entry.name))}\n{_READ}", file, *counts)


_ABOUT = {
    "digits": """\
# Handwritten digits, 8 x 8 pixels: E. Alpaydin and C. Kaynak (1998), UCI Repository,
# https://doi.org/10.24432/C50P49, CC BY 4.0. scikit-learn has the same, in the same order:
# inputs, labels = sklearn.datasets.load_digits(return_X_y=True)"""
}


def _own(spec: TrainingSpec) -> tuple[str, bytes | None]:
    """Samples of a person's own: in the script itself where they are few."""
    own = spec.own
    assert own is not None
    inputs, labels = own.checked().arrays()
    about = comment(f"{own.name}; features: {', '.join(own.features)}; classes: {', '.join(own.classes)}")
    rows = [f"[{', '.join(map(repr, row))}]" for row in inputs.tolist()]
    if sum(map(len, rows)) > MOST_WRITTEN:
        arrays: dict[str, NDArray[np.generic]] = {"inputs": inputs, "labels": labels.astype(np.uint8)}
        return f"{about}\n{_READ}", archive(arrays)
    lists = listed("inputs", rows), assigned("labels", [str(label) for label in labels.tolist()])
    lines = [each.replace(" = [", " = np.array([", 1) + ")" for each in lists]
    return "\n".join([about, *lines]), None


def preprocessing(kind: str) -> tuple[str, ...]:
    """The functions of a preprocessing: the last one has its name, and fits it to a training set."""
    return _PREPROCESSINGS[kind]


def augmentation(shape: tuple[int, int]) -> str:
    """The function that moves images of a shape."""
    height, width = shape
    square = height == width
    return AUGMENT.format(
        height=height, width=width, down=(height - 1) / 2, right=(width - 1) / 2,
        across="" if square else f" * {(height - 1) / (width - 1)!r}",
        along="" if square else f" * {(width - 1) / (height - 1)!r}",
    )  # fmt: skip
