"""Document, descents and the view from above -> the view in space."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.forms.controls import tint_icons
from app.jobs import CallJob
from app.plots.space_trial import CRASHED, try_graphics
from app.shown.space import ALONE, BY_LOSS, NAME
from app.theme import Theme
from app.views.space_view import SpaceView
from core.experiment import Experiment
from core.surface import surface

if TYPE_CHECKING:
    from app.main import Laboratory

_FOLLOW = 50
"""Milliseconds after which it follows the view from above, when that is zoomed."""


class SpacePresenter(QObject):
    """Shows what the view from above shows. OpenGL is tried when it is first asked for."""

    def __init__(self, lab: "Laboratory") -> None:
        super().__init__(lab)
        self._document, self._playback, self._starts = lab.document, lab.playback, lab.starts
        self._above, self._stage = lab.window.surface.plot, lab.window.surface.stage
        self.view = SpaceView()
        self.view.hide()
        self._stage.addWidget(self.view)
        tint_icons(self.view, lab.window.theme)
        self.view.plot.set_theme(lab.window.theme)
        self._works = self._shown = False
        self._follow = QTimer(self)
        self._follow.setSingleShot(True)
        self._follow.setInterval(_FOLLOW)
        self._follow.timeout.connect(self._show_range)
        self._trial = CallJob(lab.clock, "graphics", parent=self)
        self._connect(lab)
        self.view.wait()
        self._trial.submit("graphics", try_graphics)
        self._arrange()

    def _connect(self, lab: "Laboratory") -> None:
        self._document.changed.connect(self._changed)
        lab.descents.changed.connect(self._show_paths)
        lab.starts.selection_changed.connect(self._show_paths)
        lab.starts.changed.connect(self._show_starts)
        self._playback.moved.connect(self._show_step)
        self._above.range_changed.connect(self._range_changed)
        lab.window.theme_changed.connect(self._set_theme)
        lab.window.closing.connect(self.close)
        self._trial.finished.connect(self._tried)
        self._trial.failed.connect(lambda _: self._tried(CRASHED))
        self.view.plot.failed.connect(self._tried)
        self.view.place_chosen.connect(lambda place: self._choose(ALONE, place == "alone"))
        self.view.height_chosen.connect(lambda height: self._choose(BY_LOSS, height == "loss"))

    def close(self) -> None:
        """Give the graphics memory back."""
        self._shown = False
        self._follow.stop()
        self._trial.close()
        self.view.plot.close_scene()

    # The driver

    def _tried(self, reason: str) -> None:
        self._works = not reason
        if reason:
            self.view.refuse(reason)
        else:
            self.view.show_plot()
        self._trial.close()
        self._arrange()

    # Document and what is shown from above -> view

    def _changed(self, old: Experiment, new: Experiment) -> None:
        if old.overlays != new.overlays:
            self._arrange()
        if self._shown and old.surface != new.surface:
            self._show_surface()

    def _arrange(self) -> None:
        """Show what is chosen where it is chosen; without OpenGL the view from above stays."""
        words = self._document.experiment.overlays
        on = NAME in words
        alone = on and self._works and ALONE in words
        self.view.set_choices(ALONE in words, BY_LOSS in words)
        appears = on and self.view.isHidden()
        self.view.setVisible(on)
        self._above.setHidden(alone)
        if appears:
            half = self._stage.width() // 2
            self._stage.setSizes([half, half])
        before, self._shown = self._shown, on and self._works
        if self._shown and not before:
            self._show_surface()
        elif self._shown:
            self._show_legend()

    def _show_surface(self) -> None:
        experiment = self._document.experiment
        self.view.plot.set_surface(surface(experiment.surface))
        self.view.plot.set_by_loss(BY_LOSS in experiment.overlays)
        self._show_starts()
        self._show_range()
        self._show_paths()
        self.view.plot.reset_camera()

    def _range_changed(self) -> None:
        if self._shown and not self._follow.isActive():
            self._follow.start()

    def _show_range(self) -> None:
        self.view.plot.set_range(self._above.shown_range())

    def _show_starts(self) -> None:
        if self._shown:
            self.view.plot.set_starts(self._starts.points, self._starts.selected)

    def _show_paths(self) -> None:
        if self._shown:
            self.view.plot.set_trails(self._above.trails())
            self._show_step(self._playback.step)

    def _show_step(self, step: int) -> None:
        if self._shown:
            self.view.plot.set_step(step)
            self._show_legend()

    def _show_legend(self) -> None:
        """The legend stands in the view from above while that is there."""
        self.view.plot.set_legend(self._above.legend_rows(), self._above.isHidden())

    def _set_theme(self, theme: Theme) -> None:
        self.view.plot.set_theme(theme)

    # View -> document

    def _choose(self, word: str, on: bool) -> None:
        self._document.replace(self._document.experiment.with_overlay(word, on))
