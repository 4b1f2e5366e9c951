"""The window in another language: every word where it is looked up, nothing of a person's own."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app import language
from app.language import Translation, read_translation
from app.parts import OVERLAYS
from app.presenters.file_presenter import UNTITLED
from core.examples import examples
from core.experiment import Words
from tests.app.laboratory_driver import small_experiment
from tests.app.window_widgets import cut_off

EXAMPLE = next(iter(examples().values()))
WORDS = {
    "&File": "&Datei",
    "&Undo": "&Rückgängig",
    "Step arrows": "Schrittpfeile",
    "Learned": "Gelernt",
    "What a network has learned: boundary or weights, mistakes, the gap.": "Was ein Netz gelernt hat.",
    "{a} is saved.": "{a} ist gespeichert.",
    "Untitled": "Ohne Titel",
    "SGD": "Gradientenabstieg",
    "diverged": "divergiert",
    "loss": "Verlust",
    "gradient norm": "Gradientennorm",
    "Surface": "Fläche",
    "Example": "Beispiel",
    "Critical points": "Kritische Punkte",
    "critical points on": "kritische Punkte an",
    EXAMPLE.title: "Ein Beispiel",
    EXAMPLE.text: "Was es zeigt.",
}


@pytest.fixture
def german(monkeypatch, open_laboratory):
    monkeypatch.setattr(language, "_chosen", Translation("de", WORDS))
    return open_laboratory()


def test_menus_docks_and_the_status_bar(german):
    window, menus = german.window, german.laboratory.menus
    assert window.menuBar().actions()[0].text() == "&Datei"
    dock = window.panel_docks["learned"]
    assert (dock.windowTitle(), dock.toolTip()) == ("Gelernt", "Was ein Netz gelernt hat.")
    assert "Gelernt" in [action.text() for action in menus.submenus["panels"].actions()]
    assert "View › Schrittpfeile" in [way for way, _ in menus.ways()]
    window.say("a.optiscope is saved.")
    assert window.status() == "a.optiscope ist gespeichert."


def test_undo_names_the_edit(german):
    german.key(Qt.Key.Key_C, german.plot)
    assert german.laboratory.menus.entries["undo"].text() == "&Rückgängig: kritische Punkte an"


def test_the_legend_and_the_titles_of_curves(german):
    assert "Gradientenabstieg" in german.legend()
    curves = german.window.curves
    assert curves.gradient._label.toPlainText() == "Gradientennorm"


def test_an_example_is_opened_in_the_language_and_a_person_s_words_are_kept(german):
    files, window = german.laboratory.files, german.window
    assert window.windowTitle().startswith(language.tr(UNTITLED))
    files.show_example(EXAMPLE.id)
    assert german.laboratory.document.words == Words("Ein Beispiel", "Was es zeigt.")
    assert not files.modified
    german.laboratory.document.describe(Words("Learned", "diverged"))
    assert german.laboratory.document.words == Words("Learned", "diverged")
    assert window.windowTitle().startswith("Learned")


def test_commands_are_found_by_their_words_in_the_language(german):
    texts = [command.text for command in german.laboratory.help.commands()]
    assert "Fläche › Rosenbrock" in texts
    assert "Beispiel › Ein Beispiel" in texts
    assert any(text.startswith("Datei › ") for text in texts)


def test_a_film_is_painted_in_the_language_of_the_window(open_laboratory, monkeypatch, tmp_path):
    monkeypatch.setattr(language, "_chosen", Translation("de", {}))
    lab = open_laboratory(small_experiment())
    orders = []
    films = lab.laboratory.exports.films
    monkeypatch.setattr(films.job, "begin", lambda order, path: orders.append(order(path)))
    films._begin(".gif", tmp_path / "a.gif")
    assert orders[0].language == "de"


@pytest.fixture
def whole_german(monkeypatch, open_laboratory):
    """The window in German as it is, with everything open that a tab or an overlay shows."""
    translation = read_translation("de")
    monkeypatch.setattr(language, "_chosen", translation)
    lab = open_laboratory()
    for overlay in OVERLAYS:
        lab.laboratory.document.replace(lab.experiment.with_overlay(overlay.name, True))
    lab.window.network.epoch.click()
    for name in lab.window.panel_docks:
        lab.window.show_panel(name)
        QApplication.processEvents()
        lab.window.grab()
    lab.laboratory.playback.go(3)
    lab.window.grab()
    return lab, translation


def test_nothing_english_is_left_in_the_window(whole_german):
    _, translation = whole_german
    assert {text for text in translation.missing if re.search("[A-Za-z]{3,}", text)} == set()


def test_nothing_is_cut_off_in_german(monkeypatch, open_laboratory):
    monkeypatch.setattr(language, "_chosen", read_translation("de"))
    lab = open_laboratory(size=(1280, 720))
    assert cut_off(lab.window) == []
    for name, dock in lab.window.panel_docks.items():
        lab.window.show_panel(name)
        QApplication.processEvents()
        assert cut_off(dock) == [], name
