"""Processes that train some networks of a run: begun where it pays, and done without when they die."""

import io
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from app import training_helpers
from app.channels import ProcessChannel
from app.training_helpers import HelperProcess, TrainingHelpers
from app.training_messages import Load, Train
from app.training_server import TrainingServer
from core.choice import Choice
from core.training import NetworkSpec, TrainingRun, TrainingSpec, alike
from core.training.crew import HelperLostError
from tests.app.window_run import descendants
from tests.core.recorded_runs import everything, state

NETWORK = NetworkSpec(layers=10, units=64, activation=Choice("relu"), batch_norm="before")
INITIALIZERS = ("small_normal", "xavier_normal", "he_normal", "lecun_normal")
SPEC = TrainingSpec(
    Choice("moons", {"samples": 400}), alike(tuple(map(Choice, INITIALIZERS)), network=NETWORK), epochs=1_000
)
LONG = 60.0


@pytest.fixture(autouse=True)
def two_processors(monkeypatch):
    monkeypatch.setattr("core.training.lanes.os.cpu_count", lambda: 2)


@pytest.fixture
def helpers():
    helpers = TrainingHelpers()
    yield helpers
    helpers.close()


def join(helpers, run):
    until = time.monotonic() + 60
    while not run.shared:
        assert time.monotonic() < until
        helpers.attend(run, LONG)
        time.sleep(0.01)


def step(run, times):
    for _ in range(times):
        run.step()


def end(helper):
    """As if the system had killed it."""
    os.kill(helper._channel.pid, signal.SIGKILL)
    helper._channel._process.join()


@pytest.mark.logs_errors
def test_a_process_trains_half_of_the_networks_and_can_die(helpers):
    run, plain = TrainingRun(SPEC), TrainingRun(SPEC)
    step(run, 3)
    step(plain, 12)
    join(helpers, run)
    step(run, 9)
    assert everything(run) == everything(plain)
    (helper,) = helpers._helpers
    assert helper._block is None or not Path("/dev/shm", helper._block.name).exists(), "no name is left"
    end(helper)
    step(run, 5)
    step(plain, 5)
    assert not run.shared
    assert everything(run) == everything(plain)
    helpers.attend(run, LONG)
    assert "nothing is lost" in helpers.note
    join(helpers, run)
    step(run, 5)
    step(plain, 5)
    assert helpers._helpers[0] is not helper
    assert everything(run) == everything(plain)


def test_a_helper_is_kept_for_the_run_that_follows(helpers):
    first, second = TrainingRun(SPEC), TrainingRun(replace(SPEC, seed=7))
    join(helpers, first)
    pid = helpers._helpers[0]._channel.pid
    step(first, 2)
    join(helpers, second)
    plain = TrainingRun(second.spec)
    for run in (second, plain):
        step(run, 4)
    assert helpers._helpers[0]._channel.pid == pid
    assert everything(second) == everything(plain)
    assert not helpers.note


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_a_helper_ends_with_the_process_that_it_helps(qtbot, clock):
    from app.training_job import ProcessChannel, TrainingJob

    job = TrainingJob(clock, ProcessChannel)
    before = set(descendants(os.getpid()))
    job.load(SPEC)
    job.train()
    try:
        qtbot.waitUntil(lambda: len(descendants(job.channel.pid)) == 1, timeout=60_000)
        (helper,) = descendants(job.channel.pid)
        assert os.getpriority(os.PRIO_PROCESS, helper) == os.getpriority(os.PRIO_PROCESS, job.channel.pid)
        os.kill(job.channel.pid, signal.SIGKILL)
        qtbot.waitUntil(lambda: not Path(f"/proc/{helper}").exists(), timeout=10_000)
    finally:
        job.close()
    qtbot.waitUntil(lambda: set(descendants(os.getpid())) <= before | trackers(), timeout=10_000)


def trackers():
    """What looks after shared memory, one for the whole program."""
    found = set(descendants(os.getpid()))
    return {pid for pid in found if b"resource_tracker" in Path(f"/proc/{pid}/cmdline").read_bytes()}


@pytest.mark.skipif(sys.platform == "win32", reason="only on Linux and macOS")
def test_an_error_ends_a_process_though_it_has_begun_another():
    channel = ProcessChannel(fail_with_a_helper, "failing")
    try:
        with pytest.raises(EOFError):
            channel.wait()
        assert channel.death() == "exit status 1"
    finally:
        channel.close()


def fail_with_a_helper(connection):
    """The body of a process."""
    sys.stderr = io.StringIO()
    helper = HelperProcess()
    raise MemoryError(str(helper))


# ---------------------------------------------------------------- the same without a process


class Loop:
    """A channel whose other side answers at once, in this process."""

    def __init__(self):
        self.server = training_helpers._Server(lambda: False)
        self.answers, self.closed, self.sent = [], False, []

    def send(self, order):
        if self.closed:
            raise BrokenPipeError(32, "Broken pipe")
        serial, name, arguments = order
        self.sent.append(name)
        self.answers.append((serial, self.server.call(name, arguments)))

    def has_answer(self):
        return bool(self.answers)

    def wait(self):
        if self.closed or not self.answers:
            raise EOFError
        return self.answers.pop(0)

    def death(self):
        return "signal 9"

    def dismiss(self):
        pass

    def close(self):
        self.closed = True
        self.server._portion = None
        if self.server._block is not None:
            self.server._block.close()


@pytest.fixture
def looped(monkeypatch):
    """Helpers in this process, and their channels."""
    loops = []

    def open_loop(serve, name, steps_back):
        assert not steps_back
        loops.append(Loop())
        return loops[-1]

    monkeypatch.setattr(training_helpers, "ProcessChannel", open_loop)
    helpers = TrainingHelpers()
    yield helpers, loops
    helpers.close()


@pytest.mark.parametrize("shared_memory", [True, False])
def test_numbers_get_through_with_and_without_shared_memory(looped, monkeypatch, shared_memory):
    if not shared_memory:
        monkeypatch.setattr(training_helpers, "_block", lambda size: None)
    helpers, (*_,) = looped
    run, plain = TrainingRun(SPEC), TrainingRun(SPEC)
    join(helpers, run)
    step(run, 2)
    back = run.snapshot()
    step(run, 3)
    run.restore(back)
    step(run, 2)
    step(plain, 4)
    assert state(run) == state(plain)
    assert (helpers._helpers[0]._block is not None) == shared_memory


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_shared_memory_is_not_filled_up():
    before = set(Path("/dev/shm").iterdir())
    room = os.statvfs("/dev/shm")
    assert training_helpers._block(2 * room.f_frsize * room.f_blocks) is None, "twice what there is at all"
    assert set(Path("/dev/shm").iterdir()) == before
    block = training_helpers._block(100_000)
    try:
        assert Path("/dev/shm", block.name).stat().st_blocks * 512 >= 100_000, "taken, not promised"
    finally:
        block.close()
        block.unlink()


def test_short_runs_begin_no_process(looped):
    helpers, loops = looped
    run = TrainingRun(SPEC)
    helpers.attend(run, 2.0)
    assert loops == []
    helpers.attend(TrainingRun(replace(SPEC, variants=SPEC.variants[:1])), LONG)
    assert loops == [], "nor does one network"
    helpers.attend(run, LONG)
    assert [loop.sent for loop in loops] == [["begin"]]
    assert loops[0].server._block is None, "no memory until it is used: training may end before"


def test_what_it_was_told_before_is_not_waited_for(looped):
    """Another run is loaded while a helper still begins with the one before."""
    helpers, loops = looped
    first, second = TrainingRun(SPEC), TrainingRun(replace(SPEC, seed=7))
    helpers.attend(first, LONG)
    late = loops[0].answers
    loops[0].answers = []
    helpers.attend(second, LONG)
    newest, loops[0].answers = loops[0].answers, late
    helpers.attend(second, LONG)  # finds the answer of before, and does not wait for its own
    assert not second.shared
    loops[0].answers = newest
    helpers.attend(second, LONG)
    assert second.shared


@pytest.mark.logs_errors
def test_memory_that_cannot_be_opened_is_a_lost_helper(looped, monkeypatch):
    helpers, _ = looped

    def refuse(*_):
        raise FileNotFoundError(2, "No such file or directory")

    run = TrainingRun(SPEC)
    helpers.attend(run, LONG)
    monkeypatch.setattr(HelperProcess, "_use", lambda self, block: refuse() if block else None)
    helpers.attend(run, LONG)
    assert not run.shared
    assert "nothing is lost" in helpers.note


def test_a_helper_that_died_between_runs_is_replaced_without_a_word(looped):
    helpers, loops = looped
    join(helpers, TrainingRun(SPEC))
    loops[0].closed = True
    run = TrainingRun(replace(SPEC, seed=7))
    join(helpers, run)
    assert len(loops) == 2
    assert not helpers.note
    helpers.attend(TrainingRun(replace(SPEC, variants=SPEC.variants[:1])), LONG)
    assert loops[1].closed, "one network needs none"


@pytest.mark.logs_errors
def test_after_three_ends_a_run_goes_on_alone(looped):
    helpers, loops = looped
    run = TrainingRun(SPEC)
    for ends in range(1, 4):
        join(helpers, run)
        assert len(loops) == ends
        loops[-1].closed = True
        step(run, 1)
        helpers.attend(run, LONG)
    for _ in range(3):
        helpers.attend(run, LONG)
    assert len(loops) == 3
    assert not run.shared
    plain = TrainingRun(SPEC)
    step(plain, 3)
    assert state(run) == state(plain)


@pytest.mark.logs_errors
def test_an_error_in_a_helper_is_its_end(looped):
    helpers, loops = looped
    run = TrainingRun(SPEC)
    join(helpers, run)
    loops[0].server._portion.step = lambda snapshot: 1 / 0
    step(run, 1)
    assert not run.shared
    np.testing.assert_equal(run.step_index, 1)


def test_a_helper_that_cannot_be_started_is_done_without(monkeypatch):
    def refuse(*_, **__):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(training_helpers, "ProcessChannel", refuse)
    with pytest.raises(HelperLostError, match="temporarily unavailable"):
        HelperProcess()


def test_the_server_finds_help_for_a_long_run_and_says_when_it_ends(looped, monkeypatch):
    helpers, loops = looped
    server = TrainingServer(helpers=helpers)
    server.handle(Load(1, 1, SPEC))
    server.handle(Train(2))
    until = time.monotonic() + 60
    while not server._recorder.run.shared:
        assert time.monotonic() < until
        server.work(0.01)
    loops[0].closed = True
    reports = []
    while not any(report.note for report in reports):
        assert time.monotonic() < until
        reports += server.work(0.01)
    assert server.running
    server._recorder.close()
