"""One setting run from every start, and how good it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.descent import Trajectory
from core.hyperparameter import Value

WORST = math.log10(np.finfo(float).max)
"""What a start counts for from which a run diverges: no finite loss is as bad."""
FLOOR = 1e-16
"""Losses nearer to the lowest known (relative to it, above 1) are alike: a float's own rounding of 1."""


@dataclass(frozen=True)
class Trial:
    """One setting, run from every start.

    Attributes
    ----------
    kind
        Why it was tried: "current", "default", "suited" (the rate the catalogue gives for the
        surface), "grid", "drawn" or "refined".
    values
        The tuned hyperparameters by name.
    losses
        Final loss from each start; infinite where the run diverged.
    score
        Mean over the starts of `log10(final loss - lowest known)`, not below a float's rounding,
        with `WORST` for a run that diverged: the mean of logarithms keeps one bad start from
        drowning the others, and any divergence outweighs all that holds. On a surface that falls
        without end outside the view, whatever gets below the view's lowest loss counts alike.
    loss
        The final loss; from several starts the one that the score stands for, infinite when a run
        diverged.
    tie
        What is less in the better of two trials with equal scores.
    """

    kind: str
    values: dict[str, Value]
    losses: tuple[float, ...]
    score: float
    loss: float
    tie: float

    @property
    def diverged(self) -> int:
        """From how many starts the run diverged."""
        return sum(math.isinf(loss) for loss in self.losses)

    @property
    def rank(self) -> tuple[float, float]:
        """What the best trial has least of."""
        return self.score, self.tie


def trial_of(kind: str, values: dict[str, Value], runs: Sequence[Trajectory], lowest: float) -> Trial:
    """A trial from its runs, one from each start, and the lowest loss known."""
    losses = tuple(math.inf if run.outcome == "diverged" else float(run.losses[-1]) for run in runs)
    score = _score(losses, lowest)
    tie = sum(_counted(run, loss, lowest) for run, loss in zip(runs, losses, strict=True))
    return Trial(kind, values, losses, score, _typical(losses, score, lowest), tie)


def _counted(run: Trajectory, loss: float, lowest: float) -> float:
    """The loss without what is only rounding; what falls below all that is known counts inside the view."""
    floor = _floor(lowest)
    return loss if loss < lowest - floor and not run.left_view else max(loss, lowest + floor)


def _score(losses: tuple[float, ...], lowest: float) -> float:
    above = [max(loss - lowest, _floor(lowest)) for loss in losses]
    return sum(math.log10(each) if math.isfinite(each) else WORST for each in above) / len(above)


def _typical(losses: tuple[float, ...], score: float, lowest: float) -> float:
    if len(losses) == 1 or math.inf in losses:
        return max(losses)
    above: float = 10.0**score
    return lowest + above if above > 1.01 * _floor(lowest) else max(losses)


def _floor(lowest: float) -> float:
    return FLOOR * max(1.0, abs(lowest))


def said(value: Value) -> str:
    """A hyperparameter's value as a sentence writes it."""
    return f"{value:.6g}" if isinstance(value, float) else str(value).lower()


def said_loss(trial: Trial) -> str:
    """A trial's final loss as tables and sentences write it."""
    if not trial.diverged:
        return f"{trial.loss:.4g}"
    return "diverged" + f" from {trial.diverged} of {len(trial.losses)} starts" * (len(trial.losses) > 1)
