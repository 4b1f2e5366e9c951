"""Texts are found whole, by what is put in, and part by part; the files of translations fit the program."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from app import language
from app.language import ENGLISH, NAMES, Translation, language_of, read_translation, tr, use_language
from core.resource import ROOT

PROJECT = Path(__file__).parent.parent.parent
OTHERS = [code for code in NAMES if code != ENGLISH]
PLACE = re.compile(r"\{([a-z]+)(?::tr)?\}")


@pytest.fixture
def german():
    return Translation(
        "de",
        {
            "Loss": "Verlust",
            "Learning rate": "Lernrate",
            "Undo": "Rückgängig",
            "rate {a}": "Rate {a}",
            "Save the changes to {a}?": "Die Änderungen an {a} speichern?",
            "{a} by {b}": "{b:tr} nach {a:tr}",
            "It burst at step {a}.": "Ausbruch bei Schritt {a}.",
            "{a} of {b}.": "{a} von {b}.",
            "{a}, layers {b}": "{a:tr}, Schichten {b}",
            "{a}; try {b}": "{a:tr}; {b:tr} versuchen",
            "dead": "tot",
            "a lower rate": "eine kleinere Rate",
        },
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Loss", "Verlust"),
        (" Loss\n", " Verlust\n"),
        ("Save the changes to a b.optiscope?", "Die Änderungen an a b.optiscope speichern?"),
        ("Save the changes to Loss?", "Die Änderungen an Loss speichern?"),  # a file's name stays
        ("Loss by Learning rate", "Lernrate nach Verlust"),
        ("Loss\n\nLearning rate", "Verlust\n\nLernrate"),
        ("Loss · rate 0.1 · SGD", "Verlust · Rate 0.1 · SGD"),
        ("<p>Loss</p>", "<p>Verlust</p>"),
        ("Undo: Learning rate", "Rückgängig: Lernrate"),
        ("It burst at step 3. It burst at step 5.", "Ausbruch bei Schritt 3. Ausbruch bei Schritt 5."),
        ("3 of 4. It burst at step 5.", "3 von 4. Ausbruch bei Schritt 5."),
        ("SGD, layers 1–6: dead; try a lower rate", "SGD, Schichten 1–6: tot; eine kleinere Rate versuchen"),
        ("What nobody has translated", "What nobody has translated"),
        ("0.25", "0.25"),
        ("", ""),
    ],
)
def test_texts_are_found_whole_and_part_by_part(german, text, expected):
    assert german.of(text) == expected


def test_what_is_missing_is_known(german):
    for text in ("Loss", "What nobody has translated", "0.25", "Undo: nothing"):
        german.of(text)
    assert german.missing == {"What nobody has translated", "nothing"}


def test_english_is_what_stands_in_the_code(monkeypatch):
    monkeypatch.setattr(language, "_chosen", None)
    assert tr("Loss") == "Loss"


def desktop(name: str):
    """What tells the system's language."""
    return lambda: QLocale(name)


@pytest.mark.parametrize(("wanted", "expected"), [("en", "en"), ("de", "de"), ("xx", "en"), ("system", "en")])
def test_a_language_that_is_not_there_is_english(monkeypatch, wanted, expected):
    monkeypatch.setattr(language.QLocale, "system", desktop("fr_FR"))
    monkeypatch.setattr(language, "_chosen", None)
    assert language_of(wanted) == expected
    use_language(wanted)
    assert language.chosen_language() == expected


def test_the_system_s_language_is_taken_where_it_is_there(monkeypatch):
    monkeypatch.setattr(language.QLocale, "system", desktop("de_AT"))
    assert language_of("system") == "de"


def test_qt_s_own_words_are_translated_too(qapp, monkeypatch):
    monkeypatch.setattr(language, "_chosen", None)
    assert qapp.translate("QPlatformTheme", "Cancel") == "Cancel"
    use_language("de")
    assert qapp.translate("QPlatformTheme", "Cancel") == "Abbrechen"
    use_language(ENGLISH)
    assert qapp.translate("QPlatformTheme", "Cancel") == "Cancel"


# ---------------------------------------------------------------- the files


@cache
def texts_of_the_program() -> str:
    """Every text of the source, f-strings with a NUL for each value, and of the resources that have texts."""
    found = []
    for path in (*(PROJECT / "app").rglob("*.py"), *(PROJECT / "core").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                values = (v.value if isinstance(v, ast.Constant) else "\0" for v in node.values)
                found.append("".join(map(str, values)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    for path in (*ROOT.rglob("*.toml"), *(ROOT / "examples").glob("*.optiscope"), *ROOT.rglob("*.html")):
        if path.parent.name != "translations":
            found.append(path.read_text(encoding="utf-8").replace('\\"', '"'))
    return "\n".join(found)


def tables(code: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((ROOT / "translations" / f"{code}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", OTHERS)
def test_every_entry_is_a_text_of_the_program(code):
    """What a text of the program was changed to would otherwise be shown in English, unnoticed."""
    found, program = tables(code), texts_of_the_program()
    stale = [
        text
        for text in found["texts"]
        if not all(part.strip(" .:,;") in program for part in re.split(r"\{[a-z]+\}", text))
    ]
    stale += [
        text
        for text in found["composed"]
        if not all(word in program for word in re.findall(r"[A-Za-z]{4,}", PLACE.sub(" ", text)))
    ]
    assert stale == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_entry_puts_in_what_there_is(code):
    for entries in tables(code).values():
        for text, translated in entries.items():
            assert translated.strip(), text
            assert set(PLACE.findall(translated)) <= set(PLACE.findall(text)), text
            assert "&" not in text or translated.count("&") == text.count("&"), text


@pytest.mark.parametrize("code", OTHERS)
def test_every_entry_is_found_as_it_is(code):
    translation = read_translation(code)
    for entries in tables(code).values():
        for text, translated in entries.items():
            if not PLACE.search(text):
                assert translation.of(text) == translated
