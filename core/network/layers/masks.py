"""Masks that drop a share of numbers: where they are drawn from, and how they scale what is kept."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from core.network.arrays import Array

_PROBE_SEED = 0


class MaskStream:
    """The stream of random numbers that a network's masks come from.

    The state of `rng` is all there is to a run's masks: with a copy of it put back, training goes on
    with the same ones.

    Parameters
    ----------
    rng
        Taken from in training only.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._now = rng

    def draw(self, out: Array, share: float) -> None:
        """Fill `out` with 0, at the given share of its places on average, and `1 / (1 - share)` elsewhere.

        So the mean of what is multiplied by it stays as it is ("inverted"), and evaluation needs no
        factor. `out` must lie in one piece.
        """
        self._now.random(dtype=out.dtype, out=out)
        np.greater_equal(out, share, out=out)
        out *= 1.0 / (1.0 - share)

    @contextmanager
    def probing(self) -> Iterator[None]:
        """Draw from a stream of its own meanwhile, the same each time: looking changes no training."""
        self._now = np.random.default_rng(_PROBE_SEED)
        try:
            yield
        finally:
            self._now = self.rng
