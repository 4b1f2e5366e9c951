"""Runs from several starts, summed up for each method: medians, outcomes, and the minima that they reach."""

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.descent import Point, Trajectories, Trajectory
from core.map_minima import reached
from core.optimizer import MethodSpec
from core.surface import SurfaceSpec, surface

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
Recorded = Literal["losses", "gradient_norms"]


@dataclass(frozen=True)
class Cloud:
    """One method's runs from every start.

    Attributes
    ----------
    method, runs
        The method, and its runs in the order of the starts; at least one.
    """

    method: MethodSpec
    runs: tuple[Trajectory, ...]

    def quartiles(self, name: Recorded, steps: Integers) -> Array:
        """Lower quartile, median and upper quartile over the starts.

        A run that has diverged counts as infinite from there on, so that no method looks better for
        losing its worst runs.

        Parameters
        ----------
        steps
            (n,): the steps to look at.

        Returns
        -------
        Array
            (3, n); infinite where too many runs have diverged.
        """
        table = np.full((len(self.runs), len(steps)), math.inf)
        there = np.searchsorted(steps, self._lengths - 1, side="right")
        for row, run, made in zip(table, self.runs, there.tolist(), strict=True):
            row[:made] = getattr(run, name)[steps[:made]]
        shares = (0.25, 0.5, 0.75)
        places = sorted({int(share * (len(table) - 1)) + more for share in shares for more in (0, 1)})
        ordered = np.partition(table.T, [place for place in places if place < len(table)], axis=1)
        return np.array([_quantile(ordered, share) for share in shares])

    def median(self, name: Recorded, step: int) -> float:
        """The median over the starts at one step."""
        recorded: list[Array] = [getattr(run, name) for run in self.runs]
        values = sorted(float(each[step]) if step < len(each) else math.inf for each in recorded)
        return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2.0

    def ended(self, step: int) -> Counter[str]:
        """How many runs have "converged" and "diverged" by a step."""
        return Counter({outcome: int(np.count_nonzero(at <= step)) for outcome, at in self._ends.items()})

    @cached_property
    def longest(self) -> Trajectory:
        """The run that made most steps."""
        return self.runs[int(self._lengths.argmax())]

    @property
    def steps(self) -> int:
        """Steps of the longest run."""
        return self.longest.steps

    @cached_property
    def _lengths(self) -> Integers:
        return np.array([len(run.points) for run in self.runs])

    @cached_property
    def _ends(self) -> dict[str, Integers]:
        """Where runs converged, and where they diverged."""
        ended = [(run.outcome, min(run.step, run.steps)) for run in self.runs if run.step is not None]
        return {
            outcome: np.array([step for other, step in ended if other == outcome])
            for outcome in ("converged", "diverged")
        }

    @cached_property
    def outcomes(self) -> Counter[str]:
        """How many runs have each outcome in the end."""
        return Counter(run.outcome for run in self.runs)

    @cached_property
    def sentence(self) -> str:
        """How the runs ended, in words: "Of 25 runs, 18 converged and 7 diverged."."""
        count, total = self.outcomes, len(self.runs)
        parts = [
            (count["converged"], "converged"),
            (count["diverged"], "diverged"),
            (count["completed"], f"made all {self.runs[0].spec.steps:,} steps without converging"),
        ]
        said = [f"{number:,} {word}" for number, word in parts if number]
        if len(said) == 1:
            return f"All {said[0].replace(' ', ' runs ', 1)}."
        return f"Of {total:,} runs, {', '.join(said[:-1])} and {said[-1]}."


def clouds(result: Trajectories) -> tuple[Cloud, ...]:
    """The runs of a result, method by method."""
    count = len(result.spec.starts)
    return tuple(
        Cloud(method, result.runs[place * count : (place + 1) * count])
        for place, method in enumerate(result.spec.methods)
        if result.runs
    )


@dataclass(frozen=True)
class Share:
    """Where one method's runs ended.

    Attributes
    ----------
    method
        Whose runs.
    counts
        How many ended at each of the minima.
    elsewhere, diverged
        How many ended at none, and how many did not stay finite.
    """

    method: MethodSpec
    counts: tuple[int, ...]
    elsewhere: int
    diverged: int

    @property
    def total(self) -> int:
        """All runs."""
        return sum(self.counts) + self.elsewhere + self.diverged


@dataclass(frozen=True)
class Shares:
    """Which minima the runs reached.

    Attributes
    ----------
    minima
        Those that are known, in their order, and others that the runs found, the lowest first.
    rows
        A row for each method.
    minimum
        Index in `minima` for each run of the result; -1 for none.
    """

    minima: tuple[Point, ...]
    rows: tuple[Share, ...]
    minimum: tuple[int, ...]


def shares(result: Trajectories) -> Shares:
    """Which minimum each run ended at, told as in a map: by where it is, not by its gradient."""
    return count_shares(result.spec.surface, result.spec.methods, final_points(result))


def final_points(result: Trajectories) -> Array:
    """(runs, 2): where each run ended; NaN where it diverged."""
    lost = np.array([run.outcome == "diverged" for run in result.runs], bool)
    ends = np.array([run.points[-1] for run in result.runs]).reshape(-1, 2)
    return np.where(lost[:, None], math.nan, ends)


def count_shares(spec: SurfaceSpec, methods: tuple[MethodSpec, ...], ends: Array) -> Shares:
    """The same from `final_points`: they are all that must go to another process."""
    place = surface(spec)
    found, minima = reached(place, ends, place.entry.minima)
    lost: NDArray[np.bool_] = np.isnan(ends[:, 0])
    per_method = len(ends) // len(methods) if methods else 0
    rows = []
    for index, method in enumerate(methods if len(ends) else ()):
        part = slice(index * per_method, (index + 1) * per_method)
        counts = np.bincount(found[part] + 1, minlength=len(minima) + 1).tolist()
        diverged = int(np.count_nonzero(lost[part]))
        rows.append(Share(method, tuple(counts[1:]), counts[0] - diverged, diverged))
    return Shares(minima, tuple(rows), tuple(found.tolist()))


def _quantile(ordered: Array, share: float) -> Array:
    """Along rows in which it stands at its place; between two values in proportion, infinite if one is."""
    place = share * (ordered.shape[1] - 1)
    low, part = int(place), place % 1.0
    if part == 0.0:
        return np.array(ordered[:, low])
    between: Array = (1.0 - part) * ordered[:, low] + part * ordered[:, low + 1]
    return between
