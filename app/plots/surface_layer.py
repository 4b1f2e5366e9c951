"""The surface itself: colours on log-like levels and contour lines, drawn once per view and kept."""

from typing import Any, Protocol

import contourpy
import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from app.plots.view_layer import Array, PictureLayer
from app.theme import Theme

Domain = tuple[float, float, float, float]

_CELL, _MOVING_CELL = 4, 8
"""Pixels between two grid points, also while a slider moves the surface; between them is interpolated."""
_REST = 150
"""Milliseconds after which a moved surface is drawn finely."""
LEVELS, CONTOUR_OPACITY, _CONTOUR_ON_MAP = 18, 0.26, 0.4
"""Contour lines between the lowest and the highest colour, and how much of their colour is seen."""


class Sketch(Protocol):
    """What is known of a drawn surface beside its losses."""

    @property
    def id(self) -> str:
        """Of a surface of the catalogue, or ""."""
        ...

    @property
    def formula(self) -> str:
        """What it is; the view stays while only its numbers change."""
        ...

    @property
    def domain(self) -> Domain:
        """Lowest and highest x, lowest and highest y."""
        ...

    @property
    def minima(self) -> tuple[tuple[float, float], ...]:
        """Those that are known."""
        ...


class Drawable(Protocol):
    """A loss over the plane that can be drawn: a formula's, or one known on a grid."""

    @property
    def entry(self) -> Sketch:
        """What is known of it."""
        ...

    def loss(self, x: Any, y: Any, /) -> Any:
        """The loss at points."""
        ...

    def grid(self, domain: Domain, columns: int, rows: int) -> tuple[Array, Array, Array]:
        """X of the columns, y of the rows, loss (rows, columns); NaN where it has no value."""
        ...


class LossScale:
    """Maps losses to 0..1 on log-like levels: fine near the minimum, coarse far above it.

    `log(1 + (loss - low) / s)`, with `s` a small quantile of the losses in the surface's domain,
    so that surfaces of any height show their floor. Fixed for a surface, whatever the view shows.
    """

    def __init__(self, surface: Drawable) -> None:
        losses = surface.grid(surface.entry.domain, 161, 161)[2]
        finite = losses[np.isfinite(losses)]
        if not finite.size:  # a coarser grid has met values, this one none
            finite = np.zeros(1)
        self.low = float(finite.min())
        if surface.entry.minima:
            at_minima = surface.loss(*np.array(surface.entry.minima).T)
            self.low = min(self.low, float(np.nanmin(at_minima)))
        with np.errstate(over="ignore"):  # from one end of the floats to the other
            heights = np.minimum(finite - self.low, np.finfo(float).max)
        heights.sort()  # `np.quantile` would cost the first frame an import
        self.unit = max(float(heights[int(0.03 * heights.size)]), float(heights[-1]) * 1e-9, 1e-300)
        with np.errstate(over="ignore"):
            tops = np.minimum(heights[int(0.999 * heights.size)] / self.unit, np.finfo(float).max)
        self.top = float(np.log1p(tops)) or 1.0

    def __call__(self, losses: Array) -> Array:
        """Place of each loss between 0 and 1 (above 1 beyond the domain); NaN stays NaN."""
        with np.errstate(all="ignore"):
            place: Array = np.log1p(np.maximum(losses - self.low, 0.0) / self.unit) / self.top
        return np.where(np.isnan(losses), np.nan, np.minimum(place, 1e6))

    def loss_at(self, place: float) -> float:
        """The loss at a place."""
        return self.low + self.unit * float(np.expm1(place * self.top))


class SurfaceLayer(PictureLayer):
    """Colour and contours of a surface, as one picture per view range and size."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=-50)
        self._surface: Drawable | None = None
        self._scale: LossScale | None = None
        self._theme: Theme | None = None
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(_REST)
        self._resting.timeout.connect(self.redraw)
        self._bare = False

    def set_surface(self, surface: Drawable, moving: bool = False) -> None:
        """Show another surface; one that is `moving` is drawn coarsely until it rests."""
        self._surface, self._scale = surface, LossScale(surface)
        if moving:
            self._resting.start()
        else:
            self._resting.stop()
        self.redraw()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.redraw()

    def set_bare(self, bare: bool) -> None:
        """Draw contours alone: something else below gives the colours."""
        if bare != self._bare:
            self._bare = bare
            self.redraw()

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Draw colours, hatching and contours from one grid of losses."""
        if self._surface is None or self._scale is None or self._theme is None:
            return
        cell = _MOVING_CELL if self._resting.isActive() else _CELL
        columns, rows = (max(int(side / cell), 8) + 1 for side in (rect.width(), rect.height()))
        _, _, losses = self._surface.grid(self.range(), columns, rows)
        places = self._scale(losses)
        if not self._bare:
            painter.fillRect(rect.adjusted(0, 0, 1, 1), QColor(self._theme.plot))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            self._draw_colours(painter, places, rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_contours(painter, places, rect)

    def _draw_colours(self, painter: QPainter, places: Array, rect: QRectF) -> None:
        assert self._theme is not None
        rows, columns = places.shape
        table = ramp_table(self._theme.ramp)
        index = np.nan_to_num(np.clip(places, 0.0, 1.0), nan=0.0) * (len(table) - 1)
        pixels = np.ascontiguousarray(table[index.astype(np.intp)][::-1])
        image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
        # Grid points stand on the view's edges, an image's pixels around their centres.
        painter.drawImage(rect, image, QRectF(0.5, 0.5, columns - 1, rows - 1))
        hole = np.isnan(places)
        if hole.any():
            self._draw_holes(painter, hole, rect)

    def _draw_holes(self, painter: QPainter, hole: Array, rect: QRectF) -> None:
        """Hatch where the formula has no value."""
        assert self._theme is not None
        rows, columns = hole.shape
        width, height = rect.width() / (columns - 1), rect.height() / (rows - 1)
        painter.setPen(Qt.PenStyle.NoPen)
        for brush in (
            QBrush(QColor(self._theme.plot)),
            QBrush(QColor(self._theme.border), Qt.BrushStyle.BDiagPattern),
        ):
            painter.setBrush(brush)
            for row, start, stop in _runs(hole[::-1]):
                painter.drawRect(
                    QRectF(
                        (start - 0.5) * width,
                        (row - 0.5) * height,
                        (stop - start) * width + 0.5,
                        height + 0.5,
                    )
                )

    def _draw_contours(self, painter: QPainter, places: Array, rect: QRectF) -> None:
        assert self._theme is not None
        rows, columns = places.shape
        generator = _contours(
            np.linspace(0.0, rect.width(), columns), np.linspace(rect.height(), 0.0, rows), places
        )
        colour = QColor(self._theme.contour)
        colour.setAlphaF(_CONTOUR_ON_MAP if self._bare else CONTOUR_OPACITY)
        painter.setPen(QPen(colour, 0.0 if painter.device().devicePixelRatioF() > 1.5 else 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for level in np.arange(1, LEVELS + 1) / (LEVELS + 1):
            for line in generator.lines(level)[0]:
                if line is not None:
                    painter.drawPath(pg.functions.arrayToQPath(line[:, 0], line[:, 1], connect="finite"))


def _contours(x: Array, y: Array, places: Array) -> contourpy.ContourGenerator:
    """What `contourpy.contour_generator` makes, without the import of `numpy.ma` that it would cost."""
    return contourpy.SerialContourGenerator(
        *np.meshgrid(x, y), places, np.isnan(places), corner_mask=True, quad_as_tri=False,
        line_type=contourpy.LineType.ChunkCombinedNan, fill_type=contourpy.FillType.OuterCode,
        z_interp=contourpy.ZInterp.Linear,
    )  # fmt: skip


def ramp_table(colours: tuple[str, ...]) -> NDArray[np.uint32]:
    """256 colours as 0xffRRGGBB, linear between the given ones."""
    stops = np.array([[QColor(c).red(), QColor(c).green(), QColor(c).blue()] for c in colours], float)
    at = np.linspace(0, len(colours) - 1, 256)
    channels = [
        np.interp(at, np.arange(len(colours)), stops[:, k]).round().astype(np.uint32) for k in range(3)
    ]
    table: NDArray[np.uint32] = (0xFF << 24) | (channels[0] << 16) | (channels[1] << 8) | channels[2]
    return table


def _runs(mask: Array) -> list[tuple[int, int, int]]:
    """Row, start and stop of every run of true values."""
    padded = np.pad(mask.astype(np.int8), ((0, 0), (1, 1)))
    edges = np.diff(padded, axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, stops = np.nonzero(edges == -1)
    return list(zip(rows.tolist(), starts.tolist(), stops.tolist(), strict=True))
