"""Where to look from first: so that hills hide as little as can be of what matters."""

import math

import numpy as np
from numpy.typing import NDArray

from app.plots.camera import Camera, fitting_side
from app.plots.relief import FLOOR, TALL, Relief

Array = NDArray[np.float64]

_AROUND, _MOST_POINTS = 24, 40
_RISE, _STEEP = 12.0, 0.7
"""Degrees to look from above where less than this share would be seen."""
_SAMPLES, _CLEAR = 48, 0.02
"""Places looked at along a ray, and how far above a point it begins."""


_SIDES = np.array([(x, y, z) for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (FLOOR, TALL)])
_MARGINS = (44.0, 44.0, 24.0)
"""Pixels for the figures: at each side, below, and above."""


def first_view(body: Relief, points: Array, width: float, height: float) -> Camera:
    """The camera that sees most of (n, 2) data points and the whole box, in a view of such pixels."""
    return fitted(_best_direction(body, points), width, height)


def fitted(camera: Camera, width: float, height: float) -> Camera:
    """The same direction, at the distance and with the target that show the box as large as fits."""
    across, below, above = _MARGINS
    room = max(width - 2.0 * across, 60.0), max(height - below - above, 60.0)
    for _ in range(6):
        pixels = camera.to_pixels(_SIDES, width, height)
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        camera = camera.nearer(max((high[0] - low[0]) / room[0], (high[1] - low[1]) / room[1]))
        off = 0.5 * (low + high) - (0.5 * width, 0.5 * (height + above - below))
        side = fitting_side(width, height)
        camera = camera.moved(off[0] / side, -off[1] / side)
    return camera


def _best_direction(body: Relief, points: Array) -> Camera:
    """The one around the box from which hills hide least, the usual one if it is as good."""
    usual = Camera()
    placed = body.to_box(points)
    placed = placed[np.all(abs(placed) <= 1.0, axis=1)]
    placed = placed[:: max(1, len(placed) // _MOST_POINTS)]
    if not len(placed):
        return usual
    turns = 360.0 / _AROUND * np.array([k * sign for k in range(_AROUND // 2) for sign in (1, -1)])
    best, seen = usual, -1.0
    for rise in (0.0, _RISE):
        for turn in turns:
            camera = usual.turned(turn, rise)
            # As good means: a point more is worth going a quarter around.
            score = _seen(camera, body, placed) - 0.1 * abs(turn) / 90.0
            if score > seen + 1e-9:
                best, seen = camera, score
        if seen >= _STEEP:
            break
    return best


def _seen(camera: Camera, body: Relief, placed: Array) -> float:
    """Share of the points between which and the eye there is no hill."""
    back = camera.axes()[2]
    height, valid = body.on_surface(placed)
    rise = back[2] / max(math.hypot(back[0], back[1]), 1e-6)
    along = np.linspace(0.02, 2.5, _SAMPLES)
    out = back[:2] / max(math.hypot(back[0], back[1]), 1e-6)
    ray = placed[:, None, :] + along[:, None] * out
    inside = np.all(abs(ray) <= 1.0, axis=2)
    ground, there = body.on_surface(ray.reshape(-1, 2))
    above = height[:, None] + _CLEAR * TALL + rise * along
    hidden = inside & there.reshape(inside.shape) & (ground.reshape(inside.shape) > above)
    return float(np.mean(valid & ~hidden.any(axis=1)))
