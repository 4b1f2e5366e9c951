"""Experiments saved and opened in the window, with real keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from app.experiment_store import load, save
from app.views.training_plot import AVERAGES as AVERAGE_NAMES
from app.views.training_plot import KINDS, TrainingPlot
from core.experiment import default_experiment
from core.experiment_file import AVERAGES, CURVES, Saved
from core.surface import SurfaceSpec
from tests.app.laboratory_driver import Driver, small_experiment
from tests.app.test_window_data import drop
from tests.app.window_files import CONTROL, SHIFT, answer, box, choose_file, edit, press, shown


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
