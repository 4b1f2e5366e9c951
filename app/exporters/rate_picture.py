"""The learning-rate range test as picture: smoothed loss against learning rate, in the networks' colours."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtGui import QColor

from app.exporters.canvas import SCALE, save_widget, start_qt
from app.plots.sensitivity_plot import Sensitivity, SensitivityPlot
from app.theme import LIGHT, Theme
from core.checks import CheckReport, RateRange
from core.data.dataset import DATASETS
from core.training import TrainingSpec, Variant
from core.training.variant import labels

SIZE = (1000, 640)
AXIS = "smoothed loss of the batches"


def save_rate_picture(
    spec: TrainingSpec,
    found: Sequence[CheckReport],
    path: Path,
    theme: Theme = LIGHT,
    size: tuple[int, int] = SIZE,
    scale: float = SCALE,
) -> None:
    """Save the curves of the range test as PNG of `size` times `scale` pixels.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    start_qt()
    plot = SensitivityPlot(loss=AXIS, marked="the suggested rate")
    plot.set_theme(theme)
    plot.set_curves(rate_curves(spec.variants, [each.rate_range for each in found], theme))
    title = f"Learning-rate range test: {DATASETS[spec.dataset.id].name}"
    save_widget(plot, path, size, scale, title, QColor(theme.text), QColor(theme.panel))


def rate_curves(variants: Sequence[Variant], found: Sequence[RateRange], theme: Theme) -> list[Sensitivity]:
    """The curve of every network as the plot takes it, its suggested rate marked."""
    colours = theme.networks([variant.initializer.id for variant in variants])
    rows = zip(labels(variants), variants, found, colours, strict=True)
    return [_curve(*row, shape) for shape, row in enumerate(rows)]


def _curve(label: str, variant: Variant, found: RateRange, colour: QColor, shape: int) -> Sensitivity:
    suggested = found.suggested
    place = None
    if suggested is not None:
        place = suggested, float(np.interp(np.log(suggested), np.log(found.rates), found.smoothed))
    return Sensitivity(
        name=label,
        note=f"{suggested:.2g}" if suggested is not None else "no rate",
        colour=colour,
        shape=shape,
        rates=found.rates,
        excess=found.smoothed,
        best=place,
        current=float(variant.method.values()["learning_rate"]),
    )
