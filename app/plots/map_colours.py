"""The colours of a map and the key to them, in a look."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.theme import Theme
from core.map_grades import DIVERGED, NOWHERE, OTHERS, STOPS, UNDEFINED, GradedMap

Pixels = NDArray[np.uint32]

HATCH = ""
"""The colour of what diverged: none, so that the hatching behind the pixels shows."""


@dataclass(frozen=True)
class KeyRow:
    """A line of the key: "#rrggbb" (or `HATCH`), what it stands for, and its share of the pixels."""

    colour: str
    text: str
    share: float


@dataclass(frozen=True)
class ColourBar:
    """A ramp with its numbers, from the lowest up."""

    title: str
    colours: tuple[str, ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class MapColours:
    """A coloured map.

    Attributes
    ----------
    pixels
        (rows, columns) as 0xAARRGGBB, the top row first; transparent where runs diverged.
    rows, bar
        The key: lines for the pixels of one colour, and a ramp for numbers.
    """

    pixels: Pixels
    rows: tuple[KeyRow, ...]
    bar: ColourBar | None


def coloured(shown: GradedMap, theme: Theme, strength: float = 1.0) -> MapColours:
    """Colour a graded map; with less strength the plot's background shines through every colour alike."""
    muted = _Muted(theme, strength)
    table = muted.ramp_table() if shown.bar is not None else muted.minimum_table()
    table[[NOWHERE, UNDEFINED, DIVERGED]] = _argb(muted(theme.hover)), _argb(theme.plot), 0
    rows = tuple(KeyRow(muted.of_row(row.grade), row.text, row.share) for row in shown.rows)
    ramp = tuple(muted(colour) for colour in theme.sequence)
    bar = ColourBar(shown.bar.title, ramp, shown.bar.numbers) if shown.bar is not None else None
    return MapColours(table[shown.grades], rows, bar)


def minimum_colour(theme: Theme, index: int) -> str:
    """The colour of a minimum by its place in the list."""
    return theme.minima[index % len(theme.minima)]


class _Muted:
    """A look's colours over the plot's background."""

    def __init__(self, theme: Theme, strength: float) -> None:
        self._theme, self._strength = theme, strength

    def __call__(self, colour: str) -> str:
        if self._strength == 1.0:
            return colour
        pairs = zip(_channels(colour), _channels(self._theme.plot), strict=True)
        return QColor(*(round(self._strength * a + (1.0 - self._strength) * b) for a, b in pairs)).name()

    def of_row(self, grade: int) -> str:
        theme = self._theme
        if grade == DIVERGED:
            return HATCH
        plain = {NOWHERE: theme.hover, UNDEFINED: theme.plot, OTHERS: theme.plot}
        return self(plain[grade] if grade in plain else minimum_colour(theme, grade))

    def minimum_table(self) -> Pixels:
        colours = [_argb(self(colour)) for colour in self._theme.minima]
        return np.resize(np.array(colours, np.uint32), 256)

    def ramp_table(self) -> Pixels:
        colours = [_channels(self(colour)) for colour in self._theme.sequence]
        at = np.linspace(0, len(colours) - 1, STOPS)
        red, green, blue = (
            np.interp(at, np.arange(len(colours)), channel).round().astype(np.uint32)
            for channel in zip(*colours, strict=True)
        )
        table = np.zeros(256, np.uint32)
        table[:STOPS] = (0xFF << 24) | (red << 16) | (green << 8) | blue
        return table


def _channels(colour: str) -> tuple[int, int, int]:
    rgb = QColor(colour)
    return rgb.red(), rgb.green(), rgb.blue()


def _argb(colour: str) -> int:
    return QColor(colour).rgba()
