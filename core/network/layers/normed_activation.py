"""Batch norm and the activation that follows it, in one sweep each way."""

from collections.abc import Iterator, Sequence

import numpy as np

from core.network.arrays import Array, Workspace
from core.network.layers import Layer
from core.network.layers.batch_norm import COLUMNS, TOTALS, BatchNorm, products, stretch
from core.network.layers.nonlinearity import Nonlinearity

_NOT_WRITTEN: Array = np.empty((0, 0))


class NormedActivation:
    """Does what two layers do one after the other, to the same bits, with less memory going to and fro.

    What lies between them, batch norm's output, is not written: going back it is computed again from
    batch norm's input, which is there anyway. That pays in machine code only; as long as there is none
    the two layers do their work themselves.

    Parameters
    ----------
    norm, activation
        The layers; the activation's numbers must not be learned.
    """

    def __init__(self, norm: BatchNorm, activation: Nonlinearity, workspace: Workspace) -> None:
        self._norm, self._activation, self._numbers = norm, activation, tuple(activation.numbers.values())
        apply, chain = activation.apply, activation.chain

        def forward(
            var: Array, gamma: Array, inverse_std: Array, scale: Array, shift: Array, centred: Array,
            z: Array, a: Array, *numbers: float,
        ) -> None:  # fmt: skip
            stretch(var, gamma, inverse_std, scale, shift, centred, z)
            apply(z, a, *numbers)

        def backward(
            upstream: Array, centred: Array, scale: Array, shift: Array, z: Array, a: Array, slope: Array,
            product: Array, dgamma: Array, dbeta: Array, *numbers: float,
        ) -> None:  # fmt: skip
            np.multiply(centred, scale, out=z)
            z += shift
            chain(upstream, z, a, slope, *numbers)
            products(upstream, centred, product, dgamma, dbeta)

        unused = "z", "slope", "product"
        key, words, own = activation.key, activation.number_names, ("scale", "shift", *TOTALS)
        self._forward = workspace.loop(("normed", *key), forward, COLUMNS, ("z",), words)
        self._backward = workspace.loop(("normed chain", *key), backward, own, unused, words)

    def forward(self, x: Array, training: bool) -> Array:
        """`f(batch_norm(x))`."""
        norm, activation = self._norm, self._activation
        if not (self._forward.compiled and self._backward.compiled):
            return activation.forward(norm.forward(x, training), training)
        norm.centre(x, training)
        activation.pre_activation, out = _NOT_WRITTEN, activation.output(x.shape)
        unused = norm.scratch  # where NumPy would keep what lies in between
        self._forward.run(*norm.columns, norm.centred, unused, out, *self._numbers)
        return out

    def backward(self, upstream: Array) -> Array:
        """Derivative by batch norm's input, in place; training mode only."""
        norm, activation = self._norm, self._activation
        if not self._backward.compiled:
            return norm.backward(activation.backward(upstream))
        part, unused = (norm.centred, norm.scale, norm.beta.value), norm.scratch
        inner = unused, activation.activation, unused
        totals = norm.gamma.gradient, norm.beta.gradient
        self._backward.run(upstream, *part, *inner, norm.scratch, *totals, *self._numbers)
        return norm.pull(upstream)


def in_one_sweep(layers: Sequence[Layer], workspace: Workspace) -> Iterator[Layer]:
    """The layers, with each batch norm and the activation right after it as one, where that can be."""
    rest = iter([*layers, None])
    layer = next(rest)
    while layer is not None:
        following = next(rest)
        if isinstance(layer, BatchNorm) and isinstance(following, Nonlinearity) and following.learned is None:
            layer, following = NormedActivation(layer, following, workspace), next(rest)
        yield layer
        layer = following
