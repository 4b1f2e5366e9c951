"""What an activation is: a function of the pre-activation, its derivative, and what goes wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.catalogue import Catalogue, Entry
from core.network.arrays import Array

Numbers = Mapping[str, float]
Forward = Callable[[Array, Array, Numbers], None]
Derivative = Callable[[Array, Array, Array, Numbers], None]
Learned = Callable[[Array, Array, Numbers], float]


@dataclass(frozen=True, kw_only=True)
class Activation(Entry):
    """An activation of the catalogue: pure functions that write into `out`, any shape, any float type.

    Attributes
    ----------
    forward
        `forward(z, out, numbers)` writes `f(z)`.
    derivative
        `derivative(z, a, out, numbers)` writes `f'(z)`, given `a = f(z)` as well. At a kink it
        takes the side of negative `z`.
    range
        Lower and upper bound of the output, or None when it has none.
    saturation
        Outputs below the first or above the second bound count as saturated: there the slope is
        so small that hardly any gradient comes back. None where the notion does not exist.
    can_die
        Whether a unit can be stuck at exactly 0 for every sample.
    learned
        Name of the hyperparameter that is only the start value of a parameter trained in each
        layer, or "".
    learned_derivative
        `learned_derivative(z, upstream, numbers)`: loss' derivative by that parameter, where
        `upstream` is the loss' derivative by the output.
    suited_initializer
        Id of the initializer that keeps the spread of its values from layer to layer.
    """

    forward: Forward
    derivative: Derivative
    range: tuple[float, float] | None = None
    saturation: tuple[float, float] | None = None
    can_die: bool = False
    learned: str = ""
    learned_derivative: Learned | None = None
    suited_initializer: str = "xavier_normal"

    def apply(self, z: Array, numbers: Numbers) -> Array:
        """`f(z)` in a new array."""
        out = np.empty_like(z)
        self.forward(z, out, numbers)
        return out

    def slope(self, z: Array, numbers: Numbers) -> Array:
        """`f'(z)` in a new array."""
        out = np.empty_like(z)
        self.derivative(z, self.apply(z, numbers), out, numbers)
        return out

    def saturated_share(self, a: Array) -> float:
        """Share of outputs `a` beyond the saturation bounds; 0 where the notion does not exist."""
        if self.saturation is None or a.size == 0:
            return 0.0
        low, high = self.saturation
        return float(np.count_nonzero(a < low) + np.count_nonzero(a > high)) / a.size

    def dead_share(self, a: Array) -> float:
        """Share of units (columns of `a`) at exactly 0 for every sample; 0 for units that cannot die."""
        if not self.can_die or a.size == 0:
            return 0.0
        return float(np.mean(~a.any(axis=0)))


ACTIVATIONS: Catalogue[Activation] = Catalogue("core.network.activations", Activation, "activation")
