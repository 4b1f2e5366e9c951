"""What is noted at every step of a run: batch loss, gradient norm and learning rate, as growing tables."""

import math

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]

STEP, BATCH_LOSS, GRADIENT_NORM, LEARNING_RATE = range(4)
COLUMNS = ("step", "batch_loss", "gradient_norm", "learning_rate")
"""Of a table: the step (from 1), its batch's loss and gradient norm before its update, and its rate."""
MOST_ROWS = 65_536
"""Rows of a table at most: of longer runs every 2nd, 4th, 8th ... step is kept."""
_NOTHING = 1e-18
"""Weight below which a value does not change a sum."""


class StepSeries:
    """A table with a row for every step, thinned evenly once it is full.

    Parameters
    ----------
    most
        Rows at most. When there would be more, every other one is dropped, and from then on only
        every `stride`-th step is taken in: steps 1, 1 + stride, 1 + 2 stride ...

    Attributes
    ----------
    stride
        Steps from one row to the next.
    last
        The last step that was noted, whether or not it has a row.
    """

    def __init__(self, most: int = MOST_ROWS) -> None:
        self._most = most
        self._rows: Table = np.empty((min(most, 256), len(COLUMNS)))
        self._count = 0
        self.stride, self.last = 1, 0

    @property
    def rows(self) -> Table:
        """(rows, columns) so far, see `COLUMNS`; a view that the next step may overwrite."""
        return self._rows[: self._count]

    def note(self, step: int, batch_loss: float, gradient_norm: float, learning_rate: float) -> None:
        """Take in the next step; one that is known already is left as it is."""
        if step > self.last:
            self.last = step
            if (step - 1) % self.stride == 0:
                self._make_room(1)
                self._rows[self._count] = (step, batch_loss, gradient_norm, learning_rate)
                self._count += 1

    def extend(self, rows: Table) -> None:
        """Take in rows of another table that come later than all of this one."""
        if not len(rows):
            return
        self.last = int(rows[-1, STEP])
        while True:
            wanted = rows[_on_stride(rows, self.stride)]
            if self._count + len(wanted) <= self._most:
                break
            self._thin()
        self._make_room(len(wanted))
        self._rows[self._count : self._count + len(wanted)] = wanted
        self._count += len(wanted)

    def after(self, step: int) -> Table:
        """A copy of the rows later than `step`."""
        return self.rows[np.searchsorted(self.rows[:, STEP], step, side="right") :].copy()

    def forget_after(self, step: int) -> None:
        """Drop what came later than `step`."""
        self._count = int(np.searchsorted(self.rows[:, STEP], step, side="right"))
        self.last = min(self.last, step)

    def _make_room(self, rows: int) -> None:
        if self._count + rows > self._most:
            self._thin()
        if (needed := self._count + rows) > len(self._rows):
            larger = np.empty((min(self._most, max(needed, 2 * len(self._rows))), len(COLUMNS)))
            larger[: self._count] = self.rows
            self._rows = larger

    def _thin(self) -> None:
        self.stride *= 2
        kept = self.rows[_on_stride(self.rows, self.stride)]
        self._count = len(kept)
        self._rows[: self._count] = kept


def _on_stride(rows: Table, stride: int) -> NDArray[np.bool_]:
    kept: NDArray[np.bool_] = (rows[:, STEP] - 1) % stride == 0
    return kept


def exponential_average(values: Table, steps: float, stride: int = 1) -> Table:
    """Smooth a series: `m <- beta m + (1 - beta) x`, divided by `1 - beta^t`, with `beta = 1 - 1 / steps`.

    The division (as in Adam) makes the first value the first average, rather than a tenth of it.

    Parameters
    ----------
    values
        (n,). From the first number on that is not finite the result is not a number.
    steps
        How many steps the average remembers, at least 1 (which changes nothing).
    stride
        Steps between two values, where a series was thinned.
    """
    beta = (1.0 - 1.0 / steps) ** stride
    good = np.isfinite(values)
    count = len(values) if good.all() else int(good.argmin())
    result = np.full(len(values), math.nan)
    result[:count] = _averaged(values[:count], beta)
    return result


def _averaged(values: Table, beta: float) -> Table:
    """Each round doubles the number of latest values that every sum holds, until older ones weigh nothing."""
    sums: Table = (1.0 - beta) * values
    held = 1
    while held < len(values) and (weight := beta**held) > _NOTHING:
        sums[held:] = sums[held:] + weight * sums[:-held]
        held *= 2
    averages: Table = sums / (1.0 - beta ** np.arange(1.0, len(values) + 1))
    return averages
