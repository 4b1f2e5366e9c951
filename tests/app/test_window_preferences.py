"""What a person prefers holds at once, and at every later start."""

import os

import pytest
from PySide6.QtCore import Qt

from app.language import NAMES
from app.preferences import PREFERENCES, Preferences
from app.theme import SURFACES, THEMES, theme_of
from app.views.preferences_dialog import PreferencesDialog
from core.network.spec import NetworkSpec
from core.training.lanes import THREADS, lanes_of
from tests.app.window_widgets import cut_off

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def _threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS, "")


def dialog(lab) -> PreferencesDialog:
    lab.key(Qt.Key.Key_Comma, lab.window, CONTROL)
    (found,) = [each for each in lab.window.findChildren(PreferencesDialog) if each.isVisible()]
    return found


def test_look_colours_and_speed_hold_at_once(lab):
    found = dialog(lab)
    assert cut_off(found) == []
    lab.choose(found.combos["look"], "dark")
    lab.choose(found.combos["surface_colours"], "viridis")
    lab.choose(found.combos["speed"], "2")
    assert lab.window.theme == theme_of("dark", "viridis")
    assert lab.plot._theme.ramp == SURFACES["viridis"]["dark"]
    assert lab.laboratory.playback.speed == 2.0
    found.close()


def test_they_hold_at_the_next_start(open_laboratory):
    first = open_laboratory()
    preferences = first.window.preferences
    for name, value in (
        ("language", "en"),
        ("look", "dark"),
        ("surface_colours", "grey"),
        ("speed", "0.5"),
        ("play", "no"),
        ("threads", "2"),
    ):
        preferences.set(name, value)
    later = open_laboratory(playing=True)
    assert later.window.theme == theme_of("dark", "grey")
    assert later.laboratory.playback.speed == 0.5
    assert not later.laboratory.playback.playing
    assert os.environ[THREADS] == "2"


def test_every_language_is_offered_in_its_own_words(lab):
    found = dialog(lab).combos["language"]
    words = [found.itemText(place) for place in range(found.count())]
    assert words == ["as the system", *NAMES.values()]
    assert [found.itemData(place) for place in range(found.count())] == ["system", *NAMES]


def test_what_was_edited_by_hand_into_nonsense_is_as_at_the_first_start(lab):
    preferences = Preferences(lab.settings)
    for each in PREFERENCES:
        lab.settings.setValue(each.name, "nonsense")
        assert preferences.get(each.name) == each.choices[0][0]


def test_threads_are_limited(monkeypatch):
    wide = [NetworkSpec(units=512)] * 8
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    assert max(lanes_of(wide, 128)) == 7
    monkeypatch.setenv(THREADS, "2")
    assert max(lanes_of(wide, 128)) == 1
    for nonsense in ("0", "many", "-3"):
        monkeypatch.setenv(THREADS, nonsense)
        assert max(lanes_of(wide, 128)) == 7


@pytest.mark.parametrize("look", THEMES)
def test_a_surface_without_colours_of_its_own_keeps_the_look_s(look):
    assert theme_of(look) == THEMES[look]
    assert theme_of(look, "unknown") == THEMES[look]
    assert theme_of(look, "grey").ramp != THEMES[look].ramp
