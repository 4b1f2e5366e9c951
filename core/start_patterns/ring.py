"""Points on a ring around the selected start."""

import math

import numpy as np

from core.hyperparameter import Hyperparameter, Scale
from core.start_pattern import MOST_STARTS, Area, Array, Point, StartPattern


def points(area: Area, centre: Point, count: int, radius: float) -> Array:
    """Evenly around the centre, the first to the right of it; as round as the area is square."""
    angles = 2.0 * math.pi * np.arange(count) / count
    reach = 0.01 * radius * np.array([area[1] - area[0], area[3] - area[2]])
    ring: Array = np.array(centre) + reach * np.column_stack([np.cos(angles), np.sin(angles)])
    return ring


ENTRY = StartPattern(
    id="ring", name="Ring", order=1, points=points,
    summary="Evenly around one point: how much does the direction matter that a run starts in?",
    hyperparameters=(
        Hyperparameter(
            name="count", default=12, low=2, high=60, minimum=1, maximum=MOST_STARTS, scale=Scale.INTEGER,
            label="starts", help="How many start points lie on the ring.",
        ),
        Hyperparameter(
            name="radius", default=10.0, low=1.0, high=50.0, minimum=0, open_minimum=True, maximum=100,
            unit="%", label="radius (%)",
            help="Radius of the ring in percent of the width and height of what is filled.",
        ),
    ),
)  # fmt: skip
