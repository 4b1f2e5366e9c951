"""The second check: a handful of batches can be learned by heart."""

import math
from dataclasses import dataclass

import msgspec

from core.checks.verdict import Outcome, Verdict
from core.training.spec import EVALUATION_SAMPLES, TrainingSpec
from core.training.specimen import Specimen, without_noise

BATCHES = 3
MOST_STEPS = 900


@dataclass(frozen=True)
class Memorizing(Verdict):
    """Training on very few samples.

    Attributes
    ----------
    samples, batches
        How many samples, in how many batches.
    steps
        Steps after which every one of them was classified rightly, or all that were made.
    most_steps
        After how many steps it is given up.
    accuracy, loss
        At the end, over these samples.
    """

    samples: int
    batches: int
    steps: int
    most_steps: int
    accuracy: float
    loss: float


def check_memorizing(spec: TrainingSpec, place: int = 0, most_steps: int = MOST_STEPS) -> Memorizing:
    """Train on a handful of batches, over and over, until all their samples are classified rightly.

    Nothing is to be learned but these samples, so penalties, dropout, mixup and augmentation are left
    out, and the rate stays what it is. The accuracy is looked at after each pass, with batch norm's
    statistics of these samples.
    """
    specimen = Specimen(_unregularized(spec, place))
    size = specimen.spec.batch_size
    count = max(1, min(BATCHES, EVALUATION_SAMPLES // size, len(specimen.labels) // size))
    x, labels = specimen.inputs[: count * size], specimen.labels[: count * size]
    rate = float(specimen.variant.method.values()["learning_rate"])
    step, steps = specimen.steps([rate] * most_steps), 0
    loss, accuracy = specimen.evaluate(x, labels)
    while accuracy < 1.0 and steps + count <= most_steps:
        losses = [step(x[k : k + size], labels[k : k + size]) for k in range(0, len(x), size)]
        steps += count
        if not math.isfinite(losses[-1]):
            loss = losses[-1]
            break
        loss, accuracy = specimen.evaluate(x, labels)
    verdict = _verdict(len(x), count, steps, most_steps, accuracy, loss)
    return Memorizing(*verdict, len(x), count, steps, most_steps, accuracy, loss)


def _unregularized(spec: TrainingSpec, place: int) -> TrainingSpec:
    """One variant alone, without what makes a network learn less by heart."""
    variant = msgspec.structs.replace(without_noise(spec.variants[place]), l1=0.0, l2=0.0)
    return msgspec.structs.replace(spec, variants=(variant,))


def _verdict(
    samples: int, batches: int, steps: int, most_steps: int, accuracy: float, loss: float
) -> tuple[Outcome, str]:
    what = f"{samples:,} samples in {batches} batch{'es' * (batches != 1)}"
    if not math.isfinite(loss):
        return "bad", (
            f"Diverged after {steps:,} steps on {what}: the learning rate is too high, or the initial weights"
            " are too large."
        )
    if accuracy == 1.0:
        return "good", f"Learned {what} by heart, to 100 %, in {steps:,} steps."
    why = (
        " The loss has hardly moved: no gradient gets through; look at the initializer and at saturated or"
        " dead units." if accuracy < 0.5 else
        " It may need a higher rate, more units, or more steps."
    )  # fmt: skip
    return "bad", (
        f"Could not learn {what} by heart in {most_steps:,} steps: {accuracy:.1%} of them are right, with a"
        f" loss of {loss:.3g}. What cannot fit a handful will not fit more.{why}"
    )
