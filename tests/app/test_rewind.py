"""Going back in a training run: orders, reports, the bar, the curves."""

import os
import signal

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt

from app.presenters.training_history import TrainingHistory
from app.training_job import InlineChannel, ProcessChannel, TrainingJob
from app.training_server import Load, Pause, Report, Rewind, Seeking, Train, TrainingServer
from core.choice import Choice
from core.training import TrainingRun, recorder
from core.training.series import STEP
from tests.app.job_helpers import Heard, resting, until
from tests.app.laboratory_driver import small_experiment
from tests.training_specs import training

SPEC = replace(training(small_experiment().training, initializers=(Choice("xavier_normal"),)), batch_size=8)
LONG = replace(SPEC, epochs=2_000)


def figures(frame):
    """What a frame says of the networks, to the last bit."""
    return [
        (n.outcome, n.message, n.batch_loss, n.record,
         *((c.mean, c.std, c.counts.tolist()) for c in n.statistics))
        for n in frame.networks
    ]  # fmt: skip


def frames(spec):
    run = TrainingRun(spec)
    found = [run.frame()]
    while not run.finished:
        run.step()
        found.append(run.frame())
    return found


def frame_at(spec, step):
    """The frame of a step, by a run straight to it."""
    run = TrainingRun(spec)
    for _ in range(step):
        run.step()
    return run.frame()


def said(server: TrainingServer) -> list:
    """All answers until there is nothing to do."""
    answers = []
    while server.wait is not None:
        answers += server.work(0.01)
    return answers


def finish(server: TrainingServer, answers=()) -> Report:
    return [*answers, *said(server)][-1]


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


def slowly(work):
    """A slice of time is over after a step."""
    return lambda self, seconds: work(self, 0.0)


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


# ---------------------------------------------------------------- in the window


@pytest.fixture
def lab(open_laboratory):
    experiment = replace(
        small_experiment(), training=replace(small_experiment().training, batch_size=16, epochs=6)
    )
    lab = open_laboratory(experiment)
    lab.until_initialized()
    return lab


def train(lab):
    lab.click(lab.network.train)
    lab.until(lambda: "finished" in lab.network.status.text())
    return lab.network


def at(bar, step: int) -> QPoint:
    return QPoint(round(bar.place_of(step)), bar.height() // 2)


def rested(lab):
    lab.until(lambda: lab.laboratory.training.sought is None and not lab.timer_runs)


def shown(lab):
    return [[(c.mean, c.std, c.counts.tolist()) for c in row.cells] for row in lab.rows().values()]


def expected(lab, step):
    kind = lab.experiment.shown
    frame = frame_at(lab.experiment.training, step)
    return [
        [(c.mean, c.std, c.counts.tolist()) for c in n.statistics if c.kind == kind] for n in frame.networks
    ]


def test_the_bar_is_dragged_back_and_forth_and_nothing_late_is_shown(lab):
    panel = train(lab)
    bar = panel.progress
    steps = bar.maximum()
    lab.drag(bar, at(bar, steps), *(at(bar, part * steps // 8) for part in (2, 7, 1, 5, 0, 8, 3)))
    step = bar.value()
    assert step == pytest.approx(3 * steps / 8, abs=1)
    assert f"step {step} of {steps}" in panel.status.text(), "the text is there at once"
    rested(lab)
    assert bar.value() == step
    assert f"step {step} of {steps}" in panel.status.text()
    assert shown(lab) == expected(lab, step)
    assert panel.loss.cursor_at() == pytest.approx(step / bar.pageStep())
    assert len(panel.loss.curves()[0].x) == 7, "the curves stay whole"
    assert panel.train.text() == "Train from here"


def test_keys_step_through_the_run(lab):
    bar = train(lab).progress
    page, last = bar.pageStep(), bar.maximum()
    bar.setFocus()
    place = last
    for key, by in ((Qt.Key.Key_Left, -1), (Qt.Key.Key_Left, -1), (Qt.Key.Key_PageUp, page),
                    (Qt.Key.Key_PageDown, -page), (Qt.Key.Key_Right, 1)):  # fmt: skip
        lab.key(key, bar)
        place = max(0, min(last, place + by))
        rested(lab)
        assert bar.value() == place
        assert shown(lab) == expected(lab, place)
    lab.key(Qt.Key.Key_Home, bar)
    rested(lab)
    assert lab.network.status.text().startswith("epoch 0 / 6  ·  step 0 of")
    lab.key(Qt.Key.Key_End, bar)
    rested(lab)
    assert "finished" in lab.network.status.text()
    assert lab.network.train.text() == "Train again"


def test_training_on_from_an_earlier_step_ends_the_curves_there(lab):
    panel = train(lab)
    bar = panel.progress
    whole = [(curve.x.tolist(), curve.y.tolist()) for plot in panel.plots for curve in plot.curves()]
    step = 2 * bar.pageStep() + 3
    lab.drag(bar, at(bar, bar.maximum()), at(bar, step))
    rested(lab)
    step = bar.value()
    lab.click(panel.epoch)
    rested(lab)
    assert bar.value() == bar.recorded == (step // bar.pageStep() + 1) * bar.pageStep()
    assert {len(curve.x) for curve in panel.loss.curves()} == {bar.value() // bar.pageStep() + 1}
    assert panel.loss.curves_behind()[0].x[-1] == pytest.approx(bar.value() / bar.pageStep())
    lab.drag(bar, at(bar, bar.value()), at(bar, bar.maximum()))
    rested(lab)
    assert bar.value() == bar.recorded < bar.maximum(), "no further than it was recorded"
    lab.click(panel.train)
    lab.until(lambda: "finished" in panel.status.text())
    again = [(curve.x.tolist(), curve.y.tolist()) for plot in panel.plots for curve in plot.curves()]
    assert again == whole


def test_pressing_in_a_plot_goes_to_that_epoch(lab):
    panel = train(lab)
    view = panel.accuracy.getPlotItem().getViewBox()
    place = panel.accuracy.mapFromScene(view.mapViewToScene(view.viewRect().center()))
    lab.drag(panel.accuracy.viewport(), place)
    rested(lab)
    assert panel.progress.value() == pytest.approx(panel.progress.maximum() / 2, abs=2)
    assert shown(lab) == expected(lab, panel.progress.value())


def test_the_bar_pauses_a_run_and_train_takes_it_up(open_laboratory):
    lab = open_laboratory(
        replace(small_experiment(), training=replace(small_experiment().training, epochs=10_000)),
        ProcessChannel,
    )
    panel = lab.network
    bar = panel.progress
    lab.until(lambda: panel.grid.rows(), 30)
    assert bar.recorded == 0
    lab.click(panel.train)
    lab.until(lambda: bar.recorded >= 300, 30)
    seen = []
    bar.valueChanged.connect(seen.append)
    lab.drag(bar, at(bar, 0), at(bar, 0) + QPoint(2, 0), release=False)
    here = bar.value()
    seen.clear()
    lab.until(lambda: lab.laboratory.training.sought is None, 30)
    assert seen == [], "what was trained until then does not move the bar"
    assert bar.value() == here <= bar.recorded
    assert panel.train.text() == "Train from here"
    assert panel.loss._cursor.isVisible()
    lab.click(panel.train)
    lab.until(lambda: panel.train.text() == "Pause" and bar.value() > here, 30)
    assert not panel.loss._cursor.isVisible()
    lab.click(panel.train)


def test_a_bar_without_a_process_rests(open_laboratory):
    lab = open_laboratory(
        replace(small_experiment(), training=replace(small_experiment().training, epochs=10_000)),
        ProcessChannel,
    )
    panel = lab.network
    lab.until(lambda: panel.grid.rows(), 30)
    lab.click(panel.train)
    lab.until(lambda: panel.progress.recorded >= 100, 30)
    os.kill(lab.laboratory.training.channel.pid, signal.SIGKILL)
    lab.until(lambda: panel.message.isVisible())
    assert not panel.progress.isEnabled()
    lab.click(panel.train)
    lab.until(lambda: panel.progress.isEnabled(), 30)


def test_trouble_with_the_disk_is_said_in_the_panel(lab, monkeypatch):
    sentence = "Older steps cannot be kept on disk (No space left on device)."
    monkeypatch.setattr(recorder.Recorder, "note", sentence)
    lab.click(lab.network.epoch)
    lab.until(lambda: lab.network.message.text() == sentence)
    assert lab.network.message.isVisible()


# ---------------------------------------------------------------- the curves


def choose(lab, plot, text):
    """Pick an entry of a plot's menu."""
    menu = plot.menu()
    (action,) = [action for action in menu.actions() if action.text() == text]
    action.trigger()
    menu.deleteLater()
    lab.process_events()


def test_each_plot_shows_what_is_chosen(lab):
    panel = train(lab)
    spec = lab.experiment.training
    run = TrainingRun(spec)
    while not run.finished:
        run.step()
    rows = run.series["he_normal"].rows
    choose(lab, panel.loss, "Learning rate")
    assert len(panel.loss.curves()) == 4
    np.testing.assert_array_equal(panel.loss.curves()[3].y, rows[:, 3])
    assert "learning rate" in panel.loss.choice.text()
    low, high = panel.loss.getPlotItem().getViewBox().viewRange()[1]
    assert low < 0 < rows[0, 3] < high < 1.2 * rows[:, 3].max(), "from zero, also where it stays the same"
    choose(lab, panel.accuracy, "Gradient norm")
    assert panel.accuracy.curves() == []
    choose(lab, panel.accuracy, "Every batch")
    np.testing.assert_allclose(panel.accuracy.curves_behind()[3].y, rows[:, 2], rtol=1e-12)
    choose(lab, panel.accuracy, "Average of 50 batches")
    assert np.ptp(panel.accuracy.curves_behind()[3].y) < np.ptp(rows[:, 2])
    choose(lab, panel.loss, "Loss")
    assert len(panel.loss.curves_behind()) == 4, "averaged like the other"
    choose(lab, panel.loss, "No batch values")
    assert panel.loss.curves_behind() == []
    for theme in ("light", "dark"):
        lab.window.choose_look(theme)
        lab.window.grab()


def test_the_choice_opens_by_mouse_and_by_keyboard(lab):
    from PySide6.QtWidgets import QApplication

    choice = lab.network.accuracy.choice
    for opening in (lambda: lab.click(choice), lambda: lab.key(Qt.Key.Key_Space, choice)):
        choice.setFocus()
        opening()
        menu = QApplication.activePopupWidget()
        assert [a.text() for a in menu.actions()] == ["Loss", "Accuracy", "Learning rate", "Gradient norm"]
        lab.key(Qt.Key.Key_Escape, menu)
        lab.until(lambda: QApplication.activePopupWidget() is None)
    assert choice.accessibleName() == "Right curves: accuracy"


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
