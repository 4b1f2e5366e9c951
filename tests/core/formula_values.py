"""Values of formulas, and what formulas mean in floats."""

from collections.abc import Callable
from typing import Any

import numpy as np

from core.formula_code import array_function, derive


def value(formula: str, x: Any = 0.0, y: Any = 0.0) -> Any:
    with np.errstate(all="ignore"):
        return array_function((derive(formula).loss,))(np.asarray(x, float), np.asarray(y, float))[0]


PLAIN: dict[str, Callable[..., Any]] = {
    "ln": np.log, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "atan2": np.arctan2,
    "min": np.minimum, "max": np.maximum, "softplus": lambda z: np.logaddexp(0.0, z),
    "sigmoid": lambda z: np.where(z < 0.0, np.exp(-abs(z)), 1.0) / (1.0 + np.exp(-abs(z))),
}  # fmt: skip
