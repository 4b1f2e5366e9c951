"""Numbers as they are read: short, with a true minus sign."""

import math
import re

ABSENT = "–"
"""What stands for a number that does not exist."""


def true_minus(text: str) -> str:
    """A sentence with hyphens before digits made minus signs."""
    return re.sub(r"(?<![A-Za-z])-(?=[\d.])|(?<=\de)-(?=\d)", "−", text)


def shown(value: float | None, digits: int = 4) -> str:
    """A number with a few digits: `−0.0123`, `1.2e−5`, `∞`; a dash for None or NaN."""
    if value is None or math.isnan(value):
        return ABSENT
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    mantissa, mark, exponent = f"{value + 0.0:.{digits}g}".partition("e")
    if mark:
        mantissa += f"e{int(exponent)}"
    return mantissa.replace("-", "−")
