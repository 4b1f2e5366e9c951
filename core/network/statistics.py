"""How the values of a layer are distributed: figures, and histograms on shared bins and on their own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import DTypeLike

from core.network.activation import Activation
from core.network.arrays import Array
from core.network.fine_histogram import FineHistogram, fine_histogram
from core.network.layer_weights import LayerWeights
from core.network.model import LayerSignals

Kind = Literal["pre_activation", "activation", "gradient", "weight", "update"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BINS = 64
_SIGNALS: tuple[Kind, ...] = KINDS[:3]
_SHARE = 0.995
"""Share of the values that an axis has room for: a few far out do not flatten the rest."""


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """Distribution of one kind of value in one hidden layer, over the samples of a batch.

    Attributes
    ----------
    layer
        Counted from 1 at the input.
    kind
        See `core.network.model.LayerSignals` and `core.network.layer_weights.LayerWeights`.
    mean, std, minimum, maximum
        Of the finite values; not a number when there are none.
    dead
        Share of units at exactly 0 for the whole batch; 0 where units cannot die.
    saturated
        Share of activations beyond the activation's saturation bounds; 0 where there are none.
        Like `dead` it is a figure of the layer, the same for all its kinds.
    non_finite
        How many values are infinite or not numbers; they are in no bin.
    counts
        (bins,), values in each bin; those beyond the edges are in the outermost bins.
    edges
        (bins + 1,), the same for one kind in all layers of all networks that were measured together.
    own_counts, own_edges
        The same on bins that suit this layer alone.
    gradient_norm, weight_norm, update_ratio
        Of the layer's weights, see `LayerWeights`: figures of the layer too, not numbers where there
        is no such thing.
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
    own_counts: Array
    own_edges: Array
    gradient_norm: float = math.nan
    weight_norm: float = math.nan
    update_ratio: float = math.nan


@dataclass(frozen=True, eq=False)
class _Cell:
    """One kind of value in one layer, counted finely."""

    values: Array
    fine: FineHistogram
    extent: float

    @property
    def figures(self) -> tuple[float, float, float, float]:
        """Mean, standard deviation, minimum and maximum of the finite values."""
        values = self.values
        return _figures(values[np.isfinite(values)] if self.fine.non_finite else values)

    def on(self, edges: Array) -> Array:
        return self.fine.on(float(edges[0]), float(edges[-1]), len(edges) - 1)


Layer = tuple[LayerSignals, LayerWeights | None]


def measure(
    networks: Sequence[Sequence[LayerSignals]],
    rules: Sequence[Activation],
    weights: Sequence[Sequence[LayerWeights]] | None = None,
    bins: int = BINS,
) -> list[tuple[LayerStatistics, ...]]:
    """Statistics of all layers and kinds of several networks, on bins that they share.

    `rules` are the networks' activations. Without `weights` only signals are measured.

    Returns
    -------
    list
        For each network its statistics, by layer and then by kind in the order of `KINDS`.
    """
    paired = _paired(networks, weights)
    cells = [[_cells(layer) for layer in layers] for layers in paired]
    edges = {
        kind: _shared_edges([cell[kind] for layers in cells for cell in layers], rules, kind, bins)
        for kind in (_SIGNALS if weights is None else KINDS)
    }
    return [
        tuple(
            statistics
            for place, (layer, counted) in enumerate(zip(layers, of_layers, strict=True), start=1)
            for statistics in _layer_statistics(place, layer, counted, rule, edges)
        )
        for layers, of_layers, rule in zip(paired, cells, rules, strict=True)
    ]


def _paired(
    networks: Sequence[Sequence[LayerSignals]], weights: Sequence[Sequence[LayerWeights]] | None
) -> list[list[Layer]]:
    if weights is None:
        return [[(layer, None) for layer in layers] for layers in networks]
    both = zip(networks, weights, strict=True)
    return [list(zip(layers, theirs, strict=True)) for layers, theirs in both]


def _cells(layer: Layer) -> dict[Kind, _Cell]:
    signals, weights = layer
    values: dict[Kind, Array] = {kind: getattr(signals, kind) for kind in _SIGNALS}
    if weights is not None:
        values |= {"weight": weights.weight, "update": weights.update}
    return {kind: _cell(each.ravel()) for kind, each in values.items()}


def _cell(values: Array) -> _Cell:
    fine = fine_histogram(values)
    return _Cell(values, fine, fine.extent(_SHARE))


def _shared_edges(cells: Sequence[_Cell], rules: Sequence[Activation], kind: Kind, bins: int) -> Array:
    """Bin edges for one kind: the range of all the activations if they have one, else symmetric about 0."""
    ranges = [rule.range for rule in rules if rule.range is not None]
    if kind == "activation" and ranges and len(ranges) == len(rules):
        return _edges(min(low for low, _ in ranges), max(high for _, high in ranges), bins)
    extent = shared_extent([cell.extent for cell in cells], cells[0].values.dtype)
    return _edges(-extent, extent, bins)


def _own_edges(cell: _Cell, rule: Activation, kind: Kind, bins: int) -> Array:
    """Bin edges for one layer: symmetric about 0, not beyond the activation's range."""
    extent = _power_of_two(cell.extent, cell.values.dtype) if cell.extent > 0.0 else 1.0
    if kind == "activation" and rule.range is not None:
        low, high = rule.range
        return _edges(max(low, -extent), min(high, extent), bins)
    return _edges(-extent, extent, bins)


@lru_cache(maxsize=256)
def _edges(low: float, high: float, bins: int) -> Array:
    """One array for all layers with these: it is sent to another process once."""
    edges = np.linspace(low, high, bins + 1)
    edges.flags.writeable = False
    return edges


def shared_extent(extents: Sequence[float], dtype: DTypeLike = np.float64) -> float:
    """The median of the extents, rounded up to a power of two so that axes stand still while training.

    Half the cells fit whole; a cell that explodes shows at the edges instead of flattening all others.
    Cells at exactly 0 have no extent and no say; 1 when that is all of them. The result and what bins
    are made of it stay within the range of `dtype`.
    """
    positive = [extent for extent in extents if extent > 0.0]
    if not positive:
        return 1.0
    return _power_of_two(float(np.median(positive)), dtype)


def _power_of_two(extent: float, dtype: DTypeLike) -> float:
    """The next one, not so small or large that bins leave the range of `dtype`."""
    least, most = _exponents(np.dtype(dtype))
    return 2.0 ** min(max(math.ceil(math.log2(extent)), least), most)


@lru_cache(maxsize=4)
def _exponents(dtype: np.dtype[Any]) -> tuple[int, int]:
    limits = np.finfo(dtype)
    return int(limits.minexp) + 20, int(limits.maxexp) - 2


def _layer_statistics(
    place: int, layer: Layer, cells: dict[Kind, _Cell], rule: Activation, edges: dict[Kind, Array]
) -> list[LayerStatistics]:
    signals, weights = layer
    shares = rule.dead_share(signals.activation), rule.saturated_share(signals.activation)
    norms = () if weights is None else (weights.gradient_norm, weights.weight_norm, weights.update_ratio)
    found = []
    for kind, shared in edges.items():
        cell = cells[kind]
        own = _own_edges(cell, rule, kind, len(shared) - 1)
        counts = cell.on(shared)
        histograms = counts, shared, counts if own is shared else cell.on(own), own
        missing = cell.fine.non_finite
        found.append(LayerStatistics(place, kind, *cell.figures, *shares, missing, *histograms, *norms))
    return found


def measure_values(
    groups: Sequence[Sequence[Array]], kind: Kind, first: int = 1, bins: int = BINS
) -> list[tuple[LayerStatistics, ...]]:
    """Statistics of values of one kind, layer by layer from layer `first`, in several groups.

    All are on the same bins, their own ones too. Dead and saturated shares are not numbers.
    """
    cells = [[_cell(layer.ravel()) for layer in layers] for layers in groups]
    every = [cell for layers in cells for cell in layers]
    extent = shared_extent([cell.extent for cell in every], every[0].values.dtype)
    edges, unknown = _edges(-extent, extent, bins), (math.nan, math.nan)
    return [
        tuple(
            LayerStatistics(
                place, kind, *cell.figures, *unknown, cell.fine.non_finite, *(cell.on(edges), edges) * 2
            )
            for place, cell in enumerate(layers, start=first)
        )
        for layers in cells
    ]


def _figures(values: Array) -> tuple[float, float, float, float]:
    """Mean, standard deviation, minimum, maximum; scaled where sums or squares would overflow."""
    if values.size == 0:
        return (math.nan,) * 4
    low, high = float(values.min()), float(values.max())
    scale = 1.0 if (peak := max(-low, high)) < 1e15 else peak
    scaled = values if scale == 1.0 else values / scale
    mean = np.add.reduce(scaled) / scaled.dtype.type(scaled.size)
    away = scaled - mean  # a product with itself sums its squares in a quarter of the time of `std`
    return float(mean) * scale, math.sqrt(float(np.vdot(away, away)) / away.size) * scale, low, high
