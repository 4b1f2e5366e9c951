"""A run at one step: all that training on from there depends on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.network.arrays import Array

if TYPE_CHECKING:
    from core.training.trainee import Trainee

Outcome = Literal["ready", "training", "completed", "diverged"]


@dataclass(frozen=True)
class Fortune:
    """How one network fares.

    Attributes
    ----------
    outcome, message, diverged_at, batch_loss, gradient_norm
        As in `core.training.trainee.Trainee`.
    stepped
        Whether it has made a step, so that its weights of before that are known.
    """

    outcome: Outcome
    message: str
    diverged_at: int | None
    batch_loss: float
    gradient_norm: float
    stepped: bool = False


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A run at one step.

    Attributes
    ----------
    step
        Steps made.
    shuffles
        State of the stream of shuffles from which this epoch's order is drawn.
    feeds
        States of the streams that augmentation and mixup draw from.
    fortunes
        One for each network.
    masks
        For each network, the state of the stream that its masks of dropout are drawn from.
    numbers
        Parameters, optimizer's state, running statistics and weights of before the last step of all
        networks, flat, of the run's type.
    """

    step: int
    shuffles: dict[str, Any]
    feeds: tuple[dict[str, Any], ...]
    fortunes: tuple[Fortune, ...]
    masks: tuple[dict[str, Any], ...]
    numbers: Array


def numbers_of(trainees: "Sequence[Trainee]", into: Array | None = None) -> Array:
    """A copy of all numbers that training changes, flat; made in the array that is given."""
    return np.concatenate([array.reshape(-1) for trainee in trainees for array in trainee.arrays], out=into)


def put_back(trainees: "Sequence[Trainee]", snapshot: Snapshot) -> None:
    """Make networks what they were."""
    at = 0
    for trainee, fortune, masks in zip(trainees, snapshot.fortunes, snapshot.masks, strict=True):
        trainee.fortune = fortune
        trainee.masks.bit_generator.state = masks
        for array in trainee.arrays:
            array[...] = snapshot.numbers[at : at + array.size].reshape(array.shape)
            at += array.size
