"""Going back in a training run in the window: the bar, the keys, the curves."""

import os
import signal

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt

from app.training_job import ProcessChannel
from core.training import TrainingRun, recorder
from tests.app.laboratory_driver import long_experiment, small_experiment
from tests.app.rewound import frame_at


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
    view = panel.accuracy.view
    place = panel.accuracy.mapFromScene(view.mapViewToScene(view.viewRect().center()))
    lab.drag(panel.accuracy.viewport(), place)
    rested(lab)
    assert panel.progress.value() == pytest.approx(panel.progress.maximum() / 2, abs=2)
    assert shown(lab) == expected(lab, panel.progress.value())


def test_the_bar_pauses_a_run_and_train_takes_it_up(open_laboratory):
    lab = open_laboratory(
        long_experiment(),
        ProcessChannel,
    )
    panel = lab.network
    bar = panel.progress
    lab.until(lambda: panel.grid.rows(), 30)
    assert bar.recorded == 0
    lab.click(panel.train)
    to = at(bar, 0) + QPoint(2, 0)
    lab.until(lambda: at(bar, bar.recorded).x() > to.x() + 1, 60)
    seen = []
    bar.valueChanged.connect(seen.append)
    lab.drag(bar, at(bar, 0), to, release=False)
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
        long_experiment(),
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
    low, high = panel.loss.view.viewRange()[1]
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
