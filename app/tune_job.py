"""A search for the best numbers of every optimizer, in a process of its own."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.channels import Channel
from app.playback import Clock
from app.tune_server import Progress, Stop, Tune, Tuned, Untunable
from core.search import TuneSpec


class TuneJob(QObject):
    """One search at a time; what an earlier one still says is not told.

    Attributes
    ----------
    busy
        Whether a search is under way.

    Signals
    -------
    moved(int, int, str)
        Trials made, of how many, and the optimizer whose turn it was.
    found(object)
        A `TuneResult`; not `complete` when the search was stopped.
    failed(str)
        Why there is none.
    """

    moved = Signal(int, int, str)
    found = Signal(object)
    failed = Signal(str)

    def __init__(
        self,
        clock: Clock,
        open_channel: Callable[[], Channel],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock, self._open = clock, open_channel
        self._channel: Channel | None = None
        self._serial = 0
        self.busy = False
        clock.beat.connect(self._look)

    @property
    def channel(self) -> Channel | None:
        """The way to the process, if there is one."""
        return self._channel

    def begin(self, spec: TuneSpec) -> None:
        """Begin a search in place of the one that is under way."""
        self.drop()
        self._serial += 1
        order = Tune(self._serial, spec)
        self._set_busy(True)
        try:
            if self._channel is not None:
                self._channel.send(order)
                return
        except OSError:  # it died unnoticed while it had nothing to do
            self._forget_channel()
        try:
            self._channel = self._open()
            self._channel.send(order)
        except OSError as error:
            self._give_up(f"The tuning's process cannot be started ({error.strerror or error}).")

    def stop(self) -> None:
        """End the search; what it has found until then is told."""
        self._send_stop()

    def drop(self) -> None:
        """Want no result any more."""
        self._send_stop()
        self._serial += 1
        self._set_busy(False)

    def close(self) -> None:
        """End the process."""
        self._forget_channel()
        self._set_busy(False)

    def _send_stop(self) -> None:
        if self.busy and self._channel is not None:
            try:
                self._channel.send(Stop())
            except OSError:
                self._look()

    def _look(self, *_: object) -> None:
        if self._channel is None or not self.busy:
            return
        try:
            answers = self._channel.receive()
        except (EOFError, OSError):
            death = self._channel.death()
            self._give_up(f"The tuning's process ended unexpectedly ({death}). Press Tune to begin again.")
            return
        for answer in answers:
            if answer.serial == self._serial:
                self._tell(answer)

    def _tell(self, answer: Progress | Tuned | Untunable) -> None:
        if isinstance(answer, Progress):
            self.moved.emit(answer.done, answer.total, answer.optimizer)
            return
        self._set_busy(False)
        if isinstance(answer, Tuned):
            self.found.emit(answer.result)
        else:
            self.failed.emit(answer.sentence)

    def _give_up(self, sentence: str) -> None:
        self._forget_channel()
        self._set_busy(False)
        self.failed.emit(sentence)

    def _forget_channel(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel = None

    def _set_busy(self, busy: bool) -> None:
        self.busy = busy
        self._clock.need("tuning", busy)
