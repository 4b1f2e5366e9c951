"""The first check: a network that knows nothing yet has the loss of a guess."""

import math
from dataclasses import dataclass

from core.checks.verdict import Outcome, Verdict
from core.training.spec import TrainingSpec
from core.training.specimen import Specimen

TOLERANCE = 0.25
"""Share of the guess' loss by which the initial loss may differ."""


@dataclass(frozen=True)
class InitialLoss(Verdict):
    """The loss before the first step.

    Attributes
    ----------
    loss, expected
        Over the training set, in evaluation mode; and of a guess.
    classes
        How many there are.
    """

    loss: float
    expected: float
    classes: int


def check_initial_loss(spec: TrainingSpec, place: int = 0) -> InitialLoss:
    """Compare the loss before any training with that of a guess among all classes.

    Softmax over equal logits gives each of C classes the probability 1 / C: the cross-entropy is
    `log(C)`. Half the squared error of logits that are all 0 is 0.5.
    """
    specimen = Specimen(spec, place)
    loss, classes = specimen.initial.training_loss, specimen.classes
    expected = math.log(classes) if specimen.network.spec.loss == "cross_entropy" else 0.5
    return InitialLoss(*_verdict(loss, expected, classes), loss, expected, classes)


def _verdict(loss: float, expected: float, classes: int) -> tuple[Outcome, str]:
    if not math.isfinite(loss):
        return "bad", (
            "The loss before the first step is not a finite number: the initial weights are too large for"
            " this depth. Take a scaled initializer (Xavier or He), or batch norm."
        )
    what = f"The loss before the first step is {loss:.3g}; a guess among {classes} classes has {expected:.3g}"
    if abs(loss - expected) <= TOLERANCE * expected:
        return "good", f"{what}. They agree."
    if loss > expected:
        outcome: Outcome = "bad" if loss > 2.0 * expected else "doubtful"
        return outcome, (
            f"{what}. Higher means that the network is sure of itself before it has learned anything: the"
            " first steps only unlearn that. Take smaller initial weights, above all in the last layer."
        )
    return "doubtful", (
        f"{what}. Lower, without any training, means that the labels or the loss are not what they seem:"
        " look at the data."
    )
