"""What a helper does: it trains some networks of a run in a run of their own, see `core.training.crew`."""

from core.network.arrays import Array
from core.training.crew import Fared, Told
from core.training.run import TrainingRun
from core.training.snapshot import Snapshot
from core.training.spec import TrainingSpec


class Portion:
    """Some networks of a run, on the same batches as the others.

    Every method first takes the networks to where a snapshot of them was, if it is given one.

    Parameters
    ----------
    spec
        Of the whole run, checked.
    places
        Of the networks among its variants.

    Attributes
    ----------
    shelf
        Room for all numbers of the networks that whoever asks can see, or None.
    """

    def __init__(self, spec: TrainingSpec, places: tuple[int, ...]) -> None:
        self.run = TrainingRun(spec.portion(places), threads=1)  # the other processors have their process
        self.shelf: Array | None = None

    def step(self, snapshot: Snapshot | None = None) -> Fared:
        """Make a step, without the evaluation that may follow it; how the networks fare."""
        self._take(snapshot)
        self.run.advance()
        return self._fared

    def evaluate(self, snapshot: Snapshot | None = None) -> Told:
        """What follows an epoch's last step: how the networks fare, and their records if they have any."""
        self._take(snapshot)
        self.run.evaluate_if_due()
        return self._fared, tuple(self.run.record_here(trainee.name) for trainee in self.run.trainees)

    def give(self, snapshot: Snapshot | None = None) -> Snapshot:
        """The networks as they are now, with their numbers on the shelf if there is one."""
        self._take(snapshot)
        return self.run.snapshot(into=self.shelf)

    def _take(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            self.run.restore(snapshot)

    @property
    def _fared(self) -> Fared:
        return tuple(trainee.fortune for trainee in self.run.trainees)
