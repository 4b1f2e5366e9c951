"""A histogram on bins as fine as the digits of a float, from which histograms on other axes are summed.

A float's bits are its sign, its exponent and its mantissa. Cut after the first `MANTISSA` bits of the
mantissa they number bins: 32 in every power of two, the same for values of any size. Counting takes one
pass, without a look at the values' range. Bins of equal width from `-2^k` to `2^k`, or from 0 to `2^k`,
are exact sums of these as long as there are at most 64 of them: edges fall on edges.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from core.network.arrays import Array

MANTISSA = 5
_UNSIGNED: dict[np.dtype[Any], np.dtype[Any]] = {
    np.dtype(np.float32): np.dtype(np.uint32),
    np.dtype(np.float64): np.dtype(np.uint64),
}


@dataclass(frozen=True, eq=False)
class FineHistogram:
    """Counts of values by the first bits of each.

    Attributes
    ----------
    places, counts
        (n,), numbers of the bins that are not empty, ascending, and what is in them; finite values only.
    non_finite
        How many values are infinite or not numbers.
    dtype
        Of the values.
    """

    places: Array
    counts: Array
    non_finite: int
    dtype: np.dtype[Any]

    def on(self, low: float, high: float, bins: int) -> Array:
        """(bins,) counts on bins of equal width; values beyond the ends are in the outermost bins."""
        table = _table(self.dtype, low, high, bins)[self.places]
        return np.bincount(table, weights=self.counts, minlength=bins).astype(np.int32)

    def extent(self, share: float) -> float:
        """The lowest power of two above that share of the magnitudes; 0 when there is no value but 0."""
        sizes = np.bincount(_exponents(self.dtype)[self.places], weights=self.counts, minlength=1)
        up_to = sizes.cumsum()
        least = int(up_to.searchsorted(share * up_to[-1]))
        if not least and up_to[0] < up_to[-1]:  # nearly all are 0: what is left decides
            least = len(sizes) - 1
        return 2.0 ** (least - _bias(self.dtype)) if least else 0.0


def fine_histogram(values: Array) -> FineHistogram:
    """Count values; those of another type than float32 as float64."""
    flat = np.ascontiguousarray(values).ravel()
    if flat.dtype not in _UNSIGNED:
        flat = flat.astype(np.float64)
    bits = flat.view(_UNSIGNED[flat.dtype]) >> _shift(flat.dtype)
    counts = np.bincount(bits.astype(np.intp))
    places = np.flatnonzero(counts.astype(bool))
    exponents = _exponents(flat.dtype)
    finite = exponents[places] < exponents[-1]
    if finite.all():
        return FineHistogram(places, counts[places], 0, flat.dtype)
    kept = places[finite]
    return FineHistogram(kept, counts[kept], flat.size - int(counts[kept].sum()), flat.dtype)


@lru_cache(maxsize=4)
def _shift(dtype: np.dtype[Any]) -> int:
    return int(np.finfo(dtype).nmant) - MANTISSA


@lru_cache(maxsize=4)
def _bias(dtype: np.dtype[Any]) -> int:
    """Values from `2^(e-1)` to below `2^e` store the exponent `e` and this."""
    return -int(np.finfo(dtype).minexp)


@lru_cache(maxsize=4)
def _middles(dtype: np.dtype[Any]) -> Array:
    """The middle of every bin; 0 for those too small to have an exponent of their own."""
    unsigned, shift = _UNSIGNED[dtype], _shift(dtype)
    numbers = np.arange(1 << (8 * dtype.itemsize - shift), dtype=unsigned)
    middles: Array = ((numbers << shift) | (1 << (shift - 1))).astype(unsigned).view(dtype).astype(np.float64)
    middles[np.abs(middles) < np.finfo(dtype).tiny] = 0.0
    return middles


@lru_cache(maxsize=4)
def _exponents(dtype: np.dtype[Any]) -> Array:
    """The exponent of every bin as it is stored: 0 for the smallest values, all ones for no finite number."""
    numbers: Array = np.arange(1 << (8 * dtype.itemsize - _shift(dtype)))
    stored: Array = (numbers >> MANTISSA) & ((1 << (8 * dtype.itemsize - int(np.finfo(dtype).nmant) - 1)) - 1)
    return stored


@lru_cache(maxsize=64)
def _table(dtype: np.dtype[Any], low: float, high: float, bins: int) -> Array:
    """For every fine bin the bin of equal width that it is in."""
    with np.errstate(all="ignore"):
        inside = np.clip(_middles(dtype), low, high) - low
        places = np.nan_to_num(np.floor(inside * (bins / (high - low))))
    table: Array = np.clip(places, 0, bins - 1).astype(np.intp)
    return table
