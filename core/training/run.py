"""A training run: networks side by side on the same batches, one step at a time."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from core.loops import Loop
from core.network.arrays import Array, Workspace
from core.training.crew import Crew, Helper, HelperLostError, Places
from core.training.evaluations import Evaluations
from core.training.feed import feed_key
from core.training.frame import EpochRecord, TrainingFrame
from core.training.lanes import for_each, quiet
from core.training.learned import Learned, learned
from core.training.looks import network_frames
from core.training.norms import NormLab, NormMoment, Norms
from core.training.sampler import Sampler
from core.training.series import StepSeries
from core.training.snapshot import Snapshot, numbers_of, put_back
from core.training.spec import (
    EVALUATION_SAMPLES,
    TrainingSpec,
    lanes_within_memory,
    shares_that_work,
)
from core.training.trainee import Trainee, new_trainee
from core.training.variant import shape_key

Result = TypeVar("Result")


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
    threads
        In which networks are trained at most; as many as help by default.

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

    def __init__(self, spec: TrainingSpec, threads: int | None = None) -> None:
        self.spec = spec = spec.checked()
        self._sampler = Sampler(spec)
        self.data = self._sampler.data
        self.steps_per_epoch = self._sampler.steps_per_epoch
        self.steps = spec.epochs * self.steps_per_epoch
        self.step_index = 0
        self._evaluations = Evaluations(self.steps_per_epoch)
        self._crew: Crew | None = None
        self._kept: Snapshot | None = None
        self._lanes = lanes_within_memory(spec, self.data, threads)
        places = [(lane, shape_key(v.network)) for lane, v in zip(self._lanes, spec.variants, strict=True)]
        workspaces = {place: self._new_workspace() for place in places}
        self._trainees = [
            new_trainee(spec, place, self._sampler.feed(spec.variants[place]), workspaces[at], self.steps)
            for place, at in enumerate(places)
        ]
        self._keys = {trainee.name: feed_key(trainee.variant) for trainee in self._trainees}
        self._here = self._everybody
        self.series = {trainee.name: StepSeries() for trainee in self._trainees}
        self._evaluate()

    def _new_workspace(self) -> Workspace:
        return Workspace(max(self.spec.batch_size, EVALUATION_SAMPLES), self.spec.dtype)

    @property
    def records(self) -> list[EpochRecord]:
        """Evaluations so far, see above."""
        return self._evaluations.all

    def records_after(self, step: int) -> tuple[EpochRecord, ...]:
        """Evaluations later than `step`."""
        return self._evaluations.after(step)

    def record_here(self, name: str) -> EpochRecord | None:
        """The evaluation of a network at this step, if there was one."""
        return self._evaluations.at(self.step_index, name)

    @property
    def trainees(self) -> tuple[Trainee, ...]:
        """The networks in training, in the spec's order."""
        self._fetch()
        return tuple(self._trainees)

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return self.step_index // self.steps_per_epoch

    @property
    def finished(self) -> bool:
        """Whether all steps are made, or every network has diverged."""
        return self.step_index >= self.steps or all(t.outcome == "diverged" for t in self._trainees)

    @property
    def loops(self) -> Iterator[Loop]:
        """Work that may be compiled at any time, see `core.loops`: not a bit of a result changes."""
        return iter(dict.fromkeys(loop for trainee in self._trainees for loop in trainee.loops))

    def step(self) -> None:
        """Make one step with every network; evaluates them after an epoch's last. Nothing when finished."""
        if not self.finished:
            self.advance()
            self.evaluate_if_due()

    def advance(self) -> None:
        """The updates of one step alone; `evaluate_if_due` must follow. Nothing when finished."""
        going = [trainee for trainee in self._trainees if trainee.outcome != "diverged"]
        if self.step_index >= self.steps or not going:
            return
        step = self.step_index + 1
        try:
            self._advance()
        except HelperLostError:
            self._make_up(step)
        for trainee in going:
            rate = trainee.rate(self.step_index)
            self.series[trainee.name].note(self.step_index, trainee.batch_loss, trainee.gradient_norm, rate)

    def _advance(self) -> None:
        crew = self._crew
        if crew is not None:
            crew.begin_step()  # before this run moves on: they may have to be told where it is
        with quiet():
            batches = self._sampler.batches(self.step_index)
        self.step_index = step = self.step_index + 1
        self._for_each(lambda t: t.step(*batches[self._keys[t.name]], step), self._here)
        if crew is not None:
            crew.end_step()

    def _for_each(self, function: Callable[[Trainee], Result], places: Places) -> list[Result]:
        """What a function finds of the networks at some places, in their order; no threads beside helpers."""
        lanes = [0 if self.shared else self._lanes[place] for place in places]
        return for_each(function, [self._trainees[place] for place in places], lanes, quiet)

    def evaluate_if_due(self) -> None:
        """What follows an epoch's last step, and the run's."""
        if self.step_index % self.steps_per_epoch == 0:
            self._evaluate()
        if self.step_index == self.steps:
            for trainee in self._trainees:
                trainee.complete()

    def _evaluate(self) -> None:
        try:
            found = self._evaluated()
        except HelperLostError:
            self._make_up(self.step_index)
            found = self._evaluated()
        for _, record in sorted(found.items()):
            if record is not None:
                self._evaluations.add(record)

    def _evaluated(self) -> dict[int, EpochRecord | None]:
        """Of every network, by its place."""
        if self._crew is not None:
            self._crew.begin_evaluation()
        found = dict(zip(self._here, self._for_each(self._evaluate_one, self._here), strict=True))
        return found | (self._crew.end_evaluation() if self._crew is not None else {})

    def _evaluate_one(self, trainee: Trainee) -> EpochRecord | None:
        if trainee.outcome == "diverged":
            return None
        known = self.record_here(trainee.name)
        record = self._evaluation(trainee) if known is None else known
        trainee.check(record.training_loss + record.validation_loss, self.step_index)
        return record

    def _evaluation(self, trainee: Trainee) -> EpochRecord:
        feed = self._sampler.feed(trainee.variant)
        training = trainee.network.evaluate(feed.training, feed.data.training_labels)
        validation = trainee.network.evaluate(feed.validation, feed.data.validation_labels)
        return EpochRecord(trainee.name, self.epoch, self.step_index, *training, *validation)

    # ------------------------------------------------------------ going back

    def snapshot(self, into: Array | None = None) -> Snapshot:
        """The run as it is now, as copies: all that later steps depend on.

        Its numbers are written into an array, if one is given.
        """
        numbers = None
        if self._crew is not None and self._crew.ahead:
            try:
                numbers = self._crew.numbers()
            except HelperLostError:
                self._make_up_whole()
        snapshot = self._portion(
            self._everybody, numbers_of(self._trainees, into) if numbers is None else numbers
        )
        if self._crew is not None:
            self._kept = snapshot
        return snapshot

    @property
    def _everybody(self) -> Places:
        return tuple(range(len(self._trainees)))

    def _portion(self, places: Places, numbers: Array | None = None) -> Snapshot:
        """A snapshot of some networks, for a run of these alone; with their numbers, if they are known."""
        trainees = [self._trainees[place] for place in places]
        return Snapshot(
            self.step_index,
            *self._sampler.state(self.step_index, (self._keys[trainee.name] for trainee in trainees)),
            tuple(trainee.fortune for trainee in trainees),
            tuple(dict(trainee.masks.bit_generator.state) for trainee in trainees),
            numbers_of(trainees) if numbers is None else numbers,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Take the run to where it was: what it computes from there is the same to the last bit."""
        self.step_index = snapshot.step
        self._sampler.restore(snapshot.step, snapshot.shuffles, snapshot.feeds)
        put_back(self._trainees, snapshot)
        if self._crew is not None:
            self._crew.fall_behind()
            self._kept = snapshot

    def parameters(self, snapshot: Snapshot) -> tuple[Array, ...]:
        """Each network's parameters (parameters,) in a snapshot: views of its numbers."""
        found, taken = [], 0
        for trainee in self._trainees:
            found.append(snapshot.numbers[taken : taken + trainee.network.vector.values.size])
            taken += trainee.size
        return tuple(found)

    def forget_later(self) -> None:
        """Drop what is known of steps after the present one."""
        self._evaluations.forget_after(self.step_index)
        for series in self.series.values():
            series.forget_after(self.step_index)

    def _latest_record(self, trainee: Trainee) -> EpochRecord:
        """Of a network as it is now; one that diverged has none from then on."""
        last = self.step_index if trainee.diverged_at is None else trainee.diverged_at
        return self._evaluations.latest(last, trainee.name)

    # ------------------------------------------------------------ helpers

    @property
    def shares(self) -> tuple[Places, ...]:
        """How processes may share the networks, this one first; a single share where that would not help."""
        return shares_that_work(self.spec, self.data)

    @property
    def shared(self) -> bool:
        """Whether helpers train some of the networks."""
        return self._crew is not None

    def share(self, helpers: Sequence[tuple[Helper, Places]]) -> None:
        """Have some networks (their places) trained by helpers from now on, in place of any before.

        No number depends on it. A helper that is lost is done without.
        """
        self._fetch()
        self._kept = self.snapshot()
        self._crew = Crew(helpers, self._trainees, self._portion)
        self._here = tuple(place for place in self._everybody if place not in self._crew.places)

    def _fetch(self) -> None:
        """See to it that the networks here are those of this step."""
        if self._crew is None or not self._crew.ahead:
            return
        try:
            self._crew.fetch()
        except HelperLostError:
            self._make_up_whole()
            return
        if self._kept is not None and self.step_index >= self._kept.step + self.steps_per_epoch:
            self._kept = self._portion(self._everybody)  # nobody takes snapshots: less is to be made up

    def _make_up_whole(self) -> None:
        self._make_up(self.step_index)
        self.evaluate_if_due()

    def _make_up(self, step: int) -> None:
        """Make the steps up to this one without helpers, from where their networks were last known."""
        snapshot = self._kept
        assert snapshot is not None
        self._crew = self._kept = None
        self._here = self._everybody
        self.restore(snapshot)
        for made in range(step - snapshot.step):
            if made:
                self.evaluate_if_due()
            self.advance()

    # ------------------------------------------------------------ looks

    def frame(self) -> TrainingFrame:
        """The run as it is now; nothing of it changes."""
        self._fetch()
        networks = network_frames(
            self._trainees, self._lanes, lambda t: self._sampler.feed(t.variant), self._latest_record
        )
        place = (self.step_index, self.steps, self.epoch, self.steps_per_epoch, self.finished)
        return TrainingFrame(*place, networks)

    def learned(self, place: int) -> Learned:
        """Pictures of what one network has learned, by its place among the variants; nothing changes."""
        trainee = self.trainees[place]
        feed = self._sampler.feed(trainee.variant)
        return learned(trainee.name, trainee.network, feed, self._latest_record(trainee))

    def norms(self, place: int, noise: bool = False) -> Norms | None:
        """What batch norm does in one network; None without it. Nothing changes that training goes by."""
        lab = self._norm_lab(place)
        with quiet():
            return lab.norms(self.step_index, noise) if lab is not None else None

    def norm_moment(self, place: int) -> NormMoment | None:
        """The part of that which takes least time."""
        lab = self._norm_lab(place)
        with quiet():
            return lab.moment(self.step_index) if lab is not None else None

    def _norm_lab(self, place: int) -> NormLab | None:
        trainee = self.trainees[place]
        if trainee.network.spec.batch_norm == "off":
            return None
        feed = self._sampler.feed(trainee.variant)
        return NormLab(trainee.name, trainee.network, feed, self.spec.batch_size)


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
