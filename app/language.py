"""The language of what a person reads: English in the code, others in `resources/translations`.

Whatever shows a text says `tr(text)`, also where the text was put together elsewhere, in `core` or in another
process: those know no language. A translation stands under the English text as it is in the code, with
`{a}`, `{b}` ... for what is put in. What has no translation stays English. What a person typed, names of
files and formulas are never given to `tr`. The command line, files and logs are English.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache, partial

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from core.resource import ROOT

ENGLISH = "en"
NAMES = {ENGLISH: "English", "de": "Deutsch"}
"""Every language there is, by its code, in its own words."""
_PLACE = re.compile(r"\{([a-z]+)(:tr)?\}")
_PARAGRAPHS, _PARTS, _SENTENCES = r"\n+|<[^<>]+>", " · ", r"(?<=[.!?…]) +(?=[A-Z])"
_BREAKS = tuple(re.compile(f"({each})") for each in (_PARAGRAPHS, _PARTS, _SENTENCES, ": "))
"""What texts are put together with: paragraphs and tags, parts of a line, sentences, a name and its text."""
_MORE = re.compile(f"{_PARAGRAPHS}|{_PARTS}|{_SENTENCES}")
"""What is put into a text is part of a sentence: with one of these it is more."""
_MOST_MISSING = 1000
_WORDS = re.compile(r"[A-Za-z]{2,}[:;,] |[:;] [a-z]{2,}")
"""What stays as it is when it is put in is a number or a name: with one of these it is words."""


class Translation:
    """The texts of one language.

    Parameters
    ----------
    code
        Of the language.
    entries
        English text -> the same in this language; `{a:tr}` there is translated before it is put in.

    Attributes
    ----------
    missing
        Texts asked for so far that are not there: the first thousand.
    """

    def __init__(self, code: str, entries: Mapping[str, str]) -> None:
        self.code = code
        self._whole = {text: found for text, found in entries.items() if not _PLACE.search(text)}
        firm_first = sorted(entries.items(), key=_firmness)
        self._patterns = [(_pattern(text), found) for text, found in firm_first if _PLACE.search(text)]
        self.missing: set[str] = set()
        self.of = lru_cache(4096)(self._of)

    def _of(self, text: str) -> str:
        """A text in this language: as a whole, or else part by part."""
        found = self._entry(text.strip())
        if found is not None:
            return text.replace(text.strip(), found, 1)
        name, colon, rest = text.partition(": ")  # what is wrong often follows a file's name
        if colon and (found := self._entry(rest)) is not None:
            return f"{name if '.' in name else self.of(name)}: {found}"
        for breaks in _BREAKS:
            parts = breaks.split(text)
            if len(parts) > 1:
                return "".join(part if place % 2 else self.of(part) for place, part in enumerate(parts))
        if len(self.missing) < _MOST_MISSING and any(c.isalpha() for c in text):
            self.missing.add(text)
        return text

    def _entry(self, text: str) -> str | None:
        if text in self._whole:
            return self._whole[text]
        for pattern, found in self._patterns:
            match = pattern.fullmatch(text)
            if match and _fits(match, found):
                return _PLACE.sub(partial(self._put_in, match), found)
        return None

    def _put_in(self, match: re.Match[str], place: re.Match[str]) -> str:
        name, translated = place.groups()
        return self.of(match[name]) if translated else match[name]


def _fits(match: re.Match[str], found: str) -> bool:
    """Whether what was found in the places of a text can have been put in there."""
    names = [name for name, translated in _PLACE.findall(found) if not translated]
    return not any(map(_MORE.search, match.groups())) and not any(
        _WORDS.search(match[name]) for name in names
    )


def _pattern(text: str) -> re.Pattern[str]:
    """What matches a text with anything in its places."""
    parts = _PLACE.split(text)  # text, name, ":tr" or None, text, ...
    words = [re.escape(part) for part in parts[::3]]
    places = [f"(?P<{name}>.*)" for name in parts[1::3]]
    return re.compile("".join(w + p for w, p in zip(words, [*places, ""], strict=True)), re.DOTALL)


def _firmness(entry: tuple[str, str]) -> int:
    """Texts with many letters of their own come first: they say more of what they stand for."""
    return -len(_PLACE.sub("", entry[0]))


_chosen: Translation | None = None
_qt_translators: list[QTranslator] = []


def tr(text: str) -> str:
    """A text in the chosen language."""
    return text if _chosen is None else _chosen.of(text)


def chosen_language() -> str:
    """The code of the chosen language, for a process that paints in it too."""
    return ENGLISH if _chosen is None else _chosen.code


def read_translation(code: str) -> Translation:
    """The texts of a language other than English."""
    tables = tomllib.loads((ROOT / "translations" / f"{code}.toml").read_text(encoding="utf-8"))
    return Translation(code, {text: found for entries in tables.values() for text, found in entries.items()})


def language_of(wanted: str) -> str:
    """The code of a preferred language, where "system" is that of the desktop if it is there."""
    code = QLocale.system().name().split("_")[0] if wanted == "system" else wanted
    return code if code in NAMES else ENGLISH


def use_language(wanted: str) -> None:
    """Speak a language from now on; what is shown already keeps its own."""
    global _chosen
    code = language_of(wanted)
    _chosen = None if code == ENGLISH else read_translation(code)
    application = QApplication.instance()
    if application is None:
        return
    while _qt_translators:
        application.removeTranslator(_qt_translators.pop())
    translator = QTranslator(application)
    if code != ENGLISH and translator.load(
        f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    ):
        application.installTranslator(translator)
        _qt_translators.append(translator)
