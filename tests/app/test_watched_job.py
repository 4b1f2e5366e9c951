"""Long work in a process of its own: which of its answers are told, and what its deaths do."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.channels import Quit
from app.watched_job import WatchedJob
from app.watched_server import Failed, Order, Progress, Result, Stop, Watch, serve
from tests.app.job_helpers import Heard, Wire, Wires


class Job(Wires):
    """A job, its wires, and what it says."""

    def __init__(self, clock: Any) -> None:
        super().__init__(clock)
        self.job = WatchedJob(clock, self.open, "work", "; try again.")
        self.moved, self.done, self.failed = Heard(), Heard(), Heard()
        self.job.moved.connect(self.moved)
        self.job.done.connect(self.done)
        self.job.failed.connect(self.failed)

    def begin(self, work: str) -> int:
        """Begin; the number of the order."""
        self.job._begin(work)
        return self.wire.serials[-1]

    @property
    def at_rest(self) -> bool:
        return not self.job.busy and not self.clock.needed


@pytest.fixture
def job(clock: Any) -> Iterator[Job]:
    job = Job(clock)
    yield job
    job.job.close()


def test_news_and_the_result_are_told(job: Job) -> None:
    serial = job.begin("one")
    assert job.job.busy
    assert job.clock.needed
    job.answer(Progress(serial, 1, 3, "adam"), Progress(serial, 2, 3, ""))
    assert job.moved == [(1, 3, "adam"), (2, 3, "")]
    job.answer(Result(serial, "made"))
    assert job.done == ["made"]
    assert job.at_rest
    job.answer(Result(job.begin("two"), Failed("Too large.")))
    assert job.failed == ["Too large."]
    assert len(job.wires) == 1, "the process stays"
    assert job.at_rest


def test_what_is_dropped_or_superseded_is_not_told(job: Job) -> None:
    first = job.begin("one")
    second = job.begin("two")
    assert [type(order) for order in job.wire.orders] == [Order, Stop, Order]
    job.answer(Progress(first, 1, 3, ""), Result(first, Failed("")))
    assert job.job.busy, "the second is still at work"
    job.answer(Result(second, "second"))
    assert job.done == ["second"]
    third = job.begin("three")
    job.job.drop()
    job.answer(Result(third, "third"))
    assert (job.done, job.failed, job.moved) == (["second"], [], [])
    assert job.at_rest


def test_what_is_stopped_tells_what_there_is(job: Job) -> None:
    serial = job.begin("one")
    job.job.stop()
    assert isinstance(job.wire.orders[-1], Stop)
    job.answer(Result(serial, "half"))
    assert job.done == ["half"]
    job.job.stop()
    assert len(job.wire.orders) == 2, "nothing is under way that could be stopped"


@pytest.mark.parametrize("notice", ["looking", "stopping"])
def test_a_process_that_dies_at_work_is_said(job: Job, notice: str) -> None:
    job.begin("one")
    job.wire.dead = True
    if notice == "stopping":
        job.job.stop()
    else:
        job.clock.beat.emit(0.016)
    assert job.failed == ["The work's process ended unexpectedly (signal 9); try again."]
    assert job.wire.closed
    assert job.at_rest
    job.answer(Result(job.begin("again"), "made"))
    assert job.done == ["made"]
    assert len(job.wires) == 2


@pytest.mark.parametrize("told", [True, False])
def test_one_that_died_with_nothing_to_do_is_replaced_without_a_word(job: Job, told: bool) -> None:
    job.answer(Result(job.begin("one"), "first"))
    dead = job.wire
    dead.dead = True
    if not told:  # a large order is written aside, where nobody hears that it cannot be
        dead.send = dead.orders.append  # type: ignore[method-assign]
    job.answer(Result(job.begin("two"), "second"))
    assert job.done == ["first", "second"]
    assert job.failed == []
    assert len(job.wires) == 2
    assert dead.closed


def test_a_process_that_cannot_be_started_is_said(job: Job) -> None:
    def refuse() -> Wire:
        raise OSError(11, "Resource temporarily unavailable")

    job.job._open = refuse
    job.job._begin("one")
    assert job.failed == ["The work's process cannot be started (Resource temporarily unavailable)."]
    assert job.at_rest


class Pipe:
    """The process's end of a pipe, with everything in it that will ever be said."""

    def __init__(self, *orders: Any) -> None:
        self.orders, self.sent = list(orders), Heard()
        self.send = self.sent

    def recv(self) -> Any:
        if not self.orders:
            raise EOFError
        return self.orders.pop(0)

    def poll(self) -> bool:
        return bool(self.orders)


def count(until: int, watch: Watch) -> str:
    """Work that is watched at every number."""
    for number in range(until):
        if not watch(number, until):
            return f"stopped at {number}"
    return f"counted to {until}"


def test_a_stop_ends_the_work_before_it_and_not_the_one_after_it() -> None:
    pipe = Pipe(Order(1, 9), Stop(), Stop(), Order(2, 4))
    serve(pipe, count)
    assert [said for said in pipe.sent if isinstance(said, Result)] == [
        Result(1, "stopped at 0"), Result(2, "counted to 4"),
    ]  # fmt: skip


@pytest.mark.parametrize("orders", [(Quit(),), (Order(1, 9), Quit())])
def test_told_to_quit_the_process_ends_and_says_no_more(orders: tuple[Any, ...]) -> None:
    pipe = Pipe(*orders, Order(2, 9))
    serve(pipe, count)
    assert not [said for said in pipe.sent if isinstance(said, Result)]
    assert pipe.orders == [Order(2, 9)]


def test_news_come_at_most_thirty_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("app.watched_server.time.monotonic", lambda: now[0])
    pipe = Pipe()
    watch = Watch(pipe, 7)
    for number in range(1000):
        now[0] = 1.0 + number / 1000
        assert watch(number, 1000, "sgd")
    assert 28 <= len(pipe.sent) <= 31
    assert pipe.sent[0] == Progress(7, 0, 1000, "sgd")
