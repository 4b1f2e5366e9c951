"""The learning-rate range test as curves: smoothed loss against learning rate, in the networks' colours."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QColor

from app.language import tr
from app.plots.sensitivity_plot import Sensitivity, SensitivityPlot
from app.theme import Theme
from core.checks import RateRange
from core.training import Variant
from core.training.variant import labels

AXIS = "smoothed loss of the batches"


def rate_plot(variants: Sequence[Variant], found: Sequence[RateRange], theme: Theme) -> SensitivityPlot:
    """A plot of the range test of every network."""
    plot = SensitivityPlot(loss=AXIS, marked="the suggested rate")
    plot.set_theme(theme)
    plot.set_curves(rate_curves(variants, found, theme))
    return plot


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
        name=tr(label),
        note=f"{suggested:.2g}" if suggested is not None else tr("no rate"),
        colour=colour,
        shape=shape,
        rates=found.rates,
        excess=found.smoothed,
        best=place,
        current=float(variant.method.values()["learning_rate"]),
    )
