"""One path of 1,000 steps against torch, and all optimizers together as a dragged start needs them."""

import statistics
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from core.choice import Choice
from core.descent import DescentSpec, descend
from core.optimizer import OPTIMIZERS, MethodSpec
from core.start_pattern import place_starts
from core.surface import SurfaceSpec, surface, surfaces
from tests.benchmarks.harness import (
    NEEDS_PEERS,
    Direction,
    Figure,
    Judged,
    Samples,
    measure,
    measure_together,
    milliseconds,
    peer,
    times_faster,
)

STEPS = 1_000
SURFACE, DATA = "rosenbrock", "cross_entropy"
START = surfaces()[SURFACE].starts[0]
RATES = surfaces()[SURFACE].learning_rates
SIX = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
TORCH_REPEATS = 3
"""torch takes a third of a second for each."""


def figures() -> list[Figure]:
    """The slowest of the six against torch, the six together, from many starts, and over samples."""
    return [against_torch(), together(), from_many_starts(), *(over_samples(size) for size in (0, 8))]


def together() -> Figure:
    """What a moved start costs before anything is painted."""
    seconds = measure(lambda: descend(spec(*SIX)), repeats=60)
    return Figure(name=f"six optimizers x {STEPS:,} steps computed", samples=milliseconds(seconds))


def from_many_starts() -> Figure:
    """A hundred starts, and whether twice as many or twice the steps take twice as long."""
    seconds = measure_together(
        {
            "100 starts": lambda: descend(many(100, STEPS)),
            "50 starts": lambda: descend(many(50, STEPS)),
            "half the steps": lambda: descend(many(100, STEPS // 2)),
        },
        repeats=7,
    )
    whole = statistics.median(seconds["100 starts"])
    growth = ", ".join(
        f"{whole / statistics.median(seconds[key]):.2f} times {key}"
        for key in ("50 starts", "half the steps")
    )
    return Figure(
        name=f"100 starts x six optimizers x {STEPS:,} steps computed",
        samples=milliseconds(seconds["100 starts"]),
        target=500.0,
        note=f"takes {growth}",
    )


def many(starts: int, steps: int) -> DescentSpec:
    """Six optimizers from points at random."""
    one = spec(*SIX)
    placed = place_starts(Choice("random", {"count": starts}), surface(one.surface), START)
    return replace(one, starts=placed.points, steps=steps)


def over_samples(size: int) -> Figure:
    """What a moved start costs on a surface whose 60 samples are gone through in every step."""
    rates = surfaces()[DATA].learning_rates
    methods = tuple(MethodSpec(Choice(key, {"learning_rate": rates[key]})) for key in SIX)
    asked = DescentSpec(SurfaceSpec(DATA), methods, surfaces()[DATA].starts[:1], 300, batch_size=size)
    seconds = measure(lambda: descend(asked), repeats=60)
    return Figure(
        name=f"six optimizers x 300 steps over samples, {f'batches of {size}' if size else 'all 60 in each'}",
        samples=milliseconds(seconds), target=16.0, judged=Judged.PERCENTILE,
    )  # fmt: skip


def against_torch() -> Figure:
    """The optimizer whose ratio to torch is worst: all six must reach the target."""
    about: dict[str, Any] = {
        "name": f"one optimizer, {STEPS:,} steps of one path",
        "compared_to": "torch.optim",
        "target": 200.0,
        "direction": Direction.AT_LEAST,
        "judged": Judged.RATIO,
    }
    torch = peer("torch")
    if torch is None:
        return Figure(**about, missing=NEEDS_PEERS)
    found: dict[str, tuple[float, Samples]] = {}
    for key in SIX:
        theirs = torch_path(torch, key)
        times = measure_together(
            {"ours": lambda key=key: descend(spec(key)), "torch": theirs}, TORCH_REPEATS, 1
        )
        ours = measure(lambda key=key: descend(spec(key)), repeats=30)
        found[key] = times_faster((*times["ours"], *ours), times["torch"]), ours
    worst = min(found, key=lambda key: found[key][0])
    ratios = ", ".join(f"{key} {ratio:.0f}" for key, (ratio, _) in found.items())
    ratio, ours = found[worst]
    return Figure(
        **about, samples=milliseconds(ours), ratio=ratio, note=f"worst is {worst}; times faster: {ratios}"
    )


def spec(*keys: str) -> DescentSpec:
    methods = tuple(MethodSpec(Choice(key, {"learning_rate": RATES[key]})) for key in keys)
    assert set(keys) <= set(OPTIMIZERS)
    return DescentSpec(SurfaceSpec(SURFACE), methods, (START,), STEPS)


def torch_path(torch: Any, key: str) -> Callable[[], None]:
    """The same steps with torch.optim and autograd, in double precision, as one writes it with torch."""
    makers: dict[str, Callable[[Any], Any]] = {
        "sgd": lambda p: torch.optim.SGD(p, lr=RATES[key]),
        "momentum": lambda p: torch.optim.SGD(p, lr=RATES[key], momentum=0.9),
        "nesterov": lambda p: torch.optim.SGD(p, lr=RATES[key], momentum=0.9, nesterov=True),
        "adagrad": lambda p: torch.optim.Adagrad(p, lr=RATES[key]),
        "rmsprop": lambda p: torch.optim.RMSprop(p, lr=RATES[key]),
        "adam": lambda p: torch.optim.Adam(p, lr=RATES[key]),
    }

    def path() -> None:
        point = torch.tensor(START, dtype=torch.float64, requires_grad=True)
        optimizer = makers[key]([point])
        for _ in range(STEPS):
            optimizer.zero_grad()
            x, y = point
            loss = (1 - x) ** 2 + 100 * (y - x**2) ** 2
            loss.backward()
            optimizer.step()

    return path
