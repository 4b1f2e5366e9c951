"""The 256 colours of a picture or a film that has no more."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

Frame = NDArray[np.uint8]
"""(height, width, 3 or 4): red, green, blue and, in a transparent film, how much covers."""

_WEIGHT = 0.4
"""Power of an area by which its colour counts: a thin line's counts nearly as much as a ground's."""
_AREA, _MOST_EXACT = 0.002, 48
"""Share of a frame that has its colour exactly, and how many such colours there are at most."""
_LEVELS = 64
"""Of red, green and blue, that are told apart when the nearest colour is looked up."""
_TOGETHER = 4_096
"""Looked up at a time: one megabyte of distances for each of red, green and blue."""


class Palette:
    """Colours of a frame that has all that matter: those of grounds and areas exactly, others nearly.

    Pillow's own way to the nearest colour takes white for a grey beside it.
    """

    def __init__(self, frame: Frame) -> None:
        from PIL import Image

        pixels = frame[:, :, :3].reshape(-1, 3)
        colours, counts = _counted(pixels)
        most = np.argsort(-counts, kind="stable")[:_MOST_EXACT]
        areas = colours[most[counts[most] >= _AREA * len(pixels)]]
        rough, counts = _counted(_rounded(pixels))
        some = np.repeat(rough, np.ceil(counts**_WEIGHT).astype(int), axis=0)
        near = Image.fromarray(some[None]).quantize(256 - len(areas), method=Image.Quantize.MEDIANCUT)
        self._colours = np.concatenate([areas, np.reshape(near.getpalette() or [], (-1, 3))])[:256]
        self._nearest = _nearest(self._colours)
        for index in reversed(range(len(areas))):  # of two that are alike, the larger one
            self._nearest[_place(areas[index])] = index

    def indexed(self, frame: Frame) -> "Image.Image":
        """A frame in these colours."""
        from PIL import Image

        picture = Image.fromarray(self._nearest[_place(frame[:, :, :3])])
        picture.putpalette(self._colours.astype(np.uint8).tobytes())
        return picture


def _counted(pixels: Frame) -> tuple[Frame, NDArray[np.intp]]:
    """The colours that there are, and how many pixels have each."""
    keys, counts = np.unique(pixels.astype(np.int32) @ (65_536, 256, 1), return_counts=True)
    return np.stack([keys >> 16, keys >> 8 & 255, keys & 255], axis=-1).astype(np.uint8), counts


def _rounded(pixels: Frame) -> Frame:
    """The same with fewer colours; black stays black, and white white."""
    return pixels // 4 * 4 + pixels // 64


def _place(pixels: Frame) -> NDArray[np.int32]:
    """Where a colour's nearest one is looked up."""
    red, green, blue = np.moveaxis(pixels // (256 // _LEVELS), -1, 0).astype(np.int32)
    place: NDArray[np.int32] = (red * _LEVELS + green) * _LEVELS + blue
    return place


def _nearest(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """For every colour that is told apart: the index of the nearest one."""
    levels = _rounded(np.arange(0, 256, 256 // _LEVELS, dtype=np.uint8)).astype(np.float32)
    every = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    chosen = colours.astype(np.float32)
    squares = (chosen**2).sum(axis=1)
    found = [
        (squares - 2.0 * some @ chosen.T).argmin(axis=1) for some in np.split(every, len(every) // _TOGETHER)
    ]
    return np.concatenate(found).astype(np.uint8)
