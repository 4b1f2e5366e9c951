"""One histogram as pixels: quicker than stroking and filling its steps, and as smooth."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from app.plots.distribution import heights

Array = NDArray[np.float64]
FILL = 0.30
"""Opacity below the outline."""
LINE = 1.4
"""Width of the outline in pixels of the window."""


def histogram_image(
    counts: Array,
    width: int,
    height: int,
    ratio: float,
    colour: QColor,
    log_counts: bool = False,
    fill: float = FILL,
) -> QImage | None:
    """Steps over the bins, the highest as high as the image; see `heights` for the others.

    Parameters
    ----------
    counts
        (bins,), not negative.
    width, height, ratio
        Size in device pixels, and how many of them one pixel of the window has.
    colour
        Of the outline; the fill is the same, thinner.
    log_counts, fill
        Which heights, and the opacity below the outline.

    Returns
    -------
    QImage or None
        Premultiplied ARGB; None where there is nothing to show.
    """
    highest = float(counts.max(initial=0.0))
    if highest <= 0.0 or width < 2 or height < 2:
        return None
    tops = heights(_columns(counts, width), log_counts) * height
    opacity = _opacity(tops, height, LINE * ratio, fill)
    return _tinted(opacity, colour, ratio)


def _columns(counts: Array, width: int) -> Array:
    """Count for each column of pixels: of the bin at its middle, or the highest of all bins within it."""
    if width >= len(counts):
        middles = (np.arange(width) + 0.5) * len(counts) / width
        return counts[middles.astype(np.intp)]
    highest: Array = np.maximum.reduceat(counts, np.arange(width) * len(counts) // width)
    return highest


def _opacity(tops: Array, height: int, line: float, fill: float) -> Array:
    """(height, width) opacity: whole in the outline, thin below it, smooth at the top."""
    rows = np.arange(height - 1, -1, -1, dtype=float)[:, None]
    inside = np.clip(tops - rows, 0.0, 1.0)
    reach = max(1, round(line))
    low = tops.copy()  # the lowest top within the outline's width to both sides
    for shift in range(1, reach + 1):
        low[shift:] = np.minimum(low[shift:], tops[:-shift])
        low[:-shift] = np.minimum(low[:-shift], tops[shift:])
    if fill:  # an outline without anything below it needs no walls at its ends
        low[:reach] = low[-reach:] = 0.0
    core = np.clip(np.minimum(tops - line, low) - rows, 0.0, 1.0)
    result: Array = inside - (1.0 - fill) * core
    return result


def _tinted(opacity: Array, colour: QColor, ratio: float) -> QImage:
    alpha = (255.0 * opacity).astype(np.uint32)
    pixels = alpha << 24
    for channel, shift in ((colour.red(), 16), (colour.green(), 8), (colour.blue(), 0)):
        pixels |= (alpha * channel // 255) << shift
    rows, columns = pixels.shape
    image = QImage(np.ascontiguousarray(pixels).data, columns, rows, 4 * columns,
                   QImage.Format.Format_ARGB32_Premultiplied).copy()  # fmt: skip
    image.setDevicePixelRatio(ratio)
    return image
