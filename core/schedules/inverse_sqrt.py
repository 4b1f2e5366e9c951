"""The learning rate falls with the root of the step number."""

import math

from core.hyperparameter import Hyperparameter, Scale
from core.schedule import Schedule


def factor(step: int, steps: int, offset: int) -> float:
    """`sqrt(offset / (offset + step))`: 1 at first, then as `1 / sqrt(step)` (Vaswani et al. 2017, eq. 3)."""
    return math.sqrt(offset / (offset + step))


ENTRY = Schedule(
    id="inverse_sqrt", name="Inverse square root", order=6, factor=factor,
    summary="The learning rate falls with the root of the step number.",
    hyperparameters=(
        Hyperparameter(
            name="offset", default=10, low=1, high=1000, minimum=1, maximum=1e9, scale=Scale.INTEGER,
            unit="steps",
            help="Steps after which the fall sets in; at four times as many the rate is about half.",
        ),
    ),
)  # fmt: skip
