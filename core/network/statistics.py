"""How the values of a layer are distributed: figures, and histograms on shared bins."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import DTypeLike

from core.network.activation import Activation
from core.network.arrays import Array, all_finite
from core.network.model import LayerSignals

Kind = Literal["pre_activation", "activation", "gradient"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BINS = 60
_QUANTILE = 0.995
_SAMPLE = 4_096


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """Distribution of one kind of value in one hidden layer, over the samples of a batch.

    Attributes
    ----------
    layer
        Counted from 1 at the input.
    kind
        See `core.network.model.LayerSignals`.
    mean, std, minimum, maximum
        Of the finite values; not a number when there are none.
    dead
        Share of units at exactly 0 for the whole batch; 0 where units cannot die.
    saturated
        Share of activations beyond the activation's saturation bounds; 0 where there are none.
        Like `dead` it is a figure of the layer, the same for its three kinds.
    non_finite
        How many values are infinite or not numbers; they are in no bin.
    counts
        (bins,), values in each bin; those beyond the edges are in the outermost bins.
    edges
        (bins + 1,), the same for one kind in all layers of all networks that were measured together.
    """

    layer: int
    kind: Kind
    mean: float
    std: float
    minimum: float
    maximum: float
    dead: float
    saturated: float
    non_finite: int
    counts: Array
    edges: Array


def measure(
    networks: Sequence[Sequence[LayerSignals]], rules: Sequence[Activation], bins: int = BINS
) -> list[tuple[LayerStatistics, ...]]:
    """Statistics of all layers and kinds of several networks, on bins that they share.

    `rules` are the networks' activations.

    Returns
    -------
    list
        For each network its statistics, by layer and then by kind in the order of `KINDS`.
    """
    edges = {kind: _shared_edges(networks, rules, kind, bins) for kind in KINDS}
    return [
        tuple(
            cell
            for layer, signals in enumerate(layers, start=1)
            for cell in _layer_statistics(layer, signals, rule, edges)
        )
        for layers, rule in zip(networks, rules, strict=True)
    ]


def _shared_edges(
    networks: Sequence[Sequence[LayerSignals]], rules: Sequence[Activation], kind: Kind, bins: int
) -> Array:
    """Bin edges for one kind: the range of all the activations if they have one, else symmetric about 0."""
    ranges = [rule.range for rule in rules if rule.range is not None]
    if kind == "activation" and ranges and len(ranges) == len(rules):
        return np.linspace(min(low for low, _ in ranges), max(high for _, high in ranges), bins + 1)
    extents = [robust_extent(getattr(signals, kind)) for layers in networks for signals in layers]
    extent = shared_extent(extents, getattr(networks[0][0], kind).dtype)
    return np.linspace(-extent, extent, bins + 1)


def robust_extent(values: Array) -> float:
    """The 99.5 % quantile of the magnitudes of the finite values, 0 when there are none.

    Estimated from some thousand values evenly spread over the array: it only sets an axis.
    """
    flat = values.ravel()
    stride = flat.size // _SAMPLE | 1  # odd, so as not to meet the same units in every row
    some = np.abs(flat[::stride])
    some = some[np.isfinite(some)]
    if some.size == 0:
        return 0.0
    place = int(_QUANTILE * (some.size - 1))
    return float(np.partition(some, place)[place])


def shared_extent(extents: Sequence[float], dtype: DTypeLike = np.float64) -> float:
    """The median of the extents, rounded up to a power of two so that axes stand still while training.

    Half the cells fit whole; a cell that explodes shows at the edges instead of flattening all others.
    Cells at exactly 0 have no extent and no say; 1 when that is all of them. The result and what bins
    are made of it stay within the range of `dtype`.
    """
    positive = [extent for extent in extents if extent > 0.0]
    if not positive:
        return 1.0
    limits = np.finfo(dtype)
    exponent = math.ceil(math.log2(float(np.median(positive))))
    return 2.0 ** min(max(exponent, limits.minexp + 20), limits.maxexp - 2)


def _layer_statistics(
    layer: int, signals: LayerSignals, rule: Activation, edges: dict[Kind, Array]
) -> list[LayerStatistics]:
    dead = rule.dead_share(signals.activation)
    saturated = rule.saturated_share(signals.activation)
    cells = []
    for kind in KINDS:
        values = getattr(signals, kind).ravel()
        finite = finite_part(values)
        missing, counts = values.size - finite.size, histogram(finite, edges[kind])
        cells.append(
            LayerStatistics(layer, kind, *figures(finite), dead, saturated, missing, counts, edges[kind])
        )
    return cells


def finite_part(values: Array) -> Array:
    """The values that are neither infinite nor not numbers; most often all, without a copy."""
    return values if all_finite(values) else values[np.isfinite(values)]


def figures(values: Array) -> tuple[float, float, float, float]:
    """Mean, standard deviation, minimum, maximum; scaled where sums or squares would overflow."""
    if values.size == 0:
        return (math.nan,) * 4
    low, high = float(values.min()), float(values.max())
    scale = 1.0 if (peak := max(-low, high)) < 1e15 else peak
    scaled = values if scale == 1.0 else values / scale
    return float(scaled.mean()) * scale, float(scaled.std()) * scale, low, high


def histogram(values: Array, edges: Array) -> Array:
    """Count finite values in bins of equal width; those beyond the edges go to the outermost bins.

    A value on an inner edge belongs to the bin above it.
    """
    bins, low, high = len(edges) - 1, float(edges[0]), float(edges[-1])
    with np.errstate(over="ignore", under="ignore"):
        places = np.clip(values, low, high) - low
        places *= bins / (high - low)
    # Rounding may lift the largest values onto the edge above the last bin.
    places = np.minimum(places.astype(np.intp), bins - 1)
    return np.bincount(places, minlength=bins).astype(np.int32)
