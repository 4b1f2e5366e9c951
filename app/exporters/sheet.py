"""What a picture is to be like: which view, how large, on what. Knows nothing of Qt."""

import math

import msgspec

from core.errors import InputError, unknown_name
from core.hyperparameter import Hyperparameter, Scale

VIEWS = ("surface", "curves", "3d", "network", "training", "window")
"""What can be shown: paths on their surface, their curves, paths in 3-D, histograms, training curves, all."""
SIZES = {
    "surface": (1200, 834), "curves": (1000, 700), "3d": (1200, 834), "network": (1200, 640),
    "training": (1000, 700), "window": (1440, 900),
}  # fmt: skip
"""Of the views' pictures, unless another is asked for."""
CLEAR = ("surface", "curves", "network", "training")
"""Views that can be painted without a ground."""
LOOKS = ("light", "dark")
LEAST, MOST = 16, 16_384
"""Pixels of a side."""
MOST_PIXELS = 100_000_000
"""Of a picture: 400 MB while it is painted."""

WIDTH = Hyperparameter(
    name="width", default=1600, low=LEAST, high=4_000, minimum=LEAST, maximum=MOST, scale=Scale.INTEGER,
    help="Pixels from left to right; the height follows.",
)  # fmt: skip
FILM_WIDTH = Hyperparameter(
    name="width", default=800, low=LEAST, high=2_000, minimum=LEAST, maximum=4_096, scale=Scale.INTEGER,
    help="Pixels from left to right.",
)  # fmt: skip
FILM_HEIGHT = Hyperparameter(
    name="height", default=556, low=LEAST, high=2_000, minimum=LEAST, maximum=4_096, scale=Scale.INTEGER,
    help="Pixels from top to bottom.",
)  # fmt: skip


class Sheet(msgspec.Struct, frozen=True):
    """A picture's size and what is behind it.

    Attributes
    ----------
    size
        Width and height in units: a text of the window is as many high as it has pixels there.
    scale
        Pixels for each unit, of pictures that are made of pixels.
    transparent
        Whether there is nothing behind plots and texts.
    look
        "light" or "dark".
    colours
        Of surfaces from low to high, as the preferences name them.
    """

    size: tuple[int, int] = (1200, 834)
    scale: float = 2.0
    transparent: bool = False
    look: str = "light"
    colours: str = "muted"

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of what is made of pixels."""
        return round(self.size[0] * self.scale), round(self.size[1] * self.scale)

    def checked(self, view: str) -> "Sheet":
        """Return the sheet; raises `InputError` for what nobody can paint of a view."""
        if self.transparent and view not in CLEAR:
            raise InputError(
                f"The view {view} has a ground of its own; leave out the transparency, or show another view.",
                "transparent",
            )
        if self.look not in LOOKS:
            raise unknown_name("look", self.look, LOOKS)
        if not (math.isfinite(self.scale) and 0.1 <= self.scale <= 20):
            raise InputError(f"The scale is from 0.1 to 20; it is {self.scale:g}.", "scale")
        sides = (*self.size, *self.pixels)
        if min(sides) < LEAST or max(sides) > MOST:
            raise InputError(
                f"A picture's sides have {LEAST} to {MOST:,} pixels; {_said(self.size)} at scale"
                f" {self.scale:g} has {_said(self.pixels)}.",
                "size",
            )
        if math.prod(self.pixels) > MOST_PIXELS:
            raise InputError(
                f"A picture has at most {MOST_PIXELS // 10**6} million pixels; {_said(self.pixels)} are"
                f" {math.prod(self.pixels) / 1e6:,.0f} million.",
                "size",
            )
        return self


def read_size(text: str) -> tuple[int, int]:
    """Width and height from `1200x834`; raises `InputError`."""
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) != 2 or not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        raise InputError(f"A size is width and height, for example: --size 1200x834; not '{text}'.", "size")
    return int(parts[0][:9]), int(parts[1][:9])


def _said(size: tuple[int, int]) -> str:
    return f"{size[0]:,} x {size[1]:,}"
