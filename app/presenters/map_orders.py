"""What both maps ask of their process, and what they say of its answers."""

from typing import TYPE_CHECKING, Any

import numpy as np

from app.map_job import MapJob
from app.map_server import Drawn
from core.map_spec import MapSpec

if TYPE_CHECKING:
    from app.main import Laboratory


def map_job(laboratory: "Laboratory") -> MapJob:
    """What keeps the process; there is one for both."""

    def make() -> MapJob:
        job = MapJob(laboratory.clock, laboratory.open_maps, laboratory)
        job.said.connect(laboratory.window.say)
        return job

    return laboratory.helper(MapJob, make)


def subject(spec: MapSpec) -> tuple[Any, ...]:
    """What stays the same while something is dragged: an older coarse map of the same is worth a look."""
    names = tuple(axis.name for axis in (spec.x, spec.y) if axis is not None)
    return place(spec), spec.method.optimizer.id, spec.quantity, names


def place(spec: MapSpec) -> tuple[Any, ...]:
    """Which surface, whatever the values of its parameters."""
    return spec.surface.id, spec.surface.formula, spec.surface.domain, spec.surface.data


def sharpness(shown: Drawn | None) -> str:
    """How sharp the map is while it is not yet as sharp as it gets."""
    if shown is None:
        return "drawing …"
    rows, columns = np.shape(shown.map.grades)
    return "" if shown.last else f"{columns} × {rows} …"
