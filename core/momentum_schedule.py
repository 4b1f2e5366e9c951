"""How the momentum changes over the steps of a run."""

from collections.abc import Callable
from dataclasses import dataclass

from core.catalogue import Catalogue, Entry
from core.choice import Choice


@dataclass(frozen=True, kw_only=True)
class MomentumSchedule(Entry):
    """A momentum schedule: the momentum of every step.

    Attributes
    ----------
    momentum
        Pure function `(step, steps, base, **hyperparameters) -> momentum`, with `step` counted
        from 0, `steps` those of the whole run, and `base` the optimizer's own momentum.
    """

    momentum: Callable[..., float]


MOMENTUM_SCHEDULES: Catalogue[MomentumSchedule] = Catalogue(
    "core.momentum_schedules", MomentumSchedule, "momentum schedule"
)


def momenta(schedule: Choice, base: float, steps: int) -> list[float]:
    """Momentum of each of `steps` steps.

    Raises
    ------
    InputError
        For an unknown schedule or numbers out of bounds.
    """
    entry = MOMENTUM_SCHEDULES[schedule.id]
    values = entry.values(schedule.values)
    return [entry.momentum(step, steps, base, **values) for step in range(steps)]
