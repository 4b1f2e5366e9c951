"""Undo and redo in the window, with real keys."""

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.app.laboratory_driver import small_experiment
from tests.app.window_files import CONTROL, SHIFT, edit, press, rate, set_rate


def test_undo_and_redo_with_the_keys_that_everybody_knows(lab):
    before = rate(lab, "adam")
    set_rate(lab, "adam", "0.123")
    assert rate(lab, "adam") == 0.123
    assert lab.laboratory.menus.entries["undo"].text() == "&Undo: Adam learning rate"
    assert lab.window.isWindowModified()
    press(lab, Qt.Key.Key_Z, CONTROL)  # the box still has the focus
    assert rate(lab, "adam") == before
    assert lab.window.optimizers.rows["adam"].rate.box.value() == before
    assert not lab.window.isWindowModified()
    assert not lab.laboratory.menus.entries["undo"].isEnabled()
    assert lab.laboratory.menus.entries["redo"].text() == "&Redo: Adam learning rate"
    press(lab, Qt.Key.Key_Z, CONTROL, SHIFT)
    assert rate(lab, "adam") == 0.123
    press(lab, Qt.Key.Key_Z, CONTROL)
    press(lab, Qt.Key.Key_Y, CONTROL)
    assert rate(lab, "adam") == 0.123


def test_typing_is_taken_back_by_letters_first(lab):
    field = lab.window.optimizers.rows["adam"].rate.box
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.77")
    press(lab, Qt.Key.Key_Z, CONTROL)
    assert field.text() != "0.77"
    assert lab.laboratory.history.undo_name == ""


def test_a_drag_is_taken_back_as_one(lab):
    start = lab.experiment.starts
    lab.drag(lab.plot.viewport(), lab.ring(), lab.pixel_of(2.0, 2.0))
    assert lab.experiment.starts != start
    press(lab, Qt.Key.Key_Z, CONTROL)
    assert lab.experiment.starts == start
    assert lab.ring() == lab.pixel_of(*start[0])


def test_every_part_of_the_window_shows_what_was_taken_back(lab):
    lab.choose(lab.window.surface.chooser, "booth")
    lab.click(lab.window.optimizers.rows["sgd"].switch)
    edit(lab, training=replace(lab.experiment.training, batch_size=32))
    for _ in range(3):
        press(lab, Qt.Key.Key_Z, CONTROL)
    assert lab.experiment == small_experiment()
    assert lab.window.surface.chooser.currentText() == "Himmelblau"
    assert lab.window.optimizers.rows["sgd"].switch.isChecked()
    assert "SGD" in lab.legend()
