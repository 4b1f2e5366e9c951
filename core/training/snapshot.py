"""A run at one step: all that training on from there depends on."""

from dataclasses import dataclass
from typing import Any, Literal

from core.network.arrays import Array

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
    streams
        States of the generators that its training takes random numbers from.
    """

    outcome: Outcome
    message: str
    diverged_at: int | None
    batch_loss: float
    gradient_norm: float
    stepped: bool = False
    streams: tuple[dict[str, Any], ...] = ()


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
    numbers
        Parameters, optimizer's state, running statistics and weights of before the last step of all
        networks, flat, of the run's type.
    """

    step: int
    shuffles: dict[str, Any]
    feeds: tuple[dict[str, Any], ...]
    fortunes: tuple[Fortune, ...]
    numbers: Array
