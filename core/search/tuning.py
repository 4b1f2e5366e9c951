"""What was tried for every optimizer, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from core.hyperparameter import Value, written
from core.optimizer import OPTIMIZERS, MethodSpec
from core.search.spec import RATE, TuneSpec
from core.search.trial import Trial, said, said_loss


@dataclass(frozen=True)
class Tuning:
    """What was tried for one optimizer, and what came of it.

    Attributes
    ----------
    spec, method
        What it is a part of, and the method as it is set now.
    trials
        In the order in which they were made: the current values first, then the defaults.
    """

    spec: TuneSpec
    method: MethodSpec
    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        """The best trial; of equals the first, so that nothing changes without a gain.

        Only among what was set and the defaults the last digit decides, so that it is never worse.
        """
        first = min(self.trials, key=lambda trial: trial.rank)
        alike = [t for t in self.trials if t.rank == first.rank and t.kind in ("current", "default")]
        return min(alike, key=lambda trial: sum(trial.losses), default=first)

    @property
    def current(self) -> Trial:
        """The trial of what is set now."""
        return self.trials[0]

    @property
    def default(self) -> Trial:
        """The trial of the defaults; the current one where they are the same."""
        return next((trial for trial in self.trials if trial.kind == "default"), self.current)

    @property
    def tuned(self) -> MethodSpec:
        """The method with the best values set."""
        return with_values(self.method, self.best.values)

    @property
    def descents(self) -> int:
        """Runs that were made."""
        return len(self.trials) * len(self.spec.starts)

    def curve(self) -> tuple[Trial, ...]:
        """The trials in which only the learning rate differs from what is set now, by rate."""
        others = {name: value for name, value in self.current.values.items() if name != RATE}
        along = [t for t in self.trials if {n: v for n, v in t.values.items() if n != RATE} == others]
        return tuple(sorted(along, key=lambda trial: float(trial.values[RATE])))

    @property
    def sentence(self) -> str:
        """What was tried and found."""
        name = OPTIMIZERS[self.method.optimizer.id].name
        starts = len(self.spec.starts)
        rates = [float(trial.values[RATE]) for trial in self.trials]
        others = [each.replace("_", " ") for each in self.current.values if each != RATE]
        tried = f"learning rates from {min(rates):g} to {max(rates):g}"
        tried += f", with draws of {' and '.join(others)}" if others else ""
        lost = sum(trial.diverged > 0 for trial in self.trials)
        return (
            f"{name}: {len(self.trials):,} settings from {_count(starts, 'start')} ({tried});"
            f" {self._found()}{f' {lost:,} of the settings diverged.' if lost else ''}"
        )

    def _found(self) -> str:
        best, current = self.best, self.current
        if best.diverged == len(best.losses):
            return "all of them diverged, so the current values stay."
        where = " and ".join(f"{name.replace('_', ' ')} {said(v)}" for name, v in best.values.items())
        if best is current:
            return f"none was better than the current {where}, with a final loss of {said_loss(best)}."
        return f"the best is {where}: final loss {said_loss(best)}, before {said_loss(current)}."


@dataclass(frozen=True)
class TuneResult:
    """Every optimizer's tuning.

    Attributes
    ----------
    spec, tunings
        What was asked for, and an answer for each method in its order.
    lowest
        The lowest loss that was known before, from which scores are measured.
    complete
        False when it was cancelled on the way; no optimizer is then more than one trial ahead,
        unless an executor shared them out.
    """

    spec: TuneSpec
    tunings: tuple[Tuning, ...]
    lowest: float
    complete: bool = True

    @property
    def methods(self) -> tuple[MethodSpec, ...]:
        """Every method with its best values set."""
        return tuple(tuning.tuned for tuning in self.tunings)

    @property
    def sentence(self) -> str:
        """What was done, in a line."""
        each, made = self.spec.budget, sum(len(tuning.trials) for tuning in self.tunings)
        if not self.complete:
            return f"Stopped after {made:,} of {self.spec.total:,} trials; the best until then are kept."
        better = sum(tuning.best.rank < tuning.current.rank for tuning in self.tunings)
        return (
            f"Every optimizer had {each:,} trials of {self.spec.steps:,} steps from"
            f" {_count(len(self.spec.starts), 'start')}; {better} of {len(self.tunings)} got better values."
            f"{self._bottomless()}"
        )

    def _bottomless(self) -> str:
        least = min(tuning.best.loss for tuning in self.tunings)
        if least > self.lowest - 1e-6 * max(1.0, abs(self.lowest)):
            return ""
        return (
            f" The surface falls on outside the view: whatever ends there below the view's lowest loss"
            f" ({self.lowest:.4g}) counts alike."
        )


def with_values(method: MethodSpec, values: Mapping[str, Value]) -> MethodSpec:
    """The method with some of its numbers set."""
    choice = method.optimizer
    for name, value in values.items():
        choice = choice.with_value(name, value)
    return msgspec.structs.replace(method, optimizer=choice)


def _count(number: int, word: str) -> str:
    return f"{written(number)} {word}{'s' * (number != 1)}"
