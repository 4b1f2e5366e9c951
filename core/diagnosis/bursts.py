"""Steps with which a method that scales its gradient suddenly bursts along an axis."""

import numpy as np

from core.descent import Trajectory
from core.diagnosis.figures import NEAR, upper_median
from core.diagnosis.stability import stability
from core.optimizer import OPTIMIZERS
from core.surface import surface

BURST, BURST_AFTER = 3.0, 10
"""Learning rates on one axis that make a step of an adaptive method a burst, and after how many steps."""


def burst_step(run: Trajectory) -> int | None:
    """The longest step with which a method that scales its gradient bursts along an axis.

    Where the gradient was small for long, its remembered squares are small too: when it grows
    again the root mean square falls behind, and a step of many learning rates follows (at most
    `sqrt(t)` of them for Adagrad with `accumulate` mean). A burst is a step of more than `BURST`
    learning rates on one axis, after the first `BURST_AFTER` steps, which is more than `BURST` times
    as long as the middle one of the ten before it on that axis and not just a dot in the view.
    """
    key = run.method.optimizer.id
    if run.steps <= BURST_AFTER or OPTIMIZERS[key].surfaces_only:
        return None
    if stability(key, tuple(run.values.items())) is not None:
        return None
    steps = np.abs(np.diff(run.points, axis=0))
    low_x, high_x, low_y, high_y = surface(run.spec.surface).entry.domain
    with np.errstate(all="ignore"):
        times = steps / run.learning_rates[:, None]
        times[steps < NEAR * np.array([high_x - low_x, high_y - low_y])] = 0.0
    times[:BURST_AFTER] = 0.0
    for step, axis in sorted(np.argwhere(times > BURST), key=lambda place: -float(times[tuple(place)])):
        if steps[step, axis] > BURST * upper_median(steps[step - BURST_AFTER : step, axis]):
            return int(step) + 1
    return None


def burst_sentence(run: Trajectory, burst: int) -> str:
    """What is said of a burst at a step."""
    step = np.abs(run.points[burst] - run.points[burst - 1])
    axis = int(np.argmax(step))
    times = step[axis] / run.learning_rates[burst - 1]
    return (
        f"At step {burst:,} it burst along {'xy'[axis]}: {times:.1f} learning rates at once, since the"
        " squares remembered from the flat stretch before were small; a rate that decays calms it."
    )
