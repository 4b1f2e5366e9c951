"""The step that is shown -> its arrows on the surface."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from app.descents import Descents
from app.document import Document
from app.playback import Playback
from app.plots.surface_plot import SurfacePlot
from app.plots.vector_key import VectorKey
from app.plots.vector_layer import Vector, VectorLayer
from app.presenters.step_common import StepCommon
from app.shown.arrows import ARROWS, MEMORIES, arrows_of
from app.theme import Theme
from core.descent import Trajectory
from core.experiment import Experiment

if TYPE_CHECKING:
    from app.main import Laboratory

_NEAR = 18.0
"""Pixels at which a head is pointed at."""


class VectorPresenter(QObject):
    """Draws the arrows that the document asks for."""

    def __init__(
        self,
        document: Document,
        playback: Playback,
        descents: Descents,
        common: StepCommon,
        plot: SurfacePlot,
        theme: Theme,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._playback, self._descents = document, playback, descents
        self._common, self._focus, self._memories = common, common.focus, common.memories
        self._theme, self._hovered = theme, ""
        self.layer, self.key = VectorLayer(plot.view), VectorKey(plot.view, plot.legend_box)
        for layer in (self.layer, self.key):
            plot.add_layer(layer)
        document.changed.connect(self._changed)
        playback.moved.connect(lambda _: self._show())
        descents.changed.connect(lambda _: self._show())
        common.focus.changed.connect(self._show)
        common.memories.changed.connect(self._show)
        plot.pointer_moved.connect(self._point_at)
        plot.pointer_left.connect(lambda: self._hover(""))
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self._show()

    def _changed(self, old: Experiment, new: Experiment) -> None:
        if old.overlays != new.overlays:
            self._show()

    def _wanted(self) -> set[str]:
        return set(self._document.experiment.overlays) & ARROWS

    def _show(self) -> None:
        wanted = self._wanted()
        runs = self._runs() if wanted else []
        if wanted & MEMORIES:
            self._memories.want(runs)
        vectors = [vector for run in runs for vector in self._vectors(run, wanted)]
        self.layer.set_vectors(vectors)
        self.key.set_rows(self.layer.key(), np.reshape([vector.origin for vector in vectors], (-1, 2)))

    def _runs(self) -> list[Trajectory]:
        runs = self._common.runs(self._descents.result)
        chosen = self._focus.among(runs)
        return chosen + [r for r in runs if r.method.optimizer.id == self._hovered and r not in chosen]

    def _vectors(self, run: Trajectory, wanted: set[str]) -> list[Vector]:
        colour = self._theme.optimizer(run.method.optimizer.id)
        return arrows_of(run, self._playback.step, wanted, colour, self._memories.has(run))

    def _point_at(self, x: float, y: float) -> None:
        runs = self._common.runs(self._descents.result) if self._wanted() else []
        if not runs:
            return
        heads = np.array([run.points[min(self._playback.step, run.steps)] for run in runs])
        distances = np.hypot(*(self.layer.to_pixels(heads) - self.layer.to_pixels(np.array([[x, y]]))).T)
        nearest = int(np.argmin(distances))
        self._hover(runs[nearest].method.optimizer.id if distances[nearest] <= _NEAR else "")

    def _hover(self, key: str) -> None:
        if key != self._hovered:
            self._hovered = key
            self._show()


def make_vectors(lab: "Laboratory") -> VectorPresenter:
    """The arrows; all kinds are drawn by one layer."""
    known: VectorPresenter | None = lab.findChild(VectorPresenter)
    if known is not None:
        return known
    presenter = VectorPresenter(
        lab.document,
        lab.playback,
        lab.descents,
        StepCommon.of(lab),
        lab.window.surface.plot,
        lab.window.theme,
        lab,
    )
    lab.window.theme_changed.connect(presenter.set_theme)
    return presenter
