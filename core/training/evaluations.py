"""What evaluations of a run's networks found, by step and name."""

import itertools

from core.training.frame import EpochRecord


class Evaluations:
    """Records in the order in which they were made.

    Parameters
    ----------
    spacing
        Steps from one evaluation to the next; the first is at step 0.
    """

    def __init__(self, spacing: int) -> None:
        self._spacing = spacing
        self._records: dict[tuple[int, str], EpochRecord] = {}

    @property
    def all(self) -> list[EpochRecord]:
        """All of them."""
        return list(self._records.values())

    def add(self, record: EpochRecord) -> None:
        """Take in one more; one that is known already stays where it is."""
        self._records[record.step, record.name] = record

    def at(self, step: int, name: str) -> EpochRecord | None:
        """Of a network at a step, if it was evaluated there."""
        return self._records.get((step, name))

    def after(self, step: int) -> tuple[EpochRecord, ...]:
        """Those later than `step`."""
        later = itertools.takewhile(lambda record: record.step > step, reversed(self._records.values()))
        return tuple(later)[::-1]

    def latest(self, step: int, name: str) -> EpochRecord:
        """Of a network as it was at a step: there, where it is evaluated already, or an epoch before."""
        last = step - step % self._spacing
        return self.at(last, name) or self._records[last - self._spacing, name]

    def forget_after(self, step: int) -> None:
        """Drop those later than `step`."""
        self._records = {place: record for place, record in self._records.items() if record.step <= step}
