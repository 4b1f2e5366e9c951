"""The landscape and the run that it is of: where the run stands, that it goes on, that there is none."""

import pytest
from PySide6.QtCore import Qt

from core.choice import Choice
from core.optimizer import MethodSpec
from tests.app.landscapes import at_catalogue, done, experiment, open_panel, page_of, recorder, train


def test_it_goes_around_the_step_that_the_run_was_taken_back_to(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    train(lab)
    lab.laboratory.training.rewind(5)
    lab.until(lambda: lab.laboratory.training.sought is None)
    panel = open_panel(lab)
    lab.click(panel.show_it)
    lab.until(lambda: done(panel), 120)
    page = page_of(lab)
    assert "around step 5" in page.title.text()
    assert page.playback.bar.value() == 5
    assert page.playback.bar.maximum() == recorder(lab).recorded
    assert page.plot.head_positions()[0] == pytest.approx((0.0, 0.0), abs=1e-6)
    assert recorder(lab).run.step_index == 5
    lab.laboratory.training.rewind(9)
    lab.until(lambda: page.playback.bar.value() == 9)


def test_a_run_that_goes_on_or_begins_anew_is_said(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    lab.until_initialized()
    lab.press(Qt.Key.Key_E)
    lab.until(lambda: recorder(lab).recorded > 0 and lab.laboratory.training.is_settled)
    panel = open_panel(lab)
    lab.click(panel.show_it)
    lab.until(lambda: done(panel), 120)
    assert panel.sentence.text().startswith("The plane holds")
    last = page_of(lab).playback.bar.maximum()
    lab.press(Qt.Key.Key_T)
    lab.until(lambda: panel.sentence.text().startswith("The run has gone on since"))
    assert page_of(lab).playback.bar.maximum() == last
    lab.press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    lab.until(lambda: panel.sentence.text().startswith("The run has changed since"))


def test_without_a_recorded_run_it_says_what_to_do(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    lab.until_initialized()
    panel = open_panel(lab)
    lab.click(panel.show_it)
    lab.until(lambda: done(panel), 60)
    assert panel.error.text().startswith("Nothing is trained yet: press Train")
    assert at_catalogue(lab)


def test_a_network_that_diverged_is_said_and_before_that_step_it_has_a_landscape(open_laboratory) -> None:
    wild = MethodSpec(Choice("sgd", {"learning_rate": 1e10}))
    lab = open_laboratory(experiment(method=wild, l2=1e6))
    train(lab)
    panel = open_panel(lab)
    lab.click(panel.show_it)
    lab.until(lambda: done(panel), 60)
    assert "diverged at step" in panel.error.text()
    assert at_catalogue(lab)
    lab.laboratory.training.rewind(1)
    lab.until(lambda: lab.laboratory.training.sought is None)
    lab.click(panel.show_it)
    lab.until(lambda: done(panel), 60)
    assert panel.error.isHidden()
    assert page_of(lab).playback.bar.maximum() == 1


def test_stop_stops_and_another_run_ends_it(open_laboratory) -> None:
    lab = open_laboratory(experiment())
    train(lab)
    panel = open_panel(lab)
    lab.click(panel.show_it)
    lab.click(panel.show_it)
    assert done(panel)
    assert panel.sentence.text() == "Stopped."
    lab.click(panel.show_it)
    lab.laboratory.document.replace(experiment(seed=3))
    assert done(panel)
    assert panel.sentence.text().startswith("The run has changed since")
    lab.until(lambda: not lab.laboratory.clock.needed)
    assert at_catalogue(lab)
