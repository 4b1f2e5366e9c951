"""Noise of batch statistics against batch size: a line for each layer, both axes logarithmic."""

import math
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from app.language import tr
from app.plots.curve_layer import Curve, CurveLayer
from app.plots.plot import Plot
from app.plots.view_layer import Array, ViewLayer
from app.theme import Theme

_MOST_LINES = 6
_FLOOR = 1e-4
"""Noise below this share of the spread is drawn at the edge: two samples cancel out by symmetry."""


@dataclass(frozen=True, eq=False)
class NoiseLines:
    """What is drawn.

    Attributes
    ----------
    sizes
        Batch sizes.
    noise
        (sizes, layers), relative to the layers' spread.
    ideal, ideal_name
        (sizes,): what independent, normally distributed values give, and its formula.
    batch
        The run's batch size.
    """

    sizes: Array
    noise: Array
    ideal: Array
    ideal_name: str
    batch: int


class NoisePlot(Plot):
    """Lines of the layers (an even choice of many), what theory says, the run's batch size.

    Parameters
    ----------
    name
        Accessible name.
    label
        Of the axis from bottom to top.
    tip
        What one sees here.
    """

    def __init__(self, name: str, label: str, tip: str) -> None:
        super().__init__()
        self._lines: NoiseLines | None = None
        self._theme: Theme | None = None
        for axis in (self.left, self.bottom):
            axis.enableAutoSIPrefix(False)
        self.left.setWidth(58)
        self.left.setLabel(tr(label))
        self._curves = CurveLayer(self.view)
        self._marks = _Marks(self.view)
        self.setAccessibleName(tr(name))
        self.setToolTip(f"<p>{tr(tip)}</p>")
        self.setMinimumHeight(110)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.dress(theme, text_size=11)
        for axis in (self.left, self.bottom):
            axis.label.setDefaultTextColor(QColor(theme.muted))
        if self._lines is not None:
            self.set_lines(self._lines)

    def lines(self) -> NoiseLines | None:
        """What is shown."""
        return self._lines

    def curves(self) -> list[Curve]:
        """The lines in the axes' logarithms: what theory says first, then the layers that are shown."""
        return self._curves._curves

    def set_lines(self, lines: NoiseLines) -> None:
        """Show other lines."""
        self._lines, theme = lines, self._theme
        if theme is None or not len(lines.sizes):
            return
        x = np.log10(lines.sizes.astype(np.float64))
        with np.errstate(all="ignore"):
            y = np.log10(np.maximum(lines.noise, _FLOOR))
        chosen = layer_choice(lines.noise.shape[1], _MOST_LINES)
        colours = depth_colours(theme, len(chosen))
        ideal = Curve(x, np.log10(lines.ideal), QColor(theme.muted), dotted=True, width=1.8)
        curves = [Curve(x, y[:, layer], colour) for layer, colour in zip(chosen, colours, strict=True)]
        self._curves.set_curves([ideal, *curves])
        finite = [curve.y[np.isfinite(curve.y)] for curve in (ideal, *curves)]
        low = max(min(float(v.min()) for v in finite if v.size), float(ideal.y[-1]) - 1.5)
        high = max(float(v.max()) for v in finite if v.size)
        self._set_axes(lines.sizes, low, high)
        self._marks.set_marks(lines.ideal_name, math.log10(max(lines.batch, 1)), theme)

    def _set_axes(self, sizes: Array, low: float, high: float) -> None:
        x = np.log10(sizes.astype(np.float64))
        apart = max(1, math.ceil(len(sizes) / 7))
        ticks = [(float(at), f"{int(n)}") for at, n in zip(x[::apart], sizes[::apart], strict=True)]
        self.bottom.setTicks([ticks])
        decades = [(power, f"{10.0**power:g}") for power in range(-4, 2)]
        halves = [(power + math.log10(3), f"{3 * 10.0**power:g}") for power in range(-4, 1)]
        self.left.setTicks([decades + halves])
        wide, tall = max(float(x[-1] - x[0]), 0.1), max(high - low, 0.1)
        rect = QRectF(float(x[0]) - 0.03 * wide, low - 0.05 * tall, 1.06 * wide, 1.1 * tall)
        self.view.setRange(rect, padding=0, disableAutoRange=True)


class NoisePair(QWidget):
    """Noise of the means above, of the variances below, with one key of the layers.

    Attributes
    ----------
    mean, variance
        The two plots.
    key
        What the colours mean.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mean = NoisePlot(
            "Noise of the batch means against batch size",
            "of the mean (σ)",
            "Standard deviation of the batch mean over random batches, in standard deviations of the layer's"
            " values. Independent values give 1 / √n. Batches near the whole set fall below it: they are"
            " drawn without repeats. Of two samples every normalized value is 1 or −1: they cancel out"
            " behind a symmetric activation.",
        )
        self.variance = NoisePlot(
            "Noise of the batch variances against batch size",
            "of the variance (σ²)",
            "Standard deviation of the batch variance over random batches, in variances of the layer's"
            " values. Independent, normally distributed values give √(2 / (n − 1)); heavier tails give more,"
            " two-valued ones less.",
        )
        self.key = QLabel(wordWrap=True)
        self.key.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.key.setToolTip(tr("Layers from the first to the last; of many an even choice."))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.mean, 1)
        column.addWidget(self.variance, 1)
        column.addWidget(self.key)
        self._theme: Theme | None = None
        self._layers = 0

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.mean.set_theme(theme)
        self.variance.set_theme(theme)
        self._show_key()

    def set_lines(self, mean: NoiseLines, variance: NoiseLines) -> None:
        """Show other lines, of the same layers."""
        self.mean.set_lines(mean)
        self.variance.set_lines(variance)
        self._layers = mean.noise.shape[1]
        self._show_key()

    def _show_key(self) -> None:
        if self._theme is None:
            return
        chosen = layer_choice(self._layers, _MOST_LINES)
        first = f"{tr('layer')}&nbsp;"
        words = [
            f'<span style="color:{colour.name()}">━</span>&nbsp;{first * (not place)}{layer + 1}'
            for place, (layer, colour) in enumerate(
                zip(chosen, depth_colours(self._theme, len(chosen)), strict=True)
            )
        ]
        muted = QColor(self._theme.muted).name()
        self.key.setText(
            f'<span style="color:{muted}">{tr("batch size n")}&nbsp; · &nbsp;{" &nbsp;".join(words)}</span>'
        )


class _Marks(ViewLayer):
    """What theory says, named in the upper right corner, and a line at the run's batch size."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, z=20)
        self._ideal = ""
        self._batch = 0.0
        self._theme: Theme | None = None

    def set_marks(self, ideal: str, batch: float, theme: Theme) -> None:
        self._ideal, self._batch, self._theme = ideal, batch, theme
        self.update()

    def paint_layer(self, painter: QPainter) -> None:
        theme = self._theme
        if theme is None:
            return
        font = QFont(QApplication.font())
        font.setPixelSize(11)
        painter.setFont(font)
        metrics, rect = QFontMetricsF(font), self._view.rect()
        x = float(self.to_pixels(np.array([[self._batch, 0.0]]))[0, 0])
        painter.setPen(QPen(QColor(theme.accent), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, 0), QPointF(x, rect.height()))
        painter.setPen(QColor(theme.accent))
        text = tr("batch size")
        left = x - metrics.horizontalAdvance(text) - 5 if x > rect.width() / 2 else x + 5
        painter.drawText(QPointF(left, rect.height() - 6), text)
        start = rect.width() - 4 - metrics.horizontalAdvance(self._ideal)
        painter.setPen(QPen(QColor(theme.muted), 2.0, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(start - 24, 9), QPointF(start - 6, 9))
        painter.drawText(QPointF(start, 13), self._ideal)


def layer_choice(layers: int, most: int) -> list[int]:
    """Indices of at most so many layers, evenly chosen, the first and the last among them."""
    if layers <= most:
        return list(range(layers))
    return [int(i) for i in np.linspace(0, layers - 1, most).round()]


def depth_colours(theme: Theme, count: int) -> list[QColor]:
    """Colours from the first layer to the last, without those that fade into the panel."""
    first, last = (0.0, 0.72) if theme.name == "light" else (0.95, 0.3)
    steps = len(theme.sequence) - 1
    result = []
    for part in np.linspace(first, last, count):
        place = min(int(part * steps), steps - 1)
        one, other = QColor(theme.sequence[place]), QColor(theme.sequence[place + 1])
        share = part * steps - place
        mixed = [a + share * (b - a) for a, b in zip(_channels(one), _channels(other), strict=True)]
        result.append(QColor(*map(round, mixed)))
    return result


def _channels(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()
