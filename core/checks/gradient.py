"""The fourth check: the gradient against central differences, in float64 on a few samples."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.checks.verdict import Outcome, Verdict
from core.data.streams import named_stream
from core.network.arrays import Array, Parameter
from core.network.layers.batch_norm import BatchNorm
from core.network.layers.dense import Dense
from core.network.layers.nonlinearity import Nonlinearity
from core.network.loss import weight_penalty
from core.network.model import Network
from core.training.spec import TrainingSpec
from core.training.specimen import Specimen, training_loss, without_noise

Objective = Callable[[], tuple[float, list[Array]]]

SAMPLES = 8
MOST_PARAMETERS = 1_500
"""Parameters that are looked at; of a larger network so many are drawn, some in every array."""
STEP = 1e-5
"""Length of the differences: their error is of the order of its square, rounding about 1e-11."""
TOLERANCE = 1e-4
_FLOOR = 1e-6
"""Derivatives below this share of the loss are compared as if they were as large: rounding hides more."""


@dataclass(frozen=True)
class Compared:
    """One parameter's derivative, from the backward pass and from central differences.

    Attributes
    ----------
    name
        "layer 3 weight [4, 7]"; the output layer's is "output weight [4, 7]". Indices from 0.
    analytic, numeric
        The two derivatives.
    error
        `|analytic - numeric| / max(|analytic|, |numeric|, floor)`.
    kink
        Whether a pre-activation changes its sign between the two points, at a kink of the activation; or
        the weight does, at that of an L1 penalty.
    """

    name: str
    analytic: float
    numeric: float
    error: float
    kink: bool

    @property
    def text(self) -> str:
        """All of it in a line."""
        return (
            f"{self.name}: analytic {self.analytic:.6g}, numeric {self.numeric:.6g},"
            f" relative error {self.error:.1e}"
        )


@dataclass(frozen=True)
class GradientCheck(Verdict):
    """How well gradient and central differences agree.

    Attributes
    ----------
    worst
        The parameter with the largest error, kinks left out; None where there are only kinks.
    worst_kink
        The same among those at kinks that do not agree; None without any.
    checked, parameters
        How many parameters were looked at, of how many.
    kinks
        How many of them do not agree because a kink lies between the two points.
    """

    worst: Compared | None
    worst_kink: Compared | None
    checked: int
    parameters: int
    kinks: int


def check_gradient(spec: TrainingSpec, place: int = 0, most: int = MOST_PARAMETERS) -> GradientCheck:
    """Compare derivatives of the loss with `(f(w + h) - f(w - h)) / 2h`, with the initial weights.

    The loss is the training loss of a few samples with its penalties, batch norm in training mode, without
    dropout. Where the activation has a kink, as ReLU has at 0, and a pre-activation crosses it between the
    two points, the difference is no derivative: that is no error of the gradient, and is counted apart.
    """
    specimen = Specimen(spec.with_variants(without_noise, place), place, "float64")
    with np.errstate(all="ignore"):
        found = list(_compare(specimen, most))
    apart = [each for each in found if each.kink and not each.error <= TOLERANCE]
    plain = [each for each in found if not each.kink or each.error <= TOLERANCE]
    worst, worst_kink = (max(some, key=_badness, default=None) for some in (plain, apart))
    counts = len(found), specimen.network.vector.values.size, len(apart)
    return GradientCheck(*_verdict(specimen.network, worst, *counts), worst, worst_kink, *counts)


def _badness(each: Compared) -> float:
    return math.inf if math.isnan(each.error) else each.error


def _compare(specimen: Specimen, most: int) -> Iterator[Compared]:
    network, x, labels = specimen.network, specimen.inputs[:SAMPLES], specimen.labels[:SAMPLES]
    l1, l2 = specimen.variant.l1, specimen.variant.l2
    size = network.loss_and_gradient(x, labels, l2, l1)
    kinked, stream = has_kink(network), named_stream(specimen.spec.seed, "gradient check")

    def objective() -> tuple[float, list[Array]]:
        loss = training_loss(network, x, labels) + weight_penalty(network.weights, l2, l1)
        return loss, [layer.pre_activation > 0 for layer in _nonlinearities(network)] if kinked else []

    named = list(named_parameters(network))
    total = sum(parameter.value.size for _, parameter in named)
    for name, parameter in named:
        count = max(4, parameter.value.size * most // total)
        for index in _drawn(parameter.value.shape, count, stream):
            analytic = float(parameter.gradient[index])
            numeric, kink = _difference(parameter.value, index, objective)
            scale = max(abs(analytic), abs(numeric), _FLOOR * max(abs(size), 1.0))
            place = "" if parameter.value.size == 1 else f" [{', '.join(map(str, index))}]"
            kink = kink or (bool(l1) and abs(float(parameter.value[index])) <= STEP)
            yield Compared(name + place, analytic, numeric, abs(analytic - numeric) / scale, kink)


def _difference(values: Array, index: tuple[int, ...], objective: Objective) -> tuple[float, bool]:
    """Central difference by one parameter, and whether a sign changed on the way."""
    here = values[index]
    values[index] = here + STEP
    above, signs_above = objective()
    values[index] = here - STEP
    below, signs_below = objective()
    values[index] = here
    crossed = any(np.any(a != b) for a, b in zip(signs_above, signs_below, strict=True))
    return (above - below) / (2.0 * STEP), crossed


def _drawn(shape: tuple[int, ...], count: int, stream: np.random.Generator) -> list[tuple[int, ...]]:
    """Indices into an array, all of them or so many without repetition, in order."""
    size = math.prod(shape)
    flat = np.arange(size) if size <= count else np.sort(stream.choice(size, count, replace=False))
    return [tuple(int(i) for i in np.unravel_index(k, shape)) for k in flat]


def named_parameters(network: Network) -> Iterator[tuple[str, Parameter]]:
    """Every array of parameters with its name: "layer 3 weight", "output bias"."""
    layer = 0
    for part in network.layers:
        if isinstance(part, Dense):
            layer += 1
            name = f"layer {layer}" if layer <= network.spec.layers else "output"
            yield f"{name} weight", part.weights
            if part.bias is not None:
                yield f"{name} bias", part.bias
        elif isinstance(part, BatchNorm):
            yield f"layer {layer} gamma", part.gamma
            yield f"layer {layer} beta", part.beta
        elif isinstance(part, Nonlinearity) and part.learned is not None:
            yield f"layer {layer} slope", part.learned


def has_kink(network: Network) -> bool:
    """Whether the activation's slope jumps at 0."""
    layer = _nonlinearities(network)[0]
    slopes = layer.rule.slope(np.array([-1e-9, 1e-9]), layer.numbers)
    return abs(float(slopes[1] - slopes[0])) > 1e-6


def _nonlinearities(network: Network) -> list[Nonlinearity]:
    return [layer for layer in network.layers if isinstance(layer, Nonlinearity)]


def _verdict(
    network: Network, worst: Compared | None, checked: int, parameters: int, kinks: int
) -> tuple[Outcome, str]:
    of = (
        f"{checked:,} of {parameters:,} parameters"
        if checked < parameters
        else f"all {parameters:,} parameters"
    )
    note = ""
    if kinks:
        note = (
            f" {kinks:,} lie at a kink (of {network.rule.name} or of the L1 penalty), where there is no"
            " derivative to compare; they are left out."
        )
    if worst is None:
        return "doubtful", f"Every derivative looked at lies at a kink.{note}"
    if worst.error <= TOLERANCE:
        return "good", f"Gradient and central differences agree for {of}. The worst is {worst.text}.{note}"
    return "bad", (
        f"Gradient and central differences do not agree ({of} looked at). The worst is {worst.text}.{note}"
    )
