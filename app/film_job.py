"""A film, made in a process of its own."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from app.channels import Channel, ProcessChannel
from app.exporters.files import check_files, new_part, take_place
from app.film_server import Made, Make, serve
from app.playback import Clock
from app.watched_job import WatchedJob
from core.errors import InputError


class FilmJob(WatchedJob):
    """One film at a time, and its path when it is whole; else there is nothing of it.

    How far it is, is told in frames, before that in steps of the training where networks are filmed.
    """

    def __init__(
        self, clock: Clock, open_channel: Callable[[], Channel], parent: QObject | None = None
    ) -> None:
        again = "; there is no file. Press Save to begin again."
        super().__init__(clock, open_channel, "film", again, parent)
        self._path = self._part = Path()

    def begin(self, order: Callable[[Path], Make], path: Path) -> None:
        """Begin a film; `order` says what it is, given where it is written meanwhile.

        Raises
        ------
        InputError
            When there can be no file at `path`.
        """
        self._path = check_files([str(path)], [path.suffix.lower()])[0]
        self._part = new_part(self._path)
        self._begin(order(self._part))

    def close(self) -> None:
        """End the process; what it was writing goes."""
        unfinished = self.busy
        super().close()
        if unfinished:
            self._part.unlink(missing_ok=True)

    def _take(self, result: Made) -> None:
        try:
            take_place(self._part, self._path)
        except InputError as error:
            self._fail(str(error))
        else:
            self.done.emit(self._path)

    def _fail(self, sentence: str) -> None:
        self._part.unlink(missing_ok=True)
        super()._fail(sentence)


def film_process() -> Channel:
    """A process that makes films; it ends with the window."""
    return ProcessChannel(serve, "optiscope-films")
