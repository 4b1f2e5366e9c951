"""What is not saved is never lost: slow disks, questions, closing, recovery; with real keys."""

import subprocess
import sys
import threading

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from app.experiment_store import load, save
from app.presenters import file_presenter
from app.views.file_dialogs import RecoveryDialog
from core.experiment import default_experiment
from core.experiment_file import Saved, View
from tests.app.laboratory_driver import small_experiment
from tests.app.window_files import (
    CONTROL,
    answer,
    box,
    choose_file,
    edit,
    press,
    shown,
)


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
