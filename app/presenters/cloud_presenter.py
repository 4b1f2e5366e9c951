"""Runs, batch size and step -> the cloud of mini-batch gradients at the first optimizer's head."""

from PySide6.QtCore import QObject

from app.descents import Descents
from app.document import Document
from app.main_window import MainWindow
from app.playback import Playback
from app.plots.cloud_layer import CloudLayer
from app.shown.noise import NAME, show_cloud
from app.start_points import StartPoints
from core.surface import surface


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
        colour = self._window.theme.optimizer(run.method.optimizer.id)
        show_cloud(self.layer, run, self._playback.step, colour)
