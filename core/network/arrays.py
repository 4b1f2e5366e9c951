"""Memory of a network: one flat vector of parameters, and buffers that are made once.

Small matrices spend more time in bookkeeping than in products. So all parameters of a network lie
in one vector (an optimizer updates them in one sweep), all gradients in another, and every pass
writes into buffers that exist already.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.loops import Loop
from core.network.elementwise import loop_of

Array = NDArray[Any]


@dataclass(frozen=True)
class Parameter:
    """Views of one layer's part of the flat vectors.

    Attributes
    ----------
    value, gradient
        Arrays of the same shape; writing to them writes to the flat vectors.
    """

    value: Array
    gradient: Array


class ParameterVector:
    """All parameters of a network in one vector, and their gradients in another.

    Weights come first, so that weight decay is one operation on the first `weights` numbers.

    Parameters
    ----------
    weights
        How many numbers are weights of matrices.
    others
        How many are biases, gammas, betas and slopes.
    workspace
        Where the gradient lies: it only lasts from a pass to the update that follows.
    """

    def __init__(self, weights: int, others: int, workspace: "Workspace") -> None:
        self.weights = weights
        self.values: Array = np.zeros(weights + others, workspace.dtype)
        self.gradient: Array = workspace.flat("gradient", weights + others)
        self._next_weight, self._next_other = 0, weights

    def take_weights(self, fan_in: int, fan_out: int) -> Parameter:
        """Views of the next free (fan_in, fan_out) matrix of weights."""
        start = self._next_weight
        self._next_weight += fan_in * fan_out
        return self._views(start, self._next_weight, self.weights, (fan_in, fan_out))

    def take_vector(self, size: int) -> Parameter:
        """Views of the next free (size,) vector of other parameters."""
        start = self._next_other
        self._next_other += size
        return self._views(start, self._next_other, self.values.size, (size,))

    @property
    def full(self) -> bool:
        """Whether every number belongs to a layer."""
        return self._next_weight == self.weights and self._next_other == self.values.size

    def _views(self, start: int, stop: int, limit: int, shape: tuple[int, ...]) -> Parameter:
        if stop > limit:
            raise IndexError(f"The vector has room up to {limit}, not {stop}.")
        return Parameter(self.values[start:stop].reshape(shape), self.gradient[start:stop].reshape(shape))


class Workspace:
    """Buffers for passes through networks.

    Networks of one shape that take turns share a workspace: from a pass forward to the update by the
    gradient that it led to, no other network must use it.

    Parameters
    ----------
    capacity
        The largest number of samples in one pass; smaller batches use the first rows.
    dtype
        Of all buffers.
    """

    def __init__(self, capacity: int, dtype: DTypeLike) -> None:
        self.capacity = capacity
        self.dtype = np.dtype(dtype)
        self._whole: dict[tuple[str, int], Array] = {}
        self._views: dict[tuple[str, int, int], Array] = {}
        self._ones: Array = np.ones(capacity, dtype)
        self._vectors: dict[tuple[str, int], Array] = {}
        self._loops: dict[object, Loop] = {}

    def rows(self, name: str, rows: int, columns: int) -> Array:
        """The first `rows` rows of the buffer called `name`, made when first asked for."""
        key = (name, rows, columns)
        view = self._views.get(key)
        if view is None:
            view = self._views[key] = self._view(name, rows, columns)
        return view

    def _view(self, name: str, rows: int, columns: int) -> Array:
        if rows > self.capacity:
            raise IndexError(f"The workspace holds {self.capacity} samples, not {rows}.")
        key = (name, columns)
        if key not in self._whole:
            self._whole[key] = np.zeros((self.capacity, columns), self.dtype)
        return self._whole[key][:rows]

    def flat(self, name: str, size: int) -> Array:
        """The vector called `name`, made when first asked for."""
        key = (name, size)
        if key not in self._vectors:
            self._vectors[key] = np.zeros(size, self.dtype)
        return self._vectors[key]

    def ones(self, rows: int) -> Array:
        """`rows` ones: `ones @ x` sums over the batch, three times as fast as `x.sum(axis=0)`."""
        return self._ones[:rows]

    def loop(
        self,
        key: object,
        functions: Sequence[Callable[..., None]],
        rows: Sequence[str] = (),
        scratch: Sequence[str] = (),
        numbers: Sequence[str] = (),
        flat: bool = False,
    ) -> Loop:
        """Elementwise work of a layer, made when first asked for; see `loop_of`. Layers share it by `key`."""
        if key not in self._loops:
            self._loops[key] = loop_of(functions, self.dtype, rows, scratch, numbers, flat)
        return self._loops[key]

    @property
    def loops(self) -> Iterator[Loop]:
        """All such work of the networks that share this workspace."""
        return iter(self._loops.values())
