"""Numbers as they are shown: short, of steady width, with a true minus sign."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WIDEST = "−0.001234"
"""A text as wide as any that `short` gives."""
FACTOR = "0.001234"
"""The same for what is not negative."""


def short(value: float, figures: int = 4) -> str:
    """A number in some figures, in powers of ten where it is very small or large."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size == 0.0:
        return "0"
    if not 1e-3 <= size < 99_999.5:
        # Digits make room for those of the exponent.
        digits = 2 if 1e-9 <= size < 1e10 else 1 if 1e-99 <= size < 1e100 else 0
        mantissa, exponent = f"{value:.{digits}e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    decimals = max(figures - 1 - math.floor(math.log10(size)), 0)
    return f"{value:.{decimals}f}".replace("-", "−")


def plain(value: float) -> str:
    """A number that a person has set, without trailing zeros."""
    text = f"{value:.5g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def pair(values: Sequence[float] | NDArray[np.float64]) -> str:
    """Numbers for x and y, in three figures."""
    return ", ".join(short(value, 3) for value in values)
