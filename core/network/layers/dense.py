"""Dense layer."""

import numpy as np

from core.network.arrays import Array, Parameter, Workspace


class Dense:
    """`z = x W + b`.

    Parameters
    ----------
    name
        Of the output's buffer in the workspace.
    weights
        (fan_in, fan_out).
    bias
        (fan_out,), or None where batch norm follows, which would take it off again.
    gradient_buffer
        Name of the buffer for the derivative by the input; "" for the first layer, which needs none.
    """

    def __init__(
        self,
        name: str,
        weights: Parameter,
        bias: Parameter | None,
        gradient_buffer: str,
        workspace: Workspace,
    ) -> None:
        self.name, self.weights, self.bias = name, weights, bias
        self.gradient_buffer, self.workspace = gradient_buffer, workspace
        self._x: Array = np.empty((0, 0))
        self._use_buffers(0)

    def forward(self, x: Array, training: bool) -> Array:
        """`x W + b`."""
        if len(x) != len(self._z):
            self._use_buffers(len(x))
        self._x, z = x, self._z
        np.dot(x, self.weights.value, out=z)
        if self.bias is not None:
            z += self.bias.value
        return z

    def backward(self, upstream: Array) -> Array:
        """`dW = x^T dz`, `db = sum(dz)` over the batch, `dx = dz W^T`."""
        x = self._x
        np.dot(x.T, upstream, out=self.weights.gradient)
        if self.bias is not None:
            np.dot(self.workspace.ones(len(x)), upstream, out=self.bias.gradient)
        if not self.gradient_buffer:
            return upstream
        return np.dot(upstream, self.weights.value.T, out=self._gradient)

    def _use_buffers(self, samples: int) -> None:
        """Those of the workspace for so many samples; most often the next batch has as many."""
        fan_in, fan_out = self.weights.value.shape
        self._z = self.workspace.rows(self.name, samples, fan_out)
        if self.gradient_buffer:
            self._gradient = self.workspace.rows(self.gradient_buffer, samples, fan_in)
