"""Steps many paths together over a surface made of data: one batch, one evaluation for all of them.

The arithmetic of a few points over some samples costs NumPy little more than that of one. Each path is a
generator of `core.descent_code` that yields its point and is sent its gradient; the rules stay floats.
"""

import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batches import batches
from core.mean_loss import MeanLoss

Array = NDArray[np.float64]
End = tuple[str, tuple[float, ...]]
Path = Generator[tuple[float, ...], tuple[float, ...], End]


@dataclass(frozen=True, eq=False)
class Together:
    """What became of the paths.

    Attributes
    ----------
    points
        (steps + 1, paths, 2 or more): x, y and what the paths yield beside them; NaN after a step that
        could not be taken.
    ends
        For each path a word on what stopped it, or "", and its state at the end.
    """

    points: Array
    ends: tuple[End, ...]


def step_together(
    mean: MeanLoss, paths: list[Path], bent: list[bool], steps: int, size: int, seed: int
) -> Together:
    """Step paths that yield the same number of values.

    Parameters
    ----------
    bent
        Which paths are sent the batch's Hessian beside its gradient.
    size, seed
        Of the mini-batches; size 0 takes all samples in every step.
    """
    rows = [next(path) for path in paths]
    nothing = (math.nan,) * len(rows[0])
    ends: list[End | None] = [None] * len(paths)
    points = np.empty((steps + 1, len(paths), len(nothing)))
    with np.errstate(all="ignore"):  # what overflows is seen in the points
        for place, batch in zip(points, _batches(mean, size, seed), strict=False):
            place[:] = rows
            x, y = place[:, 0], place[:, 1]
            sent = _rows(mean.batch_gradient(x, y, batch))
            if any(bent):
                curved = _rows(mean.batch_hessian(x, y, batch))
                sent = [g + h if bends else g for g, h, bends in zip(sent, curved, bent, strict=True)]
            for index, (path, derivatives) in enumerate(zip(paths, sent, strict=True)):
                try:
                    rows[index] = path.send(derivatives)
                except StopIteration as stop:
                    rows[index] = nothing
                    ends[index] = ends[index] or stop.value
    return Together(points, tuple(end for end in ends if end is not None))


def _rows(columns: Iterable[Array]) -> list[tuple[float, ...]]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _batches(mean: MeanLoss, size: int, seed: int) -> Iterable[Any]:
    values = mean.samples.values
    return batches(values, size, seed) if size else repeat(values)
