"""What the window says of many starts at once: a row, a curve and a sentence for each optimizer."""

import numpy as np
from PySide6.QtGui import QColor

from app.plots.curve_plot import Curve
from app.plots.marks_layer import CONVERGED, LegendRow
from app.theme import Theme
from core.clouds import Cloud
from core.optimizer import OPTIMIZERS

_MOST_POINTS = 160
"""Steps at which a cloud's quartiles are drawn: about one for every three pixels."""


def cloud_row(cloud: Cloud, step: int, theme: Theme) -> LegendRow:
    """The median loss at a step, and how many of the runs have converged or diverged by then."""
    key, total = cloud.method.optimizer.id, len(cloud.runs)
    median, ended = cloud.median("losses", step), cloud.ended(step)
    loss = f"{median:.3g}".replace("-", "−") if np.isfinite(median) else "∞"
    parts = [f"{ended['converged']}/{total} {CONVERGED}"] if ended["converged"] else []
    parts += [f"{ended['diverged']} diverged"] if ended["diverged"] else []
    return LegendRow(
        f"{OPTIMIZERS[key].name}", f"{min(step, cloud.steps):,}", loss, ", ".join(parts),
        theme.optimizer(key), list(OPTIMIZERS).index(key),
    )  # fmt: skip


def cloud_outcome(cloud: Cloud) -> tuple[str, str]:
    """How the runs ended, in a word and in a sentence; one that diverged is worth a word."""
    outcomes = {run.outcome for run in cloud.runs}
    return "diverged" if "diverged" in outcomes else "completed", cloud.sentence


def cloud_curves(
    clouds: tuple[Cloud, ...], lowest: float, theme: Theme
) -> tuple[str, list[Curve], list[Curve]]:
    """Title, losses above `lowest` and gradient norms: medians, between their quartiles."""
    about = f"median of {len(clouds[0].runs):,} starts, quartiles shaded"
    measure = "loss" if lowest == 0.0 else f"loss − lowest ({lowest:.6g})"
    losses, norms = [], []
    for cloud in clouds:
        colour = theme.optimizer(cloud.method.optimizer.id)
        steps = np.unique(
            np.linspace(0, cloud.steps, min(cloud.steps + 1, _MOST_POINTS)).round().astype(np.intp)
        )
        losses.append(_curve(cloud, "losses", steps, lowest, colour))
        norms.append(_curve(cloud, "gradient_norms", steps, 0.0, colour))
    return f"{measure}: {about}", losses, norms


def _curve(cloud: Cloud, name: str, steps: np.ndarray, lowest: float, colour: QColor) -> Curve:
    low, middle, high = cloud.quartiles(name, steps) - lowest  # type: ignore[arg-type]
    return Curve(steps.astype(float), middle, colour, band=(low, high))
