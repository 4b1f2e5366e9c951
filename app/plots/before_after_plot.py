"""Two scatter plots side by side: data before and after preprocessing, each on its own scale."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.language import tr
from app.theme import Theme
from core.data.before_after import BeforeAfter

_HEAD, _FOOT, _GAP, _DOT = 18.0, 16.0, 14.0, 2.0


class BeforeAfterPlot(QWidget):
    """Points in their classes' colours about the cross of the origin, one unit as long both ways."""

    def __init__(self) -> None:
        super().__init__()
        self._picture: BeforeAfter | None = None
        self._colours: tuple[QColor, ...] = ()
        self._theme: Theme | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Data before and after preprocessing"))

    def sizeHint(self) -> QSize:
        """Two squares."""
        return QSize(440, 240)

    def minimumSizeHint(self) -> QSize:
        """Small, but both can be seen."""
        return QSize(220, 120)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def set_picture(self, picture: BeforeAfter, colours: Sequence[QColor]) -> None:
        """Show other data, with the classes' colours."""
        self._picture, self._colours = picture, tuple(colours)
        self.update()

    def picture(self) -> BeforeAfter | None:
        """What is shown."""
        return self._picture

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both."""
        picture, theme = self._picture, self._theme
        if picture is None or theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        width = (self.width() - _GAP) / 2
        names = "before", f"after: {picture.kind.replace('_', '-')}"
        for place, (name, points) in enumerate(zip(names, (picture.before, picture.after), strict=True)):
            box = QRectF(place * (width + _GAP), 0, width, self.height())
            painter.setPen(QColor(theme.muted))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft), tr(name))
            self._draw(painter, box.adjusted(0, _HEAD, 0, -_FOOT), points.astype(np.float64), theme)
        painter.end()

    def _draw(self, painter: QPainter, box: QRectF, points: NDArray[np.float64], theme: Theme) -> None:
        assert self._picture is not None
        painter.fillRect(box, QColor(theme.control))
        good = np.isfinite(points).all(axis=1)
        around = np.concatenate([points[good], np.zeros((1, 2))])
        low, high = around.min(axis=0), around.max(axis=0)
        middle, span = (low + high) / 2, np.maximum((high - low) * 1.08, 1e-12)
        scale = min(box.width() / span[0], box.height() / span[1])
        pixels = (points - middle) * (scale, -scale) + (box.center().x(), box.center().y())
        zero = -middle * (scale, -scale) + (box.center().x(), box.center().y())
        painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(box.left(), zero[1]), QPointF(box.right(), zero[1]))
        painter.drawLine(QPointF(zero[0], box.top()), QPointF(zero[0], box.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        for (x, y), label in zip(pixels[good], self._picture.labels[good], strict=True):
            painter.setBrush(self._colours[int(label) % len(self._colours)])
            painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
        unit = 10.0 ** math.floor(math.log10(box.width() / scale / 2))
        self._draw_unit(painter, box, unit, unit * scale, theme)

    def _draw_unit(self, painter: QPainter, box: QRectF, unit: float, pixels: float, theme: Theme) -> None:
        """A bar of a round length, as on a map."""
        y = box.bottom() + 9
        painter.setPen(QPen(QColor(theme.muted), 1.5))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.left() + pixels, y))
        place = QRectF(box.left() + pixels + 5, box.bottom(), 80, _FOOT)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), f"{unit:g}")
