"""What the runs that are shown did and why: found out in another process when nobody is dragging."""

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from app.descents import Descents
from app.jobs import CallJob
from core.descent import DescentSpec, Trajectories, Trajectory
from core.optimizer import MethodSpec

if TYPE_CHECKING:  # the window's start does not wait for it
    from core.diagnosis import Diagnosis

_QUIET, _AT_FIRST = 100, 1500
"""Milliseconds without a change after which runs are diagnosed; at the start there is more urgent work."""


class Diagnoses(QObject):
    """Follows the descents. A run whose method and surroundings stay keeps its diagnosis.

    Signals
    -------
    changed()
        More runs are diagnosed.
    """

    changed = Signal()

    def __init__(self, descents: Descents, job: CallJob, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job = job
        self._spec: DescentSpec | None = None
        self._asked: DescentSpec | None = None
        self._known: list[tuple[DescentSpec, Diagnosis]] = []
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(_AT_FIRST)
        self._quiet.timeout.connect(self._ask)
        descents.changed.connect(self._follow)
        job.finished.connect(self._take)

    def of(self, run: Trajectory) -> "Diagnosis | None":
        """What is known of a run; None while nothing is, or when it is not from the first start."""
        if run.start_index:
            return None
        return self._find(_alone(run.spec, run.method))

    def _find(self, spec: DescentSpec) -> "Diagnosis | None":
        return next((diagnosis for known, diagnosis in self._known if known == spec), None)

    def _follow(self, result: Trajectories) -> None:
        self._spec = result.spec
        wanted = [_alone(result.spec, method) for method in result.spec.methods]
        self._known = [(spec, diagnosis) for spec, diagnosis in self._known if spec in wanted]
        self._job.drop()
        if len(self._known) < len(wanted):
            self._quiet.start()
        else:
            self._quiet.stop()

    def _ask(self) -> None:
        """Diagnose the runs that are not yet; those that are known keep what is said of them."""
        from core.diagnosis import diagnose_first

        assert self._spec is not None
        self._quiet.setInterval(_QUIET)
        spec = self._spec
        missing = tuple(method for method in spec.methods if self._find(_alone(spec, method)) is None)
        self._asked = replace(spec, methods=missing, starts=spec.starts[:1])
        self._job.submit(self._asked, diagnose_first, self._asked)

    def _take(self, result: tuple["Diagnosis", ...]) -> None:
        assert self._asked is not None
        for method, diagnosis in zip(self._asked.methods, result, strict=True):
            self._known.append((_alone(self._asked, method), diagnosis))
        self.changed.emit()


def _alone(spec: DescentSpec, method: MethodSpec) -> DescentSpec:
    """One method's run from the first start: all that its diagnosis depends on."""
    return replace(spec, methods=(method,), starts=spec.starts[:1])
