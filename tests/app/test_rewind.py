"""Going back in a training run: orders, reports, a process that dies, and the history that is kept of it."""

import os
import signal

import numpy as np
import pytest

from app.presenters.training_history import TrainingHistory
from app.training_job import InlineChannel, ProcessChannel, TrainingJob
from app.training_server import Load, Pause, Rewind, Seeking, Train, TrainingServer
from core.training import TrainingRun, recorder
from core.training.series import STEP
from tests.app.job_helpers import Heard, resting, until
from tests.app.rewound import LONG, SPEC, figures, finish, frame_at, frames, said, slowly

# ---------------------------------------------------------------- the process's part


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(recorder.Recorder, "spacing", 10)
    server = TrainingServer()
    server.handle(Load(1, 1, SPEC))
    server.handle(Train(2))
    assert finish(server).frame.finished
    return server


def test_every_step_is_shown_as_it_was(server):
    straight = frames(SPEC)
    last = len(straight) - 1
    for serial, step in enumerate([0, last, 7, 8, 6, last // 2, 1, last - 1], start=3):
        report = finish(server, server.handle(Rewind(serial, step)))
        assert (report.serial, report.frame.step, report.recorded) == (serial, step, last)
        assert repr(figures(report.frame)) == repr(figures(straight[step]))
        assert not report.running
        assert not report.records, "they were sent already"
        assert server.wait is None


def test_training_on_says_what_is_no_more_and_sends_the_same_again(server):
    report = finish(server, server.handle(Rewind(3, 20)))
    (resumed,) = server.handle(Train(4))
    assert (resumed.since, resumed.recorded, resumed.frame.step) == (20, 20, 20)
    spread = said(server)
    again = spread[-1]
    assert again.frame.finished
    assert report.frame.steps == again.recorded
    straight = TrainingRun(SPEC)
    while not straight.finished:
        straight.step()
    records = [r for report in spread for r in report.records]
    assert records == [r for r in straight.records if r.step > 20]
    rows = np.concatenate([report.series[0] for report in spread])
    expected = next(iter(straight.series.values())).rows
    np.testing.assert_array_equal(rows, expected[expected[:, STEP] > 20])


def test_one_epoch_from_an_earlier_step(server):
    epoch = finish(server, server.handle(Rewind(3, 20))).frame.steps_per_epoch
    server.handle(Train(5, epochs=1))
    assert finish(server).frame.step == (20 // epoch + 1) * epoch


def test_a_long_way_is_answered_at_once_and_then_gone(server, monkeypatch):
    monkeypatch.setattr("app.training_server._PATIENCE", 0.0)
    monkeypatch.setattr(recorder.Recorder, "work", slowly(recorder.Recorder.work))
    (answer,) = server.handle(Rewind(3, 13))
    assert answer == Seeking(3, 1)
    assert server.wait == 0.0
    (answer,) = server.handle(Rewind(4, 14))
    assert answer == Seeking(4, 1), "a newer wish is heard on the way"
    report = finish(server)
    assert (report.serial, report.frame.step) == (4, 14)
    assert repr(figures(report.frame)) == repr(figures(frame_at(SPEC, report.frame.step)))
    server.handle(Rewind(5, 13))
    (answer,) = server.handle(Train(6))
    assert answer == Seeking(6, 1)
    reports = said(server)
    assert reports[0].frame.step == reports[0].since == 13, "first it gets there, then it trains"
    assert reports[-1].frame.finished
    server.handle(Rewind(7, 13))
    (report,) = server.handle(Pause(8))
    assert report.frame.step < 13, "it stays where it is on its way"
    assert server.wait is None


def test_the_file_of_older_steps_goes_with_its_run(server):
    first = server._recorder
    server.handle(Load(3, 2, LONG))
    assert first._store.steps == []


# ---------------------------------------------------------------- the job


@pytest.fixture
def job(clock):
    job = TrainingJob(clock, ProcessChannel)
    job.heard, job.deaths = Heard(), Heard()
    job.reported.connect(job.heard)
    job.died.connect(job.deaths)
    yield job
    job.close()


def trained(qtbot, job, spec=LONG, steps=200):
    job.load(spec)
    job.train()
    until(qtbot, lambda: job.heard and job.heard[-1].frame.step >= steps)


def test_going_back_pauses_and_the_newest_wish_wins(qtbot, clock, job):
    trained(qtbot, job)
    for step in (150, 20, 90, 33, 7, 42):
        job.rewind(step)
    assert job.sought == 42
    until(qtbot, lambda: job.sought is None)
    assert job.heard[-1].frame.step == 42
    assert not job.running
    until(qtbot, lambda: resting(clock))
    shown = [report.frame.step for report in job.heard if not report.running]
    assert 20 not in shown[1:], "wishes that were overtaken are not carried out"
    assert job.heard[-1].recorded >= 200


def test_train_after_a_wish_to_go_back_trains_from_there(qtbot, job):
    trained(qtbot, job)
    job.rewind(100)
    job.rewind(11)
    job.train(epochs=1)
    until(qtbot, lambda: not job.running and job.sought is None)
    epoch = job.heard[-1].frame.steps_per_epoch
    assert job.heard[-1].frame.step == (11 // epoch + 1) * epoch == job.heard[-1].recorded


def test_a_process_killed_while_it_goes_back_is_reported(qtbot, clock, job):
    trained(qtbot, job)
    job.rewind(10)
    os.kill(job.channel.pid, signal.SIGKILL)
    job.rewind(20)
    until(qtbot, lambda: job.deaths)
    assert "from the first step" in job.deaths[0]
    assert job.sought is None
    assert resting(clock)
    job.rewind(5)
    assert resting(clock), "there is nothing to go back in"


@pytest.mark.parametrize("order", ["rewind", "train"])
def test_a_process_killed_while_it_rested_has_lost_its_steps_and_that_is_said(qtbot, clock, job, order):
    trained(qtbot, job)
    job.pause()
    until(qtbot, lambda: resting(clock))
    os.kill(job.channel.pid, signal.SIGKILL)
    job.channel._process.join()
    job.rewind(10) if order == "rewind" else job.train()
    assert len(job.deaths) == 1
    assert "from the first step" in job.deaths[0]


def test_a_history_forgets_what_a_report_says_is_no_more():
    channel = InlineChannel(0.0)
    history, whole = TrainingHistory(), TrainingHistory()
    server = channel._server
    (report,) = server.handle(Load(1, 1, SPEC))
    for each in (report, *server.handle(Train(2)), *said(server)):
        history.take(each)
        whole.take(each)
    name = report.frame.networks[0].name
    for each in (*server.handle(Rewind(3, 9)), *server.handle(Train(4))):
        history.take(each)
    assert history.recorded == 9
    assert history.records(name)[-1, -1] <= 9
    for each in said(server):
        history.take(each)
    np.testing.assert_array_equal(history.records(name), whole.records(name))
