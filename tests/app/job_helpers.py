"""What tests of jobs share: what signals say, waiting, and small runs."""

from typing import Any

from msgspec.structs import replace

from app.playback import Clock
from core.choice import Choice
from tests.app.laboratory_driver import small_experiment
from tests.training_specs import training

SPEC = training(small_experiment().training, initializers=(Choice("xavier_normal"),))
LONG = replace(SPEC, epochs=10_000)
BAD = replace(SPEC, batch_size=100_000)


class Heard(list):
    """Collects what signals say."""

    def __call__(self, *said):
        self.append(said[0] if len(said) == 1 else said)


def resting(clock):
    return not clock._timer.isActive()


def until(qtbot, condition, seconds=30):
    qtbot.waitUntil(lambda: bool(condition()), timeout=1000 * seconds)


class Wire:
    """A channel whose other side is the test."""

    def __init__(self) -> None:
        self.orders: list[Any] = []
        self.answers: list[Any] = []
        self.dead = self.closed = False

    def send(self, order: Any) -> None:
        if self.dead:
            raise BrokenPipeError(32, "Broken pipe")
        self.orders.append(order)

    def receive(self) -> list[Any]:
        if self.dead:
            raise EOFError
        answers, self.answers = self.answers, []
        return answers

    def bell(self) -> None:
        return None

    def death(self) -> str:
        return "signal 9"

    def close(self) -> None:
        self.closed = True

    @property
    def serials(self) -> list[int]:
        return [order.serial for order in self.orders if hasattr(order, "serial")]


class Wires:
    """A job at wires that the test holds, opened one after the other."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.wires: list[Wire] = []

    def open(self) -> Wire:
        self.wires.append(Wire())
        return self.wires[-1]

    @property
    def wire(self) -> Wire:
        return self.wires[-1]

    def answer(self, *answers: Any) -> None:
        self.wire.answers += answers
        self.clock.beat.emit(0.016)
