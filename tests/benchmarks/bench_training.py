"""Training steps of the lab's reference network, against torch eager and against bare matrix products.

10 hidden layers of 100 units, batch norm before ReLU, batches of 128 digits, Adam, float32, one thread.
"""

import statistics
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from core.choice import Choice
from core.data.preprocessing import prepare
from core.network.arrays import Workspace
from core.network.model import Network
from core.network.spec import NetworkSpec
from core.optimizer import OPTIMIZERS
from core.rule import array_stepper
from core.training import TrainingRun, TrainingSpec, Variant, alike
from core.training.trainee import Trainee
from tests.benchmarks.harness import (
    NEEDS_PEERS,
    Direction,
    Figure,
    Judged,
    measure,
    measure_together,
    milliseconds,
    peer,
    times_faster,
)

LAYERS, UNITS, BATCH, CLASSES, RATE = 10, 100, 128, 10, 1e-3
SPEC = NetworkSpec(layers=LAYERS, units=UNITS, activation=Choice("relu"), batch_norm="before")
STEPS = 10
"""Steps in one sample, so that each runs with the caches as a training run finds them."""
REPEATS = 60
MOST_STEPS = 100_000
NETWORK = "10 x 100, batch norm, ReLU, batch 128, Adam, float32"

Step = Callable[[], None]


def figures() -> list[Figure]:
    """Our step against torch's and against its own matrix products; and a frame of four networks."""
    data = prepare(Choice("digits"), seed=0)
    x, labels = data.training_inputs[:BATCH].astype(np.float32), data.training_labels[:BATCH]
    calls = {"ours": our_step(x, labels), "bare": bare_products(x)}
    if (torch := peer("torch")) is not None:
        calls["torch"] = torch_step(torch, x, labels)
    seconds = measure_together({name: repeated(step) for name, step in calls.items()}, REPEATS)
    times = {name: tuple(second / STEPS for second in seconds[name]) for name in calls}
    return [against_torch(times), against_products(times), frame_of_four()]


def repeated(step: Step) -> Step:
    def steps() -> None:
        for _ in range(STEPS):
            step()

    return steps


def against_torch(times: dict[str, tuple[float, ...]]) -> Figure:
    name, target = f"training step, {NETWORK}", 1.0
    if "torch" not in times:
        return Figure(name=name, compared_to="torch eager", target=target, direction=Direction.AT_LEAST,
                      judged=Judged.RATIO, missing=NEEDS_PEERS)  # fmt: skip
    ratio = times_faster(times["ours"], times["torch"])
    pace = 1 / statistics.median(times["ours"])
    return Figure(name=name, samples=milliseconds(times["ours"]), compared_to="torch eager", ratio=ratio,
                  target=target, direction=Direction.AT_LEAST, judged=Judged.RATIO,
                  note=f"{pace:.0f} steps/s; a later goal is a ratio of 2.")  # fmt: skip


def against_products(times: dict[str, tuple[float, ...]]) -> Figure:
    ratio = times_faster(times["ours"], times["bare"])
    return Figure(
        name="training step against its matrix products", samples=milliseconds(times["ours"]),
        compared_to="bare products", ratio=ratio,
        note=f"a whole step takes {1 / ratio:.2f} times its matrix products forward and backward;"
        " a later goal is 1.7.",
    )  # fmt: skip


def frame_of_four() -> Figure:
    names = ("small_normal", "large_normal", "xavier_normal", "he_normal")
    run = TrainingRun(TrainingSpec(variants=alike(tuple(map(Choice, names)), network=SPEC), epochs=1))
    return Figure(
        name="statistics of four such networks", samples=milliseconds(measure(run.frame, repeats=20)),
        note="a forward and backward pass of each, and 120 histograms, in the training process.",
    )  # fmt: skip


def our_step(x: np.ndarray, labels: np.ndarray) -> Step:
    """A step as a training run makes it: gradient, Adam, running statistics, look-out for divergence."""
    network = Network(SPEC, x.shape[1], CLASSES, Workspace(BATCH, "float32"))
    network.initialize(Choice("he_normal"), np.random.default_rng(0))
    adam = OPTIMIZERS["adam"]
    stepper = array_stepper(adam, adam.values({}), network.vector.values.size, "float32")
    trainee = Trainee(Variant(SPEC), "he_normal", "He", network, stepper, [RATE] * MOST_STEPS)
    steps = iter(range(1, MOST_STEPS + 1))
    return lambda: trainee.step(x, labels, next(steps))


def bare_products(x: np.ndarray) -> Step:
    """The matrix products of a step and nothing else, into buffers that are there."""
    rng = np.random.default_rng(0)
    widths = [x.shape[1], *[UNITS] * LAYERS, CLASSES]
    weights = [rng.normal(size=shape).astype(np.float32) / 10 for shape in pairwise(widths)]
    gradients = [np.empty_like(matrix) for matrix in weights]
    values = [rng.normal(size=(BATCH, width)).astype(np.float32) for width in widths]
    upstream = [rng.normal(size=(BATCH, width)).astype(np.float32) for width in widths]

    def products() -> None:
        for index, matrix in enumerate(weights):
            np.matmul(values[index], matrix, out=values[index + 1])
        for index in range(LAYERS, -1, -1):
            np.matmul(values[index].T, upstream[index + 1], out=gradients[index])
            if index:
                np.matmul(upstream[index + 1], weights[index].T, out=upstream[index])

    return products


def torch_step(torch, x: np.ndarray, labels: np.ndarray) -> Step:
    """The same network and step as one writes them in torch."""
    nn = torch.nn
    hidden = [
        layer
        for index in range(LAYERS)
        for layer in (
            nn.Linear(UNITS if index else x.shape[1], UNITS, bias=False),
            nn.BatchNorm1d(UNITS),
            nn.ReLU(),
        )
    ]
    model = nn.Sequential(*hidden, nn.Linear(UNITS, CLASSES))
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(labels.astype(np.int64))

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), targets).backward()
        optimizer.step()

    return step
