"""What tests of experiments in files share: keys, questions, dialogs, edits."""

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLineEdit, QMessageBox

from tests.app.laboratory_driver import Driver

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
    field = lab.optimizer_row(optimizer).rate.box
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    lab.process_events()


def rate(lab: Driver, optimizer: str) -> float:
    return lab.experiment.method(optimizer).values()["learning_rate"]
