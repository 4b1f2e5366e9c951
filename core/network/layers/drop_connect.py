"""DropConnect (Wan et al. 2013): dropout of weights in place of units."""

import numpy as np

from core.network.arrays import Array, Parameter, Workspace
from core.network.layers.dense import Dense
from core.network.layers.masks import MaskStream


class DropConnect(Dense):
    """`z = x (W mask) + b` in training, `z = x W + b` in evaluation; biases are never dropped.

    The mask of 0 and `1 / (1 - share)` is one for the whole batch. In the paper each sample has its
    own, which would take a matrix of weights for every sample, and evaluation samples from a Gaussian.

    Parameters
    ----------
    share
        Of the weights that are dropped on average, from 0 to below 1.
    masks
        Where masks come from.
    """

    def __init__(
        self,
        name: str,
        weights: Parameter,
        bias: Parameter | None,
        gradient_buffer: str,
        workspace: Workspace,
        share: float,
        masks: MaskStream,
    ) -> None:
        super().__init__(name, weights, bias, gradient_buffer, workspace)
        self.share, self.masks = share, masks
        size, shape = weights.value.size, weights.value.shape
        self._mask = workspace.flat(f"{name} mask", size).reshape(shape)
        kept = workspace.flat(f"{name} kept", size).reshape(shape)
        self._kept = Dense(name, Parameter(kept, weights.gradient), bias, gradient_buffer, workspace)

    def forward(self, x: Array, training: bool) -> Array:
        """`x (W mask) + b` with a new mask, or in evaluation `x W + b`."""
        if not training:
            return super().forward(x, training)
        self.masks.draw(self._mask, self.share)
        np.multiply(self.weights.value, self._mask, out=self._kept.weights.value)
        return self._kept.forward(x, training)

    def backward(self, upstream: Array) -> Array:
        """As through a dense layer of the kept weights; after a pass in training mode only."""
        below = self._kept.backward(upstream)
        np.multiply(self.weights.gradient, self._mask, out=self.weights.gradient)
        return below
