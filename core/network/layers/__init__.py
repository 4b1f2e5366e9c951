"""The layers that a network is a sequence of.

Each has `forward(x, training)` and `backward(upstream)`: the latter takes the loss' derivative by
the output of the last forward pass, writes the gradients of the layer's own parameters, and returns
the derivative by the input. It may overwrite what it is given.
"""

from typing import Protocol

from core.network.arrays import Array


class Layer(Protocol):
    """A step of a network; arrays are (samples, units)."""

    def forward(self, x: Array, training: bool) -> Array:
        """The layer's output; `training` selects the batch's own statistics where that matters."""
        ...

    def backward(self, upstream: Array) -> Array:
        """Write the parameters' gradients and return the loss' derivative by the input."""
        ...
