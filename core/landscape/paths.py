"""Training with an eye on the parameters: where each network was, at steps spread over its run."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.errors import InputError
from core.landscape.spec import LandscapeSpec
from core.network.arrays import Array
from core.training.run import TrainingRun
from core.training.trainee import Trainee

POINTS = 60
"""Points of a path at most."""
MOST_BYTES = 400_000_000
"""Memory that the points of all paths may take."""


@dataclass(frozen=True, eq=False)
class TrainedPath:
    """The way of one network through its parameters.

    Attributes
    ----------
    place, name, label
        Its variant's place in the run, and what tells it from the others.
    steps
        (points,): steps made at each point, from 0 to the run's last (or the last before divergence).
    parameters
        (points, parameters) in the run's precision.
    diverged_at
        The step at which it diverged, or None.
    """

    place: int
    name: str
    label: str
    steps: Array
    parameters: Array
    diverged_at: int | None

    @property
    def end(self) -> Array:
        """The parameters at its end."""
        return np.asarray(self.parameters[-1])


@dataclass(frozen=True, eq=False)
class TrainedPaths:
    """The paths of the networks that can stand on one plane.

    Attributes
    ----------
    spec
        As checked.
    paths
        Of the centre's variant and of all that share its shape and its data.
    others
        The ends of the run's other networks: their parameters mean something else.
    """

    spec: LandscapeSpec
    paths: tuple[TrainedPath, ...]
    others: tuple[TrainedPath, ...]

    @property
    def centre(self) -> TrainedPath:
        """The path whose end is the middle of the plane."""
        return next(path for path in self.paths if path.place == self.spec.place)

    def ends(self) -> "TrainedPaths":
        """The same with each path's last point alone: small enough to be sent around."""
        paths = tuple(replace(p, steps=p.steps[-1:], parameters=p.parameters[-1:].copy()) for p in self.paths)
        return replace(self, paths=paths)


def trained_paths(
    spec: LandscapeSpec, watch: Callable[[int, int], None] = lambda step, steps: None
) -> TrainedPaths:
    """Train the run to its end, and keep where the networks were.

    Parameters
    ----------
    watch
        Hears of every step made, and how many there are.

    Raises
    ------
    InputError
        For a wrong spec, and when the network at the centre diverges: it has no end to look around from.
    """
    spec = spec.checked()
    run, chosen = TrainingRun(spec.training), spec.companions
    networks = [run.trainees[place].network for place in chosen]
    size = len(chosen) * networks[0].vector.values.nbytes
    kept = kept_steps(run.steps, max(3, min(POINTS, MOST_BYTES // size)))
    points: list[list[Array]] = [[network.vector.values.copy()] for network in networks]
    steps: list[list[int]] = [[0] for _ in networks]
    while not run.finished:
        run.step()
        watch(run.step_index, run.steps)
        if run.step_index in kept:
            for row, place in enumerate(chosen):
                if run.trainees[place].diverged_at is None:
                    points[row].append(networks[row].vector.values.copy())
                    steps[row].append(run.step_index)
    paths = tuple(
        TrainedPath(place, trainee.name, trainee.label, np.array(steps[row]), np.array(points[row]),
                    trainee.diverged_at)
        for row, place in enumerate(chosen)
        for trainee in (run.trainees[place],)
    )  # fmt: skip
    others = tuple(
        _end(place, trainee, run.step_index)
        for place, trainee in enumerate(run.trainees)
        if place not in chosen
    )
    result = TrainedPaths(spec, paths, others)
    if result.centre.diverged_at is not None:
        raise InputError(
            f"The network {result.centre.name} diverged at step {result.centre.diverged_at}: there is no end"
            " to look around from. Choose a lower learning rate, or another network for the centre.",
            "place",
        )
    return result


def _end(place: int, trainee: Trainee, step: int) -> TrainedPath:
    values = trainee.network.vector.values.copy()[None]
    return TrainedPath(place, trainee.name, trainee.label, np.array([step]), values, trainee.diverged_at)


def kept_steps(steps: int, points: int) -> frozenset[int]:
    """Steps at which a path has a point: evenly spread, the first and the last among them."""
    return frozenset(np.linspace(0, steps, min(points, steps + 1)).round().astype(int).tolist())
