"""Batch normalization (Ioffe and Szegedy 2015)."""

from collections.abc import Callable

import numpy as np

from core.loops import all_finite
from core.network.arrays import Array, Parameter, Workspace

EPSILON = 1e-5
MOMENTUM = 0.1
"""Share of the newest batch in the running averages (torch's convention)."""


class BatchStatistics:
    """Means and variances of all batch norm layers of a network, as flat vectors with views per layer.

    Attributes
    ----------
    running_mean, running_var
        Averages over past batches, used in evaluation. They start at 0 and 1.
    batch_mean, batch_var
        Of the last batch in training mode; the variance is the biased one, which normalizes.
    """

    def __init__(self, layers: int, units: int, workspace: Workspace) -> None:
        shape, dtype = (layers, units), workspace.dtype
        self.running_mean: Array = np.zeros(shape, dtype)
        self.running_var: Array = np.ones(shape, dtype)
        self.batch_mean: Array = np.zeros(shape, dtype)
        self.batch_var: Array = np.ones(shape, dtype)
        self._average = workspace.loop("average", [_average], numbers=("momentum", "unbiased"))

    @property
    def is_finite(self) -> bool:
        """Whether the running averages are finite numbers.

        A variance that overflows must be seen here: batch norm would divide by it and hide all that
        came before.
        """
        return all_finite(self.running_mean) and all_finite(self.running_var)

    def update_running(self, samples: int, momentum: float = MOMENTUM) -> None:
        """`running <- (1 - momentum) running + momentum batch`, with the batch's unbiased variance."""
        arrays = self.running_mean, self.running_var, self.batch_mean, self.batch_var
        self._average.run(*arrays, momentum, samples / (samples - 1))


class BatchNorm:
    """`y = gamma (x - mean) / sqrt(var + epsilon) + beta`, unit by unit.

    In training `mean` and `var` (biased) are the batch's own, in evaluation the running averages.
    A batch of one sample has no variance: callers leave it out.

    Parameters
    ----------
    name
        Prefix of the buffers in the workspace.
    gamma, beta
        (units,) each, learned.
    statistics, index
        Means and variances of all such layers, and this layer's row in them.
    may_overwrite
        Whether nobody needs the input afterwards, so that less memory goes through the cache.

    Attributes
    ----------
    centred, scale
        Of the last pass forward: the input less the mean (samples, units), and gamma over the
        standard deviation (units,).
    inverse_std
        One over the standard deviation (units,), of the last pass forward.
    scratch
        (samples, units), shared with other layers: lasts until the next one works.
    in_place
        Whether the input is overwritten.
    """

    def __init__(
        self,
        name: str,
        gamma: Parameter,
        beta: Parameter,
        statistics: BatchStatistics,
        index: int,
        workspace: Workspace,
        may_overwrite: bool = False,
    ) -> None:
        self._output_name = f"{name} output"
        self._centred_name = "" if may_overwrite else f"{name} centred"
        self.gamma, self.beta, self.workspace = gamma, beta, workspace
        self.running_mean, self.running_var = statistics.running_mean[index], statistics.running_var[index]
        self.batch_mean, self.batch_var = statistics.batch_mean[index], statistics.batch_var[index]
        self.inverse_std: Array = np.ones_like(gamma.value)
        self.scale: Array = np.ones_like(gamma.value)
        self._lost_mean: Array = np.zeros_like(gamma.value)
        self._lost_slope: Array = np.zeros_like(gamma.value)
        self._use_buffers((0, gamma.value.size))
        self.in_place = may_overwrite
        place = "in place" if may_overwrite else "beside"
        whole = [*self.measuring, batch_stretch]
        self._train = workspace.loop(("normalize", place), whole, ROWS, SCRATCH, NUMBERS)
        self._stretch = workspace.loop("stretch", [stretch], ROWS)
        self._back = workspace.loop("pull", [products, pull], ROWS, SCRATCH, NUMBERS)

    @property
    def measuring(self) -> tuple[Callable[..., None], ...]:
        """What finds mean and variance of a batch and leaves `x - mean` behind."""
        return _add_up, _centre_in_place if self.in_place else _centre

    def forward(self, x: Array, training: bool) -> Array:
        """Normalize, then scale by gamma and shift by beta."""
        if training:
            self._train.run(*self.of_batch(x), self._out, 1.0 / len(x))
        else:
            self._stretch.run(*self.of_average(x), self._out)
        return self._out

    def of_batch(self, x: Array) -> tuple[Array, ...]:
        """What `measuring` and then `batch_stretch` take, but where to and `share`."""
        self._prepare(x)
        columns = self.batch_var, self.gamma.value, self.inverse_std, self.scale, self.beta.value
        if self.in_place:
            return x, self.batch_mean, self.scratch, *columns, x
        return x, self.batch_mean, self.centred, self.scratch, *columns

    def of_average(self, x: Array) -> tuple[Array, ...]:
        """Take off the running mean; what `stretch` then takes, but where to."""
        self._prepare(x)
        np.subtract(x, self.running_mean, out=self.centred)
        return (
            self.running_var, self.gamma.value, self.inverse_std, self.scale, self.beta.value, self.centred
        )  # fmt: skip

    def _prepare(self, x: Array) -> None:
        if x.shape != self._out.shape:
            self._use_buffers(x.shape)
        if self.in_place:
            self.centred = x

    def _use_buffers(self, shape: tuple[int, ...]) -> None:
        """Those of the workspace for batches of this shape; most often the next batch has it too."""
        self._out = self.workspace.rows(self._output_name, *shape)
        self.scratch = self.workspace.rows("scratch", *shape)
        self.centred = self.workspace.rows(self._centred_name, *shape) if self._centred_name else self._out

    def backward(self, upstream: Array) -> Array:
        """Derivatives through mean and variance, in place; training mode only.

        With `c = x - mean`, `r = 1 / sqrt(var + epsilon)` and n samples:
        `dbeta = sum(dy)`, `dgamma = r sum(dy c)`,
        `dx = gamma r (dy - dbeta / n - c r dgamma / n)`.
        """
        totals = self.gamma.gradient, self.beta.gradient
        self._back.run(upstream, self.centred, self.scratch, *totals, *self.of_pull, 1.0 / len(upstream))
        return upstream

    @property
    def of_pull(self) -> tuple[Array, ...]:
        """What `pull` takes besides what it shares with `products`."""
        return self.inverse_std, self._lost_mean, self._lost_slope, self.scale


def _average(
    running_mean: Array, running_var: Array, mean: Array, var: Array, momentum: float, unbiased: float
) -> None:
    running_mean -= np.subtract(running_mean, mean) * momentum
    running_var -= np.subtract(running_var, np.multiply(var, unbiased)) * momentum


ROWS = (
    "mean", "var", "gamma", "inverse_std", "scale", "shift", "dgamma", "dbeta", "lost_mean", "lost_slope"
)  # fmt: skip
"""Arguments of the functions below that are vectors (units,)."""
SCRATCH = "squares", "product"
"""Arguments whose content nobody needs afterwards."""
NUMBERS = ("share",)
"""Arguments that are numbers: one over the samples."""


def _add_up(x: Array, mean: Array) -> None:
    """The total over the samples; `share` of it is the mean."""
    np.add.reduce(x, axis=0, out=mean)


def _centre(x: Array, mean: Array, centred: Array, squares: Array, var: Array, share: float) -> None:
    """`x - mean`, and the total of its squares, of which `share` is the variance."""
    mean *= share
    np.subtract(x, mean, out=centred)
    np.multiply(centred, centred, out=squares)
    np.add.reduce(squares, axis=0, out=var)


def _centre_in_place(x: Array, mean: Array, squares: Array, var: Array, share: float) -> None:
    _centre(x, mean, x, squares, var, share)


def stretch(
    var: Array, gamma: Array, inverse_std: Array, scale: Array, shift: Array, centred: Array, out: Array
) -> None:
    """`scale (x - mean) + shift`, with `scale = gamma / sqrt(var + epsilon)`."""
    np.add(var, EPSILON, out=inverse_std)
    np.sqrt(inverse_std, out=inverse_std)
    np.reciprocal(inverse_std, out=inverse_std)
    np.multiply(gamma, inverse_std, out=scale)
    np.multiply(centred, scale, out=out)
    out += shift


def batch_stretch(
    var: Array, gamma: Array, inverse_std: Array, scale: Array, shift: Array, centred: Array, out: Array,
    share: float,
) -> None:  # fmt: skip
    """The same after `measuring`, which leaves a total of squares."""
    var *= share
    stretch(var, gamma, inverse_std, scale, shift, centred, out)


def products(upstream: Array, centred: Array, product: Array, dgamma: Array, dbeta: Array) -> None:
    """Totals over the samples: of `upstream centred`, and of `upstream`."""
    np.multiply(upstream, centred, out=product)
    np.add.reduce(product, axis=0, out=dgamma)
    np.add.reduce(upstream, axis=0, out=dbeta)


def pull(
    upstream: Array, centred: Array, product: Array, dgamma: Array, dbeta: Array, inverse_std: Array,
    lost_mean: Array, lost_slope: Array, scale: Array, share: float,
) -> None:  # fmt: skip
    """Finish dgamma; then `scale (upstream - lost_mean - lost_slope centred)`, in place of `upstream`.

    What is lost of one sample's derivative goes through mean and variance.
    """
    dgamma *= inverse_std
    np.multiply(dbeta, share, out=lost_mean)
    np.multiply(inverse_std, dgamma, out=lost_slope)
    lost_slope *= share
    np.multiply(centred, lost_slope, out=product)
    upstream -= product
    upstream -= lost_mean
    upstream *= scale
