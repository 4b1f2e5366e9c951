"""Dropout (Srivastava et al. 2014), inverted: what is kept is scaled in training, nothing in evaluation."""

import numpy as np

from core.network.arrays import Array, Workspace
from core.network.layers.masks import MaskStream


class Dropout:
    """`y = x mask` in training, with a mask of 0 and `1 / (1 - share)` for each sample and unit.

    Parameters
    ----------
    name
        Prefix of the buffers in the workspace.
    share
        Of the units that are dropped on average, from 0 to below 1.
    masks
        Where masks come from.
    """

    def __init__(self, name: str, share: float, masks: MaskStream, workspace: Workspace) -> None:
        self.name, self.share, self.masks, self.workspace = name, share, masks, workspace
        self._mask: Array = np.empty((0, 0))

    def forward(self, x: Array, training: bool) -> Array:
        """`x mask`; in evaluation `x` as it is."""
        if not training:
            return x
        self._mask = self.workspace.rows(f"{self.name} mask", *x.shape)
        self.masks.draw(self._mask, self.share)
        out = self.workspace.rows(self.name, *x.shape)
        return np.multiply(x, self._mask, out=out)

    def backward(self, upstream: Array) -> Array:
        """`dx = dy mask`, in place; after a pass in training mode only."""
        upstream *= self._mask
        return upstream
