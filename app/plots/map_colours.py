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


def coloured(shown: GradedMap, theme: Theme) -> MapColours:
    """Colour a graded map."""
    ramp = shown.bar is not None
    table = _ramp_table(theme) if ramp else _minimum_table(theme)
    table[[NOWHERE, UNDEFINED, DIVERGED]] = _argb(theme.hover), _argb(theme.plot), 0
    rows = tuple(KeyRow(_row_colour(row.grade, theme), row.text, row.share) for row in shown.rows)
    bar = ColourBar(shown.bar.title, theme.sequence, shown.bar.numbers) if shown.bar is not None else None
    return MapColours(table[shown.grades], rows, bar)


def minimum_colour(theme: Theme, index: int) -> str:
    """The colour of a minimum by its place in the list."""
    return theme.minima[index % len(theme.minima)]


def _row_colour(grade: int, theme: Theme) -> str:
    plain = {NOWHERE: theme.hover, UNDEFINED: theme.plot, OTHERS: theme.plot, DIVERGED: HATCH}
    return plain[grade] if grade in plain else minimum_colour(theme, grade)


def _minimum_table(theme: Theme) -> Pixels:
    return np.array([_argb(minimum_colour(theme, index)) for index in range(256)], np.uint32)


def _ramp_table(theme: Theme) -> Pixels:
    colours = [QColor(colour) for colour in theme.sequence]
    at = np.linspace(0, len(colours) - 1, STOPS)
    red, green, blue = (
        np.interp(at, np.arange(len(colours)), channel).round().astype(np.uint32)
        for channel in zip(*((c.red(), c.green(), c.blue()) for c in colours), strict=True)
    )
    table = np.zeros(256, np.uint32)
    table[:STOPS] = (0xFF << 24) | (red << 16) | (green << 8) | blue
    return table


def _argb(colour: str) -> int:
    return QColor(colour).rgba()
