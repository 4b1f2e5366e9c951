"""A step of a run over samples -> the cloud of its mini-batches' gradients, and how large their noise is."""

import numpy as np
from PySide6.QtGui import QColor

from app.language import tr
from app.plots.cloud_layer import CloudLayer
from core.batches import Cloud, cloud
from core.descent import Trajectory
from core.optimizer import OPTIMIZERS
from core.surface import surface

NAME = "noise"
"""Of this overlay."""


def show_cloud(layer: CloudLayer, run: Trajectory, step: int, colour: QColor) -> None:
    """Draw the cloud where a run is after a step; nothing on a surface that is not made of samples."""
    place = surface(run.spec.surface)
    if place.mean is None:
        layer.clear()
        return
    point = run.points[min(step, run.steps)]
    found = cloud(place, float(point[0]), float(point[1]), run.spec.batch_size, run.spec.seed)
    layer.set_cloud(point, found.gradients, found.full, colour, _caption(run, found))


def _caption(run: Trajectory, found: Cloud) -> str:
    """In the chosen language, word by word: its numbers are others in every step."""
    name = tr(OPTIMIZERS[run.method.optimizer.id].name)
    if len(found.gradients) == 1:
        return f"{name}: {tr('all samples in every step, no noise. Choose a smaller batch.')}"
    noise = float(np.sqrt(found.gradients.var(axis=0).sum()))
    gradient = float(np.hypot(*found.full))
    if gradient > 0.0:
        times = f"{noise / gradient:.2g} × {tr('the gradient')}"
    else:
        times = tr("all there is: the gradient is 0")
    return f"{name}, {tr('batches of')} {int(found.sizes.max()):,}: {tr('noise')} {times}"
