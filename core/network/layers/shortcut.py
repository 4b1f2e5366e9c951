"""The identity past a residual block (He et al. 2016): where it leaves, and where it is added again."""

import numpy as np

from core.network.arrays import Array, Workspace


class Fork:
    """Where a shortcut leaves: passes its input on, and remembers it.

    Parameters
    ----------
    at_input
        Whether the input is the data itself, which needs no derivative.

    Attributes
    ----------
    kept
        Input of the last forward pass.
    gradient
        What came back along the shortcut.
    """

    def __init__(self, at_input: bool) -> None:
        self.at_input = at_input
        self.kept: Array = np.empty((0, 0))
        self.gradient: Array = np.empty((0, 0))

    def forward(self, x: Array, training: bool) -> Array:
        """The input as it is."""
        self.kept = x
        return x

    def backward(self, upstream: Array) -> Array:
        """The block's derivative plus the shortcut's, in place."""
        if not self.at_input:
            upstream += self.gradient
        return upstream


class Merge:
    """Where a shortcut ends: `y = x + block(x)`.

    The shortcut goes past the last activation too, so a block whose last weights are zero is the
    identity for every activation with `f(0) = 0`, whatever its slope elsewhere.

    Parameters
    ----------
    name
        Of the output's buffer in the workspace.
    fork
        Where the shortcut began.
    """

    def __init__(self, name: str, fork: Fork, workspace: Workspace) -> None:
        self.name, self.fork, self.workspace = name, fork, workspace

    def forward(self, x: Array, training: bool) -> Array:
        """Sum of block and shortcut."""
        out = self.workspace.rows(self.name, *x.shape)
        return np.add(x, self.fork.kept, out=out)

    def backward(self, upstream: Array) -> Array:
        """The derivative goes both ways; the shortcut's is a copy, since layers write into theirs."""
        if not self.fork.at_input:
            # Blocks do not overlap: by the time the next one writes here, this one has been read.
            self.fork.gradient = self.workspace.rows("shortcut gradient", *upstream.shape)
            np.copyto(self.fork.gradient, upstream)
        return upstream
