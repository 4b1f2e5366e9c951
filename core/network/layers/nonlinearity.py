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
    apply, chain
        The work on arrays, as NumPy does it: `apply(z, out, *numbers)` and
        `chain(upstream, z, a, scratch, *numbers)`, which works on `upstream` in place.
    key, number_names
        Tells this work from that of other activations; what its numbers are called in a loop.
    """

    def __init__(
        self, name: str, rule: Activation, values: Values, learned: Parameter | None, workspace: Workspace
    ) -> None:
        self.name, self.rule, self.learned, self.workspace = name, rule, learned, workspace
        self._numbers = {key: float(value) for key, value in values.items()}
        names = tuple(self._numbers)
        self.key = rule.id, names
        self.number_names = tuple(
            f"number_{name}" for name in names
        )  # an argument may have the name of a number

        def apply(z: Array, out: Array, *numbers: float) -> None:
            rule.forward(z, out, dict(zip(names, numbers, strict=True)))

        def chain(upstream: Array, z: Array, a: Array, slope: Array, *numbers: float) -> None:
            rule.derivative(z, a, slope, dict(zip(names, numbers, strict=True)))
            upstream *= slope

        self.apply, self.chain = apply, chain
        words = self.number_names
        self._apply = workspace.loop(("apply", *self.key), [apply], numbers=words)
        self._chain = workspace.loop(("chain", *self.key), [chain], scratch=("slope",), numbers=words)
        self.pre_activation: Array = np.empty((0, 0))
        self.activation: Array = np.empty((0, 0))
        self._scratch: Array = np.empty((0, 0))

    @property
    def numbers(self) -> dict[str, float]:
        """The activation's numbers as the last forward pass used them."""
        return self._numbers

    def forward(self, x: Array, training: bool) -> Array:
        """`f(z)`."""
        if self.learned is not None:
            self._numbers[self.rule.learned] = float(self.learned.value[0])
        self.pre_activation, out = x, self.output(x.shape)
        self._apply.run(x, out, *self._numbers.values())
        return out

    def output(self, shape: tuple[int, ...]) -> Array:
        """Where the output of batches of this shape goes."""
        if shape != self.activation.shape:
            self.activation = self.workspace.rows(self.name, *shape)
            self._scratch = self.workspace.rows("scratch", *shape)
        return self.activation

    def backward(self, upstream: Array) -> Array:
        """`dz = da f'(z)`, in place."""
        z = self.pre_activation
        if self.learned is not None and self.rule.learned_derivative is not None:
            self.learned.gradient[0] = self.rule.learned_derivative(z, upstream, self._numbers)
        self._chain.run(upstream, z, self.activation, self._scratch, *self._numbers.values())
        return upstream
