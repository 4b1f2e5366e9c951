"""What a benchmark is made of: figures with their targets, and a fair way to take times.

A benchmark is a file `bench_*.py` beside this one with a function `figures() -> list[Figure]`.
It is found by its name and runs in a fresh process with one thread for linear algebra.
"""

import gc
import importlib
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import ModuleType

Samples = tuple[float, ...]


class Direction(StrEnum):
    """On which side of its target a figure should be."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


class Judged(StrEnum):
    """Which number of a figure its target speaks of."""

    MEDIAN = "median"
    PERCENTILE = "95th percentile"
    RATIO = "ratio"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured quantity, what it should be, and what it is compared with.

    Attributes
    ----------
    name, unit
        What was measured, and in what: "ms", "steps/s".
    samples
        All measured values, in `unit`; one value where there is only one.
    target, direction, judged
        The number to reach, on which side of it to be, and which number it is about.
    compared_to
        The other side of `ratio`: "torch eager".
    ratio
        How many times better than the other side, from the same run.
    note
        What a reader must know to read the figure rightly.
    missing
        Why there are no samples; empty when there are.
    """

    name: str
    unit: str = "ms"
    samples: Samples = ()
    target: float | None = None
    direction: Direction = Direction.AT_MOST
    judged: Judged = Judged.MEDIAN
    compared_to: str = ""
    ratio: float | None = None
    note: str = ""
    missing: str = ""

    def __post_init__(self) -> None:
        if bool(self.samples) == bool(self.missing):
            raise ValueError(f"'{self.name}' needs either samples or a reason why they are missing.")
        if (
            self.judged is Judged.RATIO
            and self.target is not None
            and self.ratio is None
            and not self.missing
        ):
            raise ValueError(f"'{self.name}' has a target for its ratio but no ratio.")

    @property
    def median(self) -> float:
        """The middle sample; NaN without samples."""
        return statistics.median(self.samples) if self.samples else math.nan

    @property
    def percentile(self) -> float:
        """The sample that 95 % of all do not exceed (nearest rank); NaN without samples."""
        rank = math.ceil(0.95 * len(self.samples)) - 1
        return sorted(self.samples)[rank] if self.samples else math.nan

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached; None without a target or without samples."""
        if self.target is None or self.missing:
            return None
        values = {Judged.MEDIAN: self.median, Judged.PERCENTILE: self.percentile, Judged.RATIO: self.ratio}
        value = values[self.judged]
        assert value is not None  # __post_init__ has seen to it
        return value <= self.target if self.direction is Direction.AT_MOST else value >= self.target

    @property
    def verdict(self) -> str:
        """What the table's last column says."""
        return self.missing or {True: "met", False: "NOT MET", None: "-"}[self.is_met]

    @property
    def goal(self) -> str:
        """The target in words."""
        if self.target is None:
            return "-"
        if self.judged is Judged.RATIO:
            return f"{self.direction} {self.target:g} times"
        number = "" if self.judged is Judged.MEDIAN else " (95th p.)"
        return f"{self.direction} {self.target:g} {self.unit}{number}"

    def to_json(self) -> dict[str, object]:
        """All fields, and the numbers made from them."""
        made = {"median": self.median, "percentile_95": self.percentile, "met": self.is_met}
        return asdict(self) | {name: None if value != value else value for name, value in made.items()}


def from_json(data: Mapping[str, object]) -> Figure:
    """Inverse of `Figure.to_json`."""
    fields = {name: value for name, value in data.items() if name in Figure.__dataclass_fields__}
    figure = Figure(**fields)  # type: ignore[arg-type]
    return replace(
        figure,
        samples=tuple(figure.samples),
        direction=Direction(figure.direction),
        judged=Judged(figure.judged),
    )


def measure(call: Callable[[], object], repeats: int = 30, warmup: int = 3) -> Samples:
    """Seconds that each of `repeats` calls takes, after `warmup` calls that do not count."""
    return measure_together({"": call}, repeats, warmup)[""]


def measure_together(
    calls: Mapping[str, Callable[[], object]], repeats: int = 30, warmup: int = 3
) -> dict[str, Samples]:
    """Seconds of several calls that take turns, so that a busy moment hits all alike.

    Garbage is collected before the turns and not while they run, as `timeit` does.
    """
    for call in calls.values():
        for _ in range(warmup):
            call()
    taken: dict[str, list[float]] = {name: [] for name in calls}
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeats):
            for name, call in calls.items():
                start = time.perf_counter()
                call()
                taken[name].append(time.perf_counter() - start)
    finally:
        if was_enabled:
            gc.enable()
    return {name: tuple(seconds) for name, seconds in taken.items()}


def milliseconds(seconds: Samples) -> Samples:
    """The same times in milliseconds."""
    return tuple(1e3 * second for second in seconds)


def times_faster(ours: Samples, theirs: Samples) -> float:
    """How many times less time we take than they, by the medians."""
    return statistics.median(theirs) / statistics.median(ours)


def peer(name: str) -> ModuleType | None:
    """A library that only judges, or None where it is not installed: say `NEEDS_PEERS` then."""
    try:
        module = importlib.import_module(name)
    except ImportError:
        return None
    if name == "torch":
        module.set_num_threads(1)
    return module


NEEDS_PEERS = "needs the extra 'peers'"


def run_one(benchmark: str, file: str) -> None:
    """Run one benchmark in this process and write its figures to a file."""
    figures: list[Figure] = importlib.import_module(f"tests.benchmarks.{benchmark}").figures()
    Path(file).write_text(json.dumps([figure.to_json() for figure in figures]), encoding="utf-8")


if __name__ == "__main__":
    run_one(*sys.argv[1:])
