"""How round the loss is around a trained network: the spectrum of its Hessian, from gradients alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.data.streams import named_stream
from core.landscape.loss import ParameterLoss
from core.landscape.paths import MOST_BYTES, TrainedPath, TrainedPaths
from core.network.arrays import Array

Gradient = Callable[[Array], Array]
Product = Callable[[Array], Array]

STEP = 1e-4
"""Length of the central differences of the gradient: their error is of the order of its square, and rounding
puts about 1e-12 on each number. A kink of ReLU between the two points is smoothed over."""
ITERATIONS, STARTS = 40, 3
"""Of Lanczos' method: the mean of the eigenvalues is then within about a tenth, their extremes far closer."""
_EXACTLY = 120
"""Parameters up to which all eigenvalues are computed, from as many products."""


@dataclass(frozen=True)
class Curvature:
    """Figures of the Hessian of a network's loss where its run stands.

    Attributes
    ----------
    place, name
        Of the variant.
    largest, smallest
        Extreme eigenvalues. The smallest is below 0 at a saddle.
    mean
        Mean of all eigenvalues without their signs: how much an ordinary direction is curved.
    condition
        `largest / mean`, both without signs: 1 where all directions are curved alike, the number of
        parameters where a single one is. (The quotient of the extreme eigenvalues says nothing here: a
        network's Hessian has eigenvalues of 0 and below.)
    plane
        Eigenvalues of the Hessian within the plane of given directions, ascending, or () without any.
    """

    place: int
    name: str
    largest: float
    smallest: float
    mean: float
    condition: float
    plane: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues of a symmetric matrix, or a few values that stand for all of them.

    Attributes
    ----------
    values, weights
        (n,) each, ascending; which share of the eigenvalues each value stands for.
    """

    values: Array
    weights: Array

    @property
    def mean(self) -> float:
        """Of the eigenvalues without their signs."""
        return float(np.abs(self.values) @ self.weights)


def curvature(trained: TrainedPaths, path: TrainedPath, directions: Array | None = None) -> Curvature:
    """Figures of one network's Hessian, in float64, over the landscape's samples.

    Parameters
    ----------
    directions
        (2, parameters) that span a plane, or None.
    """
    loss = ParameterLoss(trained.spec, path.place, "float64")
    product = hessian_product(loss.gradient, path.current.astype(np.float64))
    found = spectrum(product, path.current.size, named_stream(trained.spec.training.seed, "curvature"))
    smallest, largest = float(found.values[0]), float(found.values[-1])
    plane = () if directions is None else plane_eigenvalues(product, directions)
    steepest = max(abs(smallest), abs(largest))
    condition = steepest / found.mean if found.mean else np.inf
    return Curvature(path.place, path.name, largest, smallest, found.mean, condition, plane)


def curvatures(
    trained: TrainedPaths, plane: Array | None = None, watch: Callable[[str], None] = lambda name: None
) -> tuple[Curvature, ...]:
    """Figures for every network of the run that does not diverge, in the spec's order.

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


def spectrum(
    product: Product, size: int, stream: np.random.Generator, iterations: int = ITERATIONS
) -> Spectrum:
    """The eigenvalues of a symmetric matrix (size, size) that is known by its products.

    Of a small matrix all; of a larger one those that Lanczos' method finds from a few random vectors, each
    with the weight that its own eigenvector has in that vector (Golub and Welsch 1969; Ghorbani, Krishnan
    and Xiao 2019, "An investigation into neural net optimization via Hessian eigenvalue density"). A matrix
    whose products overflow has values that are not numbers.
    """
    if size <= _EXACTLY:
        whole = np.array([product(row) for row in np.eye(size)])
        return Spectrum(_eigenvalues((whole + whole.T) / 2.0)[0], np.full(size, 1.0 / size))
    found = [lanczos(product, size, stream, iterations) for _ in range(STARTS)]
    values = np.concatenate([values for values, _ in found])
    weights = np.concatenate([weights / STARTS for _, weights in found])
    order = np.argsort(values)
    return Spectrum(values[order], weights[order])


def lanczos(product: Product, size: int, stream: np.random.Generator, iterations: int) -> tuple[Array, Array]:
    """Values and weights (n,) each, n at most `iterations`, from one random vector.

    Power iteration that forgets nothing: every vector is made square to all before it, and the extremes of
    the small matrix between them converge to those of the large one, the largest first (Golub and Van Loan,
    section 10.1).
    """
    iterations = min(iterations, size, max(4, MOST_BYTES // (8 * size)))
    basis = np.empty((iterations, size))
    diagonal: list[float] = []
    beside: list[float] = []
    vector = stream.standard_normal(size)
    vector /= np.linalg.norm(vector)
    for made in range(iterations):
        basis[made] = vector
        image = product(vector)
        diagonal.append(float(vector @ image))
        for _ in range(2):  # once more takes off what rounding has left
            image = image - basis[: made + 1].T @ (basis[: made + 1] @ image)
        length = float(np.linalg.norm(image))
        if not length > 1e-10 * max(map(abs, diagonal)):
            break
        beside.append(length)
        vector = image / length
    order = len(diagonal)
    small = np.diag(diagonal) + np.diag(beside[: order - 1], 1) + np.diag(beside[: order - 1], -1)
    values, vectors = _eigenvalues(small)
    return values, vectors[0] ** 2


def _eigenvalues(matrix: Array) -> tuple[Array, Array]:
    """Values and vectors; none are numbers where the matrix has others."""
    if not np.isfinite(matrix).all():
        return np.full(len(matrix), np.nan), np.full_like(matrix, np.nan)
    values, vectors = np.linalg.eigh(matrix)
    return values, vectors


def plane_eigenvalues(product: Product, directions: Array) -> tuple[float, ...]:
    """Eigenvalues, ascending, of the Hessian restricted to the plane of two directions."""
    square, _ = np.linalg.qr(directions.astype(np.float64).T)
    within = np.array([square.T @ product(column) for column in square.T])
    return tuple(_eigenvalues((within + within.T) / 2.0)[0].tolist())
