"""Numbers as they are shown: short, of steady width, with a true minus sign."""

import math

WIDEST = "−0.001234"
"""A text as wide as any that `short` gives."""


def short(value: float) -> str:
    """A number in four figures, in powers of ten where it is very small or large."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size == 0.0:
        return "0"
    if not 1e-3 <= size < 99_999.5:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    decimals = max(3 - math.floor(math.log10(size)), 0)
    return f"{value:.{decimals}f}".replace("-", "−")


def plain(value: float) -> str:
    """A number that a person has set, without trailing zeros."""
    text = f"{value:.6g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def pair(values: tuple[float, float]) -> str:
    """Two numbers in parentheses."""
    return f"({short(values[0])}, {short(values[1])})"
