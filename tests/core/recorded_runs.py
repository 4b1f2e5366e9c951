"""What tests of recording share: small runs, and all that there is to a run at a step."""

import msgspec

from core.choice import Choice
from core.optimizer import MethodSpec
from core.training import NetworkSpec, Recorder, TrainingRun, TrainingSpec, alike
from tests.training_specs import training

NETWORK = NetworkSpec(layers=2, units=8, activation=Choice("tanh"), batch_norm="before")
SPEC = TrainingSpec(
    dataset=Choice("moons", {"samples": 100}),
    variants=alike(
        (Choice("xavier_normal"), Choice("he_normal")),
        network=NETWORK,
        method=MethodSpec(Choice("momentum", {"learning_rate": 0.05})),
    ),
    batch_size=30,
    epochs=6,
)


def changed(**fields) -> TrainingSpec:
    return training(SPEC, **fields)


class TimedRun(TrainingRun):
    """A run whose steps take a given time, of its own clock; all else takes none."""

    def __init__(self, spec: TrainingSpec, seconds: float) -> None:
        super().__init__(spec)
        self.now, self.seconds = 0.0, seconds

    def advance(self) -> None:
        super().advance()
        self.now += self.seconds

    def clock(self) -> float:
        return self.now


def recorder_of(spec: TrainingSpec, seconds: float = 0.001, **options) -> Recorder:
    """The smaller `seconds` a step takes, the further apart are the snapshots."""
    run = TimedRun(spec, seconds)
    return Recorder(run, clock=run.clock, **options)


def record(spec: TrainingSpec, seconds: float = 0.001, **options) -> Recorder:
    recorder = recorder_of(spec, seconds, **options)
    while not recorder.run.finished:
        recorder.step()
    return recorder


def state(run: TrainingRun):
    """All that there is to a run."""
    snapshot = run.snapshot()
    frame = run.frame()
    return {
        "step": snapshot.step,
        "numbers": snapshot.numbers.tobytes(),
        "shuffles": repr(snapshot.shuffles),
        "fortunes": repr(snapshot.fortunes),
        "masks": repr(snapshot.masks),
        "frame": repr([(n.outcome, n.message, n.batch_loss, n.record) for n in frame.networks]),
        "statistics": [cell.counts.tolist() for n in frame.networks for cell in n.statistics],
    }


def known(run: TrainingRun):
    return repr(run.records), {name: series.rows.tobytes() for name, series in run.series.items()}


def everything(run: TrainingRun):
    """That, and what is known of later steps."""
    return state(run) | {"known": known(run)}


def states(spec: TrainingSpec, look=state) -> list:
    """What a look finds after every step of a run that is never taken back."""
    run = TrainingRun(spec)
    found = [look(run)]
    while not run.finished:
        run.step()
        found.append(look(run))
    return found


def diverging() -> TrainingSpec:
    """The first network overflows after some steps, the second goes on."""
    network = msgspec.structs.replace(NETWORK, batch_norm="off", activation=Choice("leaky_relu"))
    wild, calm = SPEC.variants
    wild = msgspec.structs.replace(
        wild, network=network, initializer=Choice("large_normal", {"std": 1.0}),
        method=MethodSpec(Choice("sgd", {"learning_rate": 10.0})),
    )  # fmt: skip
    return changed(variants=(wild, calm))
