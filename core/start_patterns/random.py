"""Points at random."""

import numpy as np

from core.hyperparameter import Hyperparameter, Scale
from core.start_pattern import MOST_STARTS, Area, Array, Point, StartPattern


def points(area: Area, centre: Point, count: int, seed: int) -> Array:
    """Uniformly over the area; with the same seed, fewer points are the first of more."""
    x_low, x_high, y_low, y_high = area
    return np.random.default_rng(seed).uniform((x_low, y_low), (x_high, y_high), (count, 2))


ENTRY = StartPattern(
    id="random", name="Random", order=3, points=points,
    summary="Uniformly at random: the share that reaches a minimum measures how large its basin is.",
    hyperparameters=(
        Hyperparameter(
            name="count", default=25, low=1, high=MOST_STARTS, minimum=1, maximum=MOST_STARTS,
            scale=Scale.LOG_INTEGER, label="starts", help="How many start points are drawn.",
        ),
        Hyperparameter(
            name="seed", default=0, low=0, high=100, minimum=0, maximum=2**32 - 1, scale=Scale.INTEGER,
            help="Where the random numbers begin; the same seed gives the same points.",
        ),
    ),
)  # fmt: skip
