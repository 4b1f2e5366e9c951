"""Networks that differ only in their initial weights, trained side by side: spec in, frames out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from core.choice import Choice
from core.data.preprocessing import TrainingData, prepare
from core.data.streams import named_stream
from core.errors import InputError
from core.hyperparameter import Hyperparameter, Scale, complete
from core.network.arrays import Array, Workspace
from core.network.initializer import INITIALIZERS
from core.network.model import Network
from core.network.spec import NETWORK_HYPERPARAMETERS, NetworkSpec
from core.network.statistics import LayerStatistics, measure
from core.network.trainee import Outcome, Trainee
from core.optimizer import OPTIMIZERS, MethodSpec
from core.rule import array_stepper
from core.schedule import learning_rates

__all__ = [
    "NETWORK_HYPERPARAMETERS", "TRAINING_HYPERPARAMETERS", "EpochRecord", "NetworkFrame", "NetworkSpec",
    "TrainingFrame", "TrainingRun", "TrainingSpec", "check_training", "train",
]  # fmt: skip

PROBE_SAMPLES = 256
"""Training samples whose values a frame shows: enough for smooth histograms, few enough to keep up."""
_EVALUATION_SAMPLES = 512
"""Samples in one pass of an evaluation."""
_MOST_MEMORY = 4_000_000_000
"""Bytes that a run may take."""
_MOST_STEPS = 2_000_000
"""Steps that a run may have; each has its learning rate in a table."""

TRAINING_HYPERPARAMETERS = (
    Hyperparameter(
        name="batch_size", default=128, low=1, high=512, minimum=1, maximum=1e6, scale=Scale.INTEGER,
        help="Samples in each step: few give many noisy steps an epoch, many give few steady ones.",
    ),
    Hyperparameter(
        name="epochs", default=20, low=1, high=100, minimum=0, maximum=10_000, scale=Scale.INTEGER,
        help="How often all training samples are gone through, in a new order each time.",
    ),
    Hyperparameter(
        name="l2", default=0.0, low=0.0, high=0.01, minimum=0, maximum=1e6, label="L2",
        help="Adds half of this times the sum of squared weights to the loss (biases are left alone).",
    ),
    Hyperparameter(
        name="seed", default=0, low=0, high=100, minimum=0, maximum=2**32 - 1, scale=Scale.INTEGER,
        help="The same seed gives the same data, weights and order of samples.",
    ),
    Hyperparameter(
        name="dtype", default="float32", scale=Scale.CHOICE, choices=("float32", "float64"),
        label="precision", help="float32 is faster; float64 has twice the digits.",
    ),
)  # fmt: skip


class TrainingSpec(msgspec.Struct, frozen=True):
    """All that shapes a training run.

    Attributes
    ----------
    dataset
        Entry of `DATASETS`.
    network
        Shape of every network.
    initializers
        One network each; no two the same.
    method
        Optimizer and schedule, the same for all.
    batch_size
        From 1 to the training set's size (from 2 with batch norm).
    epochs
        Passes through the training set; 0 shows the networks as initialized.
    l2
        Strength of the penalty `0.5 l2 sum(w^2)` on weights.
    seed
        Of everything that is drawn.
    dtype
        "float32" or "float64".
    """

    dataset: Choice = Choice("digits")
    network: NetworkSpec = NetworkSpec()
    initializers: tuple[Choice, ...] = (Choice("small_normal"), Choice("xavier_normal"))
    method: MethodSpec = MethodSpec(Choice("adam"))
    batch_size: int = 128
    epochs: int = 20
    l2: float = 0.0
    seed: int = 0
    dtype: str = "float32"

    def checked(self) -> "TrainingSpec":
        """Return the spec with every number checked and of its own type.

        Raises
        ------
        InputError
            Naming the field that is wrong.
        """
        names = [parameter.name for parameter in TRAINING_HYPERPARAMETERS]
        numbers = complete(TRAINING_HYPERPARAMETERS, {n: getattr(self, n) for n in names}, "training")
        spec = msgspec.structs.replace(self, network=self.network.checked(), **numbers)
        spec.method.values()
        _check_initializers(spec.initializers)
        data = prepare(spec.dataset, spec.seed)
        _check_batch_size(spec, data.training_samples)
        _check_size(spec, data)
        return spec


def check_training(spec: TrainingSpec) -> TrainingSpec:
    """Return the checked spec, or raise `InputError`; see `TrainingSpec.checked`."""
    return spec.checked()


def _check_initializers(initializers: tuple[Choice, ...]) -> None:
    if not initializers:
        raise InputError("Training needs at least one initializer.", "initializer")
    seen = set()
    for choice in initializers:
        INITIALIZERS[choice.id].values(choice.values)
        if (name := run_name(choice)) in seen:
            raise InputError(f"The initializer '{name}' is there twice; once is enough.", "initializer")
        seen.add(name)


def _check_batch_size(spec: TrainingSpec, samples: int) -> None:
    if spec.batch_size > samples:
        raise InputError(
            f"batch size must be at most {samples}, the size of the training set, not {spec.batch_size}.",
            "batch_size",
        )
    if spec.batch_size == 1 and spec.network.batch_norm != "off":
        raise InputError(
            "batch size must be at least 2 with batch norm: one sample alone has no variance.", "batch_size"
        )


def _check_size(spec: TrainingSpec, data: TrainingData) -> None:
    """Refuse what would end in a machine without memory, rather than in a result."""
    samples = max(spec.batch_size, _EVALUATION_SAMPLES)
    numbers = spec.network.memory(data.features, data.classes, samples, len(spec.initializers))
    if (needed := numbers * np.dtype(spec.dtype).itemsize) > _MOST_MEMORY:
        raise InputError(
            f"These networks would take about {needed / 1e9:.0f} GB of memory, more than"
            f" {_MOST_MEMORY / 1e9:.0f} GB: choose fewer units, layers or initializers,"
            " or a smaller batch size.",
            "units",
        )
    steps = spec.epochs * _steps_per_epoch(spec, data.training_samples)
    if steps > _MOST_STEPS:
        raise InputError(
            f"{spec.epochs} epochs would be {steps:,} steps, more than {_MOST_STEPS:,}:"
            " choose fewer epochs or a larger batch size.",
            "epochs",
        )


def run_name(initializer: Choice) -> str:
    """Name of an initializer's network in tables and files: "he_normal", "small_normal:std=0.1"."""
    values = ",".join(f"{name}={value}" for name, value in sorted(initializer.values.items()))
    return f"{initializer.id}:{values}" if values else initializer.id


@dataclass(frozen=True)
class EpochRecord:
    """Losses and accuracies over all data, in evaluation mode, after an epoch (0: before any update)."""

    initializer: str
    epoch: int
    step: int
    training_loss: float
    training_accuracy: float
    validation_loss: float
    validation_accuracy: float


@dataclass(frozen=True, eq=False)
class NetworkFrame:
    """How one network fares.

    Attributes
    ----------
    name, label, initializer
        See `run_name`; short name for narrow rows; the choice itself.
    outcome, message
        "ready", "training", "completed" or "diverged", and the same in a sentence.
    diverged_at
        The step at which it diverged, or None.
    batch_loss
        Cross-entropy of the latest batch, before its update; not a number before the first.
    record
        The latest evaluation over all data.
    statistics
        By layer, then by kind, see `core.network.statistics.measure`.
    """

    name: str
    label: str
    initializer: Choice
    outcome: Outcome
    message: str
    diverged_at: int | None
    batch_loss: float
    record: EpochRecord
    statistics: tuple[LayerStatistics, ...]


@dataclass(frozen=True, eq=False)
class TrainingFrame:
    """A run at one step; small enough to send between processes many times a second.

    Attributes
    ----------
    step, steps
        Steps made, and steps of the whole run.
    epoch, steps_per_epoch
        Epochs completed, and steps in each.
    finished
        Whether there is nothing left to do.
    networks
        One for each initializer, in the spec's order.
    """

    step: int
    steps: int
    epoch: int
    steps_per_epoch: int
    finished: bool
    networks: tuple[NetworkFrame, ...]


class TrainingRun:
    """Networks in training, on the same batches, one step at a time.

    Each epoch goes through the training set in a new order. The last batch is smaller where the
    batch size does not divide the set; with batch norm it is left out of that epoch if it would
    hold a single sample. Data, split, order and each initializer's weights are drawn from streams
    of their own: what one network does depends on no other.

    Parameters
    ----------
    spec
        Checked here.

    Attributes
    ----------
    spec
        As checked.
    data
        The data, split and standardized.
    steps_per_epoch, steps
        Steps in each epoch, and in the whole run.
    step_index
        Steps made so far.
    records
        Evaluations so far: before the first step, then after every epoch, for each network that
        has not diverged.

    Raises
    ------
    InputError
        Naming the field of the spec that is wrong.
    """

    def __init__(self, spec: TrainingSpec) -> None:
        self.spec = spec = spec.checked()
        self.data = prepare(spec.dataset, spec.seed)
        self.steps_per_epoch = _steps_per_epoch(spec, self.data.training_samples)
        self.steps = spec.epochs * self.steps_per_epoch
        self.step_index = 0
        self.records: list[EpochRecord] = []
        self._training = self.data.training_inputs.astype(spec.dtype)
        self._validation = self.data.validation_inputs.astype(spec.dtype)
        self._workspace = Workspace(max(spec.batch_size, _EVALUATION_SAMPLES), spec.dtype)
        self._shuffles = named_stream(spec.seed, "shuffles")
        self._order = np.arange(self.data.training_samples)
        self._rates = _learning_rates(spec.method, self.steps)
        self._trainees = [self._trainee(choice) for choice in spec.initializers]
        self._evaluate()

    def _trainee(self, initializer: Choice) -> Trainee:
        spec, data = self.spec, self.data
        network = Network(spec.network, data.features, data.classes, self._workspace)
        network.initialize(initializer, named_stream(spec.seed, "weights", run_name(initializer)))
        with _quiet():
            network.calibrate(self._training[:_EVALUATION_SAMPLES])
        optimizer = OPTIMIZERS[spec.method.optimizer.id]
        stepper = array_stepper(optimizer, spec.method.values(), network.vector.values.size, spec.dtype)
        return Trainee(initializer, network, stepper, spec.l2)

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return self.step_index // self.steps_per_epoch

    @property
    def finished(self) -> bool:
        """Whether all steps are made, or every network has diverged."""
        return self.step_index >= self.steps or all(t.outcome == "diverged" for t in self._trainees)

    def step(self) -> None:
        """Make one step with every network; evaluates them after an epoch's last. Nothing when finished."""
        if self.finished:
            return
        x, labels = self._next_batch()
        rate = self._rates[self.step_index]
        self.step_index += 1
        with _quiet():
            for trainee in self._trainees:
                trainee.step(x, labels, rate, self.step_index)
        if self.step_index % self.steps_per_epoch == 0:
            self._evaluate()
        if self.step_index == self.steps:
            for trainee in self._trainees:
                trainee.complete()

    def _next_batch(self) -> tuple[Array, Array]:
        """Inputs (in a buffer that the next batch overwrites) and labels."""
        place = self.step_index % self.steps_per_epoch
        if place == 0:
            self._order = self._shuffles.permutation(self.data.training_samples)
        chosen = self._order[place * self.spec.batch_size :][: self.spec.batch_size]
        x = self._workspace.rows("batch", len(chosen), self.data.features)
        np.take(self._training, chosen, axis=0, out=x, mode="clip")  # other modes copy first
        return x, self.data.training_labels[chosen]

    def _evaluate(self) -> None:
        for trainee in self._trainees:
            if trainee.outcome != "diverged":
                self._evaluate_one(trainee)

    def _evaluate_one(self, trainee: Trainee) -> None:
        with _quiet():
            training = trainee.network.evaluate(self._training, self.data.training_labels)
            validation = trainee.network.evaluate(self._validation, self.data.validation_labels)
        name = run_name(trainee.initializer)
        self.records.append(EpochRecord(name, self.epoch, self.step_index, *training, *validation))
        trainee.check(training[0] + validation[0], self.step_index)

    def frame(self) -> TrainingFrame:
        """The run as it is now, with statistics over the same training samples every time.

        They are taken in training mode, with batch norm's statistics of those samples; nothing of
        the run changes.
        """
        x, labels = self._training[:PROBE_SAMPLES], self.data.training_labels[:PROBE_SAMPLES]
        with _quiet():
            signals = [trainee.network.signals(x, labels) for trainee in self._trainees]
            statistics = measure(signals, self._trainees[0].network.rule)
        latest = {record.initializer: record for record in self.records}
        networks = tuple(
            _network_frame(trainee, latest, cells)
            for trainee, cells in zip(self._trainees, statistics, strict=True)
        )
        place = (self.step_index, self.steps, self.epoch, self.steps_per_epoch, self.finished)
        return TrainingFrame(*place, networks)


def train(spec: TrainingSpec) -> Iterator[TrainingFrame]:
    """A frame before the first step, and one after every epoch until the run is finished.

    Raises
    ------
    InputError
        Naming the field of the spec that is wrong, when the first frame is asked for.
    """
    run = TrainingRun(spec)
    yield run.frame()
    while not run.finished:
        run.step()
        if run.finished or run.step_index % run.steps_per_epoch == 0:
            yield run.frame()


def _network_frame(
    trainee: Trainee, latest: dict[str, EpochRecord], cells: tuple[LayerStatistics, ...]
) -> NetworkFrame:
    name = run_name(trainee.initializer)
    return NetworkFrame(
        name,
        trainee.label,
        trainee.initializer,
        trainee.outcome,
        trainee.message,
        trainee.diverged_at,
        trainee.batch_loss,
        latest[name],
        cells,
    )


def _steps_per_epoch(spec: TrainingSpec, samples: int) -> int:
    """Batches in an epoch, without a last one of a single sample where batch norm is on."""
    full, rest = divmod(samples, spec.batch_size)
    smallest = 1 if spec.network.batch_norm == "off" else 2
    return full + (rest >= smallest)


def _learning_rates(method: MethodSpec, steps: int) -> list[float]:
    return learning_rates(method.schedule, float(method.values()["learning_rate"]), steps)


def _quiet() -> Any:
    """Let numbers overflow without warnings: divergence is looked for in the results, and reported."""
    return np.errstate(all="ignore")
