"""The plane: two directions in the space of all parameters, and the paths seen on it.

"path" and "own": the first two principal components of the differences between all points and the centre
(Li et al. 2018, "Visualizing the loss landscape of neural nets", section 7.2), as unit vectors, so that
coordinates are distances between parameters. They are not taken from the mean but from the centre, as there.
"path" takes the points of all networks, "own" those of the centre's and of others that begin at the same
weights.

"random": two draws from a normal distribution, each column of a weight matrix (the weights into one unit, a
"filter") scaled to the length of the network's own, and zeros for biases, gammas, betas and slopes (section 4
there). A coordinate of 1 changes every unit's weights by their own length.
"""

from dataclasses import dataclass

import numpy as np

from core.data.streams import named_stream
from core.landscape.loss import ParameterLoss
from core.landscape.paths import TrainedPath, TrainedPaths
from core.landscape.spec import LandscapeSpec
from core.network.arrays import Array
from core.network.layers.dense import Dense
from core.network.model import Network

LEFT_OUT = ("shape", "start", "diverges")
"""Its parameters mean something else; it begins at other weights, far off the plane; it leaves all bounds."""
MARGIN = 0.2
"""Share of the paths' extent that the plane goes beyond them on each side."""


@dataclass(frozen=True, eq=False)
class ProjectedPath:
    """A training path on the plane.

    Attributes
    ----------
    place, name, label, steps
        As of the path.
    x, y
        (points,), the point of the plane nearest to the real one.
    losses
        (points,), of the real points, which lie off the plane: by the centre's loss function.
    """

    place: int
    name: str
    label: str
    steps: Array
    x: Array
    y: Array
    losses: Array


@dataclass(frozen=True, eq=False)
class LandscapePlane:
    """Where to evaluate the loss.

    Attributes
    ----------
    spec
        As checked.
    centre
        (parameters,): the chosen variant's, where its run stands.
    directions
        (2, parameters).
    x, y
        (resolution,) each: coordinates of the grid.
    paths
        Of all networks that share the plane.
    residual
        Share of the summed squared distances of all points from the centre that lies off the plane, 0 to 1.
    left_out
        Place of every network that is not on the plane, and why: one of `LEFT_OUT`.
    """

    spec: LandscapeSpec
    centre: Array
    directions: Array
    x: Array
    y: Array
    paths: tuple[ProjectedPath, ...]
    residual: float
    left_out: tuple[tuple[int, str], ...]

    def point(self, x: float, y: float) -> Array:
        """The parameters at a place of the plane."""
        dtype = self.centre.dtype
        return np.asarray(
            self.centre + (dtype.type(x) * self.directions[0] + dtype.type(y) * self.directions[1])
        )


def landscape_plane(trained: TrainedPaths) -> LandscapePlane:
    """Lay the plane through where the chosen network is."""
    spec, centre = trained.spec, trained.centre.current
    loss = ParameterLoss(spec, spec.place)
    stream = named_stream(spec.training.seed, "landscape")
    if spec.directions != "random":
        directions = path_directions([path.parameters for path in trained.paths], centre, stream)
    else:
        loss.network.vector.values[:] = centre
        directions = np.array([filter_direction(loss.network, stream) for _ in range(2)])
    paths, residual = _projected(trained.paths, centre, directions, loss)
    reach = spec.extent if spec.directions == "random" else 0.0
    x, y = (_axis([getattr(path, name) for path in paths], spec.resolution, reach) for name in ("x", "y"))
    directions = directions.astype(centre.dtype)
    left_out = tuple((path.place, _reason(spec, path)) for path in trained.others)
    return LandscapePlane(spec, centre, directions, x, y, paths, residual, left_out)


def _reason(spec: LandscapeSpec, path: TrainedPath) -> str:
    if path.place not in spec.companions:
        return "shape"
    return "start" if path.place not in spec.drawn else "diverges"


def path_directions(paths: list[Array], centre: Array, stream: np.random.Generator) -> Array:
    """First two principal components (2, parameters) of all points' differences from the centre.

    They come from the points' products with each other, of which there are far fewer than parameters. Where
    the points span no plane a random direction, square to the first, takes the second's place.
    """
    differences = np.concatenate(paths).astype(np.float64) - centre
    scale = float(np.abs(differences).max()) or 1.0
    differences /= scale
    values, vectors = np.linalg.eigh(differences @ differences.T)
    found: list[Array] = []
    for place in (-1, -2):
        direction = differences.T @ vectors[:, place] if len(values) >= -place else np.zeros(centre.size)
        if len(values) < -place or values[place] <= 1e-12 * max(values[-1], 1e-300):
            direction = stream.standard_normal(centre.size)
        for other in found:
            direction -= other * (other @ direction)
        direction /= np.linalg.norm(direction) or 1.0
        found.append(direction * np.sign(direction[np.abs(direction).argmax()]))
    return np.array(found)


def filter_direction(network: Network, stream: np.random.Generator) -> Array:
    """A random direction (parameters,) scaled unit by unit like the network's weights."""
    start = network.vector.values.copy()
    direction = np.zeros(start.size)
    network.vector.values[:] = 0  # a view of each matrix shows where it lies in the vector
    for layer in network.layers:
        if isinstance(layer, Dense):
            weights = layer.weights.value
            weights[:] = 1
            here = network.vector.values != 0
            own = start[here].reshape(weights.shape).astype(np.float64)
            drawn = stream.standard_normal(weights.shape)
            drawn *= np.linalg.norm(own, axis=0) / np.maximum(np.linalg.norm(drawn, axis=0), 1e-300)
            direction[here] = drawn.ravel()
            weights[:] = 0
    network.vector.values[:] = start
    return direction


def _projected(
    paths: tuple[TrainedPath, ...], centre: Array, directions: Array, loss: ParameterLoss
) -> tuple[tuple[ProjectedPath, ...], float]:
    """Each path by least squares on the plane, and the share that is off it."""
    inverse = np.linalg.pinv(directions @ directions.T) @ directions
    found, whole, off = [], 0.0, 0.0
    for path in paths:
        differences = path.parameters.astype(np.float64) - centre
        places = differences @ inverse.T
        whole += float(np.vdot(differences, differences))
        rest = differences - places @ directions
        off += float(np.vdot(rest, rest))
        losses = np.array([loss(point) for point in path.parameters])
        x, y = places[:, 0], places[:, 1]
        found.append(ProjectedPath(path.place, path.name, path.label, path.steps, x, y, losses))
    return tuple(found), off / whole if whole else 0.0


def _axis(values: list[Array], resolution: int, reach: float) -> Array:
    """Coordinates from end to end: of a given reach, or around all paths."""
    if reach:
        return np.linspace(-reach, reach, resolution)
    together = np.concatenate([*values, np.zeros(1)])
    low, high = float(together.min()), float(together.max())
    if not high > low:
        low, high = -1.0, 1.0
    margin = MARGIN * (high - low)
    return np.linspace(low - margin, high + margin, resolution)
