"""The page in the surface view: the landscape, and the networks on their paths at a step of the run."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.forms.controls import tint_icons
from app.playback import Playback
from app.plots.landscape_scene import LandscapeScene, landscape_scene
from app.plots.sampled_surface import SampledSurface
from app.theme import Theme
from app.training_messages import Laid, Report
from app.views.landscape_page import LandscapePage
from app.views.numbers import shown
from core.landscape import LandscapePlane, remarks
from core.surface import surface
from core.training.variant import labels

if TYPE_CHECKING:
    from app.main import Laboratory

_AXES = {
    "path": "x, y: distances along the first two principal components of all paths.",
    "own": "x, y: distances along the first two principal components of these paths.",
    "random": "x, y: along two random directions, in lengths of the network's own weights.",
}


class LandscapeShow(QObject):
    """Shows what it is given, moves along the training, and reads the loss under the pointer."""

    def __init__(self, laboratory: "Laboratory") -> None:
        super().__init__()
        self._document, self._window = laboratory.document, laboratory.window
        self._training = laboratory.training
        self._view = self._window.surface
        self._theme: Theme = self._window.theme
        self._playback = Playback(laboratory.clock, self)
        self._scene: LandscapeScene | None = None
        self._surface: SampledSurface | None = None
        self._plane: LandscapePlane | None = None
        self._generation = -1
        self.page = LandscapePage()
        self.page.set_theme(self._theme)
        self._view.add_page(
            self.page,
            "Loss of a network",
            "The landscape that was shown last: the Landscape panel makes others.",
        )
        tint_icons(self.page, self._theme)
        self._connect()

    def _connect(self) -> None:
        page, playback, bar = self.page, self._playback, self.page.playback
        page.back_asked.connect(lambda: self._view.show_page(False))
        self._view.page_changed.connect(self._page_changed)
        self._window.theme_changed.connect(self._set_theme)
        self._document.changed.connect(lambda *_: self._name_back())
        self._training.reported.connect(self._follow)
        page.plot.pointer_moved.connect(self._read)
        page.plot.pointer_left.connect(self._read_nothing)
        playback.moved.connect(self._show_step)
        playback.changed.connect(self._show_playback)
        bar.first_asked.connect(lambda: self._scrub(0))
        bar.back_asked.connect(lambda: playback.step_by(-1))
        bar.toggle_asked.connect(playback.toggle)
        bar.forward_asked.connect(lambda: playback.step_by(1))
        bar.last_asked.connect(lambda: self._scrub(playback.steps))
        bar.scrubbed.connect(self._scrub)
        bar.speed_chosen.connect(playback.set_speed)
        bar.loop_chosen.connect(playback.set_loop)

    def begin(self, plane: LandscapePlane, laid: Laid) -> None:
        """Show another plane, with the networks where their run stands."""
        self._plane, self._generation = plane, laid.generation
        self._playback.pause()
        self._show_paths()
        assert self._scene is not None
        self._playback.set_steps(self._scene.last)
        share = remarks(plane, labels(plane.spec.training.variants))[0]
        title = f"Loss of {self._scene.centre} around step {laid.step:,}"
        self.page.set_words(title, f"{share} {_AXES[plane.spec.directions]}")
        self._name_back()
        self._view.show_page(True)
        self._show_playback()
        self._scrub(laid.step)

    def set_surface(self, drawn: SampledSurface) -> None:
        """Show a level of it: the view stays where a person has zoomed to meanwhile."""
        self._surface = drawn
        self.page.plot.set_surface(drawn)
        self._show_step(self._playback.step)

    def _name_back(self) -> None:
        self.page.set_back(surface(self._document.experiment.surface).entry.name)

    def _page_changed(self, shown: bool) -> None:
        self._playback.hold(not shown)
        if shown:
            self._read_nothing()

    def _set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.page.set_theme(theme)
        if self._plane is not None:
            self._show_paths()
            self._show_step(self._playback.step)

    def _show_paths(self) -> None:
        assert self._plane is not None
        self._scene = landscape_scene(self._plane, self._theme)
        self.page.plot.set_trails(list(self._scene.trails))
        self.page.ends.set_trails(self._scene.trails)

    # The step

    def _follow(self, report: Report) -> None:
        """While the run is gone through in the Network panel the networks go along."""
        rests = report.generation == self._generation and not report.running and not self._playback.playing
        if rests and report.frame.step != self._playback.step:
            self._playback.go(report.frame.step)

    def _scrub(self, step: int) -> None:
        self._playback.pause()
        self._playback.go(step)

    def _show_step(self, step: int) -> None:
        if self._scene is not None:
            self.page.plot.set_step(self._scene.index(step))
            self.page.plot.set_legend(self._scene.legend(step))
            self.page.playback.set_step(step)

    def _show_playback(self) -> None:
        bar, playback = self.page.playback, self._playback
        bar.set_steps(playback.steps)
        bar.set_state(playback.playing, playback.speed, playback.loop)
        self._window.refresh_icons()

    # The pointer

    def _read(self, x: float, y: float) -> None:
        if self._surface is not None:
            loss = float(self._surface.loss(x, y))
            self._window.readout.set_values("pointer", {"x": shown(x), "y": shown(y), "loss": shown(loss)})

    def _read_nothing(self) -> None:
        if self._view.page is not None:
            self._window.readout.set_values("pointer", {})
