"""Runs again only what has changed: a dragged start leaves the runs from all others as they are."""

from dataclasses import replace

from msgspec import structs

from core.descent import DescentSpec, Trajectories, Trajectory

Place = tuple[int, int]
"""Index of a method and of a start."""


def missing(spec: DescentSpec, earlier: Trajectories | None) -> DescentSpec | None:
    """The part of a spec that must be run when an earlier result is there; None when nothing must.

    It is a block: every method that lacks a run, from every start that one is lacking from. With noise
    all the starts are kept, since a run's noise belongs to the place of its start.
    """
    have = _kept(spec, earlier)
    lacking = [
        (method, start)
        for method in range(len(spec.methods))
        for start in range(len(spec.starts))
        if (method, start) not in have
    ]
    if not lacking:
        return None
    methods = sorted({method for method, _ in lacking})
    starts = range(len(spec.starts)) if spec.noise else sorted({start for _, start in lacking})
    return structs.replace(
        spec,
        methods=tuple(spec.methods[index] for index in methods),
        starts=tuple(spec.starts[index] for index in starts),
    )


def joined(spec: DescentSpec, *parts: Trajectories | None) -> Trajectories:
    """The result of a spec from parts that hold all its runs, equal to `descend(spec)`.

    A run that is kept still names the spec that it was first a part of, which has other methods or
    starts beside it.

    Raises
    ------
    KeyError
        When a run is in none of them.
    """
    have: dict[Place, Trajectory] = {}
    for part in parts:
        have |= _kept(spec, part)
    places = [(method, start) for method in range(len(spec.methods)) for start in range(len(spec.starts))]
    return Trajectories(spec, tuple(_at(spec, have[place], place[1]) for place in places))


def _at(spec: DescentSpec, run: Trajectory, start: int) -> Trajectory:
    """The run as one from the spec's start of that index."""
    return run if run.start_index == start else replace(run, spec=spec, start_index=start)


def _kept(spec: DescentSpec, earlier: Trajectories | None) -> dict[Place, Trajectory]:
    """Runs of an earlier result that are in a spec too, by their place there."""
    if earlier is None or not earlier.runs or _surroundings(spec) != _surroundings(earlier.spec):
        return {}
    old_methods, width = list(earlier.spec.methods), len(earlier.spec.starts)
    methods = {
        place: old_methods.index(method) for place, method in enumerate(spec.methods) if method in old_methods
    }
    old_starts = {start: index for index, start in reversed(list(enumerate(earlier.spec.starts)))}
    if spec.noise:
        same = min(width, len(spec.starts))
        starts = {index: index for index in range(same) if spec.starts[index] == earlier.spec.starts[index]}
    else:
        starts = {index: old_starts[start] for index, start in enumerate(spec.starts) if start in old_starts}
    return {
        (method, start): earlier.runs[old_method * width + old_start]
        for method, old_method in methods.items()
        for start, old_start in starts.items()
    }


def _surroundings(spec: DescentSpec) -> DescentSpec:
    """What all runs of a spec share."""
    return structs.replace(spec, methods=(), starts=())
