"""Tuning the six fairly: what a press of the button costs, and what a diagnosis does."""

from core.choice import Choice
from core.descent import descend
from core.diagnosis import diagnose
from core.optimizer import MethodSpec
from core.search import BUDGET, RATE, TuneSpec, tune
from core.surface import SurfaceSpec, surfaces
from tests.benchmarks.harness import Figure, measure, milliseconds

SURFACE = "rosenbrock"
SIX = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")


def figures() -> list[Figure]:
    """The default search for one start, one with every number of the six, and the words of one run."""
    everything = (RATE, "momentum", "decay", "beta1", "beta2", "epsilon", "accumulate", "bias_correction")
    return [
        search("learning rates", (RATE,)),
        search("all numbers", everything),
        words(),
    ]


def spec(what: tuple[str, ...]) -> TuneSpec:
    entry = surfaces()[SURFACE]
    methods = tuple(MethodSpec(Choice(key, {RATE: entry.learning_rates[key]})) for key in SIX)
    return TuneSpec(SurfaceSpec(SURFACE), methods, entry.starts[:1], entry.steps, int(BUDGET.default), what)


def search(name: str, what: tuple[str, ...]) -> Figure:
    """One optimizer after the other in this process."""
    asked = spec(what)
    seconds = measure(lambda: tune(asked), repeats=7, warmup=1)
    return Figure(
        name=f"six optimizers tuned, {name}", samples=milliseconds(seconds),
        note=f"{asked.total} trials of {asked.steps} steps on {SURFACE}",
    )  # fmt: skip


def words() -> Figure:
    """The mean over the six: why a run ended as it did, from what it has recorded."""
    runs = descend(spec((RATE,)).descent(spec((RATE,)).methods)).runs
    seconds = measure(lambda: [diagnose(run) for run in runs], repeats=200)
    each = tuple(second / len(runs) for second in seconds)
    return Figure(name="a run's outcome in words", samples=milliseconds(each), note=f"{SURFACE}, 600 steps")
