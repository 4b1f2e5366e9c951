"""What stands around a surface in space: a floor with a grid, the surface's rim, axes with figures."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from app.language import tr
from app.plots.camera import Camera
from app.plots.first_view import seen
from app.plots.relief import FLOOR, SIDE, TALL, Relief
from app.theme import Theme

Array = NDArray[np.float64]

_MARKS, _TICK, _AWAY = 5, 5.0, 17.0
"""About how many figures an axis has; pixels: of a tick, and from the axis to its figures."""
_EDGE = 0.95
"""Lines of the floor's grid beyond this would run along its edge."""
_SHORT, _LEAST = 30.0, 16.0
"""Pixels: of an upright too short for figures, and between two figures."""


def frame_rows(body: Relief, theme: Theme) -> NDArray[np.float32]:
    """Rows of lines: the floor's grid and the rim of the surface."""
    grid = QColor(theme.border)
    rim = QColor(theme.contour)
    rim.setAlphaF(0.7)
    return np.concatenate([line_rows(*_floor(body), grid), line_rows(*_rim(body), rim)])


def line_rows(starts: Array, ends: Array, colour: QColor) -> NDArray[np.float32]:
    """(n, 10) rows of lines in one colour."""
    tone = np.broadcast_to(np.array(colour.getRgbF()), (len(starts), 4))
    return np.hstack([starts, ends, tone]).astype(np.float32)


def _floor(body: Relief) -> tuple[Array, Array]:
    starts, ends = [], []
    for axis in (0, 1):
        low, high = body.range[2 * axis : 2 * axis + 2]
        inner = 2.0 * (nice_ticks(low, high) - low) / (high - low) - 1.0
        for at in (-1.0, *inner[abs(inner) < _EDGE].tolist(), 1.0):
            start, end = [at, at, FLOOR], [at, at, FLOOR]
            start[1 - axis], end[1 - axis] = -1.0, 1.0
            starts.append(start)
            ends.append(end)
    return np.array(starts), np.array(ends)


def _rim(body: Relief) -> tuple[Array, Array]:
    """The four edges of the surface, where it has values."""
    axis = np.linspace(-1.0, 1.0, SIDE)
    starts, ends = [], []
    for side in (0, -1):
        edge = np.full(SIDE, -1.0 if side == 0 else 1.0)
        for x, y, z, valid in (
            (axis, edge, body.heights[side], body.valid[side]),
            (edge, axis, body.heights[:, side], body.valid[:, side]),
        ):
            points = np.column_stack([x, y, z])
            drawn = valid[1:] & valid[:-1]
            starts.append(points[:-1][drawn])
            ends.append(points[1:][drawn])
    return np.concatenate(starts), np.concatenate(ends)


def draw_axes(painter: QPainter, body: Relief, camera: Camera, size: QRectF, theme: Theme) -> None:
    """Figures along the two nearest edges of the floor, and along the upright at the left."""
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    eye = camera.eye()
    near = [1.0 if eye[axis] > 0 else -1.0 for axis in (0, 1)]
    for axis in (0, 1):
        low, high = body.range[2 * axis : 2 * axis + 2]
        ticks = nice_ticks(low, high)
        points = np.full((len(ticks), 3), FLOOR)
        points[:, axis] = 2.0 * (ticks - low) / (high - low) - 1.0
        points[:, 1 - axis] = near[1 - axis]
        outward = np.zeros(3)
        outward[1 - axis] = 0.05 * near[1 - axis]
        clear = seen(body, points + outward, eye)
        texts = [_text(tick, ticks) for tick in ticks[clear].tolist()]
        _draw_axis(painter, points[clear], outward, texts, "xy"[axis], camera, size, theme)
    _draw_upright(painter, body, camera, size, theme)


def _draw_upright(painter: QPainter, body: Relief, camera: Camera, size: QRectF, theme: Theme) -> None:
    """The axis of losses stands at the corner that is farthest to the left."""
    corners = np.array([(x, y, FLOOR) for x in (-1.0, 1.0) for y in (-1.0, 1.0)])
    pixels = camera.to_pixels(corners, size.width(), size.height())
    corner = corners[int(np.argmin(pixels[:, 0]))]
    ends = camera.to_pixels(np.array([corner, [*corner[:2], TALL]]), size.width(), size.height())
    long = math.dist(ends[0], ends[1])
    if long < _SHORT:  # seen from above
        return
    losses = loss_ticks(body, min(max(int(long / _LEAST), 2), _MARKS))
    points = np.tile(corner, (len(losses), 1))
    points[:, 2] = body.height_of(losses)
    painter.setPen(QPen(QColor(theme.border), 1.2))
    painter.drawLine(QPointF(*ends[0]), QPointF(*ends[1]))
    texts = [_short(loss) for loss in losses.tolist()]
    outward = -0.05 * camera.axes()[0]
    _draw_axis(painter, points, outward, texts, "", camera, size, theme)
    painter.setPen(QColor(theme.muted))
    top = QRectF(ends[1][0] - 40, ends[1][1] - 22, 80, 16)
    painter.drawText(top, Qt.AlignmentFlag.AlignCenter, tr("loss"))


def _draw_axis(
    painter: QPainter, points: Array, outward: Array, texts: list[str], name: str, camera: Camera,
    size: QRectF, theme: Theme,
) -> None:  # fmt: skip
    """Ticks and figures beside points of the box, and the axis' name beyond the middle."""
    here = camera.to_pixels(points, size.width(), size.height())
    there = camera.to_pixels(points + outward, size.width(), size.height())
    away = (there - here) / np.maximum(np.hypot(*(there - here).T), 1e-6)[:, None]
    for at, direction, text in zip(here, away, texts, strict=True):
        painter.setPen(QPen(QColor(theme.border), 1.2))
        painter.drawLine(QPointF(*at), QPointF(*(at + _TICK * direction)))
        painter.setPen(QColor(theme.muted))
        _draw_beside(painter, at + _AWAY * direction, direction, text)
    if name and len(here):
        middle = camera.to_pixels(points.mean(axis=0)[None], size.width(), size.height())[0]
        painter.setPen(QColor(theme.text))
        _draw_beside(painter, middle + 2.3 * _AWAY * away.mean(axis=0), away.mean(axis=0), name)


def _draw_beside(painter: QPainter, at: Array, direction: Array, text: str) -> None:
    """Write a text whose near side is at a point."""
    width = painter.fontMetrics().horizontalAdvance(text)
    centre = max(at[0] + direction[0] * max(0.5 * width - 6.0, 0.0), 0.5 * width + 2.0)
    painter.drawText(QRectF(centre - 50, at[1] - 10, 100, 20), Qt.AlignmentFlag.AlignCenter, text)


def _short(loss: float) -> str:
    text = f"{loss:.0f}" if 10.0 <= abs(loss) < 1e5 else f"{loss:.2g}"
    return text.replace("e+0", "e").replace("e-0", "e-").replace("-", "−")


def _text(tick: float, ticks: Array) -> str:
    gap = float(ticks[1] - ticks[0]) if len(ticks) > 1 else 1.0
    digits = max(0, -math.floor(math.log10(gap) + 1e-9))
    text = f"{tick:.{digits}f}" if digits < 6 and abs(tick) < 1e6 else f"{tick:.6g}"
    return text.replace("-", "−")


def nice_ticks(low: float, high: float, about: int = _MARKS) -> Array:
    """Multiples of 1, 2 or 5 times a power of ten, from `low` to `high`."""
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * next(m for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if last - first > 4 * about:  # beyond what floats tell apart
        return np.array([low, high])
    return np.arange(first, last + 1) * np.float64(step)


def loss_ticks(body: Relief, count: int = _MARKS) -> Array:
    """Losses in short figures, about evenly spaced in height, from the bottom to the top of the box."""
    wanted = np.linspace(body.low, body.high, count)
    losses = [place if body.by_loss else body.scale.loss_at(place) for place in wanted.tolist()]
    ticks = losses[:1]
    for loss in losses[1:]:
        gap = loss - ticks[-1]
        if not (math.isfinite(gap) and gap > 0.0):
            break
        unit = 10.0 ** math.floor(math.log10(gap))
        ticks.append(round(loss / unit) * unit)
    return np.array(ticks)


def some_points(body: Relief) -> Array:
    """(n, 3) points of the surface and of the floor, evenly spread, for finding out where they are seen."""
    some = slice(None, None, (SIDE - 1) // 20)
    axis = np.linspace(-1.0, 1.0, SIDE)[some]
    x, y = (grid.ravel() for grid in np.meshgrid(axis, axis))
    upper = np.column_stack([x, y, body.heights[some, some].ravel()])
    return np.concatenate([upper, np.column_stack([x, y, np.full(len(x), FLOOR)])])
