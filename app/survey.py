"""What another process finds out about the surface that is shown: its Hessian and its critical points."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import CallJob
from core.curvature import derived_hessian
from core.experiment import Experiment
from core.surface import surface

if TYPE_CHECKING:  # the window's start does not wait for the search
    from core.critical_points import CriticalPoint, CriticalPoints
    from core.formula_code import Printed


class Survey(QObject):
    """Follows the document's surface; whoever shows curvature or critical points listens here.

    A result always belongs to the surface that is shown: another surface drops what was known and
    what is under way.

    Attributes
    ----------
    found
        The critical points, or None while nobody has asked for them or they are looked for.
    chosen
        The point that a person has chosen, or None.
    error
        Why nothing was found, or "".

    Signals
    -------
    curvature_ready()
        The Hessian of the surface may be asked for at any point, at once.
    changed()
        `found` or `error` is another.
    chosen_changed()
        `chosen` is another.
    """

    curvature_ready = Signal()
    changed = Signal()
    chosen_changed = Signal()

    def __init__(self, document: Document, job: CallJob, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job = job
        self._spec = document.experiment.surface
        self._begun = self._under_way = False
        self._wishes: set[str] = set()
        self.found: CriticalPoints | None = None
        self.chosen: CriticalPoint | None = None
        self.error = ""
        document.changed.connect(self._follow)
        job.finished.connect(self._take)
        job.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether critical points are wanted and not yet there."""
        return bool(self._wishes) and self.found is None and not self.error

    def begin(self) -> None:
        """From now on derive the Hessian of whatever surface is shown."""
        if not self._begun:
            self._begun = True
            self._go_on()

    def want_points(self, who: str, wanted: bool) -> None:
        """Say whether `who` shows critical points: they are looked for while anybody does."""
        (self._wishes.add if wanted else self._wishes.discard)(who)
        if wanted:
            self._begun = True
            if self.error:
                self._set(None, "")
            self._go_on()

    def choose(self, point: "CriticalPoint | None") -> None:
        """Make one of the points the chosen one, or none."""
        if point != self.chosen:
            self.chosen = point
            self.chosen_changed.emit()

    def _follow(self, _: Experiment, new: Experiment) -> None:
        if new.surface == self._spec:
            return
        self._spec, self._under_way = new.surface, False
        self._job.drop()
        self.choose(None)
        self._set(None, "")
        self._go_on()

    def _go_on(self) -> None:
        """Ask for what is missing, one thing after the other."""
        if self._under_way or not self._begun:
            return
        if not surface(self._spec).has_hessian:
            self._under_way = True
            self._job.submit(self._spec, derived_hessian, self._spec)
        elif self.busy:
            from core.critical_points import critical_points_of

            self._under_way = True
            self._job.submit(self._spec, critical_points_of, self._spec)

    def _take(self, result: "Printed | CriticalPoints") -> None:
        self._under_way = False
        if isinstance(result, tuple):
            surface(self._spec).keep_hessian(result)
            self.curvature_ready.emit()
        else:
            self._set(result, "")
        self._go_on()

    def _fail(self, sentence: str) -> None:
        self._under_way = False
        self._set(None, sentence)

    def _set(self, found: "CriticalPoints | None", error: str) -> None:
        self.found, self.error = found, error
        self.changed.emit()
