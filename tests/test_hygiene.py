"""The traps that keep the suite clean really catch, and what the program's health depends on holds."""

import sys
from importlib.metadata import version

import pytest


def test_qt_is_of_the_series_that_counts_references_to_none_rightly() -> None:
    assert version("PySide6-Essentials").startswith("6.10.")


def test_updates_do_not_lose_references_to_none(qtbot) -> None:
    """From Python 3.12 on None is immortal and its count stands still by itself."""
    from PySide6.QtWidgets import QWidget

    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(1000):
        widget.update()
    assert sys.getrefcount(None) >= before - 20


@pytest.mark.window
def test_tests_marked_window_see_a_real_window(qtbot) -> None:
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QWidget

    widget = QWidget()
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    assert QGuiApplication.platformName() != "offscreen"
