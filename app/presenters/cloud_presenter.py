"""Runs, batch size and step -> the cloud of mini-batch gradients at the first optimizer's head."""

import numpy as np
from PySide6.QtCore import QObject

from app.descents import Descents
from app.document import Document
from app.main_window import MainWindow
from app.playback import Playback
from app.plots.cloud_layer import CloudLayer
from app.start_points import StartPoints
from core.batches import Cloud, cloud
from core.descent import Trajectory
from core.optimizer import OPTIMIZERS
from core.surface import surface

NAME = "noise"


class CloudPresenter(QObject):
    """Keeps the cloud where the head of the first optimizer's run from the selected start is."""

    def __init__(
        self,
        document: Document,
        playback: Playback,
        descents: Descents,
        starts: StartPoints,
        window: MainWindow,
    ) -> None:
        super().__init__(window)
        self._document, self._playback, self._descents, self._window = document, playback, descents, window
        self._starts = starts
        self.layer = CloudLayer(window.surface.plot.view)
        window.surface.plot.add_layer(self.layer)
        for signal in (
            document.changed, playback.moved, descents.changed, starts.selection_changed,
            window.theme_changed,
        ):  # fmt: skip
            signal.connect(lambda *_: self.show())
        self.show()

    def show(self) -> None:
        """Draw the cloud of the step that is shown, or nothing."""
        result, experiment = self._descents.result, self._document.experiment
        place = surface(experiment.surface)
        shown = NAME in experiment.overlays and place.mean is not None
        if not shown or result is None or not result.runs or result.spec.surface != experiment.surface:
            self.layer.clear()
            return
        run = result.runs[self._starts.place_in(result.spec.starts) or 0]
        point = run.points[min(self._playback.step, run.steps)]
        found = cloud(place, float(point[0]), float(point[1]), experiment.batch_size, experiment.seed)
        colour = self._window.theme.optimizer(run.method.optimizer.id)
        self.layer.set_cloud(point, found.gradients, found.full, colour, _caption(run, found))


def _caption(run: Trajectory, found: Cloud) -> str:
    name = OPTIMIZERS[run.method.optimizer.id].name
    if len(found.gradients) == 1:
        return f"{name}: all samples in every step, no noise. Choose a smaller batch."
    noise = float(np.sqrt(found.gradients.var(axis=0).sum()))
    gradient = float(np.hypot(*found.full))
    times = f"{noise / gradient:.2g} × the gradient" if gradient > 0.0 else "all there is: the gradient is 0"
    return f"{name}, batches of {int(found.sizes.max()):,}: noise {times}"
