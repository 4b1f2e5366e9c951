"""What the window says of many starts at once: a row, a curve and a sentence for each optimizer."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.forms.controls import plain_tip
from app.language import tr
from app.plots.curve_plot import Curve
from app.plots.marks_layer import CONVERGED, LegendRow
from app.theme import Theme
from app.views.optimizer_row import Verdict
from core.clouds import Cloud, Recorded
from core.optimizer import OPTIMIZERS

Array = NDArray[np.float64]
_MOST_POINTS = 160
"""Steps at which a cloud's quartiles are drawn: about one for every three pixels."""


def cloud_row(cloud: Cloud, step: int, theme: Theme) -> LegendRow:
    """The median loss at a step, and how many of the runs have converged or diverged by then."""
    key, total = cloud.method.optimizer.id, len(cloud.runs)
    median, ended = cloud.median("losses", step), cloud.ended(step)
    loss = f"{median:.3g}".replace("-", "−") if np.isfinite(median) else "∞"
    parts = [f"{ended['diverged']} {tr('diverged')}"] if ended["diverged"] else []
    parts += [f"{CONVERGED} {ended['converged']}/{total}"] if ended["converged"] else []
    return LegendRow(
        tr(OPTIMIZERS[key].name), f"{min(step, cloud.steps):,}", loss, ", ".join(parts),
        theme.optimizer(key), list(OPTIMIZERS).index(key), plain_tip(cloud.sentence),
    )  # fmt: skip


def cloud_verdict(cloud: Cloud) -> Verdict:
    """How the runs ended; some that diverged are worth a line."""
    diverged = cloud.outcomes["diverged"] > 0
    return Verdict(cloud.sentence, cloud.sentence if diverged else "", grave=diverged)


def cloud_title(clouds: Sequence[Cloud]) -> str:
    """What the curves of clouds are."""
    return f"median of {len(clouds[0].runs):,} starts, quartiles shaded"


def cloud_curves(
    clouds: Sequence[Cloud], places: Sequence[Array], lowest: float, theme: Theme
) -> tuple[list[Curve], list[Curve]]:
    """Losses above `lowest` and gradient norms: medians, between their quartiles.

    Parameters
    ----------
    places
        For each cloud (steps of its longest run + 1,): where each step is on the axis.
    """
    losses, norms = [], []
    for cloud, place in zip(clouds, places, strict=True):
        losses.append(_curve(cloud, "losses", place, lowest, theme))
        norms.append(_curve(cloud, "gradient_norms", place, 0.0, theme))
    return losses, norms


def _curve(cloud: Cloud, name: Recorded, places: Array, floor: float, theme: Theme) -> Curve:
    most = min(cloud.steps + 1, _MOST_POINTS)
    steps = np.unique(np.linspace(0, cloud.steps, most).round().astype(np.intp))
    low, middle, high = cloud.quartiles(name, steps) - floor
    return Curve(places[steps], middle, theme.optimizer(cloud.method.optimizer.id), band=(low, high))
