"""Networks of a run that are trained at the same time, in threads or in processes.

Networks are independent of each other given the batch, so which of them share a thread changes no
number. Python lets one thread at a time go on, except inside of matrix products and compiled loops: so
threads gain time where those take most of a step, and lose it in small networks, whose steps are mostly
Python. Measured on two cores, eight networks with batch norm, compiled, batches of 128: layers of 64 units
0.7 times as fast, of 100 units 1.1 times, of 128 units 1.3, of 180 and 256 units 1.6, of 512 units 1.8.
Helpers in processes (see `core.training.crew`) gain 1.7 times with 64 units, 1.9 with 100, and as much as
threads with 200; what they did has to be fetched, which takes the longer the larger the networks are.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import numpy as np

from core.network.spec import NetworkSpec

_ENOUGH = 1_600_000
"""Multiplications in one matrix product from which on a network is worth a thread."""

_LARGE = 5_000_000
"""Multiplications in one matrix product from which on threads do as well as helpers."""

_OVERHEAD = 450_000
"""Multiplications that would take as long as what a layer's step does beside its matrix products."""

_PAYS = 5_000_000
"""Multiplications that would take as long as to ask helpers for a step, and to hear what came of it."""

THREADS = "OPTISCOPE_THREADS"
"""Environment variable with the number of processors that training may take; all without it."""

Trained = TypeVar("Trained")
Result = TypeVar("Result")


def lanes_of(networks: Sequence[NetworkSpec], batch_size: int, threads: int | None = None) -> tuple[int, ...]:
    """The lane of each network, counted from 0; one lane for all where threads would not help.

    The largest networks are spread first, each to the lane that has the least to do.

    Parameters
    ----------
    threads
        At most so many lanes; by default as many as there are processors, or as `THREADS` allows.
    """
    heavy = sum(network.units**2 * batch_size >= _ENOUGH for network in networks)
    lanes = min(threads or _allowed(), heavy)
    if lanes < 2:
        return (0,) * len(networks)
    return _spread([network.layers * network.units**2 for network in networks], lanes)


def shares_of(
    networks: Sequence[NetworkSpec], batch_size: int, processes: int | None = None
) -> tuple[tuple[int, ...], ...]:
    """The networks (their places) of each process, the run's own first; one share where threads do as well.

    Parameters
    ----------
    processes
        At most so many shares; by default as many as there are processors, or as `THREADS` allows.
    """
    count = min(processes or _allowed(), len(networks))
    if count < 2 or any(network.units**2 * batch_size >= _LARGE for network in networks):
        return (tuple(range(len(networks))),)
    work = [network.layers * (_OVERHEAD + network.units**2 * batch_size) for network in networks]
    share_of = _spread(work, count)
    shares = [tuple(i for i, share in enumerate(share_of) if share == number) for number in range(count)]
    saved = sum(work) - max(sum(work[place] for place in share) for share in shares)
    return tuple(shares) if saved >= _PAYS else (tuple(range(len(networks))),)


def _spread(work: Sequence[int], count: int) -> tuple[int, ...]:
    """To which of `count` each piece of work goes."""
    load, result = [0] * count, [0] * len(work)
    for index in sorted(range(len(work)), key=lambda i: -work[i]):
        result[index] = least = load.index(min(load))
        load[least] += work[index]
    return tuple(result)


def _allowed() -> int:
    wanted = os.environ.get(THREADS, "")
    return int(wanted) if wanted.isdecimal() and int(wanted) else os.cpu_count() or 1


def for_each(
    function: Callable[[Trained], Result],
    networks: Sequence[Trained],
    lanes: Sequence[int],
    within: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> list[Result]:
    """`function` of each network, in their order; lanes at the same time, the networks of one in turn.

    Threads live for one call: to start them takes a hundredth of a step that is worth them. What
    `within` makes is entered by each of them.
    """
    count = max(lanes, default=0) + 1
    if count == 1:
        with within():
            return [function(network) for network in networks]
    members = [[i for i, lane in enumerate(lanes) if lane == number] for number in range(count)]

    def run(lane: Sequence[int]) -> list[Result]:
        with within():
            return [function(networks[index]) for index in lane]

    with ThreadPoolExecutor(count - 1, "optiscope-lane") as pool:
        others = [pool.submit(run, lane) for lane in members[1:]]
        found = [run(members[0]), *(other.result() for other in others)]
    parts = [iter(part) for part in found]
    return [next(parts[lane]) for lane in lanes]


def quiet() -> AbstractContextManager[None]:
    """Let numbers overflow without warnings: divergence is looked for in the results, and reported.

    Holds for the thread that enters it.
    """
    return np.errstate(all="ignore")
