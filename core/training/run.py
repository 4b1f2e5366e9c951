"""A training run: networks side by side on the same batches, one step at a time."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from core.data.preprocessing import prepare
from core.data.streams import named_stream
from core.network.arrays import Array, Workspace
from core.network.model import Network
from core.network.statistics import LayerStatistics, measure
from core.optimizer import OPTIMIZERS
from core.rule import array_stepper
from core.schedule import learning_rates
from core.training.frame import EpochRecord, NetworkFrame, TrainingFrame
from core.training.series import StepSeries
from core.training.snapshot import Snapshot
from core.training.spec import EVALUATION_SAMPLES, TrainingSpec, steps_per_epoch
from core.training.trainee import Trainee
from core.training.variant import Variant, initializer_name, labels, names, shape_key

PROBE_SAMPLES = 256
"""Training samples whose values a frame shows: enough for smooth histograms, few enough to keep up."""


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
    series
        By name of the network: what was noted at its steps.

    A run that was restored knows the records and series of later steps, and neither evaluates nor
    notes them again when it makes those steps once more.

    Raises
    ------
    InputError
        Naming the field of the spec that is wrong.
    """

    def __init__(self, spec: TrainingSpec) -> None:
        self.spec = spec = spec.checked()
        self.data = prepare(spec.dataset, spec.seed)
        self.steps_per_epoch = steps_per_epoch(spec, self.data.training_samples)
        self.steps = spec.epochs * self.steps_per_epoch
        self.step_index = 0
        self._records: dict[tuple[int, str], EpochRecord] = {}
        self._latest: dict[str, EpochRecord] = {}
        self._training = self.data.training_inputs.astype(spec.dtype)
        self._validation = self.data.validation_inputs.astype(spec.dtype)
        self._batches = self._new_workspace()
        self._shuffles = named_stream(spec.seed, "shuffles")
        self._drawn_from = self._shuffles.bit_generator.state
        self._order = np.arange(self.data.training_samples)
        workspaces = {shape_key(variant.network): self._new_workspace() for variant in spec.variants}
        self._trainees = [
            self._trainee(variant, name, label, workspaces[shape_key(variant.network)])
            for variant, name, label in zip(
                spec.variants, names(spec.variants), labels(spec.variants), strict=True
            )
        ]
        self.series = {trainee.name: StepSeries() for trainee in self._trainees}
        self._evaluate()

    def _new_workspace(self) -> Workspace:
        return Workspace(max(self.spec.batch_size, EVALUATION_SAMPLES), self.spec.dtype)

    def _trainee(self, variant: Variant, name: str, label: str, workspace: Workspace) -> Trainee:
        spec, data, method = self.spec, self.data, variant.method
        network = Network(variant.network, data.features, data.classes, workspace)
        stream = named_stream(spec.seed, "weights", initializer_name(variant.initializer))
        network.initialize(variant.initializer, stream)
        with _quiet():
            network.calibrate(self._training[:EVALUATION_SAMPLES])
        optimizer = OPTIMIZERS[method.optimizer.id]
        stepper = array_stepper(optimizer, method.values(), network.vector.values.size, spec.dtype)
        rates = learning_rates(method.schedule, float(method.values()["learning_rate"]), self.steps)
        return Trainee(variant, name, label, network, stepper, rates, method.momenta(self.steps))

    @property
    def records(self) -> list[EpochRecord]:
        """Evaluations so far, see above."""
        return list(self._records.values())

    def records_after(self, step: int) -> tuple[EpochRecord, ...]:
        """Evaluations later than `step`."""
        later = itertools.takewhile(lambda record: record.step > step, reversed(self._records.values()))
        return tuple(later)[::-1]

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
        if not self.finished:
            self.advance()
            self.evaluate_if_due()

    def advance(self) -> None:
        """The updates of one step alone; `evaluate_if_due` must follow. Nothing when finished."""
        if self.finished:
            return
        going = [trainee for trainee in self._trainees if trainee.outcome != "diverged"]
        x, labels = self._next_batch()
        self.step_index += 1
        with _quiet():
            for trainee in going:
                trainee.step(x, labels, self.step_index)
        for trainee in going:
            rate = trainee.rate(self.step_index)
            self.series[trainee.name].note(self.step_index, trainee.batch_loss, trainee.gradient_norm, rate)

    def evaluate_if_due(self) -> None:
        """What follows an epoch's last step, and the run's."""
        if self.step_index % self.steps_per_epoch == 0:
            self._evaluate()
        if self.step_index == self.steps:
            for trainee in self._trainees:
                trainee.complete()

    def _next_batch(self) -> tuple[Array, Array]:
        """Inputs (in a buffer that the next batch overwrites) and labels."""
        place = self.step_index % self.steps_per_epoch
        if place == 0:
            self._draw_order()
        chosen = self._order[place * self.spec.batch_size :][: self.spec.batch_size]
        x = self._batches.rows("batch", len(chosen), self.data.features)
        np.take(self._training, chosen, axis=0, out=x, mode="clip")  # other modes copy first
        return x, self.data.training_labels[chosen]

    def _draw_order(self) -> None:
        self._drawn_from = self._shuffles.bit_generator.state
        self._order = self._shuffles.permutation(self.data.training_samples)

    def _evaluate(self) -> None:
        for trainee in self._trainees:
            if trainee.outcome != "diverged":
                self._evaluate_one(trainee)

    def _evaluate_one(self, trainee: Trainee) -> None:
        place = self.step_index, trainee.name
        record = self._records.get(place)
        if record is None:
            record = self._records[place] = self._evaluation(trainee)
        self._latest[trainee.name] = record
        with _quiet():
            trainee.check(record.training_loss + record.validation_loss, self.step_index)

    def _evaluation(self, trainee: Trainee) -> EpochRecord:
        with _quiet():
            training = trainee.network.evaluate(self._training, self.data.training_labels)
            validation = trainee.network.evaluate(self._validation, self.data.validation_labels)
        return EpochRecord(trainee.name, self.epoch, self.step_index, *training, *validation)

    # ------------------------------------------------------------ going back

    def snapshot(self) -> Snapshot:
        """The run as it is now, as copies: all that later steps depend on."""
        between = self.step_index % self.steps_per_epoch == 0
        shuffles = self._shuffles.bit_generator.state if between else self._drawn_from
        return Snapshot(
            self.step_index,
            dict(shuffles),
            tuple(trainee.fortune for trainee in self._trainees),
            np.concatenate([array.reshape(-1) for array in self._state()]),
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Take the run to where it was: what it computes from there is the same to the last bit."""
        self.step_index = snapshot.step
        self._shuffles.bit_generator.state = snapshot.shuffles
        if self.step_index % self.steps_per_epoch:
            self._draw_order()
        taken = 0
        for array in self._state():
            array[...] = snapshot.numbers[taken : taken + array.size].reshape(array.shape)
            taken += array.size
        for trainee, fortune in zip(self._trainees, snapshot.fortunes, strict=True):
            trainee.fortune = fortune
            self._latest[trainee.name] = self._latest_record(trainee)

    def forget_later(self) -> None:
        """Drop what is known of steps after the present one."""
        self._records = {place: r for place, r in self._records.items() if r.step <= self.step_index}
        for series in self.series.values():
            series.forget_after(self.step_index)

    def _state(self) -> Iterator[Array]:
        return (array for trainee in self._trainees for array in trainee.arrays)

    def _latest_record(self, trainee: Trainee) -> EpochRecord:
        """Of a network as it is now; one that diverged has none from then on."""
        last = self.step_index if trainee.diverged_at is None else trainee.diverged_at
        epoch = last // self.steps_per_epoch
        place = epoch * self.steps_per_epoch, trainee.name
        return self._records.get(place) or self._records[place[0] - self.steps_per_epoch, trainee.name]

    def frame(self) -> TrainingFrame:
        """The run as it is now, with statistics over the same training samples every time.

        They are taken in training mode, with batch norm's statistics of those samples; nothing of
        the run changes.
        """
        x, labels = self._training[:PROBE_SAMPLES], self.data.training_labels[:PROBE_SAMPLES]
        with _quiet():
            signals = [trainee.network.signals(x, labels) for trainee in self._trainees]
            statistics = measure(signals, [trainee.network.rule for trainee in self._trainees])
        networks = tuple(
            _network_frame(trainee, self._latest[trainee.name], cells)
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


def _network_frame(trainee: Trainee, record: EpochRecord, cells: tuple[LayerStatistics, ...]) -> NetworkFrame:
    return NetworkFrame(
        trainee.name,
        trainee.label,
        trainee.variant,
        trainee.outcome,
        trainee.message,
        trainee.diverged_at,
        trainee.batch_loss,
        record,
        cells,
    )


def _quiet() -> Any:
    """Let numbers overflow without warnings: divergence is looked for in the results, and reported."""
    return np.errstate(all="ignore")
