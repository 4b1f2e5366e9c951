"""Weights of hidden layers: as they are, how the last step changed them, how hard the loss pulls at them."""

import math
from dataclasses import dataclass

import numpy as np

from core.network.arrays import Array
from core.network.layers.dense import Dense
from core.network.model import Network


@dataclass(frozen=True, eq=False)
class LayerWeights:
    """One hidden layer's matrix of weights; biases and the like are no part of it.

    Attributes
    ----------
    weight
        (fan_in, fan_out), the network's own: it changes with the next step.
    update
        (fan_in, fan_out), what the last step added to it; (0,) where no step was made.
    gradient_norm
        Euclidean norm of the mean loss' derivative by these weights.
    """

    weight: Array
    update: Array
    gradient_norm: float

    @property
    def weight_norm(self) -> float:
        """Euclidean norm of the weights."""
        return norm(self.weight)

    @property
    def update_ratio(self) -> float:
        """`|update| / |weight|`, after the step; not a number before the first one, or when both are 0."""
        weight = self.weight_norm
        if self.update.size == 0 or not weight:
            return math.nan
        return norm(self.update) / weight


def layer_weights(network: Network, before: Array | None) -> list[LayerWeights]:
    """Those of every hidden layer, right after a pass back that has left its gradient in the network.

    Parameters
    ----------
    before
        All weights of before the last step, flat, as in `Network.weights`; None where no step was made.
    """
    found, start = [], 0
    hidden = [layer.weights for layer in network.layers if isinstance(layer, Dense)][:-1]
    for weights in hidden:
        value = weights.value
        part = slice(start, start + value.size)
        update = value - before[part].reshape(value.shape) if before is not None else np.empty(0, value.dtype)
        found.append(LayerWeights(value, update, norm(weights.gradient)))
        start = part.stop
    return found


def norm(values: Array) -> float:
    """Euclidean norm; scaled where squares would leave the range of the type."""
    square = float(np.vdot(values, values))
    if 1e-30 < square < math.inf:
        return math.sqrt(square)
    scale = float(np.abs(values).max(initial=0.0))
    if not 0.0 < scale < math.inf:
        return scale
    scaled = values / values.dtype.type(scale)
    return scale * math.sqrt(float(np.vdot(scaled, scaled)))
