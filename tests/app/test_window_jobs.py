"""In the window: what is said when a process dies, and what closing leaves."""

import multiprocessing
import os
import signal

from msgspec.structs import replace

from app.training_job import ProcessChannel
from tests.app.laboratory_driver import long_experiment, small_experiment


def test_the_panel_says_that_its_process_died_and_keeps_the_curves(open_laboratory):
    lab = open_laboratory(
        long_experiment(),
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
        long_experiment(),
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
        long_experiment(),
        ProcessChannel,
    )
    lab.until(lambda: lab.network.grid.rows() and lab.laboratory.training.is_settled, 30)
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
