"""Batch norm and the activation that follows it, in one sweep each way."""

from collections.abc import Iterator, Sequence

import numpy as np

from core.network.arrays import Array, Workspace
from core.network.layers import Layer
from core.network.layers.batch_norm import (
    NUMBERS,
    ROWS,
    SCRATCH,
    BatchNorm,
    batch_stretch,
    products,
    pull,
    stretch,
)
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

        def batch_forward(
            var: Array, gamma: Array, inverse_std: Array, scale: Array, shift: Array, centred: Array,
            z: Array, a: Array, share: float, *numbers: float,
        ) -> None:  # fmt: skip
            batch_stretch(var, gamma, inverse_std, scale, shift, centred, z, share)
            apply(z, a, *numbers)

        def backward(
            upstream: Array, centred: Array, product: Array, dgamma: Array, dbeta: Array,
            scale: Array, shift: Array, z: Array, a: Array, slope: Array, *numbers: float,
        ) -> None:  # fmt: skip
            np.multiply(centred, scale, out=z)
            z += shift
            chain(upstream, z, a, slope, *numbers)
            products(upstream, centred, product, dgamma, dbeta)

        key, words, unused = activation.key, activation.number_names, (*SCRATCH, "z", "slope")
        place = "in place" if norm.in_place else "beside"
        self._train = workspace.loop(
            ("normed batch", place, *key), [*norm.measuring, batch_forward], ROWS, unused, (*NUMBERS, *words)
        )
        self._forward = workspace.loop(("normed", *key), [forward], ROWS, unused, words)
        self._backward = workspace.loop(
            ("normed chain", *key), [backward, pull], ROWS, unused, (*NUMBERS, *words)
        )

    def forward(self, x: Array, training: bool) -> Array:
        """`f(batch_norm(x))`."""
        norm, activation = self._norm, self._activation
        if not (self._train.compiled and self._forward.compiled and self._backward.compiled):
            return activation.forward(norm.forward(x, training), training)
        activation.pre_activation, out = _NOT_WRITTEN, activation.output(x.shape)
        # Scratch stands where NumPy would keep what lies in between.
        if training:
            self._train.run(*norm.of_batch(x), norm.scratch, out, 1.0 / len(x), *self._numbers)
        else:
            self._forward.run(*norm.of_average(x), norm.scratch, out, *self._numbers)
        return out

    def backward(self, upstream: Array) -> Array:
        """Derivative by batch norm's input, in place; training mode only."""
        norm, activation = self._norm, self._activation
        if not self._backward.compiled:
            return norm.backward(activation.backward(upstream))
        scratch = norm.scratch
        totals = norm.gamma.gradient, norm.beta.gradient
        inverse_std, lost_mean, lost_slope, scale = norm.of_pull
        self._backward.run(
            upstream, norm.centred, scratch, *totals, scale, norm.beta.value, scratch, activation.activation,
            scratch, inverse_std, lost_mean, lost_slope, 1.0 / len(upstream), *self._numbers,
        )  # fmt: skip
        return upstream


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
