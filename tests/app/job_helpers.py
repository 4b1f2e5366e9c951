"""What tests of jobs share: what signals say, waiting, and small runs."""

from msgspec.structs import replace

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
