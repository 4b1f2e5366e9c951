"""Going back in a recorded run: the default networks on the digits, 10,000 steps.

The time is the training process's own: from the order to the report of that step, with its statistics.
"""

import pickle
import time

import numpy as np
from msgspec.structs import replace

from app.training_server import Load, Report, Rewind, Train, TrainingServer
from core.experiment import default_experiment
from tests.benchmarks.harness import Figure, Judged, milliseconds

STEPS, VISITS = 10_000, 300


def figures() -> list[Figure]:
    """Time to go to steps all over the run, and what recording it takes."""
    server = TrainingServer()
    recorded = trained(server)
    steps = np.random.default_rng(0).integers(0, recorded + 1, VISITS)
    seconds = [gone(server, serial, int(step)) for serial, step in enumerate(steps, start=3)]
    recorder = server._recorder
    assert recorder is not None
    known = len(pickle.dumps((recorder.run.series, recorder.run.records)))
    memory, disk = recorder.bytes_in_memory + known, recorder.bytes_on_disk
    return [
        Figure(
            name=f"to any of {recorded:,} recorded steps", samples=milliseconds(tuple(seconds)),
            target=50, judged=Judged.PERCENTILE,
            note=f"the default digits networks; a snapshot every {recorder.spacing} steps.",
        ),
        Figure(
            name=f"memory of {recorded:,} recorded steps", unit="MB", samples=(memory / 1e6,), target=300,
            note=f"{disk / 1e6:.0f} MB of older steps on disk.",
        ),
    ]  # fmt: skip


def trained(server: TrainingServer) -> int:
    """Train the default networks for that many steps; returns the last."""
    spec = default_experiment().training
    (report,) = server.handle(Load(1, 1, spec))
    assert isinstance(report, Report)
    epochs = -(-STEPS // report.frame.steps_per_epoch)
    server.handle(Load(1, 1, replace(spec, epochs=epochs)))
    server.handle(Train(2))
    while server.wait is not None:
        for answer in server.work(0.1):
            assert isinstance(answer, Report)
            report = answer
    return report.recorded


def gone(server: TrainingServer, serial: int, step: int) -> float:
    """Seconds until the report of a step."""
    begin = time.perf_counter()
    answers = server.handle(Rewind(serial, step))
    while server.wait is not None:
        answers += server.work(0.011)
    taken = time.perf_counter() - begin
    assert isinstance(answers[-1], Report)
    assert answers[-1].frame.step == step
    return taken
