"""Paths on their surface in 3-D, on an easel."""

from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache

from PySide6.QtGui import QPainter

from app.exporters.canvas import TITLE_HEIGHT, SteppedEasel
from app.exporters.descent_scenes import descent_title
from app.exporters.sheet import Sheet
from app.jobs import one_process
from app.plots.descent_plot import legend, trails_of
from app.plots.space_plot import SpacePlot
from app.plots.space_trial import CRASHED, needed, try_graphics
from app.shown.space import BY_LOSS
from app.theme import theme_of
from core.descent import Trajectories
from core.errors import InputError
from core.experiment_file import Saved
from core.surface import surface


class SpaceEasel(SteppedEasel):
    """The surface from where one looks at it first.

    Raises
    ------
    InputError
        Where OpenGL does not do what is needed.
    """

    def __init__(self, saved: Saved, result: Trajectories, sheet: Sheet) -> None:
        if reason := _tried():
            raise InputError(needed(reason), "view")
        self._result, self._look = result, theme_of(sheet.look, sheet.colours)
        self._plot = plot = SpacePlot()
        plot.resize(sheet.size[0], sheet.size[1] - TITLE_HEIGHT)
        plot.set_theme(self._look)
        plot.set_surface(surface(result.spec.surface))
        plot.set_by_loss(BY_LOSS in saved.experiment.overlays)
        trails = trails_of(result, self._look)
        plot.set_starts(result.spec.starts, 0 if len(trails) < len(result.runs) else None)
        if saved.view.area is not None:
            plot.set_range(saved.view.area)
        plot.set_trails(trails)
        plot.reset_camera()
        self._failed: list[str] = []
        plot.failed.connect(self._failed.append)
        super().__init__([plot], descent_title(saved, result), self._look, sheet.size)
        plot.settle()
        self.set_step(result.steps)

    def set_step(self, step: int) -> None:
        """Show the paths up to a step."""
        self._plot.set_step(step)
        self._plot.set_legend(legend(self._result, self._look, step), shown=True)

    def paint(self, painter: QPainter, transparent: bool = False) -> None:
        """Paint it; raises `InputError` when the graphics driver gives up."""
        super().paint(painter, transparent)
        if self._failed:
            raise InputError(needed(self._failed[0]), "view")

    def close(self) -> None:
        """Give the graphics memory back too."""
        self._plot.close_scene()
        super().close()


@lru_cache(maxsize=1)  # several files show the same
def _tried() -> str:
    """What is wrong with OpenGL here, or ""; a bad driver may end the process that tries it."""
    with one_process() as executor:
        try:
            return executor.submit(try_graphics).result()
        except BrokenProcessPool:
            return CRASHED
