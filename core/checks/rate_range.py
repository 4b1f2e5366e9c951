"""The third check: the learning-rate range test (Smith 2017, "Cyclical learning rates", section 3.3)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.checks.verdict import Outcome, Verdict
from core.training.spec import TrainingSpec
from core.training.specimen import Specimen

Array = NDArray[np.float64]
LOWEST, HIGHEST, STEPS = 1e-6, 10.0, 210
"""Seven decades, thirty steps in each."""
MEMORY = 0.93
"""Factor of the exponential average that smooths the loss: it remembers some fourteen steps."""
BLOWN_UP = 2.0
"""The loss has blown up where its average exceeds this times the lowest so far."""
_WARM_UP = 10
"""Steps at the start over which the average is of too few losses to have a slope."""
LEAST_FALL = 0.03
"""Share of the initial loss by which the average must fall for a rate to be suggested."""


@dataclass(frozen=True, eq=False)
class RateRange(Verdict):
    """Loss against learning rate, of one network that trains while the rate rises.

    Attributes
    ----------
    rates, losses, smoothed
        (steps,) each: learning rate, loss of the batch before the step at that rate, and its average.
    steepest
        Rate at which the average falls fastest, by the logarithm of the rate; None where it never falls.
    blown_up
        Rate from which the loss is more than twice its lowest, or not finite; None where it is not.
    suggested
        The steepest rate, at most a tenth of the one at which the loss blows up; None without either.
    """

    rates: Array
    losses: Array
    smoothed: Array
    steepest: float | None
    blown_up: float | None
    suggested: float | None


def find_rate(
    spec: TrainingSpec, place: int = 0, lowest: float = LOWEST, highest: float = HIGHEST, steps: int = STEPS
) -> RateRange:
    """Train once from the initial weights while the rate rises by the same factor each step.

    The run's own schedule is put aside. The average is `m <- b m + (1 - b) loss`, divided by
    `1 - b^k` as Adam does. The suggested rate is where the average falls fastest, but at most a tenth of
    where it blows up: there a rate that is good for one step is too high for many.
    """
    specimen = Specimen(spec, place)
    rates = np.geomspace(lowest, highest, steps)
    losses = _losses(specimen, rates)
    smoothed = average(losses)
    blown_up = _blown_up(rates, smoothed)
    steepest = _steepest(rates, smoothed, blown_up)
    suggested = steepest
    if steepest is not None and blown_up is not None:
        suggested = min(steepest, blown_up / 10.0)
    now = float(specimen.variant.method.values()["learning_rate"])
    seen = len(losses)
    verdict = _verdict(suggested, steepest, blown_up, now)
    return RateRange(*verdict, rates[:seen], losses, smoothed, steepest, blown_up, suggested)


def _losses(specimen: Specimen, rates: Array) -> Array:
    """Loss at each rate, until it is not finite or far beyond the first: then nothing more is learned."""
    step, batches = specimen.steps(rates.tolist()), specimen.batches("range test")
    losses: list[float] = []
    for _ in rates:
        loss = step(*next(batches))
        if not math.isfinite(loss) or (losses and loss > 50.0 * max(losses[0], 0.1)):
            losses.append(math.inf)
            break
        losses.append(loss)
    return np.array(losses)


def average(losses: Array) -> Array:
    """Exponential average with the start corrected; infinite from where a loss is."""
    result, mean = np.empty(len(losses)), 0.0
    for place, loss in enumerate(losses.tolist()):
        mean = MEMORY * mean + (1.0 - MEMORY) * loss
        result[place] = mean / (1.0 - MEMORY ** (place + 1))
    return result


def _blown_up(rates: Array, smoothed: Array) -> float | None:
    lowest = np.minimum.accumulate(smoothed)
    beyond = np.flatnonzero(smoothed > BLOWN_UP * lowest)
    return float(rates[beyond[0]]) if beyond.size else None


def _steepest(rates: Array, smoothed: Array, blown_up: float | None) -> float | None:
    """The average's steepest descent before the loss blows up; None when it does not fall by enough."""
    holds = np.isfinite(smoothed) if blown_up is None else rates[: len(smoothed)] < blown_up
    curve = smoothed[holds]
    if len(curve) < 3 or curve[0] - curve.min() < LEAST_FALL * curve[0]:
        return None
    slopes = np.gradient(curve)
    begin = min(_WARM_UP, len(curve) - 1)
    return float(rates[begin + int(slopes[begin:].argmin())])


def _verdict(
    suggested: float | None, steepest: float | None, blown_up: float | None, now: float
) -> tuple[Outcome, str]:
    if suggested is None:
        return "bad", (
            "The loss falls at no rate: the rate is not the trouble. Look at the initializer, and at"
            " saturated or dead units."
        )
    rule = f"the loss falls fastest at {steepest:.2g}"
    if blown_up is not None:
        rule += f" and blows up at {blown_up:.2g}"
    if suggested != steepest:
        rule += ", of which a tenth is safe"
    said = f"Suggested rate: {suggested:.2g} ({rule})"
    if now > (blown_up or math.inf):
        return "bad", f"{said}. The rate that is set, {now:.2g}, is too high."
    if not 0.1 <= now / suggested <= 10.0:
        return "doubtful", f"{said}. The rate that is set, {now:.2g}, is far from it."
    return "good", f"{said}. The rate that is set, {now:.2g}, is near it."
