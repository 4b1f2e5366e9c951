"""Small images side by side: weights in two colours about zero, or samples in shades of ink."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPaintEvent

from app.language import tr
from app.plots.pointed_plot import PointedPlot
from app.theme import Theme

Kind = Literal["signed", "ink"]
_GAP = 3.0
_CAPTION = 14.0
_LEAST, _LEAST_CAPTIONED = 16.0, 36.0
"""Pixels of an image's longer side: what has no room for that is left out."""
_MOST_NAME = 0.35
"""Share of the width that names of rows may take."""
_STRONG = 99.5
"""Percentile of the numbers' sizes that has the full colour: a single outlier would leave the rest pale."""


@dataclass(frozen=True, eq=False)
class Images:
    """What the grid shows.

    Attributes
    ----------
    pixels
        (images, rows, columns); the scale is the same for all.
    kind
        "signed": from the strongest negative to the strongest positive number; "ink": from 0 up.
    captions, tips
        Below each image, and under the pointer; or empty.
    row_names
        Of the pixels' rows: where they are there, a single image fills the room with them beside it.
    """

    pixels: NDArray[np.float64]
    kind: Kind
    captions: tuple[str, ...] = ()
    tips: tuple[str, ...] = ()
    row_names: tuple[str, ...] = ()


class ImageGrid(PointedPlot):
    """Draws as many images as fit, as large as they fit."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._images: Images | None = None
        self._pictures: list[QImage] = []

    def sizeHint(self) -> QSize:
        """Room for a few rows."""
        return QSize(220, 160)

    def minimumSizeHint(self) -> QSize:
        """One row."""
        return QSize(90, 44)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self._paint_pictures()

    def set_images(self, images: Images) -> None:
        """Show other images."""
        self._images = images
        self._paint_pictures()

    def images(self) -> Images | None:
        """What is shown."""
        return self._images

    def shown(self) -> int:
        """How many of them have room."""
        return len(self._cells())

    def text_at(self, position: QPointF) -> str:
        """What is said of the image at a position."""
        tips = () if self._images is None else self._images.tips
        for tip, cell in zip(tips, self._cells(), strict=False):
            if cell.contains(position):
                return tip
        return ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all images."""
        if self._theme is None or self._images is None:
            return
        painter = QPainter(self)
        painter.setFont(self._font())
        self._draw_row_names(painter, self._theme)
        for place, cell in enumerate(self._cells()):
            painter.drawImage(cell, self._pictures[place])
            if self._images.captions:
                painter.setPen(QColor(self._theme.text))
                box = QRectF(cell.left() - 10, cell.bottom(), cell.width() + 20, _CAPTION)
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), tr(self._images.captions[place]))
        painter.end()

    def _cells(self) -> list[QRectF]:
        """Where the images are: in the number of columns that makes them largest."""
        if self._images is None or not len(self._images.pixels):
            return []
        if self._images.row_names:
            left = self._names_width()
            return [QRectF(left, 0.0, max(self.width() - left, 1.0), max(float(self.height()), 1.0))]
        count, rows, columns = self._images.pixels.shape
        words, caption = self._caption_size()
        least = _LEAST_CAPTIONED if words else _LEAST
        while True:
            fits = [
                (self._scale(n, count, (rows, columns), (words, caption)), n) for n in range(1, count + 1)
            ]
            scale, across = max(fits)
            if scale * max(rows, columns) >= least or count == 1:
                break
            count = max(1, count * 4 // 5)
        width, height = max(scale, 0.0) * columns, max(scale, 0.0) * rows
        step = max(width, words) + _GAP
        left = (self.width() - min(across, count) * step + step - width) / 2
        return [
            QRectF(left + (i % across) * step, (i // across) * (height + _GAP + caption), width, height)
            for i in range(count)
        ]

    def _names_width(self) -> float:
        names = () if self._images is None else self._images.row_names
        metrics = QFontMetricsF(self._font())
        widest = max((metrics.horizontalAdvance(name) for name in names), default=0.0)
        return min(widest, _MOST_NAME * self.width()) + 6.0

    def _draw_row_names(self, painter: QPainter, theme: Theme) -> None:
        names = () if self._images is None else self._images.row_names
        metrics, width = QFontMetricsF(self._font()), self._names_width() - 6.0
        height = self.height() / max(len(names), 1)
        every = max(1, math.ceil(metrics.height() / max(height, 1.0)))
        painter.setPen(QColor(theme.text))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for place in range(0, len(names), every):
            name = metrics.elidedText(names[place], Qt.TextElideMode.ElideRight, width)
            painter.drawText(QRectF(0.0, place * height, width, height), right, name)

    def _caption_size(self) -> tuple[float, float]:
        """Room that the captions need, or none."""
        captions = () if self._images is None else self._images.captions
        metrics = QFontMetricsF(self._font())
        widest = max((metrics.horizontalAdvance(tr(text)) for text in captions), default=0.0)
        return (widest + 6.0, _CAPTION) if captions else (0.0, 0.0)

    def _scale(self, across: int, count: int, shape: tuple[int, int], caption: tuple[float, float]) -> float:
        """Screen pixels of an image's pixel with so many images in a row; 0 where captions do not fit."""
        down = math.ceil(count / across)
        wide = self.width() / across - _GAP
        high = (self.height() - down * (_GAP + caption[1])) / (down * shape[0])
        return min(wide / shape[1], high) if wide >= caption[0] else 0.0

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(11)
        return font

    def _paint_pictures(self) -> None:
        if self._theme is not None and self._images is not None:
            colours = _coloured(self._images, self._theme)
            self._pictures = [_image(each) for each in colours]
            self.update()


def _coloured(images: Images, theme: Theme) -> NDArray[np.uint8]:
    """(images, rows, columns, 4), as Qt orders it: blue, green, red, opaque."""
    pixels = np.nan_to_num(images.pixels, nan=0.0, posinf=0.0, neginf=0.0)
    sizes = np.abs(pixels)
    strongest = float(np.percentile(sizes, _STRONG)) if sizes.size else 0.0
    share = np.clip(pixels / max(strongest or float(sizes.max(initial=0.0)), 1e-300), -1.0, 1.0)
    signed = (theme.panel, *theme.signed)
    paper, low, high = map(_bgr, signed if images.kind == "signed" else (theme.plot, theme.text, theme.text))
    target = np.where(share[..., None] < 0, low, high)
    mixed = paper + np.abs(share)[..., None] * (target - paper)
    opaque = np.full((*share.shape, 1), 255.0)
    coloured: NDArray[np.uint8] = np.concatenate([mixed, opaque], axis=-1).astype(np.uint8)
    return coloured


def _bgr(name: str) -> NDArray[np.float64]:
    colour = QColor(name)
    return np.array([colour.blue(), colour.green(), colour.red()], np.float64)


def _image(pixels: NDArray[np.uint8]) -> QImage:
    rows, columns = pixels.shape[:2]
    data = np.ascontiguousarray(pixels)
    return QImage(data.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32).copy()
