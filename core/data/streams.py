"""Independent streams of random numbers from one seed, told apart by name."""

import zlib

import numpy as np


def named_stream(seed: int, *names: str) -> np.random.Generator:
    """Return a generator that depends on `seed` and `names` only, not on what else was drawn.

    So a run's shuffles stay the same when an initializer is ticked or unticked.
    """
    words = [zlib.crc32(name.encode()) for name in names]
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))
