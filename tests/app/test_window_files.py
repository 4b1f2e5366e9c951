"""Experiments in files: opened, saved, undone, recovered, with real keys; nothing made is ever lost."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit, QMessageBox

from app.experiment_store import load, save
from app.presenters import file_presenter
from app.views.file_dialogs import RecoveryDialog
from app.views.training_plot import AVERAGES as AVERAGE_NAMES
from app.views.training_plot import KINDS, TrainingPlot
from core.experiment import default_experiment
from core.experiment_file import AVERAGES, CURVES, Saved, View
from core.surface import SurfaceSpec
from tests.app.laboratory_driver import Driver, small_experiment
from tests.app.test_window_data import drop

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def press(lab: Driver, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    """Press a key in the window, which has just come back to the front where a dialog was open."""
    lab.window.activateWindow()
    lab.process_events()
    lab.key(key, None, *modifiers)
    lab.process_events()


def shown(lab: Driver, kind: type) -> list:
    return [each for each in lab.window.findChildren(kind) if each.isVisible()]


def box(lab: Driver) -> QMessageBox:
    lab.until(lambda: shown(lab, QMessageBox))
    (found,) = shown(lab, QMessageBox)
    return found


def answer(lab: Driver, word: str) -> None:
    """Press a button of the question that is asked."""
    asked = box(lab)
    (button,) = [each for each in asked.findChildren(QAbstractButton) if word in each.text().replace("&", "")]
    lab.click(button)
    lab.process_events()


def choose_file(lab: Driver, path: Path) -> None:
    """Type a path into the file dialog, and press Return."""
    lab.until(lambda: shown(lab, QFileDialog))
    (dialog,) = shown(lab, QFileDialog)
    line = dialog.findChild(QLineEdit)
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, str(path))
    QTest.keyClick(line, Qt.Key.Key_Return)
    lab.until(lambda: not shown(lab, QFileDialog))


def edit(lab: Driver, **changes: object) -> None:
    lab.laboratory.document.replace(replace(lab.experiment, **changes))
    lab.laboratory.history.end_run()


def set_rate(lab: Driver, optimizer: str, text: str) -> None:
    field = lab.window.optimizers.rows[optimizer].rate.box
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    lab.process_events()


def rate(lab: Driver, optimizer: str) -> float:
    return lab.experiment.method(optimizer).values()["learning_rate"]


# ---------------------------------------------------------------- undo and redo


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


# ---------------------------------------------------------------- save and open


def test_what_is_saved_is_opened_again_in_another_window(open_laboratory, tmp_path):
    lab = open_laboratory()
    path = tmp_path / "ravine.optiscope"
    lab.choose(lab.window.surface.chooser, "rosenbrock")
    lab.pause()
    lab.laboratory.playback.set_speed(2.0)
    lab.laboratory.playback.go(12)
    lab.plot.show_part((-1.0, 1.0, -0.5, 1.5))
    lab.window.show_panel("points")
    lab.process_events()
    press(lab, Qt.Key.Key_S, CONTROL)
    choose_file(lab, path)
    assert lab.window.windowTitle() == "ravine[*] – Optiscope"
    assert not lab.window.isWindowModified()
    assert "ravine.optiscope is saved" in lab.status()
    part = lab.plot.shown_range()
    other = open_laboratory()
    press(other, Qt.Key.Key_O, CONTROL)
    choose_file(other, path)
    assert other.experiment == lab.experiment
    assert other.laboratory.playback.step == 12
    assert other.laboratory.playback.speed == 2.0
    assert not other.laboratory.playback.playing
    assert other.plot.shown_range() == pytest.approx(part, abs=1e-9)
    assert other.window.front_panel() == "points"
    assert other.window.windowTitle() == "ravine[*] – Optiscope"
    assert not other.laboratory.menus.entries["undo"].isEnabled()


def test_the_curves_of_the_training_are_saved_and_shown_again(open_laboratory, tmp_path):
    lab = open_laboratory()
    lab.until_initialized()
    lab.click(lab.network.epoch)
    lab.until(lambda: lab.laboratory.training.step > 0 and not lab.laboratory.training.running)
    pick_curves(lab, lab.network.loss, "Gradient norm")
    pick_curves(lab, lab.network.loss, "Average of 50 batches")
    pick_curves(lab, lab.network.accuracy, "Learning rate")
    path = tmp_path / "curves.optiscope"
    press(lab, Qt.Key.Key_S, CONTROL)
    choose_file(lab, path)
    assert (load(path).view.curves, load(path).view.average) == (("gradient", "rate"), 50)
    other = open_laboratory()
    press(other, Qt.Key.Key_O, CONTROL)
    choose_file(other, path)
    other.until(lambda: other.network.loss.curves_behind() and other.network.accuracy.curves())
    other.until(lambda: other.laboratory.training.step == lab.laboratory.training.step)
    other.until(lambda: not other.laboratory.training.running)
    for plot, again in zip(lab.network.plots, other.network.plots, strict=True):
        assert again.choice.text() == plot.choice.text()
        for one, two in zip(plot.curves_behind(), again.curves_behind(), strict=True):
            assert one.y.tolist() == two.y.tolist()
    assert other.laboratory.viewpoint.look().curves == ("gradient", "rate")
    pick_curves(other, other.network.loss, "No batch values")
    assert other.laboratory.viewpoint.look().average == 0
    press(other, Qt.Key.Key_N, CONTROL)
    assert other.laboratory.viewpoint.look().curves == ("loss", "accuracy"), "as at the first start"


def pick_curves(lab: Driver, plot: TrainingPlot, text: str) -> None:
    """Open the choice in a plot's corner, and click an entry."""
    lab.click(plot.choice)
    menu = QApplication.activePopupWidget()
    (action,) = [action for action in menu.actions() if action.text() == text]
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    lab.until(lambda: QApplication.activePopupWidget() is None)


def test_what_a_file_can_say_of_the_curves_is_what_the_plots_offer():
    assert tuple(KINDS) == CURVES
    assert tuple(int(key or 0) for key in AVERAGE_NAMES) == AVERAGES


def test_saving_again_asks_nothing_and_a_name_without_ending_gets_one(lab, tmp_path):
    press(lab, Qt.Key.Key_S, CONTROL, SHIFT)
    choose_file(lab, tmp_path / "mine")
    path = tmp_path / "mine.optiscope"
    assert load(path).experiment == lab.experiment
    edit(lab, noise=0.25)
    press(lab, Qt.Key.Key_S, CONTROL)
    assert load(path).experiment.noise == 0.25
    assert not shown(lab, QMessageBox)


def test_what_cannot_be_opened_is_said_and_changes_nothing(lab, tmp_path):
    path = tmp_path / "broken.optiscope"
    path.write_text('{"format": "optiscope experiment",')
    before = lab.experiment
    lab.laboratory.files.open(str(path))
    assert "broken.optiscope: This is not an experiment" in box(lab).text()
    assert box(lab).textFormat() == Qt.TextFormat.PlainText
    answer(lab, "OK")
    assert lab.experiment == before
    assert lab.window.windowTitle() == "Untitled[*] – Optiscope"


def test_what_cannot_be_saved_is_said_and_another_place_is_offered(lab, tmp_path):
    folder = tmp_path / "usb"
    folder.mkdir()
    lab.laboratory.files._write(folder / "x.optiscope", lambda: None)
    edit(lab, noise=0.5)
    (folder / "x.optiscope").unlink()
    folder.rmdir()
    press(lab, Qt.Key.Key_S, CONTROL)
    assert "there is no folder" in box(lab).text()
    assert lab.window.isWindowModified(), "it is still unsaved"
    answer(lab, "Save as")
    choose_file(lab, tmp_path / "y.optiscope")
    assert load(tmp_path / "y.optiscope").experiment.noise == 0.5
    assert not lab.window.isWindowModified()


def test_a_file_that_another_program_changed_is_not_overwritten_unasked(lab, tmp_path):
    path = tmp_path / "x.optiscope"
    lab.laboratory.files._write(path, lambda: None)
    others = Saved(default_experiment().with_surface(SurfaceSpec("booth")))
    save(path, others)
    edit(lab, noise=0.5)
    press(lab, Qt.Key.Key_S, CONTROL)
    assert "changed by another program" in box(lab).text()
    answer(lab, "Cancel")
    assert load(path) == others
    press(lab, Qt.Key.Key_S, CONTROL)
    answer(lab, "Overwrite")
    assert load(path).experiment.noise == 0.5


def test_a_file_that_falls_on_the_window_is_opened(lab, tmp_path):
    path = tmp_path / "x.optiscope"
    save(path, Saved(small_experiment().with_surface(SurfaceSpec("booth"))))
    assert drop(lab, path)
    assert lab.experiment.surface.id == "booth"


def test_recent_files_are_in_the_menu_the_newest_first(open_laboratory, tmp_path):
    lab = open_laboratory()
    for name in ("a & b", "c"):
        lab.laboratory.files._write(tmp_path / f"{name}.optiscope", lambda: None)
    (tmp_path / "gone.optiscope").write_text("")
    lab.laboratory.files.recent.add(tmp_path / "gone.optiscope")
    (tmp_path / "gone.optiscope").unlink()
    later = open_laboratory()
    menu = later.laboratory.menus.submenus["recent"]
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions()]
    assert texts[:2] == ["c.optiscope", "a && b.optiscope"]
    menu.actions()[1].trigger()
    assert later.window.windowTitle() == "a & b[*] – Optiscope"
    menu.actions()[-1].trigger()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["No files yet"]


def test_the_experiment_is_copied_and_pasted_as_text(lab):
    edit(lab, noise=0.5)
    press(lab, Qt.Key.Key_C, CONTROL, SHIFT)
    text = QGuiApplication.clipboard().text()
    assert text.startswith('{\n  "format": "optiscope experiment"')
    lab.choose(lab.window.surface.chooser, "booth")
    QGuiApplication.clipboard().setText(text)
    press(lab, Qt.Key.Key_V, CONTROL, SHIFT)
    assert (lab.experiment.surface.id, lab.experiment.noise) == ("himmelblau", 0.5)
    press(lab, Qt.Key.Key_Z, CONTROL)
    assert lab.experiment.surface.id == "booth", "pasting is an edit like others"
    QGuiApplication.clipboard().setText("nothing of the kind")
    press(lab, Qt.Key.Key_V, CONTROL, SHIFT)
    assert "The clipboard: This is not an experiment" in box(lab).text()
    answer(lab, "OK")


def test_networks_are_trained_as_far_as_the_file_says(open_laboratory, tmp_path):
    lab = open_laboratory()
    lab.until_initialized()
    lab.click(lab.network.epoch)
    lab.until(lambda: lab.laboratory.training.step > 0 and lab.laboratory.training.is_settled)
    step, rows = lab.laboratory.training.step, lab.rows()
    path = tmp_path / "trained.optiscope"
    lab.laboratory.files._write(path, lambda: None)
    assert load(path).view.trained == step
    other = open_laboratory(default_experiment())
    other.laboratory.files.open(str(path))
    other.until(lambda: other.laboratory.training.step == step and other.laboratory.training.is_settled, 30)
    for name, row in rows.items():
        for one, again in zip(row.cells, other.rows()[name].cells, strict=True):
            assert (one.counts == again.counts).all(), "the same numbers again"
    lab.laboratory.training.train()
    lab.until(lambda: lab.laboratory.training.is_settled)
    lab.laboratory.files.open(str(path))
    lab.until(lambda: lab.laboratory.training.step == step)  # what had gone further goes back


def test_the_window_lives_while_a_slow_disk_takes_a_file(lab, tmp_path, monkeypatch):
    """What comes meanwhile is not taken for saved, and nothing closes the window."""
    go_on, write, beats = threading.Event(), file_presenter.save, []

    def slow(path, saved):
        assert go_on.wait(30)
        write(path, saved)

    def beat():
        if not go_on.is_set():
            beats.append(lab.window.close())
            edit(lab, noise=0.7)  # as a worker's result might
            go_on.set()

    monkeypatch.setattr(file_presenter, "save", slow)
    edit(lab, noise=0.5)
    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(0)
    lab.laboratory.files._write(tmp_path / "x.optiscope", lambda: None)
    timer.stop()
    assert beats == [False]
    assert lab.window.isVisible()
    assert not shown(lab, QMessageBox), "it is not asked about what is being saved"
    assert load(tmp_path / "x.optiscope").experiment.noise == 0.5
    assert lab.window.isWindowModified(), "0.7 is not saved"
    press(lab, Qt.Key.Key_Z, CONTROL)
    assert not lab.window.isWindowModified()


# ---------------------------------------------------------------- nothing is lost


def test_what_changes_while_it_is_saved_for_closing_keeps_the_window_open(lab, tmp_path, monkeypatch):
    path = tmp_path / "x.optiscope"
    lab.laboratory.files._write(path, lambda: None)
    edit(lab, noise=0.5)
    lab.window.close()
    go_on, write = threading.Event(), file_presenter.save

    def slow(where, saved):
        assert go_on.wait(30)
        write(where, saved)

    def meanwhile():
        if not go_on.is_set():
            edit(lab, noise=0.7)  # as a worker's result might
            lab.laboratory.files.open(str(path))  # as a drop might
            go_on.set()

    monkeypatch.setattr(file_presenter, "save", slow)
    timer = QTimer()
    timer.timeout.connect(meanwhile)
    timer.start(0)
    answer(lab, "Save")
    timer.stop()
    lab.process_events()
    assert load(path).experiment.noise == 0.5
    assert lab.window.isVisible()
    assert lab.experiment.noise == 0.7
    assert lab.window.isWindowModified()


def test_only_what_would_be_lost_is_asked_about(lab):
    press(lab, Qt.Key.Key_N, CONTROL)
    assert not shown(lab, QMessageBox), "nothing was changed"
    edit(lab, noise=0.5)
    press(lab, Qt.Key.Key_N, CONTROL)
    assert box(lab).text() == "Save the changes to Untitled?"
    answer(lab, "Cancel")
    assert lab.experiment.noise == 0.5
    press(lab, Qt.Key.Key_N, CONTROL)
    answer(lab, "Don't save")
    assert lab.experiment == default_experiment()


def test_closing_asks_and_closes_when_it_is_answered(lab, tmp_path):
    edit(lab, noise=0.5)
    lab.window.close()
    assert lab.window.isVisible()
    lab.window.close()
    assert len(shown(lab, QMessageBox)) == 1, "it is asked once"
    answer(lab, "Cancel")
    assert lab.window.isVisible()
    lab.window.close()
    answer(lab, "Save")
    choose_file(lab, tmp_path / "kept.optiscope")
    assert load(tmp_path / "kept.optiscope").experiment.noise == 0.5
    assert not lab.window.isVisible()


def test_closing_without_saving_is_possible(lab):
    edit(lab, noise=0.5)
    lab.window.close()
    answer(lab, "Don't save")
    assert not lab.window.isVisible()


DIE = """
import os, sys
from pathlib import Path
from msgspec.structs import replace
from PySide6.QtCore import QSettings
from app.channels import InlineChannel
from app.main import Laboratory, application
from app.training_job import InlineChannel as Training
from tests.app.laboratory_driver import small_experiment
if __name__ == "__main__":
    app = application(["x"])
    settings = QSettings(sys.argv[1] + "/s.ini", QSettings.Format.IniFormat)
    lab = Laboratory(small_experiment(), settings, Training, recovery=Path(sys.argv[1]) / "recovery")
    lab.start()
    lab.document.replace(replace(lab.document.experiment, noise=0.125))
    lab.history.end_run()
    lab.document.replace(lab.document.experiment.with_overlay("gradient", True))
    while not list(Path(sys.argv[1]).rglob("kept.optiscope")):
        app.processEvents()
    os.kill(os.getpid(), 9)
"""


def test_after_a_kill_the_next_start_offers_the_work(open_laboratory, tmp_path):
    subprocess.run([sys.executable, "-c", DIE, str(tmp_path)], check=False, capture_output=True, timeout=60)
    lab = open_laboratory(recovery=tmp_path / "recovery")
    lab.laboratory.files.offer_left_work()
    (dialog,) = shown(lab, RecoveryDialog)
    assert dialog.list.count() == 1
    assert dialog.list.item(0).text().startswith("Untitled   ·   ")
    lab.click(dialog.restore)
    assert lab.experiment.noise == 0.125
    assert lab.experiment.overlays == ("gradient",)
    assert lab.window.isWindowModified(), "it is not saved yet"
    assert len(list((tmp_path / "recovery").iterdir())) == 1, "it is this window's now"


def test_left_work_can_be_discarded_or_left_for_later(open_laboratory, tmp_path):
    folder = tmp_path / "recovery" / "20261101-000000-aaaa"
    folder.mkdir(parents=True)
    save(folder / "kept.optiscope", Saved(small_experiment(), View(step=3)))
    (folder / "about.json").write_text('{"path": "/a/lesson 1.optiscope"}')
    lab = open_laboratory(recovery=tmp_path / "recovery")
    lab.laboratory.files.offer_left_work()
    (dialog,) = shown(lab, RecoveryDialog)
    assert dialog.list.item(0).text().startswith("lesson 1   ·   ")
    lab.click(dialog.later)
    assert folder.is_dir()
    lab.laboratory.files.offer_left_work()
    lab.click(shown(lab, RecoveryDialog)[0].discard)
    assert not folder.exists()
    QApplication.processEvents()
    assert not shown(lab, RecoveryDialog)
