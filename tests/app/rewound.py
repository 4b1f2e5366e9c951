"""What tests of going back in a training run share: small runs, their frames, and a server's answers."""

from msgspec.structs import replace

from app.training_server import Report, TrainingServer
from core.choice import Choice
from core.training import TrainingRun
from tests.app.laboratory_driver import small_experiment
from tests.training_specs import training

SPEC = replace(training(small_experiment().training, initializers=(Choice("xavier_normal"),)), batch_size=8)
LONG = replace(SPEC, epochs=2_000)


def figures(frame):
    """What a frame says of the networks, to the last bit."""
    return [
        (n.outcome, n.message, n.batch_loss, n.record,
         *((c.mean, c.std, c.counts.tolist()) for c in n.statistics))
        for n in frame.networks
    ]  # fmt: skip


def frames(spec):
    run = TrainingRun(spec)
    found = [run.frame()]
    while not run.finished:
        run.step()
        found.append(run.frame())
    return found


def frame_at(spec, step):
    """The frame of a step, by a run straight to it."""
    run = TrainingRun(spec)
    for _ in range(step):
        run.step()
    return run.frame()


def said(server: TrainingServer) -> list:
    """All answers until there is nothing to do."""
    answers = []
    while server.wait is not None:
        answers += server.work(0.01)
    return answers


def finish(server: TrainingServer, answers=()) -> Report:
    return [*answers, *said(server)][-1]


def slowly(work):
    """A slice of time is over after a step."""
    return lambda self, seconds: work(self, 0.0)
