"""The gallery, and the words of an experiment above its surface."""

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMessageBox

from app.experiment_store import load
from app.views.describe_dialog import DescribeDialog
from app.views.file_dialogs import RecoveryDialog
from app.views.gallery_dialog import GalleryDialog
from core.examples import examples
from core.experiment_file import write_experiment
from tests.app.laboratory_driver import small_experiment
from tests.app.window_files import edit, press
from tests.app.window_widgets import cut_off

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def visible(lab, kind: type) -> list[QDialog]:
    return [each for each in lab.window.findChildren(kind) if each.isVisible()]


def gallery(lab) -> GalleryDialog:
    lab.key(Qt.Key.Key_G, lab.window, CONTROL)
    (found,) = visible(lab, GalleryDialog)
    return found


def test_every_example_is_offered_with_its_picture_and_its_text(lab):
    found = gallery(lab)
    assert found.list.count() == len(examples()) >= 16
    for row, example in enumerate(examples().values()):
        item = found.list.item(row)
        assert item.text() == example.title
        assert not item.icon().isNull()
        for look in ("light", "dark"):
            assert example.picture(look).is_file()
            assert example.picture(look).stat().st_size < 60_000
        found.list.setCurrentRow(row)
        assert found.text.text() == example.text
        assert cut_off(found) == []


@pytest.mark.parametrize("key", ["newton", "burst"])
def test_an_example_opens_with_return_and_says_what_it_shows(lab, key):
    found = gallery(lab)
    row = list(examples()).index(key)
    found.list.setFocus()
    found.list.setCurrentRow(row)
    QTest.keyClick(found.list, Qt.Key.Key_Return)
    example = examples()[key]
    assert lab.experiment == example.saved.experiment
    assert lab.window.windowTitle() == f"{example.title}[*] – Optiscope"
    assert not lab.window.isWindowModified()
    assert lab.window.story.isVisible()
    assert example.title in lab.window.story.text.text()
    assert lab.window.front_panel() == (example.saved.view.panel or "network")
    assert not visible(lab, GalleryDialog)


def test_what_is_unsaved_is_asked_about_first(lab):
    edit(lab, noise=0.5)
    lab.laboratory.files.show_example("ravine")
    assert visible(lab, QMessageBox)
    visible(lab, QMessageBox)[0].close()
    assert lab.experiment.noise == 0.5


def test_a_person_describes_an_experiment_and_the_file_keeps_the_words(open_laboratory, tmp_path):
    lab = open_laboratory()
    assert not lab.window.story.isVisible()
    lab.laboratory.menus.entries["describe"].trigger()
    (dialog,) = visible(lab, DescribeDialog)
    QTest.keyClicks(dialog.title, "Lesson <1>")
    QTest.keyClicks(dialog.text, "See how Adam turns.")
    lab.click(dialog.ok)
    assert lab.window.story.text.text() == "<b>Lesson &lt;1></b> &nbsp; See how Adam turns."
    assert lab.window.isWindowModified()
    path = tmp_path / "lesson.optiscope"
    lab.laboratory.files._write(path, lambda: None)
    assert (load(path).title, load(path).text) == ("Lesson <1>", "See how Adam turns.")
    assert not lab.window.isWindowModified()
    other = open_laboratory()
    other.laboratory.files.open(str(path))
    assert "See how Adam turns." in other.window.story.text.text()
    lab.click(other.window.story.hide_it)
    assert not other.window.story.isVisible()


def described(lab, title: str, text: str) -> None:
    """Type title and text over what is there, and press OK."""
    lab.laboratory.menus.entries["describe"].trigger()
    (dialog,) = visible(lab, DescribeDialog)
    for field, words in ((dialog.title, title), (dialog.text, text)):
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_A, CONTROL)
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClicks(field, words)
    lab.click(dialog.ok)


def test_title_and_text_are_taken_back_with_the_keys_that_everybody_knows(lab):
    described(lab, "Lesson", "See.")
    described(lab, "Lesson 2", "See.")
    undo, redo = (lab.laboratory.menus.entries[name] for name in ("undo", "redo"))
    assert undo.text() == "&Undo: title"
    assert lab.window.windowTitle() == "Lesson 2[*] – Optiscope"
    press(lab, Qt.Key.Key_Z, CONTROL)
    assert undo.text() == "&Undo: title and text"
    assert redo.text() == "&Redo: title"
    assert lab.window.windowTitle() == "Lesson[*] – Optiscope"
    assert lab.window.story.text.text() == "<b>Lesson</b> &nbsp; See."
    assert lab.window.isWindowModified()
    press(lab, Qt.Key.Key_Z, CONTROL)
    assert not lab.window.story.isVisible()
    assert lab.window.windowTitle() == "Untitled[*] – Optiscope"
    assert not lab.window.isWindowModified()
    assert not undo.isEnabled()
    press(lab, Qt.Key.Key_Y, CONTROL)
    press(lab, Qt.Key.Key_Z, CONTROL, SHIFT)
    assert lab.window.story.text.text() == "<b>Lesson 2</b> &nbsp; See."
    assert lab.laboratory.files.saved().words == ("Lesson 2", "See.")


def test_hidden_words_come_back_when_they_are_confirmed(lab):
    described(lab, "Lesson", "See.")
    lab.click(lab.window.story.hide_it)
    described(lab, "Lesson", "See.")
    assert lab.window.story.isVisible()
    assert lab.laboratory.menus.entries["undo"].text() == "&Undo: title and text"


def test_a_pasted_experiment_brings_its_words_and_both_are_taken_back_at_once(lab):
    described(lab, "Mine", "Of mine.")
    example = examples()["newton"]
    QGuiApplication.clipboard().setText(write_experiment(example.saved).decode())
    press(lab, Qt.Key.Key_V, CONTROL, SHIFT)
    assert lab.experiment == example.saved.experiment
    assert example.title in lab.window.story.text.text()
    press(lab, Qt.Key.Key_Z, CONTROL)
    assert lab.experiment == small_experiment()
    assert lab.window.story.text.text() == "<b>Mine</b> &nbsp; Of mine."


def test_words_are_kept_for_recovery_and_come_back(open_laboratory, tmp_path):
    lab = open_laboratory(recovery=tmp_path / "recovery")
    described(lab, "Lesson", "See.")
    (kept,) = until_kept(lab, tmp_path)
    assert load(kept).words == ("Lesson", "See.")
    press(lab, Qt.Key.Key_Z, CONTROL)
    lab.until(lambda: not kept.exists())  # nothing is unsaved any more
    press(lab, Qt.Key.Key_Y, CONTROL)
    until_kept(lab, tmp_path)
    left = tmp_path / "other" / "20261101-000000-aaaa"
    shutil.copytree(kept.parent, left, ignore=shutil.ignore_patterns("lock"))
    other = open_laboratory(recovery=tmp_path / "other")
    other.laboratory.files.offer_left_work()
    (dialog,) = visible(other, RecoveryDialog)
    other.click(dialog.restore)
    assert other.window.windowTitle() == "Lesson[*] – Optiscope"
    assert other.window.isWindowModified()
    assert not other.laboratory.menus.entries["undo"].isEnabled()


def until_kept(lab, folder) -> list:
    lab.until(lambda: list(folder.rglob("kept.optiscope")))
    return list(folder.rglob("kept.optiscope"))


def test_words_that_are_too_long_are_refused_where_they_are_typed(lab):
    lab.laboratory.files.describe()
    (dialog,) = visible(lab, DescribeDialog)
    dialog.title.setText("x" * 1000)
    lab.click(dialog.ok)
    assert dialog.isVisible()
    assert "title is one line of at most" in dialog.error.text()
    dialog.close()
