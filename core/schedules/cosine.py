"""The learning rate falls along half a cosine to a last fraction."""

import math

from core.hyperparameter import Hyperparameter
from core.schedule import Schedule


def factor(step: int, steps: int, final: float) -> float:
    """`final + (1 - final) (1 + cos(pi step / steps)) / 2` (Loshchilov and Hutter 2017, eq. 5)."""
    return final + (1.0 - final) * 0.5 * (1.0 + math.cos(math.pi * step / steps))


ENTRY = Schedule(
    id="cosine", name="Cosine", order=4, factor=factor,
    summary="The learning rate falls along half a cosine over the whole run.",
    hyperparameters=(
        Hyperparameter(
            name="final", default=0.0, low=0, high=1, minimum=0, maximum=1,
            help="Share of the rate that is left at the end of the run.",
        ),
    ),
)  # fmt: skip
