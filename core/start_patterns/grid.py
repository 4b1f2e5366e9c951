"""Points in rows and columns."""

import numpy as np

from core.hyperparameter import Hyperparameter, Scale
from core.start_pattern import MOST_STARTS, Area, Array, Point, StartPattern, check_count


def points(area: Area, centre: Point, columns: int, rows: int) -> Array:
    """In the middle of each cell of the area, row by row from below."""
    check_count(columns * rows, f"{columns:,} columns of {rows:,} rows: ")
    x_low, x_high, y_low, y_high = area
    x = x_low + (x_high - x_low) * (np.arange(columns) + 0.5) / columns
    y = y_low + (y_high - y_low) * (np.arange(rows) + 0.5) / rows
    return np.column_stack([np.tile(x, rows), np.repeat(y, columns)])


ENTRY = StartPattern(
    id="grid", name="Grid", order=2, points=points,
    summary="Rows and columns over the surface: which parts of it lead where?",
    hyperparameters=tuple(
        Hyperparameter(
            name=name, default=5, low=1, high=20, minimum=1, maximum=MOST_STARTS, scale=Scale.INTEGER,
            help=f"How many {name} of start points fill the surface.",
        )
        for name in ("columns", "rows")
    ),
)  # fmt: skip
