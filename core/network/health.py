"""What is wrong with the layers of a network, in words, and what to try.

Read from the statistics of one moment: the shares of dead units and of saturated activations, how the
spread of activations and gradients changes with depth, and how large the last step was beside the
weights. Thresholds are rules of thumb; where they come from stands beside them.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from core.choice import Choice
from core.network.activation import ACTIVATIONS
from core.network.initializer import INITIALIZERS
from core.network.spec import NetworkSpec
from core.network.statistics import LayerStatistics

GUIDE = 1e-3
"""A step should change weights by about this share of them (Karpathy, CS231n notes, "Neural networks 3")."""
GUIDE_BAND = (1e-4, 1e-2)
"""What is near enough to the guide."""
_HIGHEST_RATIO = 0.1
_SOME_DEAD, _SOME, _MOST = 0.25, 0.2, 0.5
"""Shares of a layer that are worth a word, and that hinder it; a fifth of a deep layer's ReLU may rest."""
_FADED, _VANISHED = 0.1, 0.01
"""Spread of activations, of that in layer 1, that is little and next to nothing."""
_GRADIENT_FADED, _GRADIENT_VANISHED = 1e-2, 1e-3
"""Spread of gradients, of that in the last layer."""
FINE = "No layer is dead or saturated, and signals keep their size from layer to layer."
"""What there is to say without a verdict."""

ORDER = (
    "overflow", "dead", "saturated", "vanishing", "exploding",
    "gradients vanish", "gradients explode", "large updates", "small updates",
)  # fmt: skip
"""Ids of verdicts: of two that are as serious, the cause comes before what follows from it."""
_CAUSES = ORDER[:5]
_CONSEQUENCES = ("gradients vanish", "gradients explode", "small updates")


@dataclass(frozen=True)
class LayerHealth:
    """Figures of one hidden layer.

    Attributes
    ----------
    layer
        Counted from 1 at the input.
    dead, saturated
        Share of units at 0 for every sample; share of activations where the slope is next to 0.
    spread, gradient_spread
        Standard deviation of activations, and of the loss' derivative by pre-activations.
    gradient_norm, weight_norm, update_ratio
        See `core.network.layer_weights.LayerWeights`.
    non_finite
        How many values are infinite or not numbers.
    """

    layer: int
    dead: float
    saturated: float
    spread: float
    gradient_spread: float
    gradient_norm: float
    weight_norm: float
    update_ratio: float
    non_finite: int


@dataclass(frozen=True)
class Verdict:
    """Something that is wrong with neighbouring layers.

    Attributes
    ----------
    id
        One of `ORDER`.
    serious
        Whether it keeps the layers from learning, not merely hinders them.
    first, last
        The layers.
    finding, cure
        What is wrong with its figures, and what to try.
    """

    id: str
    serious: bool
    first: int
    last: int
    finding: str
    cure: str

    @property
    def sentence(self) -> str:
        """All of it: "layers 6–10: 98 % saturated; try Xavier"."""
        where = f"layer {self.first}" if self.first == self.last else f"layers {self.first}–{self.last}"
        return f"{where}: {self.finding}; try {self.cure}"


@dataclass(frozen=True)
class NetworkHealth:
    """How the layers of one network are.

    Attributes
    ----------
    layers
        Figures of each.
    verdicts
        What is wrong, the most serious first; empty where nothing is.
    """

    layers: tuple[LayerHealth, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def word(self) -> str:
        """The first verdict's id, or "healthy"."""
        return self.verdicts[0].id if self.verdicts else "healthy"

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every verdict, or that there is none."""
        return tuple(verdict.sentence for verdict in self.verdicts) or (FINE,)


def examine(
    statistics: Iterable[LayerStatistics], network: NetworkSpec, initializer: Choice
) -> NetworkHealth:
    """Say what is wrong with the layers of a network.

    Parameters
    ----------
    statistics
        Of all layers and kinds, see `core.network.statistics.measure`.
    network, initializer
        What was chosen: a cure says what else to choose.

    Returns
    -------
    NetworkHealth
        Never an error, whatever the figures are.
    """
    layers = tuple(_figures(list(cells)) for _, cells in groupby(statistics, key=lambda cell: cell.layer))
    found = [*_verdicts(layers, network, initializer)]
    if any(verdict.serious and verdict.id in _CAUSES for verdict in found):
        found = [verdict for verdict in found if verdict.id not in _CONSEQUENCES]
    found.sort(key=lambda verdict: (not verdict.serious, ORDER.index(verdict.id), verdict.first))
    return NetworkHealth(layers, tuple(found))


def _figures(cells: list[LayerStatistics]) -> LayerHealth:
    by_kind = {cell.kind: cell for cell in cells}
    one = cells[0]
    return LayerHealth(
        one.layer, one.dead, one.saturated, by_kind["activation"].std, by_kind["gradient"].std,
        one.gradient_norm, one.weight_norm, one.update_ratio, sum(cell.non_finite for cell in cells),
    )  # fmt: skip


Level = int  # 0 fine, 1 worth a word, 2 serious


@dataclass(frozen=True)
class _Check:
    """How bad a layer is in one respect, how that is said of several, and what helps."""

    id: str
    level: Callable[[LayerHealth], Level]
    finding: Callable[[Sequence[LayerHealth]], str]
    cure: str


def _verdicts(
    layers: tuple[LayerHealth, ...], network: NetworkSpec, initializer: Choice
) -> Iterator[Verdict]:
    for check in _checks(layers, _Cures(layers, network, initializer), network.batch_norm == "after"):
        for bad, group in groupby(layers, key=lambda layer, check=check: check.level(layer) > 0):  # type: ignore[misc]
            if bad:
                some = list(group)
                serious = any(check.level(layer) == 2 for layer in some)
                yield Verdict(
                    check.id, serious, some[0].layer, some[-1].layer, check.finding(some), check.cure
                )


def _checks(layers: tuple[LayerHealth, ...], cures: "_Cures", normed: bool) -> tuple[_Check, ...]:
    """Normed activations may have any spread: it is taken off before the next layer."""
    size = _relative(layers[0].spread)
    back = _relative(layers[-1].gradient_spread)

    def vanishing(layer: LayerHealth) -> Level:
        if normed or layer.dead >= _MOST:
            return 0
        gone = layer.spread < _VANISHED or size(layer.spread) < _VANISHED
        return 2 if gone else int(size(layer.spread) < _FADED)

    def exploding(layer: LayerHealth) -> Level:
        return 0 if normed else _above(size(layer.spread), 1 / _FADED, 1 / _VANISHED)

    def gradients_vanish(layer: LayerHealth) -> Level:
        if layer.gradient_norm == 0:
            return 2
        return _below(back(layer.gradient_spread), _GRADIENT_FADED, _GRADIENT_VANISHED)

    def gradients_explode(layer: LayerHealth) -> Level:
        return _above(back(layer.gradient_spread), 1 / _GRADIENT_FADED, 1 / _GRADIENT_VANISHED)

    return (
        _Check("overflow", lambda one: 2 if one.non_finite else 0, _overflow_text, cures.overflow),
        _Check("dead", lambda one: _above(one.dead, _SOME_DEAD, _MOST), _shares("dead"), cures.dead),
        _Check("saturated", lambda one: _above(one.saturated, _SOME, _MOST), _shares("saturated"),
               cures.saturated),
        _Check("vanishing", vanishing, _spread_text("fade"), cures.spread),
        _Check("exploding", exploding, _spread_text("grow"), cures.spread),
        _Check("gradients vanish", gradients_vanish, _gradient_text(back, "little"), cures.spread),
        _Check("gradients explode", gradients_explode, _gradient_text(back, "much"), cures.spread),
        _Check("large updates", lambda one: _above(one.update_ratio, GUIDE_BAND[1], _HIGHEST_RATIO),
               _ratio_text, "a lower learning rate"),
        _Check("small updates", lambda one: _below(one.update_ratio, GUIDE_BAND[0], 0.0), _ratio_text,
               "a higher learning rate, unless the loss is low already"),
    )  # fmt: skip


def _above(value: float, some: float, most: float) -> Level:
    return 2 if value >= most else int(value >= some)


def _below(value: float, some: float, most: float) -> Level:
    return 2 if value < most else int(value < some)


def _relative(reference: float) -> Callable[[float], float]:
    """Shares of a figure of one layer; not a number (neither much nor little) where that is none."""
    return lambda value: value / reference if 0 < reference < math.inf else math.nan


class _Cures:
    """What to try, given what was chosen: a suited initializer before batch norm before smaller things."""

    def __init__(self, layers: Sequence[LayerHealth], network: NetworkSpec, initializer: Choice) -> None:
        stepped = any(not math.isnan(layer.update_ratio) for layer in layers)
        rule = ACTIVATIONS[network.activation.id]
        suited = INITIALIZERS[rule.suited_initializer]
        unsuited = initializer.id.split("_")[0] != suited.id.split("_")[0]
        other = suited.short_label({}) if unsuited else ""
        norm = "batch norm" if network.batch_norm == "off" else ""
        blocks = "residual blocks" if network.residual == "off" else "fewer layers"
        slower = "a lower learning rate" if stepped else ""
        self.overflow = slower or other or norm or "fewer layers"
        self.dead = "a lower learning rate, or leaky ReLU" if slower else other or "leaky ReLU"
        self.saturated = other or slower or norm or "fewer layers"
        self.spread = other or norm or blocks


def _overflow_text(layers: Sequence[LayerHealth]) -> str:
    count = sum(layer.non_finite for layer in layers)
    return f"{count:,} value{'s' * (count != 1)} overflow{'s' * (count == 1)}"


def _shares(name: str) -> Callable[[Sequence[LayerHealth]], str]:
    def text(layers: Sequence[LayerHealth]) -> str:
        shares = sorted(getattr(layer, name) for layer in layers)
        low, high = (f"{100 * share:.0f}" for share in (shares[0], shares[-1]))
        return f"{low} % {name}" if low == high else f"{low}–{high} % {name}"

    return text


def _spread_text(verb: str) -> Callable[[Sequence[LayerHealth]], str]:
    def text(layers: Sequence[LayerHealth]) -> str:
        pick = min if verb == "fade" else max
        worst = pick(layer.spread for layer in layers)
        return f"activations {verb} to a spread of {_number(worst)}" if worst else "activations are all alike"

    return text


def _gradient_text(back: Callable[[float], float], how: str) -> Callable[[Sequence[LayerHealth]], str]:
    def text(layers: Sequence[LayerHealth]) -> str:
        pick = min if how == "little" else max
        worst = pick(layer.gradient_spread for layer in layers)
        if not worst:
            return "no gradient arrives"
        return f"gradients are {_number(back(worst))} times those of the last layer"

    return text


def _ratio_text(layers: Sequence[LayerHealth]) -> str:
    ratios = sorted(layer.update_ratio for layer in layers)
    low, high = _number(ratios[0], 1), _number(ratios[-1], 1)
    span = low if low == high else f"{low} to {high}"
    return f"a step changes weights by {span} of their size, not by about {_number(GUIDE)}"


def _number(value: float, digits: int = 2) -> str:
    """`0.03`, `2e−5`, `1e−3`."""
    mantissa, mark, exponent = (
        f"{value:.{digits - 1}e}" if value and not 1e-2 <= abs(value) < 1e4 else f"{value:.{digits}g}"
    ).partition("e")
    if "." in mantissa and mark:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return (f"{mantissa}e{int(exponent)}" if mark else mantissa).replace("-", "−")
