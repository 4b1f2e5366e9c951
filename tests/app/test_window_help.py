"""Help on everything: commands by their words, keys, "What's this?", the log, a report."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QMessageBox,
    QPushButton,
    QWhatsThis,
    QWidget,
)

from app import __version__
from app.main import Laboratory
from app.views.command_palette import Command, CommandPalette, matching
from app.views.help_page import HelpPage
from app.window_menus import MENUS, Entry
from core.regression import own_data
from core.surface import SurfaceSpec, surfaces
from tests.app.laboratory_driver import small_experiment

CONTROL = Qt.KeyboardModifier.ControlModifier


def palette(lab) -> CommandPalette:
    lab.key(Qt.Key.Key_K, lab.window, CONTROL)
    (found,) = [each for each in lab.window.findChildren(CommandPalette) if each.isVisible()]
    return found


def test_a_command_is_found_by_its_words_and_done_with_return(lab):
    found = palette(lab)
    assert found.line.hasFocus()
    QTest.keyClicks(found.line, "surface rosen")
    assert found.shown() == ["Surface › Rosenbrock"]
    QTest.keyClick(found.line, Qt.Key.Key_Return)
    assert lab.experiment.surface.id == "rosenbrock"
    assert not [each for each in lab.window.findChildren(CommandPalette) if each.isVisible()]
    assert lab.laboratory.history.undo_name == "surface Rosenbrock"


def test_up_and_down_choose_and_a_click_does_it(lab):
    found = palette(lab)
    QTest.keyClicks(found.line, "look")
    assert found.shown()[0].startswith("View › Look")
    QTest.keyClick(found.line, Qt.Key.Key_Down)
    assert found.list.currentItem() is found.list.topLevelItem(1)
    place = found.shown().index("View › Look › Dark")
    item = found.list.topLevelItem(place)
    QTest.mouseClick(
        found.list.viewport(), Qt.MouseButton.LeftButton, pos=found.list.visualItemRect(item).center()
    )
    assert lab.window.theme.name == "dark"


def test_what_nothing_is_called_is_said(lab):
    found = palette(lab)
    QTest.keyClicks(found.line, "qqq")
    assert found.shown() == []
    assert found.list.topLevelItem(0).text(0) == "Nothing is called like that."
    QTest.keyClick(found.line, Qt.Key.Key_Return)
    assert found.isVisible(), "there is nothing to do"
    QTest.keyClick(found.line, Qt.Key.Key_Escape)


def test_every_entry_of_the_menus_and_every_surface_can_be_found(lab):
    lab.laboratory.document.replace(lab.experiment.with_overlay("gradient", True))
    texts = palette(lab).shown()
    entries = [row for _, rows in MENUS for row in rows if isinstance(row, Entry)]
    found = {text.split(" › ")[-1].split(":")[0] for text in texts}
    assert {entry.text.replace("&", "") for entry in entries} - found == {"Redo"}, "there is nothing to redo"
    assert {f"Surface › {entry.name}" for entry in surfaces().values()} <= set(texts)
    assert "View › Panels › Norm" in texts


def test_what_begins_with_the_word_comes_first():
    texts = ["Inn", "View › Zoom in", "Help › Find a command"]
    commands = [Command(text, "", lambda: None) for text in reversed(texts)]
    assert [each.text for each in matching(commands, "in")] == texts
    assert [each.text for each in matching(commands, "zoom VIEW")] == ["View › Zoom in"]


def test_recent_files_are_still_listed_after_the_menus_were_gone_through(lab):
    palette(lab).close()
    menu = lab.laboratory.menus.submenus["recent"]
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["No files yet"]


def test_f1_shows_every_key_of_the_menus(lab):
    lab.key(Qt.Key.Key_F1, lab.window)
    (page,) = [each for each in lab.window.findChildren(HelpPage) if each.isVisible()]
    text = page.page.toPlainText()
    for _, rows in MENUS:
        for row in rows:
            if isinstance(row, Entry) and row.keys:
                assert row.keys.split()[0] in text
    assert "Drag a ring" in text
    page.close()


def ask(widget):
    """What Qt does in the mode, for the widget under the pointer."""
    event = QHelpEvent(QEvent.Type.QueryWhatsThis, QPoint(1, 1), widget.mapToGlobal(QPoint(1, 1)))
    QApplication.sendEvent(widget, event)


def test_every_control_answers_what_it_is(lab):
    lab.laboratory.help.ask_what()
    assert QWhatsThis.inWhatsThisMode()
    silent = []
    for widget in lab.window.findChildren(QWidget):
        if isinstance(widget, QAbstractButton | QComboBox) and widget.isVisible():
            ask(widget)
            if not widget.whatsThis():
                silent.append(widget)
    QWhatsThis.leaveWhatsThisMode()
    assert silent == []


def test_events_go_by_the_explanations_only_while_they_are_asked_for(lab):
    for _ in range(2):
        lab.laboratory.help.ask_what()
        QWhatsThis.leaveWhatsThisMode()
        button = QPushButton(lab.window)
        button.setToolTip("A button.")
        ask(button)
        assert button.whatsThis() == ""


def test_about_says_that_it_never_uses_the_internet(lab):
    lab.laboratory.help.show_about()
    (box,) = [each for each in lab.window.findChildren(QMessageBox) if each.isVisible()]
    assert __version__ in box.text()
    assert "never uses the internet" in box.text()
    box.close()


def test_the_log_is_opened_by_the_desktop(open_laboratory, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or True)
    lab = open_laboratory()
    lab.laboratory.help.open_log()
    assert "There is no log file" in lab.status()
    lab.laboratory.help._log = tmp_path / "optiscope.log"
    (tmp_path / "optiscope.log").write_text("")
    lab.laboratory.help.open_log()
    assert opened == [str(tmp_path / "optiscope.log")]


def test_a_report_has_what_is_installed_and_the_experiment_but_no_data(lab, monkeypatch):
    import app.presenters.help_presenter as presenter

    monkeypatch.setattr(presenter, "report_text", lambda: "  Optiscope  1")
    data = own_data("secret.csv", "u,t\n1,12345.5\n2,3.5\n3,4\n", ("u",), "t")
    lab.laboratory.document.replace(small_experiment().with_surface(SurfaceSpec(data=data)))
    lab.laboratory.help.copy_report()
    lab.until(lambda: "on the clipboard" in lab.status())
    text = QGuiApplication.clipboard().text()
    assert text.startswith("  Optiscope  1")
    assert '"format": "optiscope experiment"' in text
    assert "12345.5" not in text
    assert "secret" not in text


@pytest.mark.parametrize("name", ["palette", "report", "log", "whats_this"])
def test_help_has_an_entry_for(lab, name):
    assert isinstance(lab.laboratory, Laboratory)
    assert lab.laboratory.menus.entries[name].text()
