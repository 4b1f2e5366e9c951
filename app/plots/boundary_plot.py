"""A decision boundary: every place of the plane in the colour of its class, and the points on it."""

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from app.language import tr
from app.plots.plot import Plot
from app.theme import Theme
from core.network.pictures import Boundary

_FAINT, _STRONG = 0.10, 0.62
"""Share of the class' colour where the network guesses, and where it is sure."""
_POINT, _RING = 6, 10
_TIP = (
    "<p>Every place in the colour of the class that the network gives it: stronger where it is surer."
    " Dots are training samples in the colour of their class; larger ones with a ring are validation"
    " samples that it gets wrong.</p>"
)


@dataclass(frozen=True, eq=False)
class Plane:
    """What the plot shows.

    Attributes
    ----------
    boundary
        What the network says of every place.
    points, labels
        (points, 2) and their classes.
    wrong, wrong_labels
        (points, 2) that stand out as mistakes, and the classes that they really have.
    classes
        How many there are.
    names
        Of the two features.
    """

    boundary: Boundary
    points: NDArray[np.float64]
    labels: NDArray[np.uint8]
    wrong: NDArray[np.float64]
    wrong_labels: NDArray[np.uint8]
    classes: int
    names: tuple[str, str]


class BoundaryPlot(Plot):
    """Draws a plane; set again for every step of the training."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Decision boundary"))
        self.setToolTip(tr(_TIP))
        self._image = _SmoothImage(axisOrder="row-major")
        self._points = pg.ScatterPlotItem(size=_POINT, pxMode=True)
        self._wrong = pg.ScatterPlotItem(size=_RING, pxMode=True)
        for part in (self._image, self._points, self._wrong):
            self.view.addItem(part)
        self._plane: Plane | None = None
        self._drawn: tuple[object, ...] = ()
        self._theme: Theme | None = None

    @property
    def plane(self) -> Plane | None:
        """What is shown."""
        return self._plane

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme, self._drawn = theme, ()
        self.dress(theme, text_size=11)
        self._draw()

    def set_plane(self, plane: Plane) -> None:
        """Show another plane; the points are drawn again only where they have changed."""
        self._plane = plane
        self._draw()

    def _draw(self) -> None:
        plane, theme = self._plane, self._theme
        if plane is None or theme is None:
            return
        colours = class_colours(theme, plane.classes)
        self._image.setImage(_picture(plane, colours, theme), autoLevels=False)
        self._image.setRect(_rectangle(plane.boundary))
        self._draw_points(plane, colours, theme)
        rings = [pg.mkBrush(colours[label]) for label in plane.wrong_labels]
        self._wrong.setData(pos=plane.wrong, brush=rings, pen=pg.mkPen(theme.text, width=2.0))

    def _draw_points(self, plane: Plane, colours: list[QColor], theme: Theme) -> None:
        drawn = (plane.points.tobytes(), plane.labels.tobytes(), theme.name, plane.names)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        brushes = [pg.mkBrush(colours[label]) for label in plane.labels]
        self._points.setData(pos=plane.points, brush=brushes, pen=pg.mkPen(theme.panel, width=1.0))
        for axis, name in zip((self.bottom, self.left), plane.names, strict=True):
            axis.setLabel(name)
            axis.label.setDefaultTextColor(QColor(theme.muted))
        self.view.setRange(_rectangle(plane.boundary), padding=0, disableAutoRange=True)


class _SmoothImage(pg.ImageItem):
    """An image whose pixels run into each other: the grid is coarser than the screen."""

    def paint(self, painter: QPainter, *rest: object) -> None:
        """Draw it."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        super().paint(painter, *rest)


def class_colours(theme: Theme, classes: int) -> list[QColor]:
    """Colours of classes, repeated where there are very many."""
    return [QColor(theme.minima[place % len(theme.minima)]) for place in range(classes)]


def _rectangle(boundary: Boundary) -> QRectF:
    left, right, bottom, top = boundary.area
    return QRectF(left, bottom, right - left, top - bottom)


def _picture(plane: Plane, colours: list[QColor], theme: Theme) -> NDArray[np.uint8]:
    """(rows, columns, 3): the class' colour over the panel's, the stronger the surer."""
    guess = 1.0 / plane.classes
    confidence = np.nan_to_num(plane.boundary.confidence, nan=guess)
    share = _FAINT + (_STRONG - _FAINT) * np.clip((confidence - guess) / (1.0 - guess), 0.0, 1.0)
    table = np.array([(c.red(), c.green(), c.blue()) for c in colours], np.float32)
    panel = QColor(theme.panel)
    paper = np.array((panel.red(), panel.green(), panel.blue()), np.float32)
    mixed = paper + share[:, :, None] * (table[plane.boundary.classes] - paper)
    picture: NDArray[np.uint8] = mixed.astype(np.uint8)
    return picture
