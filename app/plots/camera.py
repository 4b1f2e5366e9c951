"""From where a body in space is seen."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.plots.relief import TALL

Array = NDArray[np.float64]

NEAREST, FARTHEST = 1.2, 14.0
_LOWEST, _HIGHEST = 4.0, 90.0
_WIDE = 26.0
"""Degrees that the view spans over its fitting side."""
_FLAT = 1.3
"""The body needs this much more width than height: the fitting side is the width, or so many heights."""
_REACH = 1.6
"""How far from the middle of the box the camera may look."""


@dataclass(frozen=True)
class Camera:
    """A place of the eye around the box.

    Attributes
    ----------
    azimuth, elevation
        Degrees: around the vertical, 0 looks from +x, 90 from +y; and above the ground, 90 from above.
    distance
        From the eye to `target`.
    target
        The point of the box in the middle of the view.
    """

    azimuth: float = -62.0
    elevation: float = 40.0
    distance: float = 6.9
    target: tuple[float, float, float] = (0.0, 0.0, 0.38 * TALL)

    def turned(self, degrees: float, rise: float) -> "Camera":
        """Gone around the box, and up; neither below the ground nor over the top."""
        azimuth = (self.azimuth + degrees + 180.0) % 360.0 - 180.0
        return replace(self, azimuth=azimuth, elevation=min(max(self.elevation + rise, _LOWEST), _HIGHEST))

    def nearer(self, factor: float) -> "Camera":
        """Come nearer by a factor below 1, or go away, within bounds."""
        return replace(self, distance=min(max(self.distance * factor, NEAREST), FARTHEST))

    def moved(self, right: float, up: float) -> "Camera":
        """Look at another point: by parts of the view's fitting side to the right and up."""
        across, over, _ = self.axes()
        step = 2.0 * self.distance * math.tan(math.radians(_WIDE / 2))
        target = np.array(self.target) + step * (right * across + up * over)
        low, high = (-_REACH, -_REACH, -0.5), (_REACH, _REACH, TALL + 0.5)
        return replace(self, target=tuple(np.clip(target, low, high).tolist()))

    def axes(self) -> tuple[Array, Array, Array]:
        """Unit vectors to the right, up, and from the target to the eye."""
        around, above = math.radians(self.azimuth), math.radians(self.elevation)
        out = np.array([math.cos(around), math.sin(around), 0.0])
        back = math.cos(above) * out + np.array([0.0, 0.0, math.sin(above)])
        right = np.array([-out[1], out[0], 0.0])
        over = np.array([back[1] * right[2] - back[2] * right[1], back[2] * right[0] - back[0] * right[2],
                         back[0] * right[1] - back[1] * right[0]])  # fmt: skip
        return right, over, back

    def eye(self) -> Array:
        """Where the eye is, in the box."""
        place: Array = np.array(self.target) + self.distance * self.axes()[2]
        return place

    def view(self) -> Array:
        """(4, 4): box -> eye, which looks along -z."""
        axes = np.array(self.axes())
        result = np.eye(4)
        result[:3, :3] = axes
        result[:3, 3] = -axes @ np.array(self.target) - (0.0, 0.0, self.distance)
        return result

    def projection(self, width: float, height: float) -> Array:
        """(4, 4): eye -> clip space of a view of such proportions."""
        focal = 1.0 / math.tan(math.radians(_WIDE / 2))
        near, far = max(self.distance - 3.4, 0.05), self.distance + 3.4
        side = fitting_side(width, height)
        return np.array([
            [focal * side / width, 0.0, 0.0, 0.0],
            [0.0, focal * side / height, 0.0, 0.0],
            [0.0, 0.0, (far + near) / (near - far), 2.0 * far * near / (near - far)],
            [0.0, 0.0, -1.0, 0.0],
        ])  # fmt: skip

    def to_pixels(self, points: Array, width: float, height: float) -> Array:
        """(n, 3) of the box -> (n, 2) pixels of a view, y down."""
        whole = self.projection(width, height) @ self.view()
        clip = np.column_stack([points, np.ones(len(points))]) @ whole.T
        flat = clip[:, :2] / np.maximum(clip[:, 3:], 1e-6)
        pixels: Array = (flat * (0.5, -0.5) + 0.5) * (width, height)
        return pixels


def fitting_side(width: float, height: float) -> float:
    """Pixels of a view's side that the body is fitted into."""
    return min(width, _FLAT * height)
