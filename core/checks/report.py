"""All checks of one network, or of every network of a run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from core.checks.curves import CurveReading, read_curves
from core.checks.gradient import GradientCheck, check_gradient
from core.checks.initial_loss import InitialLoss, check_initial_loss
from core.checks.memorize import Memorizing, check_memorizing
from core.checks.rate_range import RateRange, find_rate
from core.checks.verdict import Verdict
from core.training.run import TrainingRun
from core.training.spec import TrainingSpec
from core.training.variant import names


@dataclass(frozen=True)
class Check:
    """A check that can be asked for.

    Attributes
    ----------
    key, title, summary
        Word of code and files, what a report calls it, and what it does.
    make
        `make(spec, place)`: the result for one of the spec's variants.
    """

    key: str
    title: str
    summary: str
    make: Callable[[TrainingSpec, int], Any]


def _trained_curves(spec: TrainingSpec, place: int) -> CurveReading:
    """Train one variant alone and read its curves."""
    run = TrainingRun(msgspec.structs.replace(spec, variants=(spec.variants[place],)))
    while not run.finished:
        run.step()
    return read_curves(run.records, run.trainees[0].diverged_at)


CHECKS: dict[str, Check] = {
    check.key: check
    for check in (
        Check("initial_loss", "Initial loss",
              "Compares the loss before the first step with log(number of classes), that of a guess.",
              check_initial_loss),
        Check("memorizing", "Learn a handful",
              "Trains on a handful of batches until every sample is right: what cannot do that cannot learn.",
              check_memorizing),
        Check("rate_range", "Learning rate",
              "Trains while the rate rises, and finds where the loss falls fastest and where it blows up.",
              find_rate),
        Check("gradient", "Gradient",
              "Compares the gradient with central differences, and names the worst parameter.",
              check_gradient),
        Check("curves", "Curves",
              "Trains as set and reads the curves: too high a rate, a bad start, over- or underfitting.",
              _trained_curves),
    )
}  # fmt: skip
"""In the order in which one makes them."""


@dataclass(frozen=True)
class CheckReport:
    """Everything that is checked about one network.

    Attributes
    ----------
    name
        The network's, see `core.training.variant.names`.
    initial_loss, memorizing, rate_range, gradient, curves
        See the checks.
    """

    name: str
    initial_loss: InitialLoss
    memorizing: Memorizing
    rate_range: RateRange
    gradient: GradientCheck
    curves: CurveReading

    def results(self) -> list[tuple[Check, Verdict]]:
        """Every check with its result."""
        return [(check, getattr(self, key)) for key, check in CHECKS.items()]


def run_check(key: str, spec: TrainingSpec, place: int) -> Verdict:
    """Make one of `CHECKS`, by its key: what a worker process calls.

    Raises
    ------
    InputError
        Naming the field of the spec that is wrong.
    """
    result: Verdict = CHECKS[key].make(spec, place)
    return result


def check_variant(
    spec: TrainingSpec, place: int = 0, watch: Callable[[str], None] = lambda title: None
) -> CheckReport:
    """Make all checks of one variant; `watch` hears the title of each before it is made.

    Raises
    ------
    InputError
        Naming the field of the spec that is wrong.
    """
    spec = spec.checked()
    found: dict[str, Any] = {}
    for key, check in CHECKS.items():
        watch(check.title)
        found[key] = check.make(spec, place)
    return CheckReport(names(spec.variants)[place], **found)
