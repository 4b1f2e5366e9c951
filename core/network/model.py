"""A network: dense layers with an activation, and batch norm where wanted."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.choice import Choice
from core.loops import Loop, all_finite
from core.network.activation import ACTIVATIONS
from core.network.arrays import Array, ParameterVector, Workspace
from core.network.assembly import Assembly
from core.network.initializer import INITIALIZERS
from core.network.layers import Layer
from core.network.layers.batch_norm import BatchNorm, BatchStatistics
from core.network.layers.dense import Dense
from core.network.layers.masks import MaskStream
from core.network.layers.nonlinearity import Nonlinearity
from core.network.layers.normed_activation import in_one_sweep
from core.network.loss import LOSSES, add_weight_penalty_gradient, correct
from core.network.spec import NetworkSpec


@dataclass(frozen=True, eq=False)
class LayerSignals:
    """What one hidden layer sees of a batch; arrays are (samples, units).

    Attributes
    ----------
    pre_activation
        Input of the activation function: after batch norm where that stands before it.
    activation
        Output of the activation function: before batch norm where that stands after it, before
        dropout, and before a shortcut is added.
    gradient
        Derivative of the *summed* loss by `pre_activation`: each sample's own share, whatever the
        batch's size (the mean loss' derivative times the number of samples).
    """

    pre_activation: Array
    activation: Array
    gradient: Array


class Network:
    """Parameters of a network, and the passes through it.

    Parameters
    ----------
    spec
        Shape (checked).
    inputs, classes
        Of the data.
    workspace
        Buffers, shared by networks of the same shape that take turns. Its dtype is the network's.
    masks
        Stream of random numbers for dropout's and DropConnect's masks, this network's own. Only
        `loss_and_gradient` takes from it: a copy of its state is all that resuming a run needs.

    Attributes
    ----------
    vector
        All parameters, flat, and their gradients as the last pass of any network left them.
    statistics
        Batch norm's means and variances.
    rule, loss
        The activation, and the loss over the logits.
    layers
        From the input to the logits. What they hold of a pass is there after `forward`; other passes
        need not write it.
    """

    def __init__(
        self,
        spec: NetworkSpec,
        inputs: int,
        classes: int,
        workspace: Workspace,
        masks: np.random.Generator | None = None,
    ) -> None:
        self.spec, self.inputs, self.classes, self.workspace = spec, inputs, classes, workspace
        self.rule, self.loss = ACTIVATIONS[spec.activation.id], LOSSES[spec.loss]
        self._values = self.rule.values(spec.activation.values)
        counts = spec.weight_count(inputs, classes), spec.other_count(classes)
        self.vector = ParameterVector(*counts, workspace)
        self.statistics = BatchStatistics(spec.layers, spec.units, workspace)
        self.masks = MaskStream(np.random.default_rng(0) if masks is None else masks)
        parts = Assembly(spec, inputs, classes, self.vector, self.statistics, self.masks, workspace)
        self.layers: list[Layer] = list(parts.layers())
        self._swept: list[Layer] = list(in_one_sweep(self.layers, workspace))
        self._scratch = workspace.flat("weights", self.vector.weights)

    # ------------------------------------------------------------ parameters

    def initialize(self, initializer: Choice, rng: np.random.Generator) -> None:
        """Draw all weights; biases and betas become 0, gammas 1, learned slopes their start value."""
        entry = INITIALIZERS[initializer.id]
        self.vector.values[:] = 0
        for layer in self.layers:
            if isinstance(layer, Dense):
                fan_in, fan_out = layer.weights.value.shape
                with np.errstate(over="ignore"):  # float32 ends where float64 goes on
                    layer.weights.value[:] = entry.weights(rng, fan_in, fan_out, initializer.values)
            elif isinstance(layer, BatchNorm):
                layer.gamma.value[:] = 1
            elif isinstance(layer, Nonlinearity) and layer.learned is not None:
                layer.learned.value[:] = float(self._values[self.rule.learned])
        if self.spec.residual == "zero_last":
            self._empty_blocks()

    def _empty_blocks(self) -> None:
        """Let each block that has a shortcut begin with nothing to add to it."""
        dense = [layer for layer in self.layers if isinstance(layer, Dense)]
        for start in self.spec.shortcuts(self.inputs):
            dense[start + 1].weights.value[:] = 0

    @property
    def weights(self) -> Array:
        """All weights of matrices, flat, without biases and the like."""
        return self.vector.values[: self.vector.weights]

    @property
    def is_finite(self) -> bool:
        """Whether all parameters and running statistics are finite numbers."""
        return all_finite(self.vector.values) and self.statistics.is_finite

    # ------------------------------------------------------------ passes

    @property
    def loops(self) -> Iterator[Loop]:
        """Work of its passes that may be compiled at any time: not a bit of a result changes.

        None where layers have one unit: NumPy adds up a single column in pairs, a loop does not.
        """
        return self.workspace.loops if self.spec.units > 1 else iter(())

    def forward(self, x: Array, training: bool) -> Array:
        """Logits (samples, classes), in a buffer that the next pass overwrites; new masks in training."""
        return _through(self.layers, x, training)

    def loss_and_gradient(self, x: Array, labels: Array, l2: float = 0.0, l1: float = 0.0) -> float:
        """Mean loss of a batch in training mode; leaves the gradient in `vector.gradient`.

        The gradient is that of `loss + 0.5 l2 sum(w^2) + l1 sum(|w|)`; the loss returned is without
        these penalties, so that it compares with the validation loss. Running statistics stay as they
        are. Labels are classes (samples,) or shares (samples, classes).
        """
        loss, upstream = self._loss(_through(self._swept, x, training=True), labels)
        for layer in reversed(self._swept):
            upstream = layer.backward(upstream)
        if l2 > 0.0 or l1 > 0.0:
            gradient = self.vector.gradient[: self.vector.weights]
            add_weight_penalty_gradient(self.weights, l2, gradient, self._scratch, l1)
        return loss

    def _loss(self, logits: Array, labels: Array) -> tuple[float, Array]:
        """Loss, and its derivative by the logits."""
        upstream = self.workspace.rows("probabilities", *logits.shape)
        loss = self.loss.value(logits, labels, upstream)
        self.loss.gradient(upstream, labels)
        return loss, upstream

    def update_running(self, samples: int) -> None:
        """Let the running statistics take in the last batch, of `samples` samples."""
        if self.spec.batch_norm != "off":
            self.statistics.update_running(samples, self.spec.batch_norm_momentum)

    def calibrate(self, x: Array) -> None:
        """Set the running statistics to those of `x` (at least two samples).

        The usual start, mean 0 and variance 1, is true of no layer but the first: evaluated with it,
        an untrained network's loss says more about that guess than about the network.
        """
        if self.spec.batch_norm != "off":
            with self.masks.probing():
                self.forward(x, training=True)
            self.statistics.update_running(len(x), momentum=1.0)

    def evaluate(self, x: Array, labels: Array) -> tuple[float, float]:
        """Mean loss and accuracy in evaluation mode, over any number of samples."""
        loss, right = 0.0, 0
        for start in range(0, len(x), self.workspace.capacity):
            part = slice(start, start + self.workspace.capacity)
            logits = _through(self._swept, x[part], training=False)
            right += correct(logits, labels[part])
            out = self.workspace.rows("probabilities", *logits.shape)
            loss += self.loss.value(logits, labels[part], out) * len(logits)
        return loss / len(x), right / len(x)

    def hidden_values(self, x: Array, training: bool) -> list[tuple[Array, Array]]:
        """Pre-activation and activation of every hidden layer, as copies; nothing changes.

        In training mode batch norm uses the batch's own statistics and dropout the masks of `signals`;
        in evaluation mode the running averages, and nothing is dropped.
        """
        with self.masks.probing():
            self.forward(x, training)
        hidden = [layer for layer in self.layers if isinstance(layer, Nonlinearity)]
        return [(layer.pre_activation.copy(), layer.activation.copy()) for layer in hidden]

    def signals(self, x: Array, labels: Array) -> list[LayerSignals]:
        """What every hidden layer sees of a batch, in training mode, as copies.

        Overwrites `vector.gradient`; parameters, running statistics and the stream of masks stay as
        they are. Dropout's masks are the same every time.
        """
        with self.masks.probing():
            _, upstream = self._loss(self.forward(x, training=True), labels)
        found: list[LayerSignals] = []
        for layer in reversed(self.layers):
            upstream = layer.backward(upstream)
            if isinstance(layer, Nonlinearity):
                z, a = layer.pre_activation.copy(), layer.activation.copy()
                found.append(LayerSignals(z, a, upstream * len(x)))
        return found[::-1]


def _through(layers: list[Layer], x: Array, training: bool) -> Array:
    for layer in layers:
        x = layer.forward(x, training)
    return x
