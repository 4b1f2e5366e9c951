"""The list of networks that all panels share: what a person chooses, and that an open list is left alone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QSignalSpy, QTest

from app.views.network_combo import NetworkCombo, dot_icon

RED, BLUE = QColor("#c00000"), QColor("#0000c0")


@pytest.fixture
def combo(qtbot):
    made = NetworkCombo("Network")
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_keys_choose_a_network_by_its_place(combo):
    combo.set_networks(["He", "Xavier"], [RED, BLUE], 0)
    chosen = QSignalSpy(combo.place_chosen)
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert [chosen.at(i)[0] for i in range(chosen.count())] == [1]


def test_all_networks_are_a_choice_of_their_own(combo):
    combo.set_networks(["He", "Xavier"], [RED, BLUE], 1, "all 2 networks")
    assert combo.currentText() == "Xavier"
    chosen = QSignalSpy(combo.place_chosen)
    for _ in range(2):
        QTest.keyClick(combo, Qt.Key.Key_Up)
    assert [chosen.at(i)[0] for i in range(chosen.count())] == [0, None]


def test_the_same_networks_in_other_colours_leave_the_entries_alone(combo):
    combo.set_networks(["He", "Xavier"], [RED, BLUE], 0)
    removed = QSignalSpy(combo.model().rowsRemoved)
    combo.set_networks(["He", "Xavier"], [BLUE, RED], 1)
    assert removed.count() == 0
    assert combo.currentText() == "Xavier"
    drawn = combo.itemIcon(0).pixmap(12, 12).toImage().pixelColor(6, 6)
    assert drawn == dot_icon(BLUE.name()).pixmap(12, 12).toImage().pixelColor(6, 6) == BLUE


def test_a_network_less_is_one_entry_less(combo):
    combo.set_networks(["He", "Xavier"], [RED, BLUE], 1)
    combo.set_networks(["He"], [RED], 0)
    assert [combo.itemText(i) for i in range(combo.count())] == ["He"]
