"""One network in training: its parameters, its optimizer's state, and how it fares."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from core.data.streams import named_stream
from core.loops import Loop
from core.network.arrays import Array, Workspace
from core.network.layer_weights import LayerWeights, layer_weights
from core.network.loss import clip_gradient, gradient_norm
from core.network.model import LayerSignals, Network
from core.optimizer import OPTIMIZERS
from core.rule_code import ArrayStepper, array_stepper
from core.schedule import learning_rates
from core.training.feed import Feed
from core.training.snapshot import Fortune, Outcome
from core.training.spec import EVALUATION_SAMPLES, TrainingSpec
from core.training.variant import Variant, initializer_name, labels, names


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
    gradient_norm
        Length of the last batch's gradient, before it was clipped; not a number before any.
    diverged_at
        The step whose loss or update was not finite, or None.
    message
        The outcome in a sentence.
    before
        All weights of before the last step, flat; None where none was made. The optimizer keeps them,
        which makes every step's update visible at any moment.
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
        self.batch_loss = self.gradient_norm = math.nan
        self._stepped = False
        self._kept = stepper.before[: network.weights.size]
        self._normed = network.spec.batch_norm != "off"

    @property
    def before(self) -> Array | None:
        """All weights of before the last step, flat; None where none was made."""
        return self._kept if self._stepped else None

    @property
    def loops(self) -> Iterator[Loop]:
        """Work of its steps that may be compiled at any time: not a bit of a result changes."""
        yield from self.network.loops
        yield self._stepper.loop

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
        self.gradient_norm = gradient_norm(network.vector.gradient)
        if not math.isfinite(self.batch_loss):
            self._diverge(t, "the loss")
            return
        if self.variant.clip:
            clip_gradient(network.vector.gradient, self.variant.clip)
        self._stepped = True
        momentum = self._momenta[t - 1] if self._momenta else None
        rate, vector = self._rates[t - 1], network.vector
        finite = self._stepper(vector.values, vector.gradient, rate, t, momentum)
        network.update_running(len(x))
        if not (finite and (not self._normed or network.statistics.is_finite)):
            self._diverge(t, "a weight or variance")

    def rate(self, t: int) -> float:
        """Learning rate of step `t` (from 1)."""
        return float(self._rates[t - 1])

    @property
    def arrays(self) -> list[Array]:
        """All numbers that training changes: parameters first, state, running statistics, old weights."""
        norm, state = self.network.statistics, self._stepper.state
        return [self.network.vector.values, *state.values(), norm.running_mean, norm.running_var, self._kept]

    @property
    def size(self) -> int:
        """How many numbers these are."""
        return sum(array.size for array in self.arrays)

    @property
    def masks(self) -> np.random.Generator:
        """What masks of dropout are drawn from."""
        return self.network.masks.rng

    @property
    def fortune(self) -> Fortune:
        """How it fares: with `arrays` and the state of `masks`, all that training on depends on."""
        return Fortune(
            self.outcome,
            self.message,
            self.diverged_at,
            self.batch_loss,
            self.gradient_norm,
            self._stepped,
        )

    @fortune.setter
    def fortune(self, fortune: Fortune) -> None:
        self.outcome, self.message, self.diverged_at = fortune.outcome, fortune.message, fortune.diverged_at
        self.batch_loss, self.gradient_norm = fortune.batch_loss, fortune.gradient_norm
        self._stepped = fortune.stepped

    def look(self, x: Array, labels: Array) -> tuple[list[LayerSignals], list[LayerWeights]]:
        """What every hidden layer sees of samples, and its weights; nothing of the training changes."""
        signals = self.network.signals(x, labels)
        return signals, layer_weights(self.network, self.before)

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


def new_trainee(spec: TrainingSpec, place: int, feed: Feed, workspace: Workspace, steps: int) -> Trainee:
    """A run's network before its first step, by its place among the variants.

    Its weights are drawn from a stream of the initializer's own; that of the masks is the same for all:
    variants differ by what is chosen only.
    """
    variant, data = spec.variants[place], feed.data
    method = variant.method
    masks = named_stream(spec.seed, "masks")
    network = Network(variant.network, data.features, data.classes, workspace, masks)
    weights = named_stream(spec.seed, "weights", initializer_name(variant.initializer))
    network.initialize(variant.initializer, weights)
    with np.errstate(all="ignore"):  # divergence is looked for in the results
        network.calibrate(feed.training[:EVALUATION_SAMPLES])
    optimizer = OPTIMIZERS[method.optimizer.id]
    stepper = array_stepper(optimizer, method.values(), network.vector.values.size, spec.dtype)
    rates = learning_rates(method.schedule, float(method.values()["learning_rate"]), steps)
    name, label = names(spec.variants)[place], labels(spec.variants)[place]
    return Trainee(variant, name, label, network, stepper, rates, method.momenta(steps))
