"""What the surface is like under the pointer, or at the selected start: slopes and how it bends."""

import math

from PySide6.QtCore import QObject

from app.document import Document
from app.plots.surface_plot import SurfacePlot
from app.start_points import StartPoints
from app.survey import Survey
from app.views.numbers import shown
from app.views.readout import Readout
from core.curvature import curvature
from core.surface import Surface


class PointerPresenter(QObject):
    """Reads the surface where the pointer is; while it is elsewhere, at the selected start."""

    def __init__(
        self, document: Document, starts: StartPoints, survey: Survey, plot: SurfacePlot, view: Readout
    ) -> None:
        super().__init__()
        self._starts, self._survey, self._view = starts, survey, view
        self._pointer: tuple[float, float] | None = None
        self._away = False
        plot.pointer_moved.connect(self._move)
        plot.pointer_left.connect(self._leave)
        document.changed.connect(lambda *_: self._show())
        starts.changed.connect(self._show)
        survey.curvature_ready.connect(self._show)
        self._show()

    def set_away(self, away: bool) -> None:
        """Whether another loss is shown in place of the surface, and somebody else reads it."""
        self._away = away
        self._show()

    def _move(self, x: float, y: float) -> None:
        self._pointer = (x, y)
        self._survey.begin()
        self._show()

    def _leave(self) -> None:
        self._pointer = None
        self._show()

    def _show(self) -> None:
        if self._away:
            return
        point = self._pointer or self._starts.point
        self._view.set_values(
            "start" if self._pointer is None else "pointer", reading(self._starts.surface, *point)
        )


def reading(place: Surface, x: float, y: float) -> dict[str, str]:
    """Every number at a point as text; those of the Hessian only where it is derived already."""
    loss, slope_x, slope_y = place.at(x, y)
    texts = {
        "x": shown(x), "y": shown(y), "loss": shown(loss),
        "gradient": f"({shown(slope_x, 3)}, {shown(slope_y, 3)})",
        "norm": shown(math.hypot(slope_x, slope_y), 3),
    }  # fmt: skip
    if not place.has_hessian:
        return texts | dict.fromkeys(("eigenvalues", "condition", "largest_rate"), "…")
    bend = curvature(place, x, y)
    if bend.eigenvalues is not None:
        low, high = bend.eigenvalues
        texts["eigenvalues"] = f"{shown(low, 3)}, {shown(high, 3)}"
        texts["condition"] = shown(bend.condition_number, 3)
        texts["largest_rate"] = shown(bend.largest_rate, 3)
    return texts
