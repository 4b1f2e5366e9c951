"""Training in a process of its own: the ways to it, and the job that keeps it.

The window never waits for the process: there is at most one unanswered order, so that neither
side's pipe can fill up. What a person asks for meanwhile is kept as a wish, the newest only.
"""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app import channels
from app.channels import Channel
from app.playback import Clock
from app.server_processes import serve_training
from app.training_messages import (
    Answer,
    Laid,
    LayPlane,
    Load,
    Order,
    Pause,
    Refusal,
    Report,
    Rewind,
    Seeking,
    Train,
    Watch,
    Watched,
)
from core.training import TrainingSpec

Follower = Callable[[Report], None]


class ProcessChannel(channels.ProcessChannel):
    """A training server in a spawned process."""

    def __init__(self) -> None:
        super().__init__(serve_training, "optiscope-training")


class InlineChannel(channels.InlineChannel):
    """A training server in this process, for tests."""

    def __init__(self, seconds: float = 0.01) -> None:
        from app.training_server import TrainingServer

        super().__init__(TrainingServer(), seconds)


class TrainingJob(QObject):
    """One training run at a time, in a process that stays.

    Signals
    -------
    reported(object)
        A `Report` of the spec that was loaded last.
    refused(str, str)
        Field and sentence: that spec cannot be run.
    laid(object)
        `Laid`: the plane that was asked for last, of the run that is loaded.
    died(str)
        A sentence: the process has ended by itself, or none can be started.

    Attributes
    ----------
    running
        Whether training goes on, or will as soon as the wishes are carried out.
    step
        Of the latest report.
    sought
        The step that was asked for and is not shown yet, or None.
    """

    reported = Signal(object)
    refused = Signal(str, str)
    laid = Signal(object)
    died = Signal(str)

    def __init__(
        self,
        clock: Clock,
        open_channel: Callable[[], Channel] = ProcessChannel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock, self._open = clock, open_channel
        self._channel: Channel | None = None
        self._spec: TrainingSpec | None = None
        self._stale = self._active = self._more = False
        self._recorded = 0
        self._rewind: int | None = None
        self.sought: int | None = None
        self._wish: Callable[[int], Train | Pause] | None = None
        self._goal: Callable[[int], Train] = Train
        self.step = 0
        self._watched = self._watched_told = Watched()
        self._followers: list[Follower] = []
        self._untold: list[tuple[Follower, Report]] = []
        self._plane: tuple[int, str] | None = None
        self._plane_serial: int | None = None
        self._generation = self._serial = self._answered = 0
        self.running = False
        clock.beat.connect(self._look)

    @property
    def channel(self) -> Channel | None:
        """The way to the process, if there is one."""
        return self._channel

    @property
    def is_settled(self) -> bool:
        """Whether everything that was asked for is there, and everybody has been told."""
        return not self._waits

    def follow(self, follower: Follower) -> None:
        """Tell of every report too, at a later beat than `reported` and than other followers.

        Panels that all drew the same report at once would make a frame that is seen to stand still.
        """
        self._followers.append(follower)

    def load(self, spec: TrainingSpec) -> None:
        """Begin the run of a spec; trains on at once if the one before was training."""
        self._spec, self._stale = spec, True
        self._rewind = self.sought = None
        self.step = 0
        self._untold, self._more = [], False
        self._plane = self._plane_serial = None
        if self.running:
            self._wish = self._goal
        self._carry_out()

    def train(self, epochs: int | None = None) -> None:
        """Train, for some epochs or to the end."""
        self._train(lambda serial: Train(serial, epochs))

    def go_to(self, step: int) -> None:
        """Show a step, and stay there: go back to it, or train until it is reached."""
        if step < self.step:
            self.rewind(step)
        elif step > self.step:
            self._train(lambda serial: Train(serial, to=step))
        elif self.running:
            self.pause()

    def _train(self, goal: Callable[[int], Train]) -> None:
        self.running, self._goal = True, goal
        self._wish = goal
        self._carry_out()

    def pause(self) -> None:
        """Stay at this step."""
        if self._channel is not None:
            self.running = False
            self._wish = Pause
            self._carry_out()

    def rewind(self, step: int) -> None:
        """Go to a step that was recorded, and stay there; of several wishes the newest counts."""
        if self._channel is not None and not self._stale:
            self.running, self._wish = False, None
            self._rewind = self.sought = step
            self._carry_out()

    def watch_pictures(self, network: int | None) -> None:
        """Ask for pictures of what one network has learned with every report, or for none any more."""
        self._watch(replace(self._watched, pictures=network))

    def watch_norms(self, network: int | None, noise: bool = False) -> None:
        """Ask for what batch norm does in one network with every report, or for no more of it."""
        self._watch(replace(self._watched, norms=network, noise=noise and network is not None))

    def _watch(self, watched: Watched) -> None:
        self._watched = watched
        if self._channel is not None:  # else it is asked for when there is something to show
            self._carry_out()

    def lay_plane(self, network: int, directions: str) -> None:
        """Ask for a plane through a network's parameters where the run is; another run drops the wish."""
        self._plane, self._plane_serial = (network, directions), None
        self._carry_out()

    def reset(self) -> None:
        """Begin the same run anew, without training on."""
        if self._spec is not None:
            self.running, self._wish = False, None
            self.load(self._spec)

    def close(self) -> None:
        """End the process."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._clock.need("training", False)

    @property
    def _wishes(self) -> bool:
        """Whether there is something to order yet."""
        return self._stale or self._rewind is not None or self._wish is not None

    def _carry_out(self) -> None:
        """Send the next order, unless an answer is still awaited."""
        if self._answered == self._serial:
            order = self._next_order()
            if order is not None:
                self._send(order, may_restart=True)
        self._clock.need("training", self._waits and self._channel is not None)

    @property
    def _waits(self) -> bool:
        """Whether there is something to hear, or to tell, yet."""
        return (
            self.running
            or self._answered < self._serial
            or self.sought is not None
            or self._plane is not None
            or self._plane_serial is not None
            or self._more
            or bool(self._untold)
        )

    def _next_order(self) -> Order | None:
        if self._stale and self._spec is not None:
            self._stale = False
            self._generation += 1
            self._serial += 1
            return Load(self._serial, self._generation, self._spec)
        if self._watched != self._watched_told:
            self._watched_told = self._watched
            self._serial += 1
            return Watch(self._serial, self._watched)
        if self._rewind is not None:
            step, self._rewind = self._rewind, None
            self._serial += 1
            return Rewind(self._serial, step)
        if self._plane is not None:
            wanted, self._plane = self._plane, None
            self._serial += 1
            self._plane_serial = self._serial
            return LayPlane(self._serial, *wanted)
        if self._wish is None:
            return None
        wish, self._wish = self._wish, None
        self._serial += 1
        return wish(self._serial)

    def _send(self, order: Order, may_restart: bool) -> None:
        try:
            if self._channel is None:
                self._channel = self._open()
            self._channel.send(order)
        except OSError as error:
            if self._channel is None or not may_restart:
                self._give_up(f"The training process cannot be started ({error.strerror or error}).")
            elif self._active or (self._recorded and not isinstance(order, Load)):
                self._say_death(self._channel)
            else:  # it died unnoticed while it had nothing to do: nothing is lost by starting another
                self._forget_channel()
                self._restart_with(order)

    def _restart_with(self, order: Order) -> None:
        if isinstance(order, Train):
            self._wish = lambda serial: replace(order, serial=serial)
        first = self._next_order()
        if first is not None:
            self._send(first, may_restart=False)

    def _look(self) -> None:
        if self._channel is None:
            return
        try:
            answers = self._channel.receive()
        except (EOFError, OSError):
            self._say_death(self._channel)
            return
        if not answers and not self._untold:
            return
        for answer in answers:
            if answer.generation == self._generation:
                self._tell(answer)
        if not answers:
            self._tell_followers(self._untold[:1])
        self._carry_out()

    def _tell_followers(self, some: list[tuple[Follower, Report]]) -> None:
        del self._untold[: len(some)]
        for follower, report in some:
            follower(report)

    def _tell(self, answer: Answer) -> None:
        if isinstance(answer, Laid):
            self._tell_plane(answer)
            return
        self._answered = answer.serial
        if isinstance(answer, Seeking):
            return
        self._active = isinstance(answer, Report) and answer.running
        if isinstance(answer, Refusal):
            if not self._stale:
                self.running, self._wish = False, None
            self.refused.emit(answer.field, answer.sentence)
            return
        self._recorded, self.step, self._more = answer.recorded, answer.frame.step, answer.more
        if (
            answer.serial == self._serial and not self._wishes
        ):  # an older one knows nothing of the newest wish
            self.running, self.sought = answer.running, None
        self._tell_followers(self._untold[:])  # reports come faster than beats: none is passed over
        self.reported.emit(answer)
        self._untold = [(follower, answer) for follower in self._followers]

    def _tell_plane(self, answer: Laid) -> None:
        """Unless another plane, or another run, has been asked for since."""
        if answer.serial == self._plane_serial:
            self._plane_serial = None
            self.laid.emit(answer)

    def _say_death(self, channel: Channel) -> None:
        self._give_up(
            f"The training process ended unexpectedly ({channel.death()}). What it had sent is kept;"
            " press Train to start it again from the first step."
        )

    def _give_up(self, sentence: str) -> None:
        self._tell_followers(self._untold[:])
        self._forget_channel()
        self._wish, self.running = None, False
        self._rewind = self.sought = None
        self._plane = self._plane_serial = None
        self._clock.need("training", False)
        self.died.emit(sentence)

    def _forget_channel(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel, self._recorded = None, 0
        self._stale, self._active, self._more = True, False, False
        self._answered, self._watched_told = self._serial, Watched()
