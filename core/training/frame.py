"""What is seen of a training run: small immutable values that go from process to process."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from core.network.statistics import LayerStatistics
from core.training.snapshot import Outcome
from core.training.variant import Variant


@dataclass(frozen=True)
class EpochRecord:
    """Losses and accuracies over all data, in evaluation mode, after an epoch (0: before any update).

    `name` is the network's, see `core.training.variant.names`.
    """

    name: str
    epoch: int
    step: int
    training_loss: float
    training_accuracy: float
    validation_loss: float
    validation_accuracy: float


@dataclass(frozen=True, eq=False)
class NetworkFrame:
    """How one network fares.

    Attributes
    ----------
    name, label, variant
        See `core.training.variant.names` and `labels`; the choices themselves.
    outcome, message
        "ready", "training", "completed" or "diverged", and the same in a sentence.
    diverged_at
        The step at which it diverged, or None.
    batch_loss
        Cross-entropy of the latest batch, before its update; not a number before the first.
    record
        The latest evaluation over all data.
    statistics
        By layer, then by kind, see `core.network.statistics.measure`.
    """

    name: str
    label: str
    variant: Variant
    outcome: Outcome
    message: str
    diverged_at: int | None
    batch_loss: float
    record: EpochRecord
    statistics: tuple[LayerStatistics, ...]


@dataclass(frozen=True, eq=False)
class TrainingFrame:
    """A run at one step; small enough to send between processes many times a second.

    Attributes
    ----------
    step, steps
        Steps made, and steps of the whole run.
    epoch, steps_per_epoch
        Epochs completed, and steps in each.
    finished
        Whether there is nothing left to do.
    networks
        One for each variant, in the spec's order.
    """

    step: int
    steps: int
    epoch: int
    steps_per_epoch: int
    finished: bool
    networks: tuple[NetworkFrame, ...]

    def only(self, kinds: Collection[str]) -> "TrainingFrame":
        """The same with some kinds of statistics alone: they are most of its size."""
        networks = tuple(
            replace(each, statistics=tuple(cell for cell in each.statistics if cell.kind in kinds))
            for each in self.networks
        )
        return replace(self, networks=networks)
