"""Batch normalization (Ioffe and Szegedy 2015)."""

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
        self._average = workspace.loop("average", _average, numbers=("momentum", "unbiased"))

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
    columns
        What `stretch` takes for the columns of `centred`.
    scratch
        (samples, units), shared with other layers: lasts until the next one works.
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
        self._inverse_std: Array = np.ones_like(gamma.value)
        self.scale: Array = np.ones_like(gamma.value)
        self._mean: Array = np.zeros_like(gamma.value)
        self._slope: Array = np.zeros_like(gamma.value)
        self.columns = self.running_var, gamma.value, self._inverse_std, self.scale, beta.value
        self._use_buffers((0, gamma.value.size))
        means = "mean", "total"
        if may_overwrite:
            self._centre = workspace.loop("centre in place", _centre_in_place, means, ("squares",))
        else:
            self._centre = workspace.loop("centre", _centre, means, ("squares",))
        self._stretch = workspace.loop("stretch", stretch, COLUMNS)
        self._products = workspace.loop("products", products, TOTALS, ("product",))
        rows = "dgamma", "dbeta", "inverse_std", "mean", "slope", "scale"
        self._pull = workspace.loop("pull", _pull, rows, ("scratch",), ("share",))

    def forward(self, x: Array, training: bool) -> Array:
        """Normalize, then scale by gamma and shift by beta."""
        self.centre(x, training)
        self._stretch.run(*self.columns, self.centred, self._out)
        return self._out

    def centre(self, x: Array, training: bool) -> None:
        """All of a pass forward but its last sweep, which is `stretch(*columns, centred, out)`."""
        if x.shape != self._out.shape:
            self._use_buffers(x.shape)
        if not self._centred_name:
            self.centred = x
        if training:
            self._measure(x)
            var = self.batch_var
        else:
            np.subtract(x, self.running_mean, out=self.centred)
            var = self.running_var
        self.columns = var, self.gamma.value, self._inverse_std, self.scale, self.beta.value

    def _use_buffers(self, shape: tuple[int, ...]) -> None:
        """Those of the workspace for batches of this shape; most often the next batch has it too."""
        workspace, samples = self.workspace, shape[0]
        self._out = workspace.rows(self._output_name, *shape)
        self.scratch = workspace.rows("scratch", *shape)
        self.centred = workspace.rows(self._centred_name, *shape) if self._centred_name else self._out
        self._shares = workspace.shares(samples)

    def _measure(self, x: Array) -> None:
        """Mean and biased variance of the batch; leaves `x - mean` behind."""
        scratch = self.scratch
        np.dot(self._shares, x, out=self.batch_mean)
        centred = () if self.centred is x else (self.centred,)
        self._centre.run(x, self.batch_mean, *centred, scratch, self.batch_var)
        self.batch_var *= 1.0 / len(x)

    def backward(self, upstream: Array) -> Array:
        """Derivatives through mean and variance, in place; training mode only.

        With `c = x - mean`, `r = 1 / sqrt(var + epsilon)` and n samples:
        `dbeta = sum(dy)`, `dgamma = r sum(dy c)`,
        `dx = gamma r (dy - dbeta / n - c r dgamma / n)`.
        """
        self._products.run(upstream, self.centred, self.scratch, self.gamma.gradient, self.beta.gradient)
        return self.pull(upstream)

    def pull(self, upstream: Array) -> Array:
        """All of a pass back but its first sweep, which leaves the totals of `products`."""
        dgamma, dbeta = self.gamma.gradient, self.beta.gradient
        rows = dgamma, dbeta, self._inverse_std, self._mean, self._slope, self.scale
        self._pull.run(*rows, upstream, self.centred, self.scratch, 1.0 / len(upstream))
        return upstream


def _average(
    running_mean: Array, running_var: Array, mean: Array, var: Array, momentum: float, unbiased: float
) -> None:
    running_mean -= np.subtract(running_mean, mean) * momentum
    running_var -= np.subtract(running_var, np.multiply(var, unbiased)) * momentum


def _centre(x: Array, mean: Array, centred: Array, squares: Array, total: Array) -> None:
    """`x - mean`, and the total of its squares."""
    np.subtract(x, mean, out=centred)
    np.multiply(centred, centred, out=squares)
    np.add.reduce(squares, axis=0, out=total)


def _centre_in_place(x: Array, mean: Array, squares: Array, total: Array) -> None:
    _centre(x, mean, x, squares, total)


COLUMNS = "var", "gamma", "inverse_std", "scale", "shift"
"""Arguments of `stretch` that are vectors (units,)."""


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


TOTALS = "dgamma", "dbeta"
"""Arguments of `products` that are vectors (units,)."""


def products(upstream: Array, centred: Array, product: Array, dgamma: Array, dbeta: Array) -> None:
    """Totals over the samples: of `upstream centred`, and of `upstream`."""
    np.multiply(upstream, centred, out=product)
    np.add.reduce(product, axis=0, out=dgamma)
    np.add.reduce(upstream, axis=0, out=dbeta)


def _pull(
    dgamma: Array, dbeta: Array, inverse_std: Array, mean: Array, slope: Array, scale: Array,
    upstream: Array, centred: Array, scratch: Array, share: float,
) -> None:  # fmt: skip
    """Finish dgamma; then `scale (upstream - mean - slope centred)`, in place of `upstream`.

    `mean` and `slope` are what one sample's derivative loses to mean and variance.
    """
    dgamma *= inverse_std
    np.multiply(dbeta, share, out=mean)
    np.multiply(inverse_std, dgamma, out=slope)
    slope *= share
    np.multiply(centred, slope, out=scratch)
    upstream -= scratch
    upstream -= mean
    upstream *= scale
