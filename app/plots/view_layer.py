"""Things drawn over a plot's view in pixels: the common ground of surface, trails and handles."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

Array = NDArray[np.float64]


class ViewLayer(pg.GraphicsObject):
    """A child of a `ViewBox` in the view's own pixels (y down), told when range or size change.

    Subclasses paint themselves and may override `view_changed`. Pixels instead of data
    coordinates let a layer keep a picture of what it drew and add to it.
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

    def range(self) -> tuple[float, float, float, float]:
        """X low, x high, y low, y high of the view, in data coordinates."""
        (x0, x1), (y0, y1) = self._view.viewRange()
        return x0, x1, y0, y1

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
