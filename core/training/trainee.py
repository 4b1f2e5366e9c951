"""One network in training: its parameters, its optimizer's state, and how it fares."""

import math
from collections.abc import Sequence
from typing import Literal

from core.network.arrays import Array
from core.network.loss import clip_gradient
from core.network.model import Network
from core.rule import ArrayStepper
from core.training.variant import Variant

Outcome = Literal["ready", "training", "completed", "diverged"]


class Trainee:
    """A network with an optimizer, from its initial weights on.

    Parameters
    ----------
    variant
        What was chosen about it (checked).
    name, label
        What tells it from the others of the run.
    network
        With its weights drawn.
    stepper
        The optimizer's update of the flat parameter vector, with its state.
    rates, momenta
        Learning rate of each step; momentum of each step where that changes, else None.

    Attributes
    ----------
    batch_loss
        Cross-entropy of the last batch, before the update that it led to; not a number before any.
    diverged_at
        The step whose loss or update was not finite, or None.
    message
        The outcome in a sentence.
    """

    def __init__(
        self,
        variant: Variant,
        name: str,
        label: str,
        network: Network,
        stepper: ArrayStepper,
        rates: Sequence[float],
        momenta: Sequence[float] | None = None,
    ) -> None:
        self.variant, self.name, self.label = variant, name, label
        self.network, self._stepper = network, stepper
        self._rates, self._momenta = rates, momenta
        self.outcome: Outcome = "ready"
        self.message = "Ready to train."
        self.diverged_at: int | None = None
        self.batch_loss = math.nan

    def step(self, x: Array, labels: Array, t: int) -> None:
        """Make step `t` (from 1) on a batch.

        A diverged network stays as it is. The optimizer may overflow: that is looked for in the
        result, so NumPy need not warn.
        """
        if self.outcome == "diverged":
            return
        self.outcome, self.message = "training", "Training."
        network = self.network
        self.batch_loss = network.loss_and_gradient(x, labels, self.variant.l2, self.variant.l1)
        if not math.isfinite(self.batch_loss):
            self._diverge(t, "the loss")
            return
        if self.variant.clip:
            clip_gradient(network.vector.gradient, self.variant.clip)
        momentum = self._momenta[t - 1] if self._momenta else None
        self._stepper(network.vector.values, network.vector.gradient, self._rates[t - 1], t, momentum)
        network.update_running(len(x))
        if not network.is_finite:
            self._diverge(t, "a weight or variance")

    def check(self, loss: float, step: int) -> None:
        """Take a loss over the whole data, or a network, that is not finite as divergence."""
        if self.outcome == "diverged":
            return
        if not math.isfinite(loss):
            self._diverge(step, "the loss")
        elif not self.network.is_finite:
            self._diverge(step, "a weight or variance")

    def complete(self) -> None:
        """Mark the run's end, unless it ended before."""
        if self.outcome != "diverged":
            self.outcome, self.message = "completed", "Completed."

    def _diverge(self, step: int, what: str) -> None:
        self.outcome, self.diverged_at = "diverged", step
        when = f"at step {step}" if step else "before the first step"
        hint = "a lower learning rate or smaller initial weights" if step else "smaller initial weights"
        self.message = f"Diverged {when}: {what} is no longer a finite number; try {hint}."
