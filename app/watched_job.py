"""Long work in a process of its own: what is asked for, how far it is, and what came of it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.channels import Channel
from app.playback import Clock
from app.watched_server import Failed, Order, Progress, Result, Stop


class WatchedJob(QObject):
    """One piece of work at a time, in a process that stays; what an earlier one still says is not told.

    Parameters
    ----------
    name
        What the process is for, in a word of sentences.
    again
        What follows the sentence that the process has ended, and how to begin again.

    Attributes
    ----------
    busy
        Whether work is under way.

    Signals
    -------
    moved(int, int, str)
        How much is done, of how much, and what has its turn ("" where there is nothing to tell).
    done(object)
        The result.
    failed(str)
        Why there is none; "" where it was given up.
    """

    moved = Signal(int, int, str)
    done = Signal(object)
    failed = Signal(str)

    def __init__(
        self,
        clock: Clock,
        open_channel: Callable[[], Channel],
        name: str,
        again: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock, self._open = clock, open_channel
        self._name, self._again = name, again
        self._channel: Channel | None = None
        self._serial = 0
        self.busy = False
        clock.beat.connect(self._look)

    @property
    def channel(self) -> Channel | None:
        """The way to the process, if there is one."""
        return self._channel

    def stop(self) -> None:
        """End the work early; what comes of it is told."""
        if self.busy and self._channel is not None:
            try:
                self._channel.send(Stop())
            except OSError:
                self._look()

    def drop(self) -> None:
        """Want no result any more."""
        self.stop()
        self._serial += 1
        self._set_busy(False)

    def close(self) -> None:
        """End the process."""
        self._forget_channel()
        self._set_busy(False)

    def _begin(self, work: Any) -> None:
        """Begin in place of what is under way."""
        self.drop()
        self._serial += 1
        self._set_busy(True)
        try:
            self._send(Order(self._serial, work))
        except OSError as error:
            self._give_up(f"The {self._name}'s process cannot be started ({error.strerror or error}).")

    def _send(self, order: Order) -> None:
        """To the process that is there, or else to a new one."""
        try:
            if self._channel is not None:
                while self._channel.receive():  # nobody wants it any more; a process that has died says so
                    pass
                self._channel.send(order)
                return
        except (EOFError, OSError):  # it died unnoticed while it had nothing to do
            self._forget_channel()
        self._channel = self._open()
        self._channel.send(order)

    def _look(self, *_: object) -> None:
        if self._channel is None or not self.busy:
            return
        try:
            answers = self._channel.receive()
        except (EOFError, OSError):
            death = self._channel.death()
            self._give_up(f"The {self._name}'s process ended unexpectedly ({death}){self._again}")
            return
        for answer in answers:
            if answer.serial == self._serial:
                self._tell(answer)

    def _tell(self, answer: Progress | Result) -> None:
        if isinstance(answer, Progress):
            self.moved.emit(answer.done, answer.total, answer.turn)
            return
        self._set_busy(False)
        if isinstance(answer.result, Failed):
            self._fail(answer.result.sentence)
        else:
            self._take(answer.result)

    def _take(self, result: Any) -> None:
        self.done.emit(result)

    def _fail(self, sentence: str) -> None:
        self.failed.emit(sentence)

    def _give_up(self, sentence: str) -> None:
        self._forget_channel()
        self._set_busy(False)
        self._fail(sentence)

    def _forget_channel(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel = None

    def _set_busy(self, busy: bool) -> None:
        self.busy = busy
        self._clock.need(self._name, busy)
