"""The generalization gap in words: how much worse a network is on samples that it has not trained on."""

import math
from dataclasses import dataclass
from typing import Literal

Kind = Literal["nothing", "none", "gap", "reverse", "unknown"]
_SURE = 2.0
"""Standard errors from which a difference is taken as real."""
_LEARNED = 0.1
"""Share of the way from chance to perfect from which something has been learned."""
_RATIO = 2.0
"""Times the training loss from which a validation loss is said beside accuracies that agree."""


@dataclass(frozen=True)
class Gap:
    """A gap and its reading.

    Attributes
    ----------
    kind
        "nothing" learned yet, "none" beyond chance, a "gap", validation better ("reverse"), or
        "unknown" where losses are not numbers.
    points
        Training minus validation accuracy, in percentage points.
    error
        Standard error of the validation accuracy, in percentage points: `sqrt(p (1 - p) / n)`.
    sentence
        In words.
    """

    kind: Kind
    points: float
    error: float
    sentence: str


def generalization_gap(
    training_loss: float,
    training_accuracy: float,
    validation_loss: float,
    validation_accuracy: float,
    validation_samples: int,
    classes: int,
) -> Gap:
    """Read losses and accuracies (shares from 0 to 1) of the whole training and validation set.

    A difference of accuracies counts from two standard errors on: a few hundred samples tell no
    smaller one from luck. The error is that of a binomial share, with one sample more on each side so
    that it is never zero (Agresti and Coull, 1998).
    """
    points = 100.0 * (training_accuracy - validation_accuracy)
    right = validation_accuracy * validation_samples
    share = (right + 1.0) / (validation_samples + 2.0)
    error = 100.0 * math.sqrt(share * (1.0 - share) / validation_samples)
    figures = f"Training {_percent(training_accuracy)}, validation {_percent(validation_accuracy)}"
    if not (math.isfinite(training_loss) and math.isfinite(validation_loss)):
        return Gap("unknown", points, error, "The loss is no longer a number: there is nothing to compare.")
    if _at_chance(training_accuracy, classes):
        return Gap(
            "nothing", points, error, f"{figures}: nothing learned yet, chance is {_percent(1 / classes)}."
        )
    if abs(points) <= _SURE * error:
        return Gap("none", points, error, _no_gap(figures, training_loss, validation_loss, _SURE * error))
    if points < 0:
        better = "validation is better: what regularizes holds back training only, or the split is lucky."
        return Gap("reverse", points, error, f"{figures}: {better}")
    advice = "it memorizes. More data, L2, dropout or stopping earlier narrow the gap."
    return Gap("gap", points, error, f"{figures}: a gap of {points:.1f} points, {advice}")


def _at_chance(accuracy: float, classes: int) -> bool:
    """Whether the training set itself is told apart hardly better than by guessing."""
    chance = 1.0 / classes
    return accuracy < chance + _LEARNED * (1.0 - chance)


def _no_gap(figures: str, training_loss: float, validation_loss: float, chance: float) -> str:
    sentence = f"{figures}: no gap beyond chance (± {chance:.1f} points)."
    if validation_loss > _RATIO * training_loss and validation_loss > 0.05:
        return (
            f"{sentence} Yet the validation loss is {validation_loss:.3g}, the training loss"
            f" {training_loss:.3g}: it is too sure of what it gets wrong."
        )
    return sentence


def _percent(share: float) -> str:
    return f"{100.0 * share:.1f} %"
