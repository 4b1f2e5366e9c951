"""Things drawn over a plot's view in pixels: the common ground of surface, trails and handles."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from app.plots.devices import is_vector

Array = NDArray[np.float64]


class ViewLayer(pg.GraphicsObject):
    """A child of a `ViewBox` in the view's own pixels (y down), told when range or size change.

    Subclasses draw in `paint_layer`; `view_changed` is called when range or size change. Pixels in place
    of data coordinates let a layer keep a picture of what it drew and add to it.
    """

    def __init__(self, view: pg.ViewBox, z: float, view_changed: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._view = view
        self._on_view_changed = view_changed
        self.setParentItem(view)
        self.setZValue(z)
        view.sigRangeChanged.connect(self._moved)
        view.sigResized.connect(self._moved)

    def boundingRect(self) -> QRectF:
        """The whole view."""
        return QRectF(self._view.rect())

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw, and report an error without letting it out: Qt goes on, and PySide ends in a crash later."""
        try:
            self.paint_layer(painter)
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)

    def paint_layer(self, painter: QPainter) -> None:
        """Draw everything."""
        raise NotImplementedError

    def range(self) -> tuple[float, float, float, float]:
        """X low, x high, y low, y high of the view, in data coordinates."""
        (x0, x1), (y0, y1) = self._view.viewRange()
        return float(x0), float(x1), float(y0), float(y1)

    def to_pixels(self, points: Array) -> Array:
        """(n, 2) data coordinates -> (n, 2) pixels."""
        x0, x1, y0, y1 = self.range()
        rect = self._view.rect()
        scale = np.array([rect.width() / (x1 - x0), rect.height() / (y0 - y1)])
        pixels: Array = (points - (x0, y1)) * scale
        return pixels

    def to_data(self, position: QPointF) -> tuple[float, float]:
        """Pixels -> data coordinates."""
        x0, x1, y0, y1 = self.range()
        rect = self._view.rect()
        return (
            x0 + position.x() / rect.width() * (x1 - x0),
            y1 - position.y() / rect.height() * (y1 - y0),
        )

    def _moved(self, *_: Any) -> None:
        self.prepareGeometryChange()
        if self._on_view_changed is not None:
            self._on_view_changed()
        self.update()


class PictureLayer(ViewLayer):
    """A layer that keeps what it drew as a picture, until it changes or the view does.

    Subclasses draw in `draw`, and call `redraw` when what they show has changed.
    """

    def __init__(self, view: pg.ViewBox, z: float) -> None:
        super().__init__(view, z, view_changed=self._forget)
        self._picture: QPixmap | None = None

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Draw everything, in the view's pixels."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw anew at the next frame."""
        self._forget()
        self.update()

    def paint_layer(self, painter: QPainter) -> None:
        """Show the picture, made anew when it was forgotten or the screen has another scale."""
        rect = QRectF(self._view.rect())
        if rect.isEmpty():
            return
        if is_vector(painter):
            painter.setClipRect(rect)
            self.draw(painter, rect)
            return
        ratio = painter.device().devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = blank_picture(rect, ratio)
            inside = QPainter(self._picture)
            self.draw(inside, rect)
            inside.end()
        painter.drawPixmap(0, 0, self._picture)

    def _forget(self) -> None:
        self._picture = None


def blank_picture(rect: QRectF, ratio: float) -> QPixmap:
    """A transparent picture of a view on a screen with `ratio` device pixels a pixel."""
    picture = QPixmap(int(rect.width() * ratio) + 1, int(rect.height() * ratio) + 1)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    return picture
