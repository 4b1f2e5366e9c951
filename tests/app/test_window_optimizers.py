"""The optimizer panel: switches, rates, all other numbers, schedules, and what is refused."""

import math

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox

from core.experiment import default_experiment
from core.optimizer import OPTIMIZERS, basic_optimizers
from core.schedule import SCHEDULES
from core.surface import surfaces
from tests.app.laboratory_driver import handle_position, small_experiment

RATES = surfaces()["himmelblau"].learning_rates


def row_of(lab, key):
    return lab.optimizer_row(key)


def expand(lab, key):
    row = row_of(lab, key)
    lab.window.optimizers.ensureWidgetVisible(row.expander)
    lab.click(row.expander)
    lab.process_events()
    return row


def values_of(lab, key):
    return next(c for c in lab.experiment.contenders if c.method.optimizer.id == key).method.values()


def test_a_switch_takes_trail_legend_row_and_curves_away_and_back(lab):
    names = list(lab.legend())
    lab.click(row_of(lab, "momentum").switch)
    assert list(lab.legend()) == [name for name in names if name != "Momentum"]
    assert len(lab.paths()) == len(lab.window.curves.loss.curves()) == 5
    blue = lab.window.theme.optimizer("momentum")
    assert blue not in [trail.colour for trail in lab.plot._trails._trails]
    assert blue not in [curve.colour for curve in lab.window.curves.gradient.curves()]
    row_of(lab, "momentum").switch.setFocus()
    lab.key(Qt.Key.Key_Space)
    assert list(lab.legend()) == names, "Space switches it on again, in its old place"
    assert not lab.laboratory.playback.playing, "and does not play"


def test_all_optimizers_off_is_an_empty_surface_and_no_crash(lab):
    for key in basic_optimizers():
        lab.click(row_of(lab, key).switch)
    assert lab.paths() == []
    assert lab.legend() == {}
    assert lab.laboratory.playback.steps == 0
    for key in (Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Home, Qt.Key.Key_Left):
        lab.press(key)
    lab.laboratory.playback.play()
    lab.until(lambda: not lab.laboratory.playback.playing)
    lab.drag_ring(lab.pixel_of(1, 1))
    lab.click(row_of(lab, "adam").switch)
    assert list(lab.legend()) == ["Adam"]
    assert lab.paths()[0][0] == lab.experiment.starts[0]
    assert lab.laboratory.playback.steps == 200


def test_nothing_to_play_rests_even_when_it_loops(lab):
    lab.click(lab.window.playback.loop)
    for key in basic_optimizers():
        lab.click(row_of(lab, key).switch)
    lab.until_initialized()
    lab.laboratory.playback.play()
    lab.until(lambda: not lab.timer_runs)


def test_a_rate_is_dragged_on_its_slider(lab):
    row, before = row_of(lab, "sgd"), lab.path("SGD")
    others = lab.path("Adam")
    slider = row.rate.slider
    here = slider.value() / slider.maximum()
    lab.drag(slider, handle_position(slider, here), handle_position(slider, here - 0.2))
    rate = values_of(lab, "sgd")["learning_rate"]
    assert rate < 0.5 * RATES["sgd"]
    assert row.rate.box.value() == rate
    assert lab.path("SGD") != before
    assert lab.path("Adam") == others, "the others stay"


def test_keys_move_a_slider_without_stepping_the_playback(lab):
    row = row_of(lab, "adam")
    row.rate.slider.setFocus()
    lab.key(Qt.Key.Key_Left)
    assert values_of(lab, "adam")["learning_rate"] < RATES["adam"]
    lab.key(Qt.Key.Key_Home)
    assert values_of(lab, "adam")["learning_rate"] == 1e-5
    assert lab.laboratory.playback.step == 0


def test_the_wheel_over_a_closed_row_changes_nothing(lab):
    row = row_of(lab, "adam")
    for widget in (row.rate.slider, row.rate.box):
        lab.wheel(widget, widget.rect().center(), 3)
    assert lab.experiment == small_experiment()


def test_a_rate_is_typed_and_reset(lab):
    row, before = row_of(lab, "rmsprop"), lab.path("RMSprop")
    lab.type_into(row.rate.box, "0.0123")
    assert values_of(lab, "rmsprop")["learning_rate"] == 0.0123
    assert lab.path("RMSprop") != before
    place = row.rate.slider.value() / row.rate.slider.maximum()
    assert place == pytest.approx(row.rate.hyperparameter.to_slider(0.0123), abs=1e-3)
    lab.click(row.reset_rate)
    assert row.rate.box.value() == RATES["rmsprop"], "the rate that suits the surface"
    assert lab.path("RMSprop") == before


def test_a_senseless_rate_is_refused_beside_the_box(lab, subtests):
    for text, word in [
        ("0", "above 0"),
        ("-1", "-1"),
        ("nan", "nan"),
        ("1e999", "1e999"),
        ("fast", "'fast'"),
    ]:
        with subtests.test(text):
            row, before, path = row_of(lab, "sgd"), lab.experiment, lab.path("SGD")
            lab.type_into(row.rate.box, text)
            assert row.message.isVisible()
            assert "learning rate" in row.message.text()
            assert word in row.message.text()
            assert row.rate.box.property("wrong") == "true"
            assert lab.experiment is before
            assert lab.path("SGD") == path
            lab.key(Qt.Key.Key_Escape, row.rate.box)
            assert row.rate.box.text() == "0.005", "Escape takes the edit back"
            assert not row.message.isVisible()


def test_a_refused_rate_keeps_its_sentence_while_others_are_edited(lab):
    row = row_of(lab, "sgd")
    lab.type_into(row.rate.box, "fast")
    lab.click(row_of(lab, "adam").switch)
    assert row.message.isVisible() == (row.rate.box.text() == "fast"), "text and sentence stay together"


def test_a_row_opens_to_all_numbers_and_its_schedule(lab):
    row = row_of(lab, "adam")
    assert not row.details.isVisible()
    expand(lab, "adam")
    wanted = [h.name for h in OPTIMIZERS["adam"].hyperparameters[1:]]
    assert list(row.details.form.fields) == wanted
    assert all(field.isVisible() for field in row.details.form.fields.values())
    assert row.details.schedule.combo.isVisible()
    before = lab.path("Adam")
    lab.type_into(row.details.form.fields["beta1"].box, "0.5")
    assert values_of(lab, "adam")["beta1"] == 0.5
    assert lab.path("Adam") != before
    lab.click(row.details.form.fields["bias_correction"].findChild(QCheckBox))
    assert values_of(lab, "adam")["bias_correction"] is False
    lab.click(row.expander)
    assert not row.details.isVisible()


def test_a_number_is_reset_to_its_default(lab):
    row = expand(lab, "adam")
    before = lab.path("Adam")
    lab.type_into(row.details.form.fields["beta2"].box, "0.9")
    assert lab.path("Adam") != before
    lab.click(row.details.form.resets["beta2"])
    assert row.details.form.fields["beta2"].box.value() == 0.999
    assert lab.path("Adam") == before


def test_a_senseless_number_is_refused_below_its_field(lab):
    row, before = expand(lab, "adam"), lab.experiment
    lab.type_into(row.details.form.fields["beta1"].box, "1")
    assert "beta1" in row.details.form.error("beta1")
    assert "below 1" in row.details.form.error("beta1")
    assert lab.experiment is before


def test_a_schedule_brings_its_form_and_bends_the_path(lab):
    row = expand(lab, "sgd")
    before = lab.path("SGD")
    lab.window.optimizers.ensureWidgetVisible(row.details.schedule.combo)
    lab.choose(row.details.schedule.combo, "step")
    lab.process_events()
    assert list(row.details.schedule.form.fields) == [h.name for h in SCHEDULES["step"].hyperparameters]
    assert all(field.isVisible() for field in row.details.schedule.form.fields.values())
    bent = lab.path("SGD")
    lab.type_into(row.details.schedule.form.fields["every"].box, "3")
    assert lab.path("SGD") != bent
    lab.choose(row.details.schedule.combo, "constant")
    assert lab.path("SGD") == before


def test_a_rate_that_diverges_is_named_and_the_others_go_on(lab):
    others = {name: lab.path(name) for name in lab.legend() if name != "SGD"}
    row = row_of(lab, "sgd")
    lab.type_into(row.rate.box, "1")
    lab.until_diagnosed()
    assert row.verdict.isVisible()
    assert row.verdict.text().startswith("Diverged at step ")
    lab.press(Qt.Key.Key_End)
    assert lab.legend()["SGD"].note.startswith("diverged ")
    assert all(lab.path(name) == path for name, path in others.items())
    assert all("diverged" not in lab.legend()[name].note for name in others)
    assert all(math.isfinite(number) for point in lab.path("SGD") for number in point)
    assert lab.laboratory.playback.steps == 200, "the others make all their steps"
    lab.window.grab()
    lab.click(row.reset_rate)
    lab.until_diagnosed()
    assert not row.verdict.isVisible()
    assert "diverged" not in lab.legend()["SGD"].note


def test_a_huge_rate_is_drawn_without_a_complaint(lab):
    for key in basic_optimizers():
        lab.type_into(row_of(lab, key).rate.box, "1e300")
    lab.press(Qt.Key.Key_End)
    lab.window.grab()
    assert lab.legend()["SGD"].note.startswith("diverged ")


def test_notes_come_when_the_playback_gets_there(lab):
    lab.type_into(row_of(lab, "sgd").rate.box, "1")
    lab.until_diagnosed()
    at = int(row_of(lab, "sgd").verdict.text().split()[3].rstrip(":"))
    lab.laboratory.playback.go(at - 2)
    assert lab.legend()["SGD"].note == ""
    lab.laboratory.playback.go(at - 1)
    assert lab.legend()["SGD"].note == f"diverged {at}", "its head stands at its last finite point"
    lab.laboratory.playback.go(200)
    assert lab.legend()["SGD"].step == str(at - 1)


def test_the_runs_own_numbers_open_and_take_effect(lab):
    panel = lab.window.optimizers
    lab.click(panel.run_expander)
    lab.process_events()
    panel.ensureWidgetVisible(panel.run.fields["noise"])
    lab.type_into(panel.run.fields["steps"].box, "50")
    assert lab.laboratory.playback.steps == 50 == lab.window.playback.bar.maximum()
    calm = lab.path("SGD")
    lab.type_into(panel.run.fields["noise"].box, "2")
    shaken = lab.path("SGD")
    assert shaken != calm
    lab.type_into(panel.run.fields["seed"].box, "7")
    assert lab.path("SGD") != shaken
    lab.type_into(panel.run.fields["steps"].box, "0")
    assert "from 1" in panel.run.error("steps")
    assert lab.experiment.steps == 50
    lab.click(panel.run.resets["steps"])
    assert lab.experiment.steps == surfaces()["himmelblau"].steps


def test_steps_too_many_for_a_frame_come_from_a_process_of_their_own(lab):
    panel = lab.window.optimizers
    lab.click(panel.run_expander)
    lab.process_events()
    before = lab.paths()
    lab.type_into(panel.run.fields["steps"].box, "100000")
    assert lab.laboratory.descents.busy
    assert lab.paths() == before, "the old paths stay until the new ones are there"
    lab.press(Qt.Key.Key_Right)
    assert lab.laboratory.playback.step == 1, "the window lives meanwhile"
    lab.until(lambda: lab.laboratory.playback.steps == 100_000, 60)
    assert [len(path) for path in lab.paths()] == [100_001] * 6
    assert lab.paths()[0][0] == lab.experiment.starts[0]
    lab.press(Qt.Key.Key_End)
    assert lab.window.playback.text.text() == "step 100,000 / 100,000"
    lab.window.grab()
    lab.until(lambda: not lab.timer_runs)


def test_a_long_run_is_dropped_for_a_short_one(lab):
    panel = lab.window.optimizers
    lab.laboratory.document.replace(replace(lab.experiment, steps=20_000))
    assert lab.laboratory.descents.busy
    lab.laboratory.document.replace(replace(lab.experiment, steps=40))
    assert lab.laboratory.playback.steps == 40
    lab.until(lambda: not lab.laboratory.descents.busy, 60)
    assert lab.laboratory.playback.steps == 40, "the late result is not shown"
    assert panel.run.fields["steps"].box.value() == 40


def test_the_default_experiment_keeps_its_rates():
    assert {c.method.optimizer.id: c.method.values()["learning_rate"]
            for c in default_experiment().contenders} == RATES  # fmt: skip


# ---------------------------------------------------------------- more methods


def test_a_momentum_schedule_brings_its_form_and_bends_the_path(lab):
    row = expand(lab, "momentum")
    before = lab.path("Momentum")
    lab.window.optimizers.ensureWidgetVisible(row.details.momentum_schedule.combo)
    lab.choose(row.details.momentum_schedule.combo, "linear")
    lab.process_events()
    bent = lab.path("Momentum")
    assert bent != before
    lab.window.optimizers.ensureWidgetVisible(row.details.momentum_schedule.form.fields["end"].box)
    lab.type_into(row.details.momentum_schedule.form.fields["end"].box, "0.7")
    assert lab.path("Momentum") != bent
    lab.choose(row.details.momentum_schedule.combo, "constant")
    assert lab.path("Momentum") == before
    assert row_of(lab, "sgd").details.momentum_schedule is None
