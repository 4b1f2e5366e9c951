"""The bundled font of formulas: its glyphs, their widths, and the italics of variables."""

from functools import lru_cache

from PySide6.QtGui import QFont, QRawFont

from core.resource import resource_path


@lru_cache(maxsize=64)
def raw_font(size: float) -> QRawFont:
    """The bundled mathematical font, so that formulas look alike on every machine."""
    path = str(resource_path("fonts/math.ttf"))
    return QRawFont(path, size, QFont.HintingPreference.PreferNoHinting)


_known: dict[tuple[float, str], tuple[int, float]] = {}


def glyph(font: QRawFont, character: str) -> tuple[int, float]:
    """Index and advance of a character."""
    key = font.pixelSize(), character
    if key not in _known:
        index = font.glyphIndexesForString(character)[0]
        _known[key] = index, font.advancesForGlyphIndexes([index])[0].x()
    return _known[key]


def text_width(text: str, size: float) -> float:
    """Pixels that a text of upright characters takes."""
    font = raw_font(size)
    return sum(glyph(font, character)[1] for character in text)


def italic(letter: str) -> str:
    """The mathematical italic of a letter, where Unicode has it."""
    if letter == "h":
        return "\u210e"
    for first, last, there in (
        ("a", "z", 0x1D44E),
        ("A", "Z", 0x1D434),
        ("α", "ω", 0x1D6FC),
        ("Α", "Ω", 0x1D6E2),
    ):
        if first <= letter <= last:
            return chr(there + ord(letter) - ord(first))
    return "\U0001d716" if letter == "ϵ" else letter
