"""A training process: orders, answers, deaths, late answers."""

import multiprocessing
import os
import signal
import sys
import time

import pytest
from msgspec.structs import replace

from app.training_job import ProcessChannel, TrainingJob
from app.training_server import Load, Train, TrainingServer
from core.choice import Choice
from core.data.sample_reader import read_own_samples
from tests.app.job_helpers import BAD, LONG, SPEC, Heard, resting, until
from tests.training_specs import training


@pytest.fixture
def job(clock):
    job = TrainingJob(clock, ProcessChannel)
    job.heard, job.deaths, job.refusals = Heard(), Heard(), Heard()
    job.reported.connect(job.heard)
    job.died.connect(job.deaths)
    job.refused.connect(job.refusals)
    yield job
    job.close()


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


@pytest.mark.skipif(sys.platform == "win32", reason="only on Linux and macOS")
def test_the_process_lets_the_window_go_first(qtbot, clock, job):
    job.load(LONG)
    until(qtbot, lambda: job.heard)
    here, there = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (0, job.channel.pid))
    assert there == min(here + 10, 19)


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
