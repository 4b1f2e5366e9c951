"""The layer that applies an activation."""

import numpy as np

from core.hyperparameter import Values
from core.network.activation import Activation
from core.network.arrays import Array, Parameter, Workspace


class Nonlinearity:
    """`a = f(z)`, unit by unit.

    Parameters
    ----------
    name
        Of the output's buffer in the workspace.
    values
        All hyperparameters of the activation.
    learned
        (1,), the parameter that this activation learns in every layer, or None.

    Attributes
    ----------
    pre_activation, activation
        Input and output of the last forward pass, (samples, units).
    """

    def __init__(
        self, name: str, rule: Activation, values: Values, learned: Parameter | None, workspace: Workspace
    ) -> None:
        self.name, self.rule, self.learned, self.workspace = name, rule, learned, workspace
        self._numbers = {key: float(value) for key, value in values.items()}
        self.pre_activation: Array = np.empty((0, 0))
        self.activation: Array = np.empty((0, 0))

    @property
    def numbers(self) -> dict[str, float]:
        """The activation's numbers as the last forward pass used them."""
        return self._numbers

    def forward(self, x: Array, training: bool) -> Array:
        """`f(z)`."""
        if self.learned is not None:
            self._numbers[self.rule.learned] = float(self.learned.value[0])
        self.pre_activation = x
        self.activation = self.workspace.rows(self.name, *x.shape)
        self.rule.forward(x, self.activation, self._numbers)
        return self.activation

    def backward(self, upstream: Array) -> Array:
        """`dz = da f'(z)`, in place."""
        z = self.pre_activation
        if self.learned is not None and self.rule.learned_derivative is not None:
            self.learned.gradient[0] = self.rule.learned_derivative(z, upstream, self._numbers)
        slope = self.workspace.rows("scratch", *z.shape)
        self.rule.derivative(z, self.activation, slope, self._numbers)
        upstream *= slope
        return upstream
