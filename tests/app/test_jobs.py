"""Calls in another process: results, mistakes, deaths, and late answers."""

import os
import signal
import sys
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from app.jobs import CallJob
from tests.app.called import die, double, linger, refuse
from tests.app.job_helpers import Heard, resting, until


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


@pytest.mark.skipif(sys.platform == "win32", reason="only on Linux and macOS")
def test_a_call_lets_the_window_go_first(qtbot, calls):
    calls.submit("", os.getpriority, os.PRIO_PROCESS, 0)
    until(qtbot, lambda: calls.results)
    assert calls.results == [min(os.getpriority(os.PRIO_PROCESS, 0) + 10, 19)]


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


def test_closing_leaves_no_thread_to_the_end_of_the_interpreter(qtbot, clock, calls):
    """One that still closes its pipes then makes it say "Bad file descriptor"."""
    calls.submit("", linger)
    until(qtbot, lambda: getattr(calls._executor, "_processes", None))
    thread = calls._executor._executor_manager_thread
    calls.close()
    assert not thread.is_alive()


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
