"""Work in other processes: training, long computations, deaths, and late answers."""

import multiprocessing
import os
import signal
import sys
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import ClassVar

import pytest
from msgspec.structs import replace

from app.background import Background
from app.jobs import CallJob
from app.playback import Clock
from app.training_job import InlineChannel, ProcessChannel, TrainingJob
from app.training_server import Load, Pause, Refusal, Report, Train, TrainingServer
from core.choice import Choice
from core.data.sample_reader import read_own_samples
from core.errors import InputError
from core.loops import can_compile
from tests.app.laboratory_driver import small_experiment
from tests.training_specs import training

SPEC = training(small_experiment().training, initializers=(Choice("xavier_normal"),))
LONG = replace(SPEC, epochs=10_000)
BAD = replace(SPEC, batch_size=100_000)


class Heard(list):
    """Collects what signals say."""

    def __call__(self, *said):
        self.append(said[0] if len(said) == 1 else said)


@pytest.fixture
def clock(qapp):
    clock = Clock()
    yield clock
    clock.stop()


@pytest.fixture
def job(clock):
    job = TrainingJob(clock, ProcessChannel)
    job.heard, job.deaths, job.refusals = Heard(), Heard(), Heard()
    job.reported.connect(job.heard)
    job.died.connect(job.deaths)
    job.refused.connect(job.refusals)
    yield job
    job.close()


def resting(clock):
    return not clock._timer.isActive()


def until(qtbot, condition, seconds=30):
    qtbot.waitUntil(lambda: bool(condition()), timeout=1000 * seconds)


# ---------------------------------------------------------------- a training process


def test_a_process_trains_pauses_and_begins_anew(qtbot, clock, job):
    job.load(LONG)
    until(qtbot, lambda: job.heard)
    assert job.heard[0].frame.step == 0
    assert job.channel.pid != os.getpid()
    until(qtbot, lambda: resting(clock))
    job.train()
    until(qtbot, lambda: job.heard[-1].frame.epoch >= 2)
    assert job.running
    assert job.heard[-1].running
    assert job.heard[-1].steps_per_second > 0
    job.pause()
    until(qtbot, lambda: resting(clock))
    assert not job.heard[-1].running
    paused = job.heard[-1].frame.step
    job.reset()
    until(qtbot, lambda: job.heard[-1].frame.step == 0)
    assert paused > 0
    assert not job.running


def test_records_come_once_each(qtbot, job):
    job.load(SPEC)
    job.train()
    until(qtbot, lambda: job.heard and job.heard[-1].frame.finished)
    epochs = [record.epoch for report in job.heard for record in report.records]
    assert epochs == [0, 1, 2, 3, 4]


def test_a_killed_process_is_reported_and_started_again(qtbot, clock, job):
    job.load(LONG)
    job.train()
    until(qtbot, lambda: len(job.heard) > 2)
    first = job.channel.pid
    os.kill(first, signal.SIGKILL)
    until(qtbot, lambda: job.deaths)
    assert f"signal {signal.SIGKILL.value}" in job.deaths[0]
    assert "Train" in job.deaths[0]
    assert not job.running
    assert resting(clock)
    job.train()
    generation = job.heard[-1].generation
    until(qtbot, lambda: job.heard[-1].generation > generation and job.heard[-1].frame.step > 0)
    assert job.channel.pid != first
    assert len(job.deaths) == 1


@pytest.mark.parametrize("order", ["train", "load"])
def test_a_process_killed_at_rest_is_replaced_without_a_word(qtbot, job, order):
    job.load(SPEC)
    until(qtbot, lambda: job.heard)
    until(qtbot, lambda: resting(job._clock))
    os.kill(job.channel.pid, signal.SIGKILL)
    job.channel._process.join()
    if order == "train":
        job.train()
        until(qtbot, lambda: job.heard[-1].frame.finished)
    else:
        job.load(replace(SPEC, seed=9))
        until(qtbot, lambda: len(job.heard) == 2)
    assert not job.deaths


def test_a_process_killed_half_way_through_a_message_does_not_block(qtbot, job):
    job.load(LONG)
    job.train()
    until(qtbot, lambda: job.heard)
    os.kill(job.channel.pid, signal.SIGSTOP)
    for _ in range(3):
        job.pause()
    os.kill(job.channel.pid, signal.SIGKILL)
    until(qtbot, lambda: job.deaths)


def test_a_large_order_waits_for_a_process_that_does_not_read_without_blocking(qtbot, job):
    own = read_own_samples("x.csv", b"u,kind\n" + b"1,a\n2,b\n" * 100_000)
    job.load(SPEC)
    until(qtbot, lambda: job.heard)
    os.kill(job.channel.pid, signal.SIGSTOP)
    job.load(replace(SPEC, own=own, epochs=0))
    assert job.channel._writer.is_alive(), "still writing"
    os.kill(job.channel.pid, signal.SIGCONT)
    until(qtbot, lambda: len(job.heard) == 2)
    os.kill(job.channel.pid, signal.SIGSTOP)
    job.load(replace(SPEC, own=own, epochs=0, seed=1))
    writer = job.channel._writer
    assert writer.is_alive()
    job.close()
    assert not writer.is_alive(), "closing ends it"


def test_closing_while_training_leaves_no_process(qtbot, clock, job):
    job.load(LONG)
    job.train()
    until(qtbot, lambda: len(job.heard) > 1)
    began = time.perf_counter()
    job.close()
    assert time.perf_counter() - began < 2
    assert not [p for p in multiprocessing.active_children() if p.name == "optiscope-training"]
    assert resting(clock)
    job.close()


def test_a_process_whose_window_is_gone_ends_by_itself():
    channel = ProcessChannel()
    process = channel._process
    channel.send(Load(1, 1, LONG))
    channel.send(Train(2))
    channel._pipe.close()
    process.join(10)
    assert process.exitcode == 0
    process.close()


def test_a_refused_spec_says_its_field_and_the_next_one_runs(qtbot, clock, job):
    job.load(BAD)
    until(qtbot, lambda: job.refusals)
    assert job.refusals[0][0] == "batch_size"
    assert "at most" in job.refusals[0][1]
    job.train()
    until(qtbot, lambda: resting(clock))
    assert not job.heard
    job.load(SPEC)
    until(qtbot, lambda: job.heard)


class Silent:
    """A channel whose answers the test gives."""

    def __init__(self):
        self.orders, self.answers = [], []

    def send(self, order):
        self.orders.append(order)

    def receive(self):
        given, self.answers = self.answers, []
        return given

    def death(self):
        return ""

    def close(self):
        pass


def answers_of(spec, generation, serial):
    return TrainingServer().handle(Load(serial, generation, spec))


def test_one_order_at_a_time_and_only_the_newest_wish(clock):
    channel = Silent()
    job = TrainingJob(clock, lambda: channel)
    heard = Heard()
    job.reported.connect(heard)
    for seed in (1, 2, 3):
        job.load(replace(SPEC, seed=seed))
    assert [order.spec.seed for order in channel.orders] == [1], "the others wait for the answer"
    channel.answers = answers_of(SPEC, 1, 1)
    job._look()
    assert [report.generation for report in heard] == [1], "what there is is shown while a slider moves"
    assert [order.spec.seed for order in channel.orders] == [1, 3], "and the one between is never loaded"
    assert not resting(clock), "the newest answer is still awaited"
    channel.answers = answers_of(SPEC, 1, 1)
    job._look()
    assert len(heard) == 1, "a late answer is dropped"
    channel.answers = answers_of(SPEC, 2, 2)
    job._look()
    assert resting(clock)
    job.close()


def test_followers_hear_of_every_report_in_turn_one_a_beat(clock):
    channel, heard = Silent(), Heard()
    job = TrainingJob(clock, lambda: channel)
    job.reported.connect(lambda report: heard(("at once", report)))
    job.follow(lambda report: heard(("first", report)))
    job.follow(lambda report: heard(("second", report)))
    job.load(SPEC)
    one, two = (answers_of(SPEC, 1, 1) for _ in range(2))
    channel.answers = list(one)
    job._look()
    assert heard == [("at once", *one)]
    assert not resting(clock), "followers are to be told yet"
    job._look()
    assert heard[1:] == [("first", *one)]
    channel.answers = list(two)
    job._look()
    assert heard[2:] == [("second", *one), ("at once", *two)], "none is passed over"
    job._look()
    assert not resting(clock)
    job._look()
    assert heard[4:] == [("first", *two), ("second", *two)]
    assert resting(clock)
    channel.answers = answers_of(SPEC, 1, 1)
    job._look()
    job.load(replace(SPEC, seed=1))
    job._look()
    assert len(heard) == 7, "another run is on its way"
    job.close()


def test_edits_faster_than_the_answers_still_train_on(clock):
    channel = Silent()
    job = TrainingJob(clock, lambda: channel)
    job.load(SPEC)
    job.train()
    for seed in (1, 2):
        job.load(replace(SPEC, seed=seed))
        channel.answers = answers_of(SPEC, job._generation, job._serial)  # of the load, not yet training
        job._look()
        assert job.running
    channel.answers = answers_of(SPEC, job._generation, job._serial)
    job._look()
    assert isinstance(channel.orders[-1], Train)
    channel.answers = answers_of(SPEC, job._generation, job._serial)
    job._look()
    job.pause()
    channel.answers = answers_of(SPEC, job._generation, job._serial)
    job._look()
    job.load(replace(SPEC, seed=3))
    assert isinstance(channel.orders[-1], Load), "a paused run stays paused"
    job.close()


@pytest.mark.parametrize("layers", [1, 50])
def test_a_slider_that_floods_the_job_never_blocks_the_window(qtbot, job, layers):
    names = ("small_normal", "large_normal", "xavier_normal", "he_normal", "lecun_normal", "orthogonal")
    shape = replace(SPEC.variants[0].network, layers=layers, units=8)
    deep = training(SPEC, network=shape, initializers=tuple(Choice(name) for name in names))
    slowest = 0.0
    for seed in range(400):
        began = time.perf_counter()
        job.load(replace(deep, seed=seed))
        job._look()
        slowest = max(slowest, time.perf_counter() - began)
    assert slowest < 2, "most of it is the start of the process"
    until(qtbot, lambda: job.heard and job._answered == job._serial and not job._stale, 60)
    assert job.heard[-1].generation < 400, "most of what a slider passes is never computed"


def test_a_process_that_cannot_be_started_is_said(clock):
    def fail():
        raise OSError(11, "no more processes")

    job = TrainingJob(clock, fail)
    deaths = Heard()
    job.died.connect(deaths)
    job.load(SPEC)
    assert "no more processes" in deaths[0]
    assert resting(clock)
    job.pause()
    assert resting(clock)


# ---------------------------------------------------------------- the server alone


def test_the_server_answers_every_order():
    server = TrainingServer()
    assert isinstance(server.handle(Load(1, 1, BAD))[0], Refusal)
    for serial, order in enumerate((Train, Pause), start=2):
        (answer,) = server.handle(order(serial))
        assert isinstance(answer, Refusal)
        assert answer.serial == serial
    assert server.work(0.01) == []
    (report,) = server.handle(Load(4, 2, SPEC))
    assert isinstance(report, Report)
    assert not report.running


def test_one_epoch_from_the_middle_ends_with_that_epoch():
    server = TrainingServer()
    (report,) = server.handle(Load(1, 1, SPEC))
    epoch = report.frame.steps_per_epoch
    server.handle(Train(2))
    server._recorder.step()
    server.handle(Pause(3))
    server.handle(Train(4, epochs=1))
    while server.running:
        answers = server.work(0.01)
    assert answers[-1].frame.step == epoch


def test_reports_come_at_most_thirty_times_a_second():
    channel = InlineChannel(0.001)
    channel.send(Load(1, 1, LONG))
    channel.send(Train(2))
    channel.receive()
    began, reports = time.perf_counter(), 0
    while time.perf_counter() - began < 0.3:
        reports += len(channel.receive())
    assert 1 <= reports <= (time.perf_counter() - began) * 30 + 2


@pytest.mark.skipif(not can_compile(), reason="needs the extra 'fast'")
def test_steps_are_compiled_beside_the_training_and_change_no_number():
    def trained(background):
        server = TrainingServer(background)
        server.handle(Load(1, 1, SPEC))
        plain = [loop.run for loop in server._recorder.run.loops]
        server.handle(Train(2))
        reports = []
        while server.running:
            reports += server.work(0.01)
        if background is not None:
            background.close()
        assert server.work(0.01) == []
        loops = [loop.run for loop in server._recorder.run.loops]
        return reports[-1].frame, [
            after for after, before in zip(loops, plain, strict=True) if after != before
        ]

    expected, none = trained(None)
    frame, compiled = trained(Background())
    assert not none
    assert compiled
    assert [each.record for each in frame.networks] == [each.record for each in expected.networks]


def test_another_run_stops_the_compiling_of_the_one_before():
    class Waiting:
        """Remembers what is to be called."""

        calls: ClassVar[list] = []

        def begin(self, key, function, *arguments):
            self.calls.append(arguments)

        def done(self):
            return []

    server = TrainingServer(Waiting())
    server.handle(Load(1, 1, SPEC))
    assert not Waiting.calls, "nothing is compiled for what is only looked at"
    server.handle(Train(2))
    server.handle(Pause(3))
    server.handle(Train(4))
    assert len(Waiting.calls) == can_compile(), "once for each run"
    for _, wanted in Waiting.calls:
        assert wanted()
    server.handle(Load(5, 2, LONG))
    for _, wanted in Waiting.calls:
        assert not wanted()


# ---------------------------------------------------------------- calls


def double(number):
    return 2 * number


def refuse():
    raise InputError("No such thing.")


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def linger():
    time.sleep(600)


@pytest.fixture
def calls(clock):
    calls = CallJob(clock, "calls")
    calls.results, calls.failures = Heard(), Heard()
    calls.finished.connect(calls.results)
    calls.failed.connect(calls.failures)
    yield calls
    calls.close()


def test_a_call_is_made_in_another_process(qtbot, clock, calls):
    calls.submit("", double, 21)
    assert calls.busy
    until(qtbot, lambda: calls.results)
    assert calls.results == [42]
    assert resting(clock)
    calls.submit("", os.getpid)
    until(qtbot, lambda: len(calls.results) == 2)
    assert calls.results[1] != os.getpid()


def test_a_mistake_is_said_in_its_own_words(qtbot, clock, calls):
    calls.submit("", refuse)
    until(qtbot, lambda: calls.failures)
    assert calls.failures == ["No such thing."]
    assert resting(clock)


@pytest.mark.skipif(sys.platform == "win32", reason="only on Linux")
def test_a_worker_that_dies_is_said_and_replaced(qtbot, clock, calls):
    calls.submit("", die)
    until(qtbot, lambda: calls.failures)
    assert "ended unexpectedly" in calls.failures[0]
    assert resting(clock)
    calls.submit("", double, 4)
    until(qtbot, lambda: calls.results)
    assert calls.results == [8]


def test_closing_does_not_wait_for_a_call(qtbot, clock, calls):
    calls.submit("", linger)
    until(qtbot, lambda: getattr(calls._executor, "_processes", None))
    began = time.perf_counter()
    calls.close()
    assert time.perf_counter() - began < 5
    assert resting(clock)


class Manual:
    """An executor whose futures the test completes."""

    def __init__(self):
        self.calls = []

    def submit(self, function, *arguments):
        self.calls.append((function, arguments, Future()))
        return self.calls[-1][2]

    def shutdown(self, wait=True, cancel_futures=False):
        pass


def test_one_call_at_a_time_and_the_one_between_is_never_made(clock):
    manual = Manual()
    calls = CallJob(clock, "calls", lambda: manual)
    results = Heard()
    calls.finished.connect(results)
    for number in (1, 2, 3):
        calls.submit("", double, number)
    assert len(manual.calls) == 1, "one at a time"
    manual.calls[0][2].set_result(2)
    calls._look()
    assert results == [2], "a drag shows what there is"
    assert manual.calls[1][:2] == (double, (3,))
    manual.calls[1][2].set_result(6)
    calls._look()
    assert results == [2, 6]
    calls.close()


def test_a_late_result_about_something_else_is_dropped(clock):
    manual = Manual()
    calls = CallJob(clock, "calls", lambda: manual)
    results = Heard()
    calls.finished.connect(results)
    calls.submit("one surface", double, 1)
    calls.submit("another", double, 2)
    manual.calls[0][2].set_result(2)
    calls._look()
    assert results == []
    manual.calls[1][2].set_result(4)
    calls._look()
    assert results == [4]
    calls.close()


def test_a_slow_call_is_ended_when_another_is_wanted(qtbot, clock, calls):
    calls.submit("", linger)
    until(qtbot, lambda: time.monotonic() - calls._begun > 0.6)
    calls.submit("", double, 3)
    until(qtbot, lambda: calls.results)
    assert calls.results == [6]
    assert not calls.failures


@pytest.mark.skipif(sys.platform == "win32", reason="only on Linux")
def test_a_worker_killed_at_rest_is_replaced_without_a_word(qtbot, calls):
    calls.submit("", double, 1)
    until(qtbot, lambda: calls.results)
    (worker,) = calls._executor._processes.values()
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    until(qtbot, lambda: calls._executor._broken)
    calls.submit("", double, 2)
    until(qtbot, lambda: len(calls.results) == 2)
    assert not calls.failures


def test_a_worker_that_dies_over_an_old_call_is_replaced_without_a_word(clock):
    pools = [Manual(), Manual()]
    left = list(pools)
    calls = CallJob(clock, "calls", lambda: left.pop(0))
    failures = Heard()
    calls.failed.connect(failures)
    calls.submit("", double, 1)
    calls.submit("", double, 2)
    pools[0].calls[0][2].set_exception(BrokenProcessPool())
    calls._look()
    assert pools[1].calls[0][:2] == (double, (2,)), "the newest call goes to a new worker"
    assert failures == []
    calls.close()


def test_a_dropped_call_tells_nothing(clock):
    manual = Manual()
    calls = CallJob(clock, "calls", lambda: manual)
    results = Heard()
    calls.finished.connect(results)
    calls.submit("", double, 1)
    calls.drop()
    manual.calls[0][2].set_result(2)
    calls._look()
    assert len(manual.calls) == 1
    assert results == []
    assert not calls.busy
    assert resting(clock)
    calls.close()


# ---------------------------------------------------------------- in the window


def test_the_panel_says_that_its_process_died_and_keeps_the_curves(open_laboratory):
    lab = open_laboratory(
        replace(small_experiment(), training=replace(small_experiment().training, epochs=10_000)),
        ProcessChannel,
    )
    panel = lab.network
    lab.until(lambda: panel.grid.rows(), 30)
    lab.click(panel.train)
    lab.until(lambda: len(panel.loss.curves()[0].x) >= 3, 30)
    lab.drag_ring(lab.pixel_of(1, 1))
    os.kill(lab.laboratory.training.channel.pid, signal.SIGKILL)
    lab.until(lambda: panel.message.isVisible())
    assert "ended unexpectedly" in panel.message.text()
    curves = [len(curve.x) for curve in panel.loss.curves()]
    assert min(curves) >= 3
    assert panel.train.text() == "Train"
    for action in (
        lambda: lab.choose(panel.distributions.kind, "gradient"),
        lambda: lab.window.choose_look("dark"),
    ):
        action()
        assert panel.train.text() == "Train", "nothing runs, whatever is looked at"
        assert "ended unexpectedly" in panel.message.text()
        assert [len(curve.x) for curve in panel.loss.curves()] == curves
    assert lab.experiment.starts[0] != small_experiment().starts[0], "what was made elsewhere stays"
    lab.click(panel.train)
    lab.until(lambda: panel.train.text() == "Pause", 30)
    assert not panel.message.isVisible()


def test_closing_the_window_while_training_leaves_nothing(open_laboratory):
    lab = open_laboratory(
        replace(small_experiment(), training=replace(small_experiment().training, epochs=10_000)),
        ProcessChannel,
    )
    lab.until(lambda: lab.network.grid.rows(), 30)
    lab.click(lab.network.train)
    lab.until(lambda: lab.network.train.text() == "Pause", 30)
    lab.window.close()
    assert lab.laboratory.training.channel is None
    assert not lab.timer_runs
    assert not [p for p in multiprocessing.active_children() if p.name == "optiscope-training"]


def test_a_worker_of_descents_that_died_is_said_until_another_answers(lab):
    lab.laboratory.document.replace(replace(lab.experiment, steps=500_000))
    pool = lab.laboratory.descents_job._executor
    lab.until(lambda: pool._processes, 30)
    error = lab.window.surface.error
    for process in list(pool._processes.values()):
        process.kill()
    lab.until(lambda: "ended unexpectedly" in error.text(), 30)
    assert len(lab.paths()) == 6
    lab.laboratory.document.replace(replace(lab.experiment, steps=3_000))
    lab.until(lambda: lab.laboratory.playback.steps == 3_000, 30)
    assert not error.isVisible()


def test_train_starts_a_process_again_that_died_while_it_had_nothing_to_do(open_laboratory):
    lab = open_laboratory(
        replace(small_experiment(), training=replace(small_experiment().training, epochs=10_000)),
        ProcessChannel,
    )
    lab.until(lambda: lab.network.grid.rows() and not lab.laboratory.training.running, 30)
    first = lab.laboratory.training.channel
    os.kill(first.pid, signal.SIGKILL)
    first._process.join(10)
    lab.click(lab.network.train)
    lab.until(lambda: lab.network.train.text() == "Pause", 30)
    assert lab.laboratory.training.channel is not first


def test_a_number_changed_during_one_epoch_does_not_train_on_to_the_end(open_laboratory):
    lab = open_laboratory(
        replace(small_experiment(), training=replace(small_experiment().training, epochs=50))
    )
    lab.until(lambda: lab.network.grid.rows())
    job = lab.laboratory.training
    job.train(epochs=1)
    job.load(replace(lab.experiment.training, seed=5))
    lab.until(lambda: not job.running)
    assert "epoch 1 / 50" in lab.network.status.text()
