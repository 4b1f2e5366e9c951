"""Training steps of the lab's reference network, against torch eager and against bare matrix products.

10 hidden layers of 100 units, batch norm before ReLU, batches of 128 digits, Adam, float32, one thread.
Then a small network with its histograms, eight variants side by side, and what their statistics cost.
Where Numba is there, all but the first figure's NumPy are compiled, as in the training process.
"""

import pickle
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from unittest.mock import patch

import numpy as np

from app.channels import SLICE
from app.training_helpers import TrainingHelpers
from app.training_server import Load, Train, TrainingServer
from core.choice import Choice
from core.data.preprocessing import prepare
from core.loops import can_compile, compile_loops
from core.network.arrays import Workspace
from core.network.model import Network
from core.network.spec import NetworkSpec
from core.optimizer import OPTIMIZERS
from core.rule_code import array_stepper
from core.training import TrainingRun, TrainingSpec, Variant, alike
from core.training.trainee import Trainee
from tests.benchmarks.harness import (
    NEEDS_PEERS,
    Direction,
    Figure,
    Judged,
    Samples,
    measure,
    measure_together,
    milliseconds,
    peer,
    times_faster,
)

LAYERS, UNITS, BATCH, CLASSES, RATE = 10, 100, 128, 10, 1e-3
SPEC = NetworkSpec(layers=LAYERS, units=UNITS, activation=Choice("relu"), batch_norm="before")
WIDE = NetworkSpec(layers=LAYERS, units=256, activation=Choice("relu"), batch_norm="before")
"""Wide enough that networks side by side are trained in threads."""
STEPS = 10
"""Steps in one sample, so that each runs with the caches as a training run finds them."""
REPEATS = 60
MOST_STEPS = 100_000
NETWORK = "10 x 100, batch norm, ReLU, batch 128, Adam, float32"

Step = Callable[[], None]


def figures() -> list[Figure]:
    """Our step against torch's and its own matrix products; small networks, many networks, statistics."""
    data = prepare(Choice("digits"), seed=0)
    x, labels = data.training_inputs[:BATCH].astype(np.float32), data.training_labels[:BATCH]
    calls = {"ours": our_step(x, labels, can_compile()), "bare": bare_products(x)}
    if can_compile():
        calls["numpy"] = our_step(x, labels, False)
    if (torch := peer("torch")) is not None:
        calls["torch"] = torch_step(torch, x, labels)
    seconds = measure_together({name: repeated(step) for name, step in calls.items()}, REPEATS)
    times = {name: tuple(second / STEPS for second in seconds[name]) for name in calls}
    return [
        against_torch(times),
        against_products(times),
        small_network(),
        eight_against_one(SPEC, "such networks"),
        eight_against_one(WIDE, "networks of 10 x 256"),
        share_of_statistics(),
        frame_of_four(),
    ]


def repeated(step: Step) -> Step:
    def steps() -> None:
        for _ in range(STEPS):
            step()

    return steps


def against_torch(times: dict[str, Samples]) -> Figure:
    name, target = f"training step, {NETWORK}", 2.0
    if "torch" not in times:
        return Figure(name=name, compared_to="torch eager", target=target, direction=Direction.AT_LEAST,
                      judged=Judged.RATIO, missing=NEEDS_PEERS)  # fmt: skip
    ratio = times_faster(times["ours"], times["torch"])
    pace = 1 / statistics.median(times["ours"])
    plain = f"; {times_faster(times['numpy'], times['torch']):.2f} times with NumPy alone" * can_compile()
    return Figure(name=name, samples=milliseconds(times["ours"]), compared_to="torch eager", ratio=ratio,
                  target=target, direction=Direction.AT_LEAST, judged=Judged.RATIO,
                  note=f"{pace:.0f} steps/s{plain or ' with NumPy alone, without Numba'}.")  # fmt: skip


def against_products(times: dict[str, Samples]) -> Figure:
    ratio = times_faster(times["ours"], times["bare"])
    return Figure(
        name="training step against its matrix products", samples=milliseconds(times["ours"]),
        compared_to="bare products", ratio=ratio, target=round(1 / 1.7, 3), direction=Direction.AT_LEAST,
        judged=Judged.RATIO,
        note=f"a whole step takes {1 / ratio:.2f} times its matrix products; 1.7 at most.",
    )  # fmt: skip


def small_network() -> Figure:
    """Two layers of 4 units (tanh) on 250 points in batches of 10, with reports as the window gets them."""
    network = NetworkSpec(layers=2, units=4, activation=Choice("tanh"))
    variants = alike((Choice("xavier_normal"),), network=network)
    server = Serving(
        TrainingSpec(Choice("circles", {"samples": 312}), variants, batch_size=10, epochs=10_000)
    )
    paces = []
    for _ in range(12):
        begin, step = time.perf_counter(), server.step
        reports = []
        while time.perf_counter() < begin + 0.2:
            reports += server.work()
        epochs = (server.step - step) / server.steps_per_epoch
        paces.append(epochs / (time.perf_counter() - begin))
    return Figure(
        name="2-4-4-2 tanh network, 250 points, batch 10, histograms on", unit="epochs/s",
        samples=tuple(paces), target=600, direction=Direction.AT_LEAST,
        note=f"{server.steps_per_epoch} steps and an evaluation of all data in each epoch.",
    )  # fmt: skip


def eight_against_one(network: NetworkSpec, which: str) -> Figure:
    """Eight variants side by side against one of them alone."""
    names = (
        "small_normal", "large_normal", "xavier_normal", "he_normal",
        "lecun_normal", "orthogonal", "xavier_uniform", "he_uniform",
    )  # fmt: skip
    runs = {}
    for count in (1, 8):
        variants = alike(tuple(map(Choice, names[-count:])), network=network)
        runs[count] = TrainingRun(TrainingSpec(variants=variants, epochs=1_000))
        compile_loops(runs[count].loops)
    with closing(TrainingHelpers()) as helpers:
        begin = time.perf_counter()
        while len(runs[8].shares) > 1 and not runs[8].shared and time.perf_counter() < begin + 60:
            helpers.attend(runs[8], 1_000)
            time.sleep(0.01)
        seconds = measure_together({str(count): run.step for count, run in runs.items()}, 40)
    ratio = times_faster(seconds["8"], seconds["1"])
    at_once = len(runs[8].shares) if runs[8].shared else max(runs[8]._lanes) + 1
    how = "processes" if runs[8].shared else "threads"
    return Figure(
        name=f"a step of eight {which} side by side", samples=milliseconds(seconds["8"]),
        compared_to="one alone", ratio=ratio, target=1 / 8, direction=Direction.AT_LEAST, judged=Judged.RATIO,
        note=f"costs {1 / ratio:.2f} times a step of one; 8 at most. In {at_once} {how}.",
    )  # fmt: skip


def share_of_statistics() -> Figure:
    """Time that the training process gives to frames and their sending while four networks train."""
    server = Serving(TrainingSpec(variants=four_variants(), epochs=1_000))
    frame, spent = TrainingRun.frame, [0.0]

    def timed(run: TrainingRun) -> object:
        begin = time.perf_counter()
        result = frame(run)
        pickle.dumps(result)
        spent[0] += time.perf_counter() - begin
        return result

    shares = []
    with patch.object(TrainingRun, "frame", timed):
        for _ in range(5):
            begin, spent[0] = time.perf_counter(), 0.0
            while time.perf_counter() < begin + 1.0:
                server.work()
            shares.append(100 * spent[0] / (time.perf_counter() - begin))
    return Figure(
        name="statistics of four such networks while they train", unit="% of the time",
        samples=tuple(shares), target=10, note="every layer and kind, at the refresh of the window.",
    )  # fmt: skip


class Serving:
    """A training server that trains, without its process."""

    def __init__(self, spec: TrainingSpec) -> None:
        self._server = TrainingServer()
        (report,) = self._server.handle(Load(1, 1, spec))
        self.steps_per_epoch = report.frame.steps_per_epoch
        assert self._server._recorder is not None
        self._run = self._server._recorder.run
        compile_loops(self._run.loops)
        self._server.handle(Train(2))
        for _ in range(10):
            self.work()

    @property
    def step(self) -> int:
        return self._run.step_index

    def work(self) -> list[object]:
        return list(self._server.work(SLICE))


def four_variants() -> tuple[Variant, ...]:
    names = ("small_normal", "large_normal", "xavier_normal", "he_normal")
    return alike(tuple(map(Choice, names)), network=SPEC)


def frame_of_four() -> Figure:
    run = TrainingRun(TrainingSpec(variants=four_variants(), epochs=1))
    compile_loops(run.loops)
    return Figure(
        name="statistics of four such networks", samples=milliseconds(measure(run.frame, repeats=20)),
        note="a forward and backward pass of each, and 120 histograms, in the training process.",
    )  # fmt: skip


def our_step(x: np.ndarray, labels: np.ndarray, compiled: bool) -> Step:
    """A step as a training run makes it: gradient, Adam, running statistics, look-out for divergence."""
    network = Network(SPEC, x.shape[1], CLASSES, Workspace(BATCH, "float32"))
    network.initialize(Choice("he_normal"), np.random.default_rng(0))
    adam = OPTIMIZERS["adam"]
    stepper = array_stepper(adam, adam.values({}), network.vector.values.size, "float32")
    trainee = Trainee(Variant(SPEC), "he_normal", "He", network, stepper, [RATE] * MOST_STEPS)
    if compiled:
        compile_loops(trainee.loops)
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
