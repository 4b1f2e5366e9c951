"""A small training run, and what tests ask of any."""

import msgspec
import numpy as np

from core.choice import Choice
from core.optimizer import MethodSpec
from core.training import NetworkSpec, TrainingRun, TrainingSpec
from tests.training_specs import training

SMALL = training(
    dataset=Choice("moons", {"samples": 100}),
    network=NetworkSpec(layers=2, units=8, activation=Choice("tanh"), batch_norm="before"),
    initializers=(Choice("xavier_normal"), Choice("small_normal")),
    method=MethodSpec(Choice("adam", {"learning_rate": 0.01})),
    batch_size=32,
    epochs=3,
)


def changed(**fields):
    return training(SMALL, **fields)


def with_network(**fields):
    return changed(network=msgspec.structs.replace(SMALL.variants[0].network, **fields))


def run_to_the_end(spec: TrainingSpec) -> TrainingRun:
    run = TrainingRun(spec)
    while not run.finished:
        run.step()
    return run


def parameters(run: TrainingRun) -> list[np.ndarray]:
    return [trainee.network.vector.values.copy() for trainee in run._trainees]
