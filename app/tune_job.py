"""A search for the best numbers of every optimizer, in a process of its own."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.channels import Channel
from app.playback import Clock
from app.watched_job import WatchedJob
from core.search import TuneSpec


class TuneJob(WatchedJob):
    """One search at a time: a `TuneResult`, which is not `complete` when the search was stopped.

    How far it is, is told in trials, with the optimizer whose turn it is.
    """

    def __init__(
        self, clock: Clock, open_channel: Callable[[], Channel], parent: QObject | None = None
    ) -> None:
        super().__init__(clock, open_channel, "tuning", ". Press Tune to begin again.", parent)

    def begin(self, spec: TuneSpec) -> None:
        """Begin a search in place of the one that is under way."""
        self._begin(spec)
