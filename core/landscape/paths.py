"""Where the networks of a run have been: read from what was recorded of it, or seen while it is trained."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.errors import InputError
from core.landscape.spec import LandscapeSpec
from core.network.arrays import Array
from core.training.recorder import Recorder
from core.training.run import TrainingRun

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
        (points,): steps made at each point, rising from 0.
    parameters
        (points, parameters) in the run's precision, finite.
    at
        The point where the run stands: its last, unless it was taken back.
    diverged_at
        The step at which it diverges, or None.
    """

    place: int
    name: str
    label: str
    steps: Array
    parameters: Array
    at: int
    diverged_at: int | None

    @property
    def current(self) -> Array:
        """The parameters where the run stands."""
        return np.asarray(self.parameters[self.at])

    def bare(self) -> "TrainedPath":
        """The same with that point alone."""
        return replace(self, steps=self.steps[[self.at]], parameters=self.parameters[[self.at]], at=0)


@dataclass(frozen=True, eq=False)
class TrainedPaths:
    """The paths of the networks that can stand on one plane.

    Attributes
    ----------
    spec
        As checked.
    paths
        Of the variants that are drawn on the plane, see `LandscapeSpec.drawn`, and do not diverge.
    others
        The run's other networks, bare.
    """

    spec: LandscapeSpec
    paths: tuple[TrainedPath, ...]
    others: tuple[TrainedPath, ...]

    @property
    def centre(self) -> TrainedPath:
        """The path through the middle of the plane."""
        return next(path for path in self.paths if path.place == self.spec.place)

    def bare(self) -> "TrainedPaths":
        """The same with one point of each path: small enough to be sent around."""
        return replace(self, paths=tuple(path.bare() for path in self.paths))


class _Notes:
    """Points of the networks that may share the plane; of the others their present one."""

    def __init__(self, spec: LandscapeSpec, run: TrainingRun) -> None:
        self._spec, self._run = spec, run
        self._points: list[dict[int, Array]] = [{} for _ in run.trainees]
        self.drawn = spec.drawn
        size = run.trainees[spec.place].network.vector.values.nbytes * len(self.drawn)
        self.count = max(3, min(POINTS, MOST_BYTES // size))

    def add(self, place: int, step: int, parameters: Array) -> None:
        """One point, unless there it is no more a number."""
        if np.isfinite(parameters).all():
            self._points[place][step] = parameters.copy()

    def add_present(self, places: tuple[int, ...]) -> None:
        """Where the run stands."""
        for place in places:
            trainee = self._run.trainees[place]
            if trainee.diverged_at is None:
                self.add(place, self._run.step_index, trainee.network.vector.values)

    def paths(self, ends: tuple[int | None, ...]) -> TrainedPaths:
        """Put together; `ends` are the steps at which the networks diverge, or None."""
        spec, here = self._spec, self._run.step_index
        centre = self._run.trainees[spec.place]
        if centre.diverged_at is not None or here not in self._points[spec.place]:
            raise InputError(
                f"The network {centre.name} diverged at step {ends[spec.place] or here}: there is nothing to"
                " look around from. Go back to a step before it, choose a lower learning rate, or another"
                " network for the centre.",
                "place",
            )
        paths, others = [], []
        for place, end in enumerate(ends):
            on_plane = place in self.drawn and (end is None or place == spec.place)
            path = self._path(place, end, here if end is not None else None)
            if on_plane:
                paths.append(path)
            else:
                others.append(path.bare())
        return TrainedPaths(spec, tuple(paths), tuple(others))

    def _path(self, place: int, end: int | None, last: int | None) -> TrainedPath:
        """One that diverges is known up to where the run stands; beyond, it would fill the plane."""
        trainee, points = self._run.trainees[place], self._points[place]
        steps = sorted(step for step in points if last is None or step <= last)
        if not steps:  # of another shape, and diverged
            steps, points = [0], {0: np.zeros_like(trainee.network.vector.values)}
        at = int(np.searchsorted(steps, self._run.step_index, side="right")) - 1
        parameters = np.array([points[step] for step in steps])
        return TrainedPath(place, trainee.name, trainee.label, np.array(steps), parameters, max(at, 0), end)


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
    run = TrainingRun(spec.training)
    notes = _Notes(spec, run)
    kept = kept_steps(run.steps, notes.count)
    notes.add_present(notes.drawn)
    while not run.finished:
        run.step()
        watch(run.step_index, run.steps)
        if run.step_index in kept:
            notes.add_present(notes.drawn)
    notes.add_present(tuple(range(len(run.trainees))))
    return notes.paths(tuple(trainee.diverged_at for trainee in run.trainees))


def recorded_paths(spec: LandscapeSpec, recorder: Recorder) -> TrainedPaths:
    """Read the paths from what was recorded of a run, around the step where it stands.

    Parameters
    ----------
    spec
        Its run is the recorder's.

    Raises
    ------
    InputError
        For a wrong spec, when nothing has been trained yet, and when the network at the centre has diverged.
    """
    run = recorder.run
    spec = spec.checked()
    if not recorder.recorded:
        raise InputError("Nothing is trained yet: train the networks first, then show the landscape.")
    notes = _Notes(spec, run)
    ends = [trainee.diverged_at for trainee in run.trainees]
    for snapshot in recorder.spread(notes.count):
        parameters = run.parameters(snapshot)
        for place, fortune in enumerate(snapshot.fortunes):
            ends[place] = fortune.diverged_at if ends[place] is None else ends[place]
            if place in notes.drawn and fortune.diverged_at is None:
                notes.add(place, snapshot.step, parameters[place])
    notes.add_present(tuple(range(len(run.trainees))))
    return notes.paths(tuple(ends))


def kept_steps(steps: int, points: int) -> frozenset[int]:
    """Steps at which a path has a point: evenly spread, the first and the last among them."""
    return frozenset(np.linspace(0, steps, min(points, steps + 1)).round().astype(int).tolist())
