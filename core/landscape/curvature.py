"""How round the loss is around a trained network: the spectrum of its Hessian, from gradients alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.data.streams import named_stream
from core.landscape.loss import ParameterLoss
from core.landscape.paths import TrainedPath, TrainedPaths
from core.network.arrays import Array

Gradient = Callable[[Array], Array]
Product = Callable[[Array], Array]

STEP = 1e-4
"""Length of the central differences of the gradient: their error is of the order of its square, and rounding
puts about 1e-12 on each number. A kink of ReLU between the two points is smoothed over."""
ITERATIONS, PROBES = 60, 48


@dataclass(frozen=True)
class Curvature:
    """Figures of the Hessian of a network's loss at the end of its path.

    Attributes
    ----------
    place, name
        Of the variant.
    largest, smallest
        Extreme eigenvalues, by Lanczos' method. The smallest is below 0 at a saddle.
    typical
        Root mean square of all eigenvalues, estimated with random vectors.
    condition
        `largest / typical`: 1 where all directions are curved alike; the root of the number of parameters
        where a single one is. (The quotient of the extreme eigenvalues says nothing here: a network's
        Hessian has eigenvalues of 0 and below.)
    plane
        Eigenvalues of the Hessian within the plane of given directions, ascending, or () without any.
    """

    place: int
    name: str
    largest: float
    smallest: float
    typical: float
    condition: float
    plane: tuple[float, ...]


def curvature(trained: TrainedPaths, path: TrainedPath, directions: Array | None = None) -> Curvature:
    """Figures of one network's Hessian, in float64, over the landscape's samples.

    Parameters
    ----------
    directions
        (2, parameters) that span a plane, or None.
    """
    loss = ParameterLoss(trained.spec, path.place, "float64")
    product = hessian_product(loss.gradient, path.end.astype(np.float64))
    stream = named_stream(trained.spec.training.seed, "curvature")
    smallest, largest = extreme_eigenvalues(product, path.end.size, stream)
    typical = root_mean_square(product, path.end.size, stream)
    plane = () if directions is None else plane_eigenvalues(product, directions)
    condition = max(abs(smallest), abs(largest)) / typical if typical else np.inf
    return Curvature(path.place, path.name, largest, smallest, typical, condition, plane)


def curvatures(
    trained: TrainedPaths, plane: Array | None = None, watch: Callable[[str], None] = lambda name: None
) -> tuple[Curvature, ...]:
    """Figures for every network of the run that has not diverged, in the spec's order.

    `watch` hears the name of each before; `plane` is for those that lie on it.
    """
    found = []
    for path in sorted((*trained.paths, *trained.others), key=lambda path: path.place):
        if path.diverged_at is None:
            watch(path.name)
            shares_plane = any(path is each for each in trained.paths)
            found.append(curvature(trained, path, plane if shares_plane else None))
    return tuple(found)


def hessian_product(gradient: Gradient, at: Array) -> Product:
    """`v -> H v = (g(w + h u) - g(w - h u)) |v| / 2h` with `u = v / |v|`, the Hessian times a vector."""

    def product(vector: Array) -> Array:
        length = float(np.linalg.norm(vector))
        if length == 0.0:
            return np.zeros_like(vector)
        step = vector * (STEP / length)
        difference: Array = gradient(at + step) - gradient(at - step)
        return difference * (length / (2.0 * STEP))

    return product


def extreme_eigenvalues(
    product: Product, size: int, stream: np.random.Generator, iterations: int = ITERATIONS
) -> tuple[float, float]:
    """Smallest and largest eigenvalue of a symmetric matrix that is known by its products.

    Lanczos' method with every vector made square to all before it: the extremes of the small matrix
    converge to those of the large one, the largest first (Golub and Van Loan, section 10.1).
    """
    basis: list[Array] = []
    diagonal: list[float] = []
    beside: list[float] = []
    vector = stream.standard_normal(size)
    vector /= np.linalg.norm(vector)
    for _ in range(min(iterations, size)):
        basis.append(vector)
        image = product(vector)
        diagonal.append(float(vector @ image))
        for _ in range(2):  # once more takes off what rounding has left
            stacked = np.array(basis)
            image = image - stacked.T @ (stacked @ image)
        length = float(np.linalg.norm(image))
        if not np.isfinite(length):
            return np.nan, np.nan
        if length <= 1e-10 * max(map(abs, diagonal)):
            break
        beside.append(length)
        vector = image / length
    order = len(diagonal)
    small = np.diag(diagonal) + np.diag(beside[: order - 1], 1) + np.diag(beside[: order - 1], -1)
    values = np.linalg.eigvalsh(small)
    return float(values[0]), float(values[-1])


def root_mean_square(product: Product, size: int, stream: np.random.Generator, probes: int = PROBES) -> float:
    """Root of the mean squared eigenvalue: `|H v|^2` over vectors of random signs has the mean `tr(H^2)`."""
    if size <= probes:  # exactly, then
        return float(np.sqrt(np.mean([np.sum(product(row) ** 2) for row in np.eye(size)])))
    squares = []
    for _ in range(probes):
        image = product(np.where(stream.random(size) < 0.5, -1.0, 1.0))
        squares.append(float(image @ image) / size)
    return float(np.sqrt(np.mean(squares)))


def plane_eigenvalues(product: Product, directions: Array) -> tuple[float, ...]:
    """Eigenvalues, ascending, of the Hessian restricted to the plane of two directions."""
    square, _ = np.linalg.qr(directions.astype(np.float64).T)
    within = np.array([square.T @ product(column) for column in square.T])
    return tuple(np.linalg.eigvalsh((within + within.T) / 2.0).tolist())
