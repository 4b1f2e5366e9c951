"""Which descents turn the last bits of rounding into more: no two libraries agree on those.

RMSprop that circles a minimum, Adadelta that bursts out of one, a path along a ridge: there a gradient that
is off in its last bits leads elsewhere. A script should say so, and not only that its numbers agree.
"""

import msgspec
import numpy as np

from core.descent import DescentSpec, Trajectory, descend, descend_again, work

ROUNDING = 1e-14
"""Standard deviation of noise that stands for rounding: terms of gradients are of the size of 100."""
AGREE = 1e-10
"""Change of the end, relative to it or to 1, up to which a run counts as steady."""
_MOST_WORK = 300_000.0
"""Steps of Adam, about a third of a second, that are made again at most."""
_NUDGES = (1.0 - 3 * 2.0**-52, 1.0 + 7 * 2.0**-52)


def unsteady(spec: DescentSpec) -> tuple[Trajectory, ...] | None:
    """The runs that end otherwise where gradients are rounded otherwise; None for too long a descent."""
    if work(spec) > _MOST_WORK:
        return None
    runs = descend(spec).runs
    again = _with_rounding(spec) if spec.noise == 0.0 and not spec.batch_size else _with_other_rates(runs)
    return tuple(
        run for place, run in enumerate(runs) if any(_differ(run, others[place]) for others in again)
    )


def _with_rounding(spec: DescentSpec) -> list[tuple[Trajectory, ...]]:
    return [descend(msgspec.structs.replace(spec, noise=ROUNDING, seed=seed)).runs for seed in (1, 2)]


def _with_other_rates(runs: tuple[Trajectory, ...]) -> list[tuple[Trajectory, ...]]:
    """Where the seed belongs to noise or batches: learning rates that are off in their last bits."""
    rates = [float(run.values["learning_rate"]) for run in runs]
    pairs = list(zip(runs, rates, strict=True))
    return [tuple(descend_again(run, rate * nudge) for run, rate in pairs) for nudge in _NUDGES]


def _differ(run: Trajectory, other: Trajectory) -> bool:
    if (run.outcome, run.step, run.steps) != (other.outcome, other.step, other.steps):
        return True
    # Along an axis on which it never moved there is nothing to round.
    moved = np.append(True, np.ptp(run.points, axis=0) > 0.0)
    ends = (np.append(each.losses[-1], each.points[-1])[moved] for each in (run, other))
    here, there = ends
    return bool((np.abs(here - there) > AGREE * np.maximum(1.0, np.abs(here))).any())
