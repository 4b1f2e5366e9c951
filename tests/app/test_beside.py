"""A slow call beside the window: it is drawn, and what the call says comes back."""

import threading

import pytest
from PySide6.QtCore import QTimer

from app import beside as beside_module
from app.beside import beside
from core.errors import InputError

pytestmark = pytest.mark.usefixtures("qapp")


def test_a_quick_call_lets_nothing_else_happen(monkeypatch):
    monkeypatch.setattr(beside_module, "_AT_ONCE", 30)
    beats = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(1))
    timer.start(0)
    assert beside(lambda: 42) == 42
    assert beats == []


def test_timers_go_on_during_a_slow_call_and_it_is_waited_for():
    go_on, beats = threading.Event(), []

    def beat():
        beats.append(1)
        if len(beats) == 5:
            go_on.set()

    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(0)

    def slow():
        assert go_on.wait(30)
        return threading.current_thread().name

    assert beside(slow).startswith("optiscope-beside")
    assert len(beats) >= 5


def test_what_is_wrong_is_raised_where_it_was_asked_for():
    def fail():
        raise InputError("The disk is full.")

    with pytest.raises(InputError, match="disk is full"):
        beside(fail)
