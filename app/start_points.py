"""The document's start points, and which of them is selected."""

import math

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from app.document import Document
from core.descent import Point
from core.errors import InputError
from core.experiment import Experiment
from core.start_pattern import check_count
from core.surface import Surface, surface


class StartPoints(QObject):
    """Edits the starts. The selected one is the one that is dragged, typed and drawn strongly.

    The selection belongs to the window: it changes no result, so the document does not hold it.

    Attributes
    ----------
    selected
        Index of the selected start.

    Signals
    -------
    changed()
        Other points, or another selection.
    selection_changed()
        Another selection.
    refused(str)
        Why an edit is refused, or "" when one is accepted.
    """

    changed = Signal()
    selection_changed = Signal()
    refused = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.selected = 0
        document.changed.connect(self._follow)

    @property
    def points(self) -> tuple[Point, ...]:
        """All of them."""
        return self._document.experiment.starts

    @property
    def point(self) -> Point:
        """The selected one."""
        return self.points[self.selected]

    @property
    def surface(self) -> Surface:
        """Where they lie."""
        return surface(self._document.experiment.surface)

    def place_in(self, starts: tuple[Point, ...]) -> int | None:
        """Index of the selected start in a result's starts, which may be older than the document's."""
        if len(starts) == len(self.points):
            return self.selected
        return starts.index(self.point) if self.point in starts else None

    def select(self, index: int) -> None:
        """Select a start."""
        self._set(self.points, index)

    def cycle(self, steps: int) -> None:
        """Select a start further on in the list, round and round."""
        self.select((self.selected + steps) % len(self.points))

    def drag(self, x: float, y: float) -> bool:
        """Move the selected start, inside the domain: outside there is nothing to run on."""
        return self.put(self.selected, *self._inside(x, y))

    def put(self, index: int, x: float, y: float) -> bool:
        """Move a start, and select it; whether a run can begin there."""
        points = self.points
        return self._try([*points[:index], (x, y), *points[index + 1 :]], index, (x, y))

    def add(self, x: float, y: float) -> bool:
        """One start more, after the others, selected; whether a run can begin there."""
        point = self._inside(x, y)
        return self._try([*self.points, point], len(self.points), point)

    def add_beside(self) -> bool:
        """One start more near the selected one, where nobody has one yet."""
        x_low, x_high, y_low, y_high = self.surface.entry.domain
        x, y = self.point
        for place in range(len(self.points) + 1):  # a spiral of even density, from near to far
            angle, reach = 2.4 * place, 0.06 * math.sqrt(1.0 + place)
            point = self._inside(
                x + reach * (x_high - x_low) * math.cos(angle), y + reach * (y_high - y_low) * math.sin(angle)
            )
            if point not in self.points:
                return self.add(*point)
        return False

    def remove(self) -> None:
        """Remove the selected start; the last one stays."""
        if len(self.points) > 1:
            rest = [point for index, point in enumerate(self.points) if index != self.selected]
            self._set(tuple(rest), min(self.selected, len(rest) - 1))

    def keep_selected(self) -> None:
        """Remove all others."""
        self._set((self.point,), 0)

    def set_points(self, points: tuple[Point, ...]) -> None:
        """Other points, all of which a run can begin at; the first is selected."""
        self._set(points, 0)

    def _try(self, points: list[Point], index: int, new: Point) -> bool:
        try:
            check_count(len(points))
            self.surface.check_start(*new)
        except InputError as error:
            self.refused.emit(str(error))
            return False
        self._set(tuple(points), index)
        return True

    def _set(self, points: tuple[Point, ...], index: int) -> None:
        self.refused.emit("")
        reselected, self.selected = index != self.selected, index
        if points != self.points:
            self._document.replace(replace(self._document.experiment, starts=points))
        elif reselected:
            self.changed.emit()
        if reselected:
            self.selection_changed.emit()

    def _inside(self, x: float, y: float) -> Point:
        x_low, x_high, y_low, y_high = self.surface.entry.domain
        return min(max(x, x_low), x_high), min(max(y, y_low), y_high)

    def _follow(self, old: Experiment, new: Experiment) -> None:
        if old.starts == new.starts:
            return
        last = len(new.starts) - 1
        beyond = self.selected > last
        self.selected = min(self.selected, last)
        self.changed.emit()
        if beyond:
            self.selection_changed.emit()
