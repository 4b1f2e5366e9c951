"""Maps drawn in a process of their own: what is asked for, and what of the answers is still wanted."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QSocketNotifier, Qt, Signal

from app.channels import Channel
from app.map_server import Compiling, Draw, Drawn, Forget, Refused
from app.playback import Clock
from core.map_spec import MapSpec

COMPILING = "Compiling the map’s code (once for each optimizer and surface); NumPy draws until it is ready."
COMPILED = "The map’s code is compiled."


@dataclass(frozen=True)
class _Wish:
    """The newest map that is wanted under a name, and whether it is on its way."""

    subject: object
    spec: MapSpec
    serial: int
    sent: bool = False


class MapJob(QObject):
    """Maps by name, each the newest that was asked for.

    At most one order of a name is without its first answer, so that a drag shows one coarse map after
    the other and nothing piles up. An answer to an older order is shown only if it is such a first one,
    about the same subject, and nothing newer has come; any other that is late is dropped.

    Signals
    -------
    drawn(str, object)
        Name, and a `Drawn`: a level of the map.
    refused(str, str)
        Name and sentence: that map cannot be drawn.
    said(str)
        A sentence about the process: it compiles, it has died.
    """

    drawn = Signal(str, object)
    refused = Signal(str, str)
    said = Signal(str)
    _soon = Signal()
    """Look once more when what goes on is done and before it is painted: one frame may show both."""

    def __init__(
        self, clock: Clock, open_channel: Callable[[], Channel], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._clock, self._open = clock, open_channel
        self._channel: Channel | None = None
        self._bell: QSocketNotifier | None = None
        self._wishes: dict[str, _Wish] = {}
        self._unanswered: dict[str, _Wish] = {}
        self._unfinished: set[str] = set()
        self._compiling = self._lively = False
        self._serial = 0
        clock.beat.connect(self._look)
        self._soon.connect(self._look, Qt.ConnectionType.QueuedConnection)

    @property
    def channel(self) -> Channel | None:
        """The way to the process, if there is one."""
        return self._channel

    @property
    def busy(self) -> bool:
        """Whether answers are still to come."""
        return bool(self._unfinished) or self._compiling

    def ask(self, name: str, subject: object, spec: MapSpec) -> None:
        """Draw a map, from coarse to fine.

        Parameters
        ----------
        subject
            What the map is about. The first level of an older order is shown if it is about the same.
        """
        self._serial += 1
        self._wishes[name] = _Wish(subject, spec, self._serial)
        self._unfinished.add(name)
        self._carry_out()
        self._soon.emit()

    def drop(self, name: str) -> None:
        """Want no map of that name any more."""
        if self._wishes.pop(name, None) is not None:
            self._unfinished.discard(name)
            self._unanswered.pop(name, None)
            if self._channel is not None:
                self._send(Forget(name))
            self._carry_out()

    def close(self) -> None:
        """End the process."""
        self._forget_channel()
        self._wishes.clear()
        self._unfinished.clear()
        self._clock.need("maps", False)

    def _carry_out(self) -> None:
        for name, wish in list(self._wishes.items()):
            if not wish.sent and name not in self._unanswered:
                self._wishes[name] = self._unanswered[name] = replace(wish, sent=True)
                self._send(Draw(name, wish.serial, wish.spec))
        self._clock.need("maps", self.busy and self._channel is not None)

    def _send(self, order: Draw | Forget) -> None:
        try:
            if self._channel is None:
                self._begin()
            assert self._channel is not None
            self._channel.send(order)
        except OSError as error:
            if self._channel is None:
                self.said.emit(f"The maps' process cannot be started ({error.strerror or error}).")
            else:
                self._revive(self._channel)

    def _begin(self) -> None:
        self._channel = self._open()
        bell = self._channel.bell()
        if bell is not None:  # so that a map need not wait for the next beat
            self._bell = QSocketNotifier(bell, QSocketNotifier.Type.Read, self)
            self._bell.activated.connect(self._look)

    def _look(self, *_: object) -> None:
        if self._channel is None:
            return
        channel = self._channel
        try:
            answers = channel.receive()
        except (EOFError, OSError):
            self._revive(channel)
            return
        fresh: dict[str, Drawn] = {}
        for answer in answers:
            self._lively = True
            if isinstance(answer, Compiling):
                self._compiling = answer.busy
                self.said.emit(COMPILING if answer.busy else COMPILED)
            elif self._take(answer):
                fresh[answer.name] = answer
        if answers:
            self._carry_out()
        for name, level in fresh.items():  # of levels that come together only the finest is worth painting
            self.drawn.emit(name, level)

    def _take(self, answer: Drawn | Refused) -> bool:
        """Whether an answer is a level to be shown."""
        name, wish, sent = answer.name, self._wishes.get(answer.name), self._unanswered.get(answer.name)
        about = None
        if sent is not None and sent.serial == answer.serial:
            about = self._unanswered.pop(name).subject
        if wish is None:
            return False
        newest = answer.serial == wish.serial
        if newest and (isinstance(answer, Refused) or answer.last):
            self._unfinished.discard(name)
        if isinstance(answer, Refused):
            if newest:
                self.refused.emit(name, answer.sentence)
            return False
        return newest or about == wish.subject

    def _revive(self, channel: Channel) -> None:
        """Start the process again, unless it dies of what it is asked."""
        death, lively = channel.death(), self._lively
        self._forget_channel()
        again = "it has been started again" if lively else "change anything to try again"
        self.said.emit(f"The maps' process ended unexpectedly ({death}); {again}.")
        if lively:
            self._wishes = {name: replace(wish, sent=False) for name, wish in self._wishes.items()}
            self._carry_out()
        else:
            self._unfinished.clear()
            self._clock.need("maps", False)

    def _forget_channel(self) -> None:
        if self._bell is not None:
            self._bell.setEnabled(False)
            self._bell.deleteLater()
            self._bell = None
        if self._channel is not None:
            self._channel.close()
        self._channel, self._compiling, self._lively = None, False, False
        self._unanswered.clear()
