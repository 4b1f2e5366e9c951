"""Orders to the maps' process, and which of its answers are still wanted."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from app.map_job import COMPILING, MapJob
from app.map_server import Compiling, Drawn, Forget, Refused
from app.playback import Clock
from app.server_processes import map_process
from core.choice import Choice
from core.map_grades import graded
from core.map_spec import MapSpec
from core.maps import compute_map
from core.optimizer import MethodSpec
from core.surface import SurfaceSpec
from tests.app.job_helpers import Wires

SPEC = MapSpec(SurfaceSpec("himmelblau"), MethodSpec(Choice("adam", {"learning_rate": 0.2})), steps=20)


class Job(Wires):
    """A job, its wires, and what it says."""

    def __init__(self, qapp: object) -> None:
        super().__init__(Clock())
        self.job = MapJob(self.clock, self.open)
        self.shown: list[int] = []
        self.refused: list[tuple[str, str]] = []
        self.said: list[str] = []
        self.job.drawn.connect(lambda _, answer: self.shown.append(answer.serial))
        self.job.refused.connect(lambda *refusal: self.refused.append(refusal))
        self.job.said.connect(self.said.append)

    def level(self, serial: int, first: bool = True, last: bool = False) -> None:
        self.answer(
            Drawn("a", serial, first, last, False, graded(compute_map(replace(SPEC, columns=1, rows=1))))
        )


@pytest.fixture
def job(qapp: object) -> Iterator[Job]:
    job = Job(qapp)
    yield job
    job.job.close()
    job.clock.stop()


def test_only_one_order_is_without_its_first_answer(job: Job) -> None:
    for _ in range(50):
        job.job.ask("a", "same", SPEC)
    assert job.wire.serials == [1]
    job.level(1)
    assert job.wire.serials == [1, 50]


def test_a_drag_shows_first_levels_of_older_orders_and_nothing_else_that_is_late(job: Job) -> None:
    job.job.ask("a", "same", SPEC)
    job.job.ask("a", "same", SPEC)
    job.level(1)
    job.level(1, first=False)
    assert job.shown == [1]
    job.level(2)
    job.level(1, first=False, last=True)
    assert job.shown == [1, 2]
    assert job.job.busy
    job.level(2, first=False, last=True)
    assert not job.job.busy
    assert not job.clock.needed


def test_what_is_about_something_else_never_appears(job: Job) -> None:
    job.job.ask("a", "one surface", SPEC)
    job.job.ask("a", "another", SPEC)
    job.level(1)
    assert job.shown == []
    job.job.drop("a")
    job.level(2)
    assert job.shown == []
    assert any(isinstance(order, Forget) for order in job.wire.orders)
    job.job.ask("a", "another", SPEC)
    job.level(2)  # asked for before it was dropped
    assert job.shown == []
    job.level(3)
    assert job.shown == [3]


def test_only_the_newest_refusal_is_told(job: Job) -> None:
    job.job.ask("a", "same", SPEC)
    job.job.ask("a", "same", SPEC)
    job.answer(Refused("a", 1, "old"))
    job.answer(Refused("a", 2, "new"))
    assert job.refused == [("a", "new")]
    assert not job.job.busy


def test_compiling_is_announced(job: Job) -> None:
    job.job.ask("a", "same", SPEC)
    job.level(1, last=True)
    job.answer(Compiling(True))
    assert job.said == [COMPILING]
    assert job.clock.needed
    job.answer(Compiling(False))
    assert not job.clock.needed


def test_a_process_that_dies_is_said_and_started_again_with_the_newest_wish(job: Job) -> None:
    job.job.ask("a", "same", SPEC)
    job.level(1)
    job.job.ask("a", "same", SPEC)
    job.wire.dead = True
    job.clock.beat.emit(0.016)
    assert len(job.wires) == 2
    assert job.wires[0].closed
    assert job.wire.serials == [2]
    assert job.said == ["The maps' process ended unexpectedly (signal 9); it has been started again."]
    job.wire.dead = True  # at once: it may die of what it was asked
    job.clock.beat.emit(0.016)
    assert len(job.wires) == 2
    assert "change anything to try again" in job.said[-1]
    assert not job.clock.needed
    job.job.ask("a", "same", SPEC)
    job.level(3)
    assert job.shown == [1, 3]


def test_a_real_process_draws_is_killed_and_draws_again(qtbot: Any, qapp: object) -> None:
    clock = Clock()
    job = MapJob(clock, map_process)
    shown: list[Drawn] = []
    said: list[str] = []
    job.drawn.connect(lambda _, answer: shown.append(answer))
    job.said.connect(said.append)
    try:
        job.ask("a", "same", SPEC)
        qtbot.waitUntil(lambda: bool(shown) and shown[-1].last, timeout=60_000)
        assert (shown[-1].map.grades == graded(compute_map(SPEC)).grades).all()
        pid = job.channel.pid  # type: ignore[union-attr]
        os.kill(pid, signal.SIGKILL)
        job.ask("a", "same", replace(SPEC, steps=21))
        qtbot.waitUntil(lambda: shown[-1].last and shown[-1].serial == 2, timeout=60_000)
        assert job.channel.pid != pid  # type: ignore[union-attr]
        assert (shown[-1].map.grades == graded(compute_map(replace(SPEC, steps=21))).grades).all()
    finally:
        job.close()
        clock.stop()
