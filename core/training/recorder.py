"""Takes a run back to any step: snapshots at spaced steps, and the steps in between made again.

Training is deterministic, so a step made again from a snapshot gives the same numbers to the last bit.
"""

import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np

from core.training.run import TrainingRun
from core.training.snapshot import Snapshot
from core.training.snapshot_store import DISK, MEMORY, SnapshotStore

REACH = 0.04
"""Seconds that going to a step may take, with what is done to show it."""
_LEAST_REACH = 0.008
_SHARE = 0.1
"""Share of the training time that keeping snapshots may take."""
_AT_MOST = 4
"""Steps that snapshots lie apart at most for the sake of the training time."""
_LONGEST = 0.06
"""Seconds of steps instead, where to show a step takes longer than `REACH` by itself."""
_LOOK = 8
"""Steps after which the pace is looked at again."""
_MEASURED = 15
"""Latest steps of which the median time counts: an interruption, or a suspended computer, is no step."""
_SLOW = 4.0
"""Times `REACH` from which it is said that going back takes long."""


class Recorder:
    """A run that is trained on, and taken back.

    How far snapshots lie apart follows from the time that a step takes.

    Parameters
    ----------
    run
        Before its first step.
    memory, disk, folder
        See `core.training.snapshot_store.SnapshotStore`.
    clock
        Seconds.

    Attributes
    ----------
    run
        Where it is now. Only the recorder moves it.
    recorded
        The last step that can be gone to.
    overhead
        Seconds that showing a step takes; set from outside.
    """

    def __init__(
        self,
        run: TrainingRun,
        memory: int = MEMORY,
        disk: int = DISK,
        folder: Path | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.run, self.recorded, self.overhead = run, 0, 0.0
        self._store = SnapshotStore(memory, disk, folder)
        self._clock = clock
        self._steps: deque[float] = deque(maxlen=_MEASURED)
        self._saves: deque[float] = deque(maxlen=_MEASURED)
        self._target: int | None = None
        self._newest, self._wanted = 0, 1
        self._save()

    @property
    def seeking(self) -> bool:
        """Whether steps are still to be made again to get where `seek` was told."""
        return self._target is not None

    @property
    def place(self) -> int:
        """The step where the run is, or is going."""
        return self.run.step_index if self._target is None else self._target

    @property
    def finished(self) -> bool:
        """Whether nothing is left to train from here."""
        return not self.seeking and self.run.finished

    @property
    def bytes_in_memory(self) -> int:
        """What snapshots take in memory."""
        return self._store.bytes_in_memory

    @property
    def bytes_on_disk(self) -> int:
        """What older snapshots take on disk."""
        return self._store.bytes_on_disk

    @property
    def spacing(self) -> int:
        """Steps from one snapshot to the next, at the present pace."""
        if not self._steps:
            return 1
        step = max(statistics.median(self._steps), 1e-9)
        reachable = max(1, int(max(_LEAST_REACH, REACH - self.overhead) / step))
        affordable = round(min(self._saves) / (_SHARE * step))
        most = _AT_MOST if self.overhead < REACH else max(_AT_MOST, int(_LONGEST / step))
        return max(reachable, min(affordable, most))

    @property
    def note(self) -> str:
        """What is not as one would expect of going back, in a sentence, or ""."""
        if self._store.trouble:
            return self._store.trouble
        if not self._store.steps or self._store.steps[0] > 0:
            return "These networks are too large to be recorded: Reset alone goes back."
        if self._store.dropped and (slowest := self._slowest()) > _SLOW * REACH:
            return f"The run is long, older steps are kept further apart: up to {slowest:.1f} s to go to one."
        return ""

    def _slowest(self) -> float:
        """Seconds that going to a step takes at most."""
        steps = [*self._store.steps, self.recorded + 1]
        gap = max(later - earlier for earlier, later in pairwise(steps))
        return (gap - 1) * statistics.median(self._steps) if self._steps else 0.0

    def step(self) -> None:
        """Train on by a step, and record it; what had come after it is forgotten."""
        self.forget_later()
        run, before = self.run, self.run.step_index
        begin = self._clock()
        run.advance()
        taken = self._clock() - begin
        if run.step_index == before:
            return
        self._steps.append(taken)
        run.evaluate_if_due()
        self.recorded = run.step_index
        if self._is_due() or run.finished:
            self._save()  # how a run ends, above all that it diverges, is known from everywhere in it

    def _is_due(self) -> bool:
        """Whether a snapshot is; to look at the pace at every step would cost a small network a twentieth."""
        since = self.recorded - self._newest
        if since < self._wanted and since % _LOOK:
            return False
        self._wanted = self.spacing
        return since >= self._wanted

    def forget_later(self) -> None:
        """Drop all that was recorded after the step where the run is."""
        self._target = None
        if self.run.step_index < self.recorded:
            self.recorded = self.run.step_index
            self.run.forget_later()
            self._store.forget_after(self.recorded)
            self._newest = max(self._store.steps, default=0)

    def seek(self, step: int) -> None:
        """Set out for a step (the nearest one that was recorded); `work` gets there."""
        target = max(0, min(step, self.recorded))
        snapshot = self._store.at_or_before(target)
        here = self.run.step_index
        if snapshot is not None and not snapshot.step <= here <= target:
            self.run.restore(snapshot)
        elif here > target:
            return  # nothing was kept that early
        self._target = target if self.run.step_index < target else None

    def stay(self) -> None:
        """Go no further."""
        self._target = None

    def work(self, seconds: float) -> None:
        """Make steps again for a slice of time, or until the run is where it was told to go."""
        end = self._clock() + seconds
        while self._target is not None:
            self.run.step()
            if self.run.step_index >= self._target or self.run.finished:
                self._target = None
            elif self._clock() >= end:
                return

    def go(self, step: int) -> None:
        """Take the run to a step that was recorded, however long it takes."""
        self.seek(step)
        while self.seeking:
            self.work(1.0)

    def milestones(self, count: int) -> list[int]:
        """So many recorded steps at most, evenly spread from first to last, and quick to get to."""
        kept = self._store.steps
        if not kept:
            return []
        if len(kept) < count:
            steps = np.linspace(kept[0], self.recorded, count).round()
            return sorted({int(step) for step in steps})
        places = np.linspace(0, len(kept) - 1, count).round()
        return [kept[int(place)] for place in places]

    @contextmanager
    def visiting(self, step: int) -> Iterator[TrainingRun]:
        """The run at a step that was recorded, to be looked at; afterwards it is where it was.

        Where nothing is kept of so early a step, it is the run where it is.
        """
        home, snapshot = self.run.snapshot(), self._store.at_or_before(step)
        try:
            if snapshot is not None:
                self.run.restore(snapshot)
            while self.run.step_index < step and not self.run.finished:
                self.run.step()
            yield self.run
        finally:
            self.run.restore(home)

    def spread(self, count: int) -> Iterator[Snapshot]:
        """So many snapshots at most, evenly spread from the first to the last."""
        steps = self._store.steps
        wanted = np.linspace(steps[0], steps[-1], count) if steps else np.zeros(0)
        for place in np.unique(np.searchsorted(steps, wanted).clip(0, len(steps) - 1)).tolist():
            snapshot = self._store.at_or_before(steps[place])
            if snapshot is not None and snapshot.step == steps[place]:
                yield snapshot

    def close(self) -> None:
        """Drop all snapshots."""
        self._store.close()

    def _save(self) -> None:
        begin = self._clock()
        self._store.add(self.run.snapshot())
        self._saves.append(self._clock() - begin + self._store.seconds)
        self._newest = self.run.step_index
