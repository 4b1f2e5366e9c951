"""What the plots of distributions share: whose axis, how high, and words for what is under the pointer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.language import tr
from core.network.statistics import LayerStatistics

Array = NDArray[np.float64]
PLURALS = {
    "pre_activation": "pre-activations", "activation": "activations", "gradient": "gradients",
    "weight": "weights", "update": "updates",
}  # fmt: skip
"""What the kinds of values are called."""


@dataclass(frozen=True)
class HistogramLook:
    """Whether each layer has an axis of its own, and whether heights are logarithms of counts."""

    own_axes: bool = False
    log_counts: bool = False


def counts_and_edges(stats: LayerStatistics, look: HistogramLook) -> tuple[Array, Array]:
    """(bins,) and (bins + 1,) on the axis that is asked for."""
    return (stats.own_counts, stats.own_edges) if look.own_axes else (stats.counts, stats.edges)


def heights(counts: Array, log_counts: bool) -> Array:
    """From 0 to 1 for the highest bin: square roots, or logarithms of one more than the count."""
    scaled = np.log1p(counts) if log_counts else np.sqrt(counts)
    highest = float(scaled.max(initial=0.0))
    result: Array = scaled / highest if highest > 0.0 else scaled
    return result


def on_axis(counts: Array, edges: Array, low: float, high: float, columns: int) -> Array:
    """(columns,): the highest bin within each column of pixels of an axis; 0 beyond the bins."""
    marks = np.linspace(low, high, columns + 1)
    width = (edges[-1] - edges[0]) / len(counts)
    places = (marks - edges[0]) / width
    first = np.clip(np.floor(places[:-1] + 1e-6), 0, len(counts) - 1).astype(np.intp)
    last = np.clip(np.ceil(places[1:] - 1e-6), 1, len(counts)).astype(np.intp)
    inside = (places[1:] > 0) & (places[:-1] < len(counts))
    reach = int((last - first).max(initial=1))
    result = np.zeros(columns)
    for step in range(reach):
        result = np.maximum(result, counts[np.minimum(first + step, last - 1)])
    return np.where(inside, result, 0.0)


def bin_under(counts: Array, edges: Array, value: float) -> str:
    """The bin that a value is in, in words of the chosen language."""
    place = int(np.clip(np.searchsorted(edges, value, side="right") - 1, 0, len(counts) - 1))
    total = int(counts.sum())
    share = counts[place] / total if total else 0.0
    if place == len(counts) - 1:
        ends = f"from {short(edges[place])} on"
    elif place == 0:
        ends = f"below {short(edges[1])}"
    else:
        ends = f"{short(edges[place])} to {short(edges[place + 1])}"
    return f"{tr(ends)}: {tr(f'{counts[place]:,} of {total:,} values ({share:.1%})')}"


def describe(label: str, stats: LayerStatistics) -> str:
    """All figures of one distribution, in the chosen language."""
    lines = [
        f"{tr(label)}, {tr(f'layer {stats.layer}')}, {tr(PLURALS[stats.kind])}",
        tr(f"mean {short(stats.mean)},  standard deviation {short(stats.std)}"),
        tr(f"from {short(stats.minimum)} to {short(stats.maximum)}"),
    ]
    if stats.kind in ("weight", "update"):
        norms = (
            f"norm of the weights {short(stats.weight_norm)},  update / weights {short(stats.update_ratio)}"
        )
        lines.append(tr(norms))
    elif not np.isnan(stats.dead):
        lines.append(tr(f"dead {stats.dead:.1%},  saturated {stats.saturated:.1%}"))
    if stats.kind == "gradient":
        lines.append(tr(f"norm of the gradient by the weights {short(stats.gradient_norm)}"))
    if stats.non_finite:
        lines.append(tr(f"{stats.non_finite:,} values are infinite or not numbers"))
    return "\n".join(lines)


def short(value: float) -> str:
    """Four digits, with a true minus sign."""
    return "–" if np.isnan(value) else f"{value:.4g}".replace("-", "−")
