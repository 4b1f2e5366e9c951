"""The mean of a formula over samples: its derivatives, all of its code, and its mini-batches' gradients.

A formula gives the loss of one sample in x, y and the columns of a table; SymPy derives it once. Where
it is quadratic in x and y (linear regression), the mean is too: it is written as the quadratic it is,
around its lowest point, and costs the same for any number of samples. Every other mean is computed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.formula_code import Derivatives, Printed, array_function, derive, print_code
from core.samples import Samples

if TYPE_CHECKING:
    import sympy

Array = NDArray[np.float64]
_BLOCK = 16_384
"""Numbers that are computed at once: they fit into the second-level cache."""
_ROUNDING = 1e-10
"""Share of a gradient that counts as rounding."""


class MeanLoss:
    """The mean over samples of a formula.

    Attributes
    ----------
    samples
        What it is the mean over.
    each
        Loss, gradient and Hessian of one sample, in x, y and the words of printed code for the columns.

    Parameters
    ----------
    formula
        The loss of one sample, as `(x*u + y - t)**2/2`; raises `FormulaError`.
    """

    def __init__(self, formula: str, samples: Samples) -> None:
        self.samples = samples
        self.each: Derivatives = derive(formula, samples.names).renamed(_words(samples))

    @cached_property
    def derivatives(self) -> "Derivatives | MeanDerivatives":
        """Code of the mean's loss, gradient and Hessian."""
        bends = self.each.hessian
        if any({"x", "y"} & {symbol.name for symbol in bend.free_symbols} for bend in bends):
            return MeanDerivatives(self.each, self.samples)
        return Derivatives(self._quadratic())

    @cached_property
    def slopes(self) -> Callable[..., Any]:
        """`f(x, y, *columns) -> both components of the gradient` of samples, over arrays that broadcast."""
        import sympy

        factored = tuple(sympy.factor_terms(slope) for slope in self.each.gradient)  # less to compute
        return array_function(factored, tuple(_words(self.samples).values()))

    def sample_gradients(self, x: float, y: float) -> Array:
        """(samples, 2): every sample's own gradient at a point."""
        with np.errstate(all="ignore"):
            parts = self.slopes(np.float64(x), np.float64(y), *self.samples.values)
        return np.stack([np.broadcast_to(part, self.samples.count) for part in parts], axis=1)

    def batch_gradient(self, x: Array, y: Array, columns: Array) -> tuple[Array, Array]:
        """Mean over some samples, at some points.

        Parameters
        ----------
        x, y
            (points,)
        columns
            (columns, samples of the batch)

        Returns
        -------
        tuple
            Both components of the gradient, (points,).
        """
        first, second = self._batch_mean(self.slopes, x, y, columns)
        return first, second

    def batch_hessian(self, x: Array, y: Array, columns: Array) -> tuple[Array, Array, Array]:
        """The same for the second derivatives xx, xy and yy."""
        xx, xy, yy = self._batch_mean(self._bends, x, y, columns)
        return xx, xy, yy

    @cached_property
    def _bends(self) -> Callable[..., Any]:
        return array_function(self.each.hessian, tuple(_words(self.samples).values()))

    def _batch_mean(self, function: Callable[..., Any], x: Array, y: Array, columns: Array) -> list[Array]:
        parts, size = function(x[:, None], y[:, None], *columns), columns.shape[1]
        return [_sum(part, (len(x), size)) / size for part in parts]

    def _quadratic(self) -> "sympy.Expr":
        """The mean as a quadratic around its lowest point, where there is one, else around the origin."""
        import sympy

        mean = MeanDerivatives(self.each, self.samples)
        xx, xy, yy = (float(part) for part in mean.array_hessian(0.0, 0.0))
        bends = np.array([[xx, xy], [xy, yy]])
        centre = np.zeros(2)
        for _ in range(2):  # once more for what the first solution left by rounding
            gradient = np.array([float(part) for part in mean.array_gradient(*centre)[1:]])
            centre = centre - np.linalg.pinv(bends, hermitian=True) @ gradient
        loss, *rest = (float(part) for part in mean.array_gradient(*centre))
        scale = np.abs([float(part) for part in mean.array_gradient(0.0, 0.0)[1:]]).max()
        rest = [part if abs(part) > _ROUNDING * scale else 0.0 for part in rest]
        x, y = (sympy.Symbol(n, real=True) - sympy.Float(at) for n, at in zip("xy", centre, strict=True))
        half = sympy.Rational(1, 2)
        terms = ((half * xx, x**2), (xy, x * y), (half * yy, y**2), (rest[0], x), (rest[1], y), (loss, 1))
        return sum((sympy.Float(factor) * term for factor, term in terms if factor), sympy.Float(0))


@dataclass(frozen=True)
class MeanDerivatives:
    """Code of a mean that has no shorter form: every sample is gone through.

    Attributes
    ----------
    each, samples
        As in `MeanLoss`.
    """

    each: Derivatives
    samples: Samples

    @property
    def space(self) -> dict[str, Any]:
        """The columns, as printed code calls them."""
        values = zip(self._column_names, self.samples.values, strict=True)
        return {name: np.ascontiguousarray(column) for name, column in values}

    @cached_property
    def float_lines(self) -> Printed:
        """A loop over the samples, and the words for loss, gradient_x and gradient_y after it."""
        printed = print_code((self.each.loss, *self.each.gradient))
        return self._loop(printed, ("loss_sum", "x_sum", "y_sum"))

    @cached_property
    def hessian_lines(self) -> Printed:
        """The same for the second derivatives; with names of their own, to stand after `float_lines`."""
        return self._loop(print_code(self.each.hessian, prefix="h"), ("xx_sum", "xy_sum", "yy_sum"))

    def _loop(self, printed: Printed, sums: tuple[str, ...]) -> Printed:
        lines, results = printed
        names = ", ".join(_words(self.samples).values())
        loop = [
            *(f"{name} = 0.0" for name in sums),
            f"for {names}, in zip({', '.join(self._column_names)}):",
            *(f"    {line}" for line in lines),
            *(f"    {name} = {name} + {result}" for name, result in zip(sums, results, strict=True)),
        ]
        return loop, [f"({name} / {float(self.samples.count)!r})" for name in sums]

    @cached_property
    def array_loss(self) -> Callable[..., Any]:
        """`f(x, y) -> (loss,)` over arrays."""
        return self._mean((self.each.loss,))

    @cached_property
    def array_gradient(self) -> Callable[..., Any]:
        """`f(x, y) -> (loss, gradient_x, gradient_y)` over arrays."""
        return self._mean((self.each.loss, *self.each.gradient))

    @cached_property
    def array_hessian(self) -> Callable[..., Any]:
        """`f(x, y) -> (xx, xy, yy)` over arrays."""
        return self._mean(self.each.hessian)

    @property
    def _column_names(self) -> list[str]:
        """What printed code calls each column as a whole.

        The checksum of the numbers is part of it: code that is kept by its text belongs to its data.
        """
        return [f"all_{name}_{self.samples.checksum}" for name in self.samples.names]

    def _mean(self, expressions: tuple["sympy.Expr", ...]) -> Callable[..., Any]:
        function = array_function(expressions, tuple(_words(self.samples).values()))

        def mean(x: ArrayLike, y: ArrayLike) -> list[Array]:
            x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
            return [part.reshape(x.shape) for part in _means(function, x.ravel(), y.ravel(), self.samples)]

        return mean


def _means(function: Callable[..., Any], x: Array, y: Array, samples: Samples) -> list[Array]:
    """Each of a function's results at points (n,), averaged over the samples; blocks of points at a time."""
    count, results = samples.count, []
    for begin in range(0, max(len(x), 1), step := max(_BLOCK // count, 1)):
        part = slice(begin, begin + step)
        some = function(x[part, None], y[part, None], *samples.values)
        results.append([_sum(each, (len(x[part]), count)) for each in some])
    return [np.concatenate(parts) / count for parts in zip(*results, strict=True)]


def _words(samples: Samples) -> dict[str, str]:
    """What printed code calls one sample's value of each column: nothing else is called so."""
    return {name: f"each_{name}" for name in samples.names}


def _sum(values: Any, shape: tuple[int, int]) -> Array:
    """Sums over the samples of values that may be the same for all of them, or for all points."""
    if np.shape(values) != shape:
        values = np.broadcast_to(values, shape)
    sums: Array = np.add.reduce(values, axis=1)
    return sums
