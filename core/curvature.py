"""How a surface bends: eigenvalues and eigenvectors of its Hessian, and what follows for a learning rate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.formula_code import Printed
from core.surface import Surface, SurfaceSpec, surface

Array = NDArray[np.float64]
Pair = tuple[float, float]


@dataclass(frozen=True)
class Curvature:
    """The Hessian at one point.

    Attributes
    ----------
    eigenvalues
        Low and high, or None where the Hessian is not finite (a kink, a pole, outside the formula's reach).
    eigenvectors
        Unit vectors (x, y) of the low and of the high eigenvalue, or None.
    condition_number
        Larger by smaller eigenvalue without their signs: about as many steps SGD needs along the flat axis.
        Infinite where an eigenvalue is 0, None where both are or where the Hessian is not finite.
    largest_rate
        `2 / lambda_max`, above which SGD cannot stay in this valley; None where `lambda_max <= 0`.
    """

    eigenvalues: Pair | None = None
    eigenvectors: tuple[Pair, Pair] | None = None
    condition_number: float | None = None
    largest_rate: float | None = None


def curvature(surface: Surface, x: float, y: float) -> Curvature:
    """Eigenvalues, condition number and largest stable learning rate at a point."""
    low, high, along = (value[0] for value in eigen(*(part[None] for part in surface.hessian(x, y))))
    if not (np.isfinite(low) and np.isfinite(high) and np.isfinite(surface.loss(x, y))):
        return Curvature()
    small, large = sorted((abs(float(low)), abs(float(high))))
    with np.errstate(all="ignore"):
        condition = float(np.float64(large) / small) if large else None
        rate = float(2.0 / high) if high > 0.0 else None
    return Curvature((float(low), float(high)), vectors(along), condition, rate)


def derived_hessian(spec: SurfaceSpec) -> Printed:
    """Code of a surface's second derivatives, for `Surface.keep_hessian` in a process that must not wait."""
    return surface(spec).hessian_lines


def eigen(xx: Array, xy: Array, yy: Array) -> tuple[Array, Array, Array]:
    """Eigenvalues of symmetric 2 x 2 matrices, and the direction that the high one belongs to.

    Returns
    -------
    low, high
        (n,); NaN where an element is not finite.
    along
        (n, 2), unit eigenvectors of the high eigenvalue; those of the low one stand square to them.
    """
    with np.errstate(all="ignore"):
        middle, radius = xx / 2 + yy / 2, np.hypot(xx / 2 - yy / 2, xy)
        finite = np.isfinite(middle + radius)
        plain = finite & (xy == 0.0)
        low = np.where(plain, np.minimum(xx, yy), np.where(finite, middle - radius, np.nan))
        high = np.where(plain, np.maximum(xx, yy), np.where(finite, middle + radius, np.nan))
        angle = 0.5 * np.arctan2(2.0 * xy, xx - yy)
    return low + 0.0, high + 0.0, np.stack([np.cos(angle), np.sin(angle)], -1)


def vectors(along: Array) -> tuple[Pair, Pair]:
    """Unit eigenvectors of the low and the high eigenvalue, each with its larger part positive."""
    x, y = float(along[0]), float(along[1])
    return _turned(-y, x), _turned(x, y)


def _turned(x: float, y: float) -> Pair:
    x, y = (0.0 if abs(part) < 1e-15 else part for part in (x, y))
    return (x, y) if (x if abs(x) >= abs(y) else y) > 0 else (0.0 - x, 0.0 - y)
