"""Where to look from first: so that hills hide as little as can be of what matters."""

import numpy as np
from numpy.typing import NDArray

from app.plots.camera import Camera, fitting_side
from app.plots.relief import FLOOR, TALL, Relief

Array = NDArray[np.float64]

_AROUND, _MOST_POINTS = 24, 24
_RISE, _STEEP = 12.0, 0.7
"""Degrees to look from above where less than this share would be seen."""
_ALONG = np.linspace(0.02, 2.85, 48)
"""How far away, seen from above, a ray is looked at: as far as the box reaches."""
_CLEAR = 0.02
"""How far above the surface a point is looked for."""
_ASIDE = 1.3
"""How far aside the eye is at least, along both axes: from straight ahead an axis shows no figures."""


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
    height, valid = body.on_surface(placed)
    marks = np.column_stack([placed, height + _CLEAR])[valid]
    if not len(marks):
        return usual
    turns = 360.0 / _AROUND * np.array([k * sign for k in range(_AROUND // 2) for sign in (1, -1)])
    best, most = usual, -1.0
    for rise in (0.0, _RISE):
        for turn in turns:
            camera = usual.turned(turn, rise)
            eye = camera.eye()
            if min(abs(eye[:2])) < _ASIDE:
                continue
            # As good means: a point more is worth going a quarter around.
            score = float(np.mean(seen(body, marks, eye))) - 0.1 * abs(turn) / 90.0
            if score > most + 1e-9:
                best, most = camera, score
        if most >= _STEEP:
            break
    return best


def seen(body: Relief, points: Array, eye: Array) -> NDArray[np.bool_]:
    """Whether no hill stands between (n, 3) points of the box and the eye."""
    toward = eye - points
    level = np.hypot(toward[:, 0], toward[:, 1])
    part = _ALONG / np.maximum(level, 1e-6)[:, None]
    ray = points[:, None, :] + part[:, :, None] * toward[:, None, :]
    inside = np.all(abs(ray[:, :, :2]) <= 1.0, axis=2)
    ground, there = body.on_surface(ray[:, :, :2].reshape(-1, 2))
    above = ground.reshape(inside.shape) > ray[:, :, 2]
    return ~np.any(inside & there.reshape(inside.shape) & above, axis=1)
