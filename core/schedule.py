"""How the learning rate changes over the steps of a run, with linear warm-up before."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from core.catalogue import Catalogue, Entry
from core.choice import Choice
from core.hyperparameter import Hyperparameter, Scale, Value

WARMUP = Hyperparameter(
    name="warmup_steps", default=0, low=0, high=200, minimum=0, maximum=1e9, scale=Scale.INTEGER,
    unit="steps",
    help="The rate rises linearly from near zero over these steps, before the schedule begins.",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Schedule(Entry):
    """A schedule: a factor for the base learning rate at every step.

    Attributes
    ----------
    factor
        Pure function `(step, steps, **hyperparameters) -> factor`, with `step` counted from 0
        after the warm-up and `steps` the number of steps of the whole run after the warm-up.
    """

    factor: Callable[..., float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "hyperparameters", (*self.hyperparameters, WARMUP))


SCHEDULES: Catalogue[Schedule] = Catalogue("core.schedules", Schedule, "schedule")


def learning_rates(schedule: Choice, base_rate: float, steps: int) -> list[float]:
    """Learning rate of each of `steps` steps.

    Warm-up: step k of n warm-up steps (k from 1) runs at `base_rate * k / n`
    (Goyal et al. 2017, section 2.2); the schedule's own step 0 follows.

    Raises
    ------
    InputError
        For an unknown schedule or numbers out of bounds.
    """
    entry = SCHEDULES[schedule.id]
    values = entry.values(schedule.values)
    warmup = int(values.pop("warmup_steps"))
    rising = [base_rate * step / warmup for step in range(1, min(warmup, steps) + 1)]
    factors = _factors(entry.id, tuple(sorted(values.items())), steps - warmup)
    return rising + [base_rate * factor for factor in factors]


@lru_cache(maxsize=8)  # a search asks for the same ones at every rate that it tries
def _factors(schedule_id: str, values: tuple[tuple[str, Value], ...], steps: int) -> "array[float]":
    """Factor of each of `steps` steps after the warm-up; never changed."""
    factor, numbers = SCHEDULES[schedule_id].factor, dict(values)
    return array("d", (factor(step, steps, **numbers) for step in range(steps)))
