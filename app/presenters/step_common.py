"""What the Step panel and the arrows have in common: who is looked at, and what optimizers remembered."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from PySide6.QtCore import QObject, QSettings, Signal

from app.jobs import CallJob
from app.shown.arrows import FIRST, looked_at
from core.descent import Trajectories, Trajectory, remember, work
from core.optimizer import OPTIMIZERS

if TYPE_CHECKING:
    from app.main import Laboratory

_AT_ONCE = 20_000
"""Steps of Adam that are made again within a frame or so; more work is left to another process."""


class StepFocus(QObject):
    """Which optimizers a person looks at closely: their cards are open, their arrows are drawn.

    Signals
    -------
    changed()
        Others.
    """

    changed = Signal()

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        known = str(settings.value("step_open", ",".join(FIRST), type=str)).split(",")
        self.keys = tuple(key for key in known if key in OPTIMIZERS)

    def set_open(self, key: str, is_open: bool) -> None:
        """Look at one more closely, or no longer."""
        others = tuple(k for k in self.keys if k != key)
        self.keys = (*others, key) if is_open else others
        self._settings.setValue("step_open", ",".join(self.keys))
        self.changed.emit()

    def among(self, runs: Iterable[Trajectory]) -> list[Trajectory]:
        """Those of the runs that are looked at."""
        return looked_at(runs, self.keys)


class Memories(QObject):
    """What optimizers remembered along their runs: at once, or for long runs from another process.

    Signals
    -------
    changed()
        More is known.
    """

    changed = Signal()

    def __init__(self, job: CallJob, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job = job
        self._asked: tuple[Trajectory, ...] = ()
        job.finished.connect(self._take)

    def want(self, runs: Iterable[Trajectory]) -> None:
        """Find out about these runs."""
        missing = tuple(run for run in runs if not self.has(run))
        if not missing or all(any(run is asked for asked in self._asked) for run in missing):
            return
        self._asked = missing
        specs = [(run.spec, run.method, run.start_index) for run in missing]
        self._job.submit(missing[0].spec, remember, specs)

    @staticmethod
    def has(run: Trajectory) -> bool:
        """Whether it is known, or soon found out."""
        alone = replace(run.spec, methods=(run.method,), starts=(run.start,))
        return "state" in vars(run) or work(alone) <= _AT_ONCE

    def _take(self, states: list[dict[str, Any]]) -> None:
        if len(states) == len(self._asked):
            for run, state in zip(self._asked, states, strict=True):
                run.keep_state(state)
        self._asked = ()
        self.changed.emit()


class StepCommon(QObject):
    """What panel and arrows have in common; one in a laboratory."""

    def __init__(self, lab: "Laboratory") -> None:
        super().__init__(lab)
        self.focus = StepFocus(lab.settings, self)
        job = CallJob(lab.clock, "memories", parent=self)
        lab.window.closing.connect(job.close)
        self.memories = Memories(job, self)
        self._starts = lab.starts
        self._starts.selection_changed.connect(self.focus.changed)

    @staticmethod
    def of(lab: "Laboratory") -> "StepCommon":
        return lab.findChild(StepCommon) or StepCommon(lab)

    def runs(self, result: Trajectories | None) -> list[Trajectory]:
        """Every optimizer's run from the selected start."""
        if result is None:
            return []
        place = self._starts.place_in(result.spec.starts) or 0
        return [run for run in result.runs if run.start_index == place]
