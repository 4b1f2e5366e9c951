"""The colours of a map and the key to them: by the minimum reached, by steps, or by final loss."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.theme import Theme
from core.maps import MapResult

Array = NDArray[np.float64]
Pixels = NDArray[np.uint32]

HATCH = ""
"""The colour of what diverged: none, so that the hatching behind the pixels shows."""
_MOST_ROWS = 12
_STOPS = 256
_MOST_OF = 0.9
"""Share of the losses that the ramp spans: what is just short of diverging is higher by any factor."""
_FINEST = 1e-12
"""Losses nearer to the lowest one than this share of the span share a colour."""


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


def coloured(result: MapResult, quantity: str, theme: Theme) -> MapColours:
    """Colour a map by "minimum", "steps" or "loss"."""
    paint = {"minimum": _by_minimum, "steps": _by_steps, "loss": _by_loss}[quantity]
    pixels, rows, bar = paint(result, theme)
    pixels[result.undefined] = _argb(theme.plot)
    pixels[result.diverged] = 0
    ends = (("diverged", HATCH, result.diverged), ("no value here", theme.plot, result.undefined))
    rows += [KeyRow(colour, text, result.share(mask)) for text, colour, mask in ends if mask.any()]
    return MapColours(np.ascontiguousarray(pixels[::-1]), tuple(rows), bar)


def minimum_colour(theme: Theme, index: int) -> str:
    """The colour of a minimum by its place in the list."""
    return theme.minima[index % len(theme.minima)]


def _by_minimum(result: MapResult, theme: Theme) -> tuple[Pixels, list[KeyRow], ColourBar | None]:
    colours = [minimum_colour(theme, index) for index in range(len(result.minima))]
    table = np.array([_argb(colour) for colour in (*colours, theme.hover)], np.uint32)
    counts = np.bincount(result.minimum[result.minimum >= 0], minlength=len(colours)) / result.minimum.size
    order = [index for index in np.argsort(-counts, kind="stable").tolist() if counts[index] > 0]
    shown = sorted(order[:_MOST_ROWS])
    rows = [KeyRow(colours[i], _point(result.minima[i]), float(counts[i])) for i in shown]
    if others := order[_MOST_ROWS:]:
        rows.append(KeyRow(theme.plot, f"{len(others)} other minima", float(counts[others].sum())))
    return table[result.minimum], [*rows, *_nowhere(result, theme, result.minimum < 0, "no minimum")], None


def _by_steps(result: MapResult, theme: Theme) -> tuple[Pixels, list[KeyRow], ColourBar | None]:
    steps = result.values("steps")
    rows = _nowhere(result, theme, np.isnan(steps), f"not in {result.spec.steps:,} steps")
    low, high = _span(steps)
    pixels = _ramped((steps - low) / (high - low or 1.0), theme)
    bar = _bar("steps until converged", theme, lambda place: f"{low + place * (high - low):,.0f}", low < high)
    return pixels, rows, bar if np.isfinite(steps).any() else None


def _by_loss(result: MapResult, theme: Theme) -> tuple[Pixels, list[KeyRow], ColourBar | None]:
    """On log-like levels above the lowest loss: its differences span many orders of magnitude."""
    low, high = _span(result.losses, _MOST_OF)
    unit = max((high - low) * _FINEST, 5e-324)
    top = np.log1p((high - low) / unit) or 1.0
    pixels = _ramped(np.log1p((result.losses - low) / unit) / top, theme)
    bar = _bar("final loss", theme, lambda place: f"{low + unit * np.expm1(place * top):.3g}", low < high)
    return pixels, [], bar if np.isfinite(result.losses).any() else None


def _nowhere(result: MapResult, theme: Theme, mask: NDArray[np.bool_], text: str) -> list[KeyRow]:
    mask = mask & ~result.diverged & ~result.undefined
    return [KeyRow(theme.hover, text, result.share(mask))] if mask.any() else []


def _span(values: Array, share: float = 1.0) -> tuple[float, float]:
    """The lowest finite value, and the one that a share of them does not exceed."""
    finite = np.sort(values[np.isfinite(values)])
    return (float(finite[0]), float(finite[int(share * (finite.size - 1))])) if finite.size else (0.0, 0.0)


def _bar(title: str, theme: Theme, number: Callable[[float], str], spans: bool) -> ColourBar:
    places = np.linspace(0.0, 1.0, 5).tolist() if spans else [0.0]
    return ColourBar(title, theme.sequence, tuple(number(place) for place in places))


def _ramped(places: Array, theme: Theme) -> Pixels:
    """Colours of places between 0 and 1; NaN gets the colour of what has no number."""
    stops = np.array([_channels(colour) for colour in theme.sequence], float)
    at = np.linspace(0, len(stops) - 1, _STOPS)
    red, green, blue = (
        np.interp(at, np.arange(len(stops)), stops[:, k]).round().astype(np.uint32) for k in range(3)
    )
    table = np.append((0xFF << 24) | (red << 16) | (green << 8) | blue, _argb(theme.hover)).astype(np.uint32)
    index = np.where(np.isfinite(places), np.clip(places, 0.0, 1.0) * (_STOPS - 1), _STOPS)
    colours: Pixels = table[index.astype(np.intp)]
    return colours


def _channels(colour: str) -> tuple[int, int, int]:
    rgb = QColor(colour)
    return rgb.red(), rgb.green(), rgb.blue()


def _argb(colour: str) -> int:
    return QColor(colour).rgba()


def _point(point: tuple[float, float]) -> str:
    x, y = (f"{round(value, 3) + 0.0:g}" for value in point)
    return f"({x}, {y})"
