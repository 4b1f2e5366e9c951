"""How an experiment is looked at: read off the window for a file, and set as a file says."""

from PySide6.QtCore import QObject

from app.descents import Descents
from app.main_window import MainWindow
from app.playback import Playback
from app.presenters.network_presenter import NetworkPresenter
from app.training_job import TrainingJob
from core.experiment_file import View

_SAME = 1e-9
"""Share of its size by which an area may differ from the whole surface's."""


class Viewpoint(QObject):
    """Area, step, speed, panel in front, how far the networks are trained, and the curves of that.

    Parameters
    ----------
    window, playback, descents, training, networks
        Where these are.
    """

    def __init__(
        self,
        window: MainWindow,
        playback: Playback,
        descents: Descents,
        training: TrainingJob,
        networks: NetworkPresenter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self._playback, self._descents = window, playback, descents
        self._training, self._networks = training, networks
        self._awaited: View | None = None
        descents.changed.connect(self._go_on)

    def look(self) -> View:
        """How the experiment is looked at now."""
        playback = self._playback
        return View(
            area=self._area(),
            step=None if playback.step >= playback.steps else playback.step,
            playing=playback.playing,
            loop=playback.loop,
            speed=playback.speed,
            panel=self._window.front_panel(),
            trained=self._training.step,
            curves=self._networks.curves,
            average=int(self._networks.average or 0),
        )

    def show(self, view: View) -> None:
        """Look at what is shown in that way; a step that is not computed yet is gone to when it is."""
        playback = self._playback
        playback.set_loop(view.loop)
        playback.set_speed(view.speed)
        plot = self._window.surface.plot
        if view.area is None:
            plot.fit()
        else:
            plot.show_part(view.area)
        self._window.bring_to_front(view.panel)
        self._networks.show_curves(view.curves, str(view.average or ""))
        self._training.go_to(view.trained)
        self._awaited = view if self._descents.busy else None
        self._show_step(view)

    def _show_step(self, view: View) -> None:
        playback = self._playback
        playback.pause()
        if view.playing:
            playback.go(0 if view.step is None else view.step)
            playback.play()
        else:
            playback.go(playback.steps if view.step is None else view.step)

    def _go_on(self) -> None:
        view, self._awaited = self._awaited, None
        if view is not None:
            self._show_step(view)

    def _area(self) -> tuple[float, float, float, float] | None:
        plot = self._window.surface.plot
        shown, whole = plot.shown_range(), plot.whole()
        near = [abs(one - other) <= _SAME * (whole[1] - whole[0] + whole[3] - whole[2])
                for one, other in zip(shown, whole, strict=True)]  # fmt: skip
        return None if all(near) else shown
