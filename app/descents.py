"""The descents that the document asks for: computed at once if they fit a frame, else in another process."""

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import CallJob
from core.descent import DescentSpec, Trajectories, descend, keep_derived, without_underived, work
from core.errors import InputError
from core.experiment import Experiment

_FRAME_STEPS = 12_000
"""Steps of Adam that are computed within a frame; more work than that goes to another process."""


class Descents(QObject):
    """Follows the document and holds its newest result. Whoever shows runs listens here.

    Attributes
    ----------
    result
        The runs that are shown, or None before the first; they may be older than the document while
        longer ones are computed.
    busy
        Whether longer ones are under way.

    Signals
    -------
    changed(object)
        Other `Trajectories`.
    busy_changed(bool)
        Runs are computed elsewhere, or no longer.
    refused(str)
        Why the document cannot be run, or "" when it can.
    """

    changed = Signal(object)
    busy_changed = Signal(bool)
    refused = Signal(str)

    def __init__(self, document: Document, job: CallJob, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._job = document, job
        self.result: Trajectories | None = None
        self.busy = False
        self._asked: DescentSpec | None = None
        document.settled.connect(self._follow)
        job.finished.connect(self._take)
        job.failed.connect(self._fail)

    def compute(self) -> None:
        """Run what the document asks for."""
        spec = self._asked = self._document.experiment.descent()
        ready = without_underived(spec)
        is_long = work(ready) > _FRAME_STEPS
        if is_long or ready != spec:
            self._job.submit(spec.surface, descend, spec)
        else:
            self._job.drop()
        self._set_busy(is_long or ready != spec)
        if not is_long:
            self._compute_here(ready)
        elif self.result is not None and self.result.spec.surface != spec.surface:
            self._show(Trajectories(spec, ()))  # paths of another surface mean nothing here

    def _compute_here(self, spec: DescentSpec) -> None:
        try:
            result = descend(spec)
        except InputError as error:
            self.refused.emit(str(error))
            return
        self._show(result)
        self.refused.emit("")

    def _follow(self, _: Experiment, new: Experiment) -> None:
        if new.descent() != self._asked:
            self.compute()

    def _take(self, result: Trajectories) -> None:
        """A long run is ready; a later one may be under way."""
        keep_derived(result)
        self._set_busy(result.spec != self._asked)
        self.refused.emit("")
        self._show(result)

    def _fail(self, sentence: str) -> None:
        self._set_busy(False)
        self.refused.emit(sentence)

    def _show(self, result: Trajectories) -> None:
        self.result = result
        self.changed.emit(result)

    def _set_busy(self, busy: bool) -> None:
        self.busy = busy
        self.busy_changed.emit(busy)
