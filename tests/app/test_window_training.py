"""Training in the network panel: begun, paused, taken up, finished, diverged, refused."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from tests.app.network_panel import epochs_seen, open_more, spreads, training


@pytest.fixture
def lab(open_laboratory):
    lab = open_laboratory()
    lab.until_initialized()
    return lab


@pytest.fixture
def setup(lab):
    return lab.network.setup


def progress(lab):
    """Filled part of the bar."""
    return lab.network.progress.value() / lab.network.progress.maximum()


def test_a_refused_edit_while_training_lets_the_clock_rest(lab, setup):
    open_more(lab)
    lab.type_into(setup.numbers.run.fields["epochs"].box, "1000")
    lab.until_initialized()
    lab.click(lab.network.train)
    lab.until(lambda: lab.network.train.text() == "Pause")
    lab.type_into(setup.numbers.run.fields["batch_size"].box, "1")
    lab.until(lambda: setup.numbers.run.error("batch_size"))
    lab.until(lambda: not lab.timer_runs)
    assert lab.network.train.text() == "Train"


def test_training_pausing_and_reset(lab):
    panel = lab.network
    lab.laboratory.document.replace(
        replace(lab.experiment, training=replace(training(lab), epochs=500, batch_size=8))
    )
    lab.until_initialized()
    initial = spreads(lab, "Xavier")
    lab.click(panel.train)
    lab.until(lambda: panel.train.text() == "Pause" and min(epochs_seen(lab)) >= 3)
    assert "steps/s" in panel.status.text()
    assert "left" in panel.status.text()
    lab.click(panel.train)
    lab.until(lambda: panel.train.text() == "Train")
    lab.until(lambda: not lab.timer_runs)
    paused, seen = panel.status.text(), epochs_seen(lab)
    assert "step " in paused
    assert spreads(lab, "Xavier") != initial
    assert 0 < progress(lab) < 1
    lab.process_events()
    assert panel.status.text() == paused, "paused is paused"
    lab.click(panel.train)
    lab.until(lambda: min(epochs_seen(lab)) > max(seen))
    lab.click(panel.reset)
    lab.until(lambda: "step 0" in panel.status.text())
    lab.until(lambda: not lab.timer_runs)
    assert spreads(lab, "Xavier") == initial, "the same weights as at the start"
    assert epochs_seen(lab) == [1] * 8
    assert panel.train.text() == "Train"
    assert progress(lab) == 0


def test_one_epoch_is_one_epoch(lab):
    lab.click(lab.network.epoch)
    lab.until(lambda: epochs_seen(lab) == [2] * 8)
    lab.until(lambda: not lab.timer_runs)
    assert "epoch 1 / 4" in lab.network.status.text()
    assert progress(lab) == pytest.approx(0.25)


def test_a_run_to_its_end_is_finished(lab):
    lab.click(lab.network.train)
    lab.until(lambda: "finished" in lab.network.status.text())
    assert lab.network.train.text() == "Train again"
    assert not lab.network.epoch.isEnabled()
    assert progress(lab) == 1
    assert epochs_seen(lab) == [5] * 8
    losses = lab.network.loss.curves()[4].y
    assert losses[-1] < losses[0], "it learns"
    lab.click(lab.network.train)
    lab.until(lambda: epochs_seen(lab) == [1] * 8)
    lab.until(lambda: "finished" in lab.network.status.text())
    lab.click(lab.network.reset)
    lab.until(lambda: lab.network.train.text() == "Train")


def test_keys_train_pause_and_reset(lab):
    lab.press(Qt.Key.Key_E)
    lab.until(lambda: epochs_seen(lab) == [2] * 8)
    lab.press(Qt.Key.Key_R)
    assert epochs_seen(lab) == [2] * 8, "a slip of the finger does not throw a training away"
    lab.press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    lab.until(lambda: epochs_seen(lab) == [1] * 8)
    lab.press(Qt.Key.Key_T)
    lab.until(lambda: "finished" in lab.network.status.text())


def test_an_edit_while_training_trains_on(lab, setup):
    lab.laboratory.document.replace(replace(lab.experiment, training=replace(training(lab), epochs=5000)))
    lab.until_initialized()
    lab.click(lab.network.train)
    lab.until(lambda: min(epochs_seen(lab)) >= 3)
    for rate in ("0.011", "0.012", "0.013"):  # faster than the answers come
        lab.type_into(setup.rate.box, rate)
    job = lab.laboratory.training
    lab.until(lambda: not job._stale and job._answered == job._serial)
    lab.until(lambda: min(epochs_seen(lab)) >= 3)
    assert lab.network.train.text() == "Pause"
    lab.click(lab.network.train)
    lab.until(lambda: not lab.timer_runs)


def test_a_network_that_diverges_is_named_and_the_others_go_on(lab, setup):
    lab.click(setup.batch_norm.buttons["off"])
    lab.choose(setup.activation, "relu")
    lab.choose(setup.optimizer, "sgd")
    lab.click(setup.ticks["zeros"])
    lab.type_into(setup.rate.box, "1e6")
    lab.until_initialized()
    lab.click(lab.network.train)
    lab.until(lambda: "finished" in lab.network.status.text())
    notes = {label: row.note for label, row in lab.rows().items()}
    assert notes["Normal 1"] == "diverged"
    assert notes["Zeros"] == ""
    assert lab.network.message.isVisible()
    assert "Normal 1: " in lab.network.message.text()
    assert "Zeros" not in lab.network.message.text()
    lab.window.grab()
    lab.click(lab.network.reset)
    lab.until(lambda: lab.network.train.text() == "Train")
    assert "diverged" not in lab.network.message.text()
