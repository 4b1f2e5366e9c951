"""The descents that the document asks for: computed at once if they fit a frame, else in another process."""

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import CallJob
from core.descent import DescentSpec, Trajectories, descend, keep_derived, without_underived, work
from core.errors import InputError
from core.experiment import Experiment
from core.rerun import joined, missing

_FRAME_STEPS = 12_000
"""Steps of Adam that are computed within a frame; more work than that goes to another process."""
MOST_STEPS = 16_000_000
"""Steps of all runs together that are kept: 40 bytes each."""


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
        """Run what the document asks for; runs that are there already are kept."""
        spec = self._asked = self._document.experiment.descent()
        if _steps(spec) > MOST_STEPS:
            self._job.drop()
            self._fail(_too_long(spec))
            return
        ready = without_underived(spec)
        part = missing(ready, self.result)
        is_long = part is not None and work(part) > _FRAME_STEPS
        elsewhere = missing(spec, self.result) if is_long or ready != spec else None
        if elsewhere is not None:
            self._job.submit(spec.surface, run_part, spec, elsewhere)
        else:
            self._job.drop()
        self._set_busy(elsewhere is not None)
        if not is_long:
            self._compute_here(ready, part)
        elif self.result is not None and self.result.spec.surface != spec.surface:
            self._show(Trajectories(spec, ()))  # paths of another surface mean nothing here

    def _compute_here(self, spec: DescentSpec, part: DescentSpec | None) -> None:
        try:
            fresh = descend(part) if part is not None else None
        except InputError as error:
            self.refused.emit(str(error))
            return
        self._show(joined(spec, self.result, fresh))
        self.refused.emit("")

    def _follow(self, _: Experiment, new: Experiment) -> None:
        if new.descent() != self._asked:
            self.compute()

    def _take(self, found: tuple[DescentSpec, Trajectories]) -> None:
        """A long run is ready; a later one may be under way."""
        spec, fresh = found
        keep_derived(fresh)
        newest = spec == self._asked
        self._set_busy(not newest)
        if missing(spec, self.result) is not None:
            try:
                result = joined(spec, self.result, fresh)
            except KeyError:  # what it was to be joined to has been replaced meanwhile
                if newest:
                    self.compute()
                return
            self._show(result)
        self.refused.emit("")

    def _fail(self, sentence: str) -> None:
        self._set_busy(False)
        self.refused.emit(sentence)

    def _show(self, result: Trajectories) -> None:
        self.result = result
        self.changed.emit(result)

    def _set_busy(self, busy: bool) -> None:
        self.busy = busy
        self.busy_changed.emit(busy)


def run_part(spec: DescentSpec, part: DescentSpec) -> tuple[DescentSpec, Trajectories]:
    """In another process: run a part of a spec, and say what it is a part of."""
    return spec, descend(part)


def _steps(spec: DescentSpec) -> int:
    return spec.steps * len(spec.methods) * len(spec.starts)


def _too_long(spec: DescentSpec) -> str:
    starts, methods = len(spec.starts), len(spec.methods)
    return (
        f"{_count(starts, 'start')} x {_count(methods, 'optimizer')} x {_count(spec.steps, 'step')} make"
        f" {_steps(spec):,} steps, more than the {MOST_STEPS:,} that fit in memory; choose fewer."
    ).replace(" x ", " × ")


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' * (number != 1)}"
