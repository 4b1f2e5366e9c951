"""Samples of one's own that a network learns to tell apart, and what was left out when they were read."""

import msgspec
import numpy as np

from core.data.dataset import Inputs, Labels
from core.errors import InputError

MOST_CLASSES = 100
"""Classes that are told apart at most; the bytes of the labels could hold 256."""
FEWEST_ROWS = 5
"""Rows that a class needs: a fifth of them is kept for validation."""


class OwnSamples(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The samples themselves, so that a saved experiment or another process needs no file.

    They are kept as numbers and not as the text they were read from: every edit goes to another
    process, which would have to read it again, half a second for 100,000 rows.

    Attributes
    ----------
    name
        What they are called: the file's name.
    features, classes
        Names, in the order of the columns of `inputs` and of the numbers in `labels`.
    inputs
        (samples, features) float64, little-endian, row by row.
    labels
        (samples,) one byte each: the place in `classes`.
    notes
        What was left out when they were read, and why, in sentences.
    """

    name: str
    features: tuple[str, ...]
    classes: tuple[str, ...]
    inputs: bytes
    labels: bytes
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"OwnSamples({self.name!r}, {self.rows} rows, {len(self.features)} features)"

    @property
    def rows(self) -> int:
        """How many samples there are."""
        return len(self.labels)

    def arrays(self) -> tuple[Inputs, Labels]:
        """Inputs (samples, features) float64 and labels (samples,); a view, read-only, and a copy."""
        inputs = np.frombuffer(self.inputs, "<f8").reshape(self.rows, len(self.features))
        return inputs, np.frombuffer(self.labels, np.uint8).astype(np.intp)

    def counts(self) -> tuple[int, ...]:
        """Samples of each class."""
        labels = np.frombuffer(self.labels, np.uint8)
        return tuple(np.bincount(labels, minlength=len(self.classes)).tolist())

    def summary(self) -> str:
        """How much there is, in one line: "iris.csv: 150 rows, 4 features, 3 classes"."""
        features = f"{len(self.features):,} feature{'s' * (len(self.features) != 1)}"
        return f"{self.name}: {self.rows:,} rows, {features}, {len(self.classes)} classes"

    def class_counts(self, most: int = 10) -> str:
        """The classes and how often each is there: "setosa 50, versicolor 50, virginica 50"."""
        pairs = [f"{name} {count:,}" for name, count in zip(self.classes, self.counts(), strict=True)]
        more = [f"and {len(pairs) - most} more"] if len(pairs) > most else []
        return ", ".join([*pairs[:most], *more])

    def checked(self) -> "OwnSamples":
        """Return the samples; raises `InputError` for what no reader has written."""
        wrong = "The samples in the experiment are damaged; read the file of '{}' again."
        if len(self.inputs) != 8 * self.rows * len(self.features) or not self.features:
            raise InputError(wrong.format(self.name), "csv")
        whole = 2 <= len(self.classes) <= MOST_CLASSES and max(self.labels, default=0) < len(self.classes)
        if not whole or min(self.counts()) < FEWEST_ROWS or not np.isfinite(self.arrays()[0]).all():
            raise InputError(wrong.format(self.name), "csv")
        return self
