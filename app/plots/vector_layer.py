"""Arrows and ellipses at the heads: where an optimizer is pulled, what it remembers, and how it steps."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from app.numbers import plain
from app.plots.view_layer import Array, ViewLayer
from app.theme import Theme

_LONGEST = 90.0
"""Pixels of the longest arrow in units of the gradient, and of the longest half axis of an ellipse."""
_HALO = 3.0
_FAR = 1e5
"""Pixels beyond which coordinates are cut for drawing: painters overflow, and nobody sees them."""


class Kind(Enum):
    """What an arrow or an ellipse stands for: its words in the key, width, dashes, and whose units it has."""

    STEP = ("step", 3.0, (), False)
    GRADIENT = ("negative gradient", 1.6, (), True)
    NOISY_GRADIENT = ("the same with noise", 1.6, (1.0, 2.0), True)
    VELOCITY = ("velocity", 1.8, (4.0, 2.5), False)
    MOMENT = ("first moment, negative", 1.8, (4.0, 2.5), True)
    SPREAD = ("√ of the second moment", 1.3, (), True)

    def __init__(self, words: str, width: float, dashes: tuple[float, ...], scaled: bool) -> None:
        self.words, self.width, self.dashes, self.scaled = words, width, dashes, scaled


@dataclass(frozen=True)
class Vector:
    """An arrow, or for `Kind.SPREAD` an ellipse.

    Attributes
    ----------
    kind, colour
        What it stands for, and whose it is.
    origin, reach
        (2,) each, in data coordinates: where it begins, and how far it goes (half axes of an ellipse).
    """

    kind: Kind
    colour: QColor
    origin: Array
    reach: Array


class VectorLayer(ViewLayer):
    """Arrows and ellipses, below the heads.

    What has the units of x and y (the step, the velocity) is drawn true to scale. What has those of the
    gradient is drawn with one factor for all, which `key` names: the largest of 1, 2, 5, 10, ... with
    which the longest stays below 90 pixels.
    """

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=19)
        self._vectors: Sequence[Vector] = ()
        self._theme: Theme | None = None

    def set_vectors(self, vectors: Sequence[Vector]) -> None:
        """Draw others."""
        self._vectors = [v for v in vectors if np.isfinite(v.reach).all() and np.isfinite(v.origin).all()]
        self.update()

    def vectors(self) -> Sequence[Vector]:
        """What is drawn."""
        return self._vectors

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def factor(self) -> float:
        """By what everything in units of the gradient is multiplied."""
        reaches = [v.reach for v in self._vectors if v.kind.scaled]
        if not reaches:
            return 1.0
        with np.errstate(over="ignore"):
            longest = float(np.hypot(*(np.array(reaches) * self._scale()).T).max())
        if longest == 0.0 or not math.isfinite(longest):
            return 1.0
        return _round_down(_LONGEST / longest)

    def key(self) -> list[tuple[Kind, str]]:
        """Rows of the key: kind and words."""
        factor = self.factor()
        kinds = dict.fromkeys(vector.kind for vector in self._vectors)
        ordered = [kind for kind in Kind if kind in kinds]
        return [
            (kind, f"{kind.words} × {plain(factor)}" if kind.scaled else f"{kind.words}, true to scale")
            for kind in ordered
        ]

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw ellipses, then arrows with steps uppermost."""
        if self._theme is None or not self._vectors or self._view.rect().isEmpty():
            return
        painter.setClipRect(self._view.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        factor, scale = self.factor(), self._scale()
        for kind in reversed(Kind):
            for vector in self._vectors:
                if vector.kind is kind:
                    self._draw(painter, vector, scale * (factor if kind.scaled else 1.0))

    def _scale(self) -> Array:
        """(2,): pixels of one unit along x and y; y points down."""
        x0, x1, y0, y1 = self.range()
        rect = self._view.rect()
        return np.array([rect.width() / (x1 - x0), -rect.height() / (y1 - y0)])

    def _draw(self, painter: QPainter, vector: Vector, scale: Array) -> None:
        assert self._theme is not None
        origin = np.clip(self.to_pixels(vector.origin[None, :])[0], -_FAR, _FAR)
        with np.errstate(over="ignore"):
            reach = np.clip(vector.reach * scale, -_FAR, _FAR)
        halo = QColor(self._theme.plot)
        if vector.kind is Kind.SPREAD:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, width in ((halo, vector.kind.width + _HALO), (vector.colour, vector.kind.width)):
                painter.setPen(QPen(colour, width))
                painter.drawEllipse(QPointF(*origin), *np.abs(reach))
            return
        _arrow(painter, origin, reach, vector.kind, vector.colour, halo)


class VectorKey(ViewLayer):
    """What the arrows stand for, in a lower corner that the legend leaves free."""

    def __init__(self, view: pg.ViewBox, taken: Callable[[], QRectF]) -> None:
        super().__init__(view, z=39)
        self._taken = taken
        self._rows: list[tuple[Kind, str]] = []
        self._heads = np.zeros((0, 2))
        self._theme: Theme | None = None

    def set_rows(self, rows: list[tuple[Kind, str]], heads: Array) -> None:
        """Show other rows, kind and words; `heads`, (n, 2), should rather not be hidden."""
        self._rows, self._heads = rows, heads
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw the box, where it has room."""
        if self._theme is None or not self._rows:
            return
        font = QFont(pg.QtWidgets.QApplication.font())
        font.setPixelSize(11)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        height = metrics.height() + 3
        width = max(metrics.horizontalAdvance(text) for _, text in self._rows) + 54
        box = self._place(width, height * len(self._rows) + 10)
        if box is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_box(painter, box)
        for index, (kind, text) in enumerate(self._rows):
            middle = box.top() + 5 + (index + 0.5) * height
            self._draw_sample(painter, kind, QPointF(box.left() + 9, middle))
            painter.setPen(QColor(self._theme.text))
            place = QRectF(box.left() + 44, middle - height / 2, width, height)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _place(self, width: float, height: float) -> QRectF | None:
        view = self._view.rect()
        if width + 24 > view.width() or height + 24 > view.height():
            return None
        top = view.height() - height - 12
        boxes = [QRectF(x, top, width, height) for x in (12.0, view.width() - width - 12)]
        free = [box for box in boxes if not box.intersects(self._taken())]
        heads = [QPointF(*place) for place in self.to_pixels(self._heads)]
        return min(free, key=lambda box: sum(map(box.contains, heads)), default=None)

    def _draw_sample(self, painter: QPainter, kind: Kind, left: QPointF) -> None:
        assert self._theme is not None
        ink, halo = QColor(self._theme.muted), QColor(self._theme.panel)
        if kind is Kind.SPREAD:
            painter.setPen(QPen(ink, kind.width))
            painter.drawEllipse(left + QPointF(13, 0), 12, 5)
        else:
            _arrow(painter, np.array([left.x(), left.y()]), np.array([27.0, 0.0]), kind, ink, halo)

    def _draw_box(self, painter: QPainter, box: QRectF) -> None:
        assert self._theme is not None
        fill = QColor(self._theme.panel)
        fill.setAlphaF(0.88)
        painter.setBrush(fill)
        painter.setPen(QPen(QColor(self._theme.border), 1))
        painter.drawRoundedRect(box, 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _arrow(painter: QPainter, origin: Array, reach: Array, kind: Kind, colour: QColor, halo: QColor) -> None:
    """A shaft with a head; the head shrinks with what is shorter than it."""
    length = float(np.hypot(*reach))
    if length < 1.0:
        return
    along = reach / length
    size = min(2.2 * kind.width + 5.0, 0.7 * length)
    tip = origin + reach
    neck = tip - along * size * 0.8
    aside = np.array([-along[1], along[0]]) * size * 0.42
    head = QPainterPath(QPointF(*tip))
    for corner in (tip - along * size + aside, neck, tip - along * size - aside):
        head.lineTo(QPointF(*corner))
    head.closeSubpath()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    rim = QPen(halo, kind.width + _HALO)
    rim.setCapStyle(Qt.PenCapStyle.RoundCap)
    rim.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(rim)
    painter.drawLine(QPointF(*origin), QPointF(*neck))
    rim.setWidthF(_HALO)
    painter.setPen(rim)
    painter.drawPath(head)
    shaft = QPen(colour, kind.width)
    shaft.setCapStyle(Qt.PenCapStyle.FlatCap)
    if kind.dashes:
        shaft.setDashPattern(kind.dashes)
    painter.setPen(shaft)
    painter.drawLine(QPointF(*origin), QPointF(*neck))
    painter.fillPath(head, colour)


def _round_down(value: float) -> float:
    """The largest of 1, 2, 5, 10, ... that is not above a positive value."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= value * (1 + 1e-12))
