"""What losses are measured from on a log axis."""

from core.descent import Trajectories
from core.surface import Surface


def loss_floor(place: Surface, result: Trajectories) -> float:
    """The lowest loss that is known or was met; 0 where that is the minimum."""
    known = [float(place.loss(*minimum)) for minimum in place.entry.minima]
    seen = [run.lowest for run in result.runs]
    lowest = min([*known, *seen], default=0.0)
    return 0.0 if abs(lowest) < 1e-9 else lowest


def loss_title(floor: float) -> str:
    """What the axis shows."""
    return "loss" if floor == 0.0 else f"loss − lowest ({floor:.6g})"
