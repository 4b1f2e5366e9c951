"""A loss that is known on a grid, drawn like a formula's."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.plots.view_layer import Array

Domain = tuple[float, float, float, float]


@dataclass(frozen=True)
class SampledSketch:
    """What is known of it; see `app.plots.surface_layer.Sketch`."""

    formula: str
    domain: Domain
    minima: tuple[tuple[float, float], ...] = ()
    id: str = ""


class SampledSurface:
    """Losses on a grid, linear between its points, without value beyond them.

    Parameters
    ----------
    name
        Tells it from other surfaces.
    x, y
        (columns,), (rows,), evenly spaced and rising.
    losses
        (rows, columns).
    """

    def __init__(self, name: str, x: Array, y: Array, losses: Array) -> None:
        self._x, self._y, self._losses = x, y, losses
        self.entry = SampledSketch(name, (float(x[0]), float(x[-1]), float(y[0]), float(y[-1])))

    def loss(self, x: Any, y: Any) -> Array:
        """The loss at points; arrays are broadcast against each other."""
        left, across = _place(self._x, np.asarray(x, float))
        below, up = _place(self._y, np.asarray(y, float))
        at = self._losses
        with np.errstate(all="ignore"):
            low = at[below, left] * (1.0 - across) + at[below, left + 1] * across
            high = at[below + 1, left] * (1.0 - across) + at[below + 1, left + 1] * across
            result: Array = low * (1.0 - up) + high * up
        inside = (across >= 0.0) & (across <= 1.0) & (up >= 0.0) & (up <= 1.0)
        return np.where(inside & np.isfinite(result), result, np.nan)

    def grid(self, domain: Domain, columns: int, rows: int) -> tuple[Array, Array, Array]:
        """X of the columns, y of the rows, loss (rows, columns)."""
        x = np.linspace(domain[0], domain[1], columns)
        y = np.linspace(domain[2], domain[3], rows)
        return x, y, self.loss(x[None, :], y[:, None])


def _place(axis: Array, values: Array) -> tuple[Any, Array]:
    """The grid point below each value, and how far it is to the next, 0 to 1 (else beyond the grid)."""
    step = (axis[-1] - axis[0]) / (len(axis) - 1)
    at = (values - axis[0]) / step
    at = np.where(np.abs(at - np.round(at)) < 1e-9, np.round(at), at)  # an edge is not beyond itself
    below = np.clip(np.floor(at), 0, len(axis) - 2).astype(np.intp)
    return below, at - below
