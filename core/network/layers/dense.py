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

    def forward(self, x: Array, training: bool) -> Array:
        """`x W + b`."""
        self._x = x
        z = self.workspace.rows(self.name, len(x), self.weights.value.shape[1])
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
        out = self.workspace.rows(self.gradient_buffer, len(x), x.shape[1])
        return np.dot(upstream, self.weights.value.T, out=out)
