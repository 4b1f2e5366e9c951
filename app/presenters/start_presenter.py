"""The start points <-> their rings on the surface and the boxes above it."""

from PySide6.QtCore import QObject

from app.start_points import StartPoints
from app.views.surface_view import SurfaceView


class StartPresenter(QObject):
    """What a person does to start points on the surface."""

    def __init__(self, starts: StartPoints, view: SurfaceView) -> None:
        super().__init__()
        self._starts, self._view, self._refusal = starts, view, ""
        starts.changed.connect(self._show)
        starts.refused.connect(self._refuse)
        view.start_typed.connect(self._type)
        plot = view.plot
        plot.start_moved.connect(starts.drag)
        plot.start_chosen.connect(starts.select)
        plot.starts_cycled.connect(starts.cycle)
        plot.start_added.connect(starts.add)
        plot.start_removed.connect(starts.remove)

    def start(self) -> None:
        """Show the document as it is."""
        self._show()

    def _show(self) -> None:
        self._view.set_starts(self._starts.points, self._starts.selected)

    def _refuse(self, sentence: str) -> None:
        self._refusal = sentence
        self._view.set_error(sentence)

    def _type(self, axis: str, value: float) -> None:
        x, y = self._starts.point
        place = (value, y) if axis == "x" else (x, value)
        if not self._starts.put(self._starts.selected, *place):
            self._view.box(axis).set_error(self._refusal)
