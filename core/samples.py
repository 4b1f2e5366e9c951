"""The samples that a surface made of data is a mean over: where they come from and how they are scaled."""

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.data.table import read_table
from core.errors import InputError
from core.resource import resource_path

Array = NDArray[np.float64]
Scaling = Literal["raw", "centred", "standardized"]


class DataSource(msgspec.Struct, frozen=True):
    """A table, and what becomes of its columns.

    Attributes
    ----------
    file
        Name in `resources/data`, or "" for `text`.
    text
        CSV text with a header.
    scaling
        Of the columns in `scaled`: "centred" takes the mean away, "standardized" also divides by the
        standard deviation.
    scaled
        Names of columns.
    """

    file: str = ""
    text: str = ""
    scaling: Scaling = "raw"
    scaled: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Samples:
    """Numbers to compute with.

    Attributes
    ----------
    names
        Of the columns, as formulas call them.
    values
        (columns, samples), read-only.
    """

    names: tuple[str, ...]
    values: Array

    @property
    def count(self) -> int:
        """How many samples there are."""
        return int(self.values.shape[1])

    @cached_property
    def checksum(self) -> str:
        """Of names and numbers: the same for the same samples only."""
        return hashlib.sha256(repr(self.names).encode() + self.values.tobytes()).hexdigest()[:16]


@lru_cache(maxsize=32)
def samples(source: DataSource) -> Samples:
    """The samples of a source; raises `InputError` for a table that cannot be read."""
    table = read_table(_text(source))
    values = np.array([table.numbers(index) for index in range(len(table.names))])
    for name in source.scaled if source.scaling != "raw" else ():
        column = values[table.index(name)]
        column -= column.mean()
        if source.scaling == "standardized":
            column /= column.std()
    values.flags.writeable = False
    return Samples(table.names, values)


def _text(source: DataSource) -> str:
    if not source.file:
        return source.text
    path = resource_path(f"data/{source.file}")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise InputError(f"The file {path.name} is missing or damaged ({error}); install again.") from None
