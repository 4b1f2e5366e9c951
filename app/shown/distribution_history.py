"""Moments of a run that are kept, to show distributions over time."""

from itertools import pairwise

from core.training import TrainingFrame

MOST_CELLS = 20_000
"""Distributions in all that is kept: some 25 MB."""
MOST, LEAST = 40, 8
"""Moments, whatever the networks' size."""


class DistributionHistory:
    """A choice of frames, evenly spread over the steps so far; every second goes when there are too many."""

    def __init__(self) -> None:
        self._kept: dict[int, TrainingFrame] = {}
        self._stride = 1

    def clear(self) -> None:
        """Forget a run."""
        self._kept, self._stride = {}, 1

    def take(self, frame: TrainingFrame) -> None:
        """Keep a frame, if it is not too near to one that is kept."""
        near = min(
            (abs(step - frame.step) for step in self._kept if step != frame.step), default=self._stride
        )
        if frame.step in self._kept or near >= self._stride:
            self._kept = dict(sorted({**self._kept, frame.step: frame}.items()))
        cells = sum(len(network.statistics) for network in frame.networks)
        while len(self._kept) > max(LEAST, min(MOST, MOST_CELLS // max(cells, 1))):
            steps = list(self._kept)[::2]
            self._kept = {step: self._kept[step] for step in steps}
            self._stride = max(self._stride + 1, min(b - a for a, b in pairwise(steps)))

    def until(self, frame: TrainingFrame) -> list[TrainingFrame]:
        """What is kept of the steps before a frame, and the frame."""
        return [*(kept for step, kept in self._kept.items() if step < frame.step), frame]
