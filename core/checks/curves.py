"""The fifth check: training and validation curves, read in words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.checks.verdict import Outcome, Verdict
from core.training.frame import EpochRecord

Array = NDArray[np.float64]
LEAST_EPOCHS = 4
"""Below this many there is no shape to read."""
FLAT = 0.05
"""Share of the initial loss that counts as no fall."""
EXPLODED = 3.0
"""How many times the lowest loss so far a loss must exceed, and the initial one, to have exploded."""
STILL_FALLING = 0.1
"""Share of the loss that the last fifth of the epochs must take off for the run to be unfinished."""
GAP, RISE, APART = 0.05, 1.1, 1.3
"""Overfitting: training accuracy exceeds validation accuracy by this, or the validation loss has risen by
this factor and is so many times the training loss."""
LEARNED = 0.9
"""Training accuracy below which a run that has come to rest is underfitting."""


@dataclass(frozen=True)
class CurveReading(Verdict):
    """What the curves of one network say.

    Attributes
    ----------
    signs
        The shapes that were recognized: "exploded", "flat", "flat then falling", "overfitting",
        "underfitting", "still falling"; none of them in good curves.
    """

    signs: tuple[str, ...]


def read_curves(records: Sequence[EpochRecord], diverged_at: int | None = None) -> CurveReading:
    """Read the evaluations of one network, from before the first step on, in order.

    Parameters
    ----------
    diverged_at
        The step at which the network diverged, or None.
    """
    losses = np.array([record.training_loss for record in records])
    if diverged_at is not None or _exploded(losses):
        when = f"at step {diverged_at:,}" if diverged_at is not None else f"to {losses[-1]:.3g}"
        sentence = f"The loss exploded {when}: the learning rate is too high; try a tenth of it."
        if diverged_at == 0:
            sentence = "The loss is not finite before the first step: take smaller initial weights."
        return CurveReading("bad", sentence, ("exploded",))
    if len(losses) <= LEAST_EPOCHS:
        sentence = f"Too few epochs to read a curve: train for at least {LEAST_EPOCHS}."
        return CurveReading("doubtful", sentence, ())
    gap = _gap(records)  # who overfits should not train on, whatever the curve still does
    found = [each for each in (_beginning(losses), gap, None if gap else _end(records)) if each is not None]
    return _reading(records[-1], found)


Sign = tuple[Outcome, str, str]


def _exploded(losses: Array) -> bool:
    if not np.isfinite(losses).all():
        return True
    return len(losses) > 1 and bool(
        losses[-1] > EXPLODED * losses.min() and losses[-1] > EXPLODED * losses[0]
    )


def _beginning(losses: Array) -> Sign | None:
    """Flat from the start: for good, or for a while."""
    fallen = np.flatnonzero(losses < (1.0 - FLAT) * losses[0])
    if not fallen.size:
        return "bad", "flat", (
            "The training loss hardly falls at all: the rate is far too low, or the initialization lets no"
            " gradient through"
        )  # fmt: skip
    first = int(fallen[0])
    if first > max(1, (len(losses) - 1) // 10):
        return "doubtful", "flat then falling", (
            f"The training loss stays flat for {first - 1} epoch{'s' * (first != 2)} and then falls: a sign"
            " of a bad initialization"
        )  # fmt: skip
    return None


def _gap(records: Sequence[EpochRecord]) -> Sign | None:
    """Training against validation at the end."""
    last = records[-1]
    validation = np.array([record.validation_loss for record in records])
    gap, lowest = last.training_accuracy - last.validation_accuracy, int(validation.argmin())
    apart = last.validation_loss > APART * last.training_loss
    risen = apart and last.validation_loss > RISE * validation[lowest]
    parts = []
    if gap > GAP:
        parts.append(
            f"training accuracy is {last.training_accuracy:.1%},"
            f" validation only {last.validation_accuracy:.1%}"
        )
    if risen:
        parts.append(
            f"the validation loss was lowest after epoch {records[lowest].epoch} and has risen since"
        )
    if not parts or last.training_loss > last.validation_loss:
        return None
    text = " and ".join(parts)
    return "doubtful", "overfitting", (
        f"{text[0].upper()}{text[1:]}: overfitting; take more data, regularization, or stop earlier"
    )  # fmt: skip


def _end(records: Sequence[EpochRecord]) -> Sign | None:
    """Whether there is more to be had: both losses still fall."""
    since = max(1, (len(records) - 1) // 5)
    (before, now), (validation_before, validation_now) = (
        (getattr(records[-1 - since], name), getattr(records[-1], name))
        for name in ("training_loss", "validation_loss")
    )
    if before - now > STILL_FALLING * before and validation_now < validation_before:
        return "doubtful", "still falling", (
            f"The training loss still falls at the end, from {before:.3g} to {now:.3g} in the last"
            f" {since} epoch{'s' * (since != 1)}: train on, or raise the rate"
        )  # fmt: skip
    return None


def _reading(last: EpochRecord, found: list[Sign]) -> CurveReading:
    signs = tuple(sign for _, sign, _ in found)
    if not {"flat", "still falling"} & set(signs) and last.training_accuracy < LEARNED:
        signs = (*signs, "underfitting")
        text = (
            f"Training has come to rest at an accuracy of {last.training_accuracy:.1%}: underfitting;"
            " take a larger network, less regularization, or another rate"
        )
        found = [*found, ("doubtful", "underfitting", text)]
    if not found:
        gap = abs(last.training_accuracy - last.validation_accuracy)
        small = (
            f"; training and validation accuracy differ by {100 * gap:.1f} points"
            if math.isfinite(gap)
            else ""
        )
        return CurveReading("good", f"Both curves fall and come to rest{small}.", ())
    outcome: Outcome = "bad" if any(each == "bad" for each, _, _ in found) else "doubtful"
    return CurveReading(outcome, " ".join(f"{text}." for _, _, text in found), signs)
