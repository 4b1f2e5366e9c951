"""What the training process answers, asked in this one."""

import time
from typing import ClassVar

import pytest

from app.background import Background
from app.training_job import InlineChannel
from app.training_server import Load, Pause, Refusal, Report, Train, TrainingServer
from core.loops import can_compile
from tests.app.job_helpers import BAD, LONG, SPEC


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
