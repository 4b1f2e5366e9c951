"""A film, made in a process of its own."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.channels import Channel, ProcessChannel
from app.exporters.files import check_files, new_part, take_place
from app.film_server import Failed, Made, Make, Progress, Stop, serve
from app.playback import Clock
from core.errors import InputError

_GONE = "The film's process ended unexpectedly ({}); there is no file. Press Save to begin again."


class FilmJob(QObject):
    """One film at a time. Its file is there when it is whole, and else there is nothing of it.

    Signals
    -------
    moved(int, int)
        Frames made, and of how many.
    made(object)
        Path of the film.
    failed(str)
        Why there is none; "" where it was given up.
    """

    moved = Signal(int, int)
    made = Signal(object)
    failed = Signal(str)

    def __init__(
        self, clock: Clock, open_channel: Callable[[], Channel], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._clock, self._open = clock, open_channel
        self._channel: Channel | None = None
        self._path = self._part = Path()
        self.busy = False
        clock.beat.connect(self._look)

    @property
    def channel(self) -> Channel | None:
        """The way to the process, if there is one."""
        return self._channel

    def begin(self, order: Callable[[Path], Make], path: Path) -> None:
        """Begin a film; `order` says what it is, given where it is written meanwhile.

        Raises
        ------
        InputError
            When there can be no file at `path`.
        """
        self._path = check_files([str(path)], [path.suffix.lower()])[0]
        self._part = new_part(self._path)
        self._set_busy(True)
        try:
            if self._channel is None:
                self._channel = self._open()
            self._channel.send(order(self._part))
        except OSError as error:
            self._end(f"The film's process cannot be started ({error.strerror or error}).")

    def cancel(self) -> None:
        """Give the film up."""
        if self.busy and self._channel is not None:
            try:
                self._channel.send(Stop())
            except OSError:
                self._look()

    def close(self) -> None:
        """End the process; what it was writing goes."""
        self._forget_channel()
        if self.busy:
            self._part.unlink(missing_ok=True)
            self._set_busy(False)

    def _look(self, *_: object) -> None:
        if self._channel is None or not self.busy:
            return
        try:
            answers = self._channel.receive()
        except (EOFError, OSError):
            self._end(_GONE.format(self._channel.death()))
            return
        for answer in answers:
            self._tell(answer)

    def _tell(self, answer: Progress | Made | Failed) -> None:
        if isinstance(answer, Progress):
            self.moved.emit(answer.done, answer.total)
            return
        self._set_busy(False)
        if isinstance(answer, Failed):
            self.failed.emit(answer.sentence)
            return
        try:
            take_place(self._part, self._path)
        except InputError as error:
            self.failed.emit(str(error))
        else:
            self.made.emit(self._path)

    def _end(self, sentence: str) -> None:
        self._forget_channel()
        self._part.unlink(missing_ok=True)
        self._set_busy(False)
        self.failed.emit(sentence)

    def _forget_channel(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel = None

    def _set_busy(self, busy: bool) -> None:
        self.busy = busy
        self._clock.need("film", busy)


def film_process() -> Channel:
    """A process that makes films; it ends with the window."""
    return ProcessChannel(serve, "optiscope-films")
