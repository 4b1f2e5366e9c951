"""What a training process does: takes orders, trains, and sends what there is to show.

Knows nothing of Qt; `app.training_job` runs it in a process of its own, and tests run it in theirs.
Where Numba is there, what steps do is compiled beside the training, which goes on with the same numbers.
"""

import os
import time
from collections import deque
from dataclasses import replace
from typing import Any

from app import channels
from app.background import Background
from app.training_code import begin_code, tell_of_code
from app.training_helpers import TrainingHelpers
from app.training_messages import (
    Answer,
    Laid,
    LayPlane,
    Load,
    Order,
    Pause,
    Refusal,
    Report,
    Rewind,
    Seeking,
    Train,
    Watch,
    Watched,
)
from core.errors import InputError
from core.training import (
    Learned,
    NormMoment,
    Norms,
    Recorder,
    TrainingRun,
)

_SHORTEST = 1 / 30
"""Seconds between two reports at least: more cannot be seen."""
_SHARE = 0.09
"""What making a report may take of the time until the next: with packing and sending, a tenth at most."""
_PATIENCE = 0.05
"""Seconds after which going to a step is answered, there or not, so that another wish can be told."""
_LOOKED_BACK = 40
"""Moments at most that are made again of a run that somebody begins to look at."""


class TrainingServer:
    """Carries out orders in slices of time."""

    def __init__(self, background: Background | None = None, helpers: TrainingHelpers | None = None) -> None:
        """Without a background nothing is compiled; without helpers this process trains alone."""
        self._background, self._helpers = background, helpers
        self._compiled: TrainingRun | None = None
        self._serial = self._generation = 0
        self._recorder: Recorder | None = None
        self._refusal: Refusal | None = None
        self._until: int | None = None
        self._watched = Watched()
        self._moments: list[NormMoment] = []
        self._past: deque[int] = deque()
        self._to_lay: LayPlane | None = None
        self._sent = -1
        self._due = 0.0
        self._pace = _Pace()

    @property
    def running(self) -> bool:
        """Whether there is training to do."""
        recorder = self._recorder
        return recorder is not None and self._until is not None and not recorder.finished

    @property
    def wait(self) -> float | None:
        """Rests when there is nothing to train, to lay or to look back at, and no step to go to."""
        seeking = self._recorder is not None and self._recorder.seeking
        busy = self.running or seeking or self._to_lay is not None or bool(self._past)
        return 0.0 if busy else None

    def handle(self, order: Order) -> list[Answer]:
        """Carry out an order; the answers are to be sent."""
        self._serial = order.serial
        if isinstance(order, Load):
            answer = self._load(order)
            self._refusal = answer if isinstance(answer, Refusal) else None
            return [answer]
        if isinstance(order, Watch):
            begins = order.watched.norms != self._watched.norms
            self._watched = order.watched
            if begins:
                self._look_back()
        elif isinstance(order, LayPlane):
            self._to_lay = order
        if self._recorder is None:  # every order is answered, so that nobody waits for ever
            return [replace(self._refusal, serial=order.serial)] if self._refusal is not None else []
        return [self._carry_out(order, self._recorder)]

    def _carry_out(self, order: Order, recorder: Recorder) -> Answer:
        if isinstance(order, Rewind):
            self._until = None
            recorder.seek(order.step)
            recorder.work(_PATIENCE)
        elif isinstance(order, Train):
            self._start(recorder, order)
        elif isinstance(order, Pause):
            self._until = None
            recorder.stay()
        return Seeking(self._serial, self._generation) if recorder.seeking else self._report(recorder)

    def _load(self, order: Load) -> Report | Refusal:
        if self._recorder is not None:
            self._recorder.close()
        self._generation, self._recorder, self._until, self._sent = order.generation, None, None, -1
        self._moments, self._past, self._to_lay = [], deque(), None
        try:
            self._recorder = Recorder(TrainingRun(order.spec))
        except InputError as error:
            return Refusal(self._serial, order.generation, error.field, str(error))
        except MemoryError:
            return Refusal(
                self._serial,
                order.generation,
                "",
                "There is not enough memory for these networks; take fewer units.",
            )
        return self._report(self._recorder)

    def _start(self, recorder: Recorder, order: Train) -> None:
        run = recorder.run
        begin = recorder.place - recorder.place % run.steps_per_epoch
        until = run.steps if order.to is None else order.to
        if order.epochs is not None:
            until = begin + order.epochs * run.steps_per_epoch
        if until <= recorder.place and order.to is not None:
            return  # it is there already
        self._until = min(until, run.steps)
        if not recorder.seeking:
            self._go_on(recorder)
        self._compile(run)

    def _compile(self, run: TrainingRun) -> None:
        """Begin to compile what the steps of a run do, as long as it is this run that trains."""
        if self._background is None or self._compiled is run:
            return
        self._compiled = run
        begin_code(self._background, run, lambda: self._trains(run))

    def _trains(self, run: TrainingRun) -> bool:
        return self._recorder is not None and self._recorder.run is run

    def _go_on(self, recorder: Recorder) -> None:
        """Train from where the run is."""
        recorder.forget_later()
        self._sent = min(self._sent, recorder.recorded)
        self._due = 0.0
        self._pace.start(recorder.run.step_index)

    def work(self, seconds: float) -> list[Answer]:
        """Train or go to a step for a slice of time; reports when one is due."""
        if self._background is not None:
            tell_of_code(self._background)
        recorder = self._recorder
        if recorder is None:
            self._to_lay = None
            return []
        if recorder.seeking:
            return self._seek(recorder, seconds)
        if self._to_lay is not None:
            asked, self._to_lay = self._to_lay, None
            return [self._lay(asked, recorder)]
        if self._past:
            self._visit(recorder, self._past.popleft())
            if not self._past and not self.running:
                return [self._report(recorder)]
        if not self.running:
            return []
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            recorder.step()
            self._watch_norms(recorder.run)
            if recorder.finished or recorder.run.step_index == self._until:
                self._until = None
                return [self._report(recorder)]
        self._find_help(recorder.run)
        return [self._report(recorder)] if time.perf_counter() >= self._due else []

    def _find_help(self, run: TrainingRun) -> None:
        rate = self._pace.rate(run.step_index)
        if self._helpers is not None and self._until is not None and rate > 0:
            self._helpers.attend(run, (self._until - run.step_index) / rate)

    def _seek(self, recorder: Recorder, seconds: float) -> list[Answer]:
        recorder.work(seconds)
        if recorder.seeking:
            return []
        if self._until is not None:
            self._go_on(recorder)
        return [self._report(recorder)]

    def _lay(self, asked: LayPlane, recorder: Recorder) -> Laid:
        """Takes a moment, like a report; the run stays where it is."""
        from core.landscape import LandscapeSpec, landscape_plane, recorded_paths

        plane = networks = None
        sentence = ""
        try:
            spec = LandscapeSpec(recorder.run.spec, asked.network, asked.directions)
            paths = recorded_paths(spec, recorder)
            plane, networks = landscape_plane(paths), paths.bare()
        except InputError as error:
            sentence = str(error)
        except MemoryError:
            sentence = "There is not enough memory for the paths of these networks."
        return Laid(asked.serial, self._generation, recorder.run.step_index, plane, networks, sentence)

    def _report(self, recorder: Recorder) -> Report:
        begin, run, since = time.perf_counter(), recorder.run, self._sent
        frame, records = run.frame(), run.records_after(since)
        learned, norms = self._learned(run), self._norms(run)
        moments, self._moments = tuple(self._moments), []
        series = tuple(table.after(since) for table in run.series.values())
        self._sent = recorder.recorded
        now = time.perf_counter()
        recorder.overhead = now - begin
        self._due = now + max(_SHORTEST, (now - begin) / _SHARE)
        news = since, records, series, recorder.recorded
        pace = self._pace.rate(run.step_index)
        return Report(
            self._serial, self._generation, frame, *news, self.running, pace, self._note(recorder), learned,
            norms, moments, bool(self._past),
        )  # fmt: skip

    def _note(self, recorder: Recorder) -> str:
        return recorder.note or (self._helpers.note if self._helpers is not None else "")

    def _learned(self, run: TrainingRun) -> Learned | None:
        place = _within(run, self._watched.pictures)
        return run.learned(place) if place is not None else None

    def _norms(self, run: TrainingRun) -> Norms | None:
        place = _within(run, self._watched.norms)
        return run.norms(place, self._watched.noise) if place is not None else None

    def _look_back(self) -> None:
        """What is drawn over time begins where the run did, not where somebody came to look."""
        self._moments, self._past = [], deque()
        recorder = self._recorder
        place = _within(recorder.run, self._watched.norms) if recorder is not None else None
        if recorder is None or place is None:
            return
        if recorder.run.spec.variants[place].network.batch_norm != "off":
            here = recorder.run.step_index  # which is looked at in any case
            self._past.extend(step for step in recorder.milestones(_LOOKED_BACK) if step != here)

    def _visit(self, recorder: Recorder, step: int) -> None:
        if step <= recorder.recorded:  # else training began anew further back
            with recorder.visiting(step) as run:
                self._note_moment(run)

    def _watch_norms(self, run: TrainingRun) -> None:
        """Every epoch counts in what is drawn over time, however seldom there are reports."""
        if run.step_index % run.steps_per_epoch == 0:
            self._note_moment(run)

    def _note_moment(self, run: TrainingRun) -> None:
        place = _within(run, self._watched.norms)
        moment = run.norm_moment(place) if place is not None else None
        self._moments += [moment] if moment is not None else []


def _within(run: TrainingRun, place: int | None) -> int | None:
    """The network that was asked for, if this run has so many."""
    return place if place is not None and place < len(run.spec.variants) else None


class _Pace:
    """Steps a second since training last went on."""

    def __init__(self) -> None:
        self._step, self._time = 0, 0.0

    def start(self, step: int) -> None:
        self._step, self._time = step, time.perf_counter()

    def rate(self, step: int) -> float:
        passed = time.perf_counter() - self._time
        return max(0, step - self._step) / passed if passed > 0 else 0.0


def serve(connection: Any) -> None:
    """The body of the training process."""
    channels.serve(connection, TrainingServer(Background(), TrainingHelpers()))
    os._exit(0)  # a thread in the middle of compiling would be torn down with the interpreter
