"""The gallery, and the words of an experiment above its surface."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMessageBox

from app.experiment_store import load
from app.views.describe_dialog import DescribeDialog
from app.views.gallery_dialog import GalleryDialog
from core.examples import examples
from tests.app.test_window_files import edit
from tests.app.window_widgets import cut_off

CONTROL = Qt.KeyboardModifier.ControlModifier


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


def test_words_that_are_too_long_are_refused_where_they_are_typed(lab):
    lab.laboratory.files.describe()
    (dialog,) = visible(lab, DescribeDialog)
    dialog.title.setText("x" * 1000)
    lab.click(dialog.ok)
    assert dialog.isVisible()
    assert "title is one line of at most" in dialog.error.text()
    dialog.close()
