"""New images from old ones: shifted, turned and scaled a little, differently each time."""

from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.hyperparameter import Hyperparameter, checked_fields

Array = NDArray[Any]

AUGMENTATION_HYPERPARAMETERS = (
    Hyperparameter(
        name="shift", default=0.0, low=0.0, high=2.0, minimum=0, maximum=100, unit="pixels",
        help="Each image is shifted by up to this much, to each side and up or down.",
    ),
    Hyperparameter(
        name="rotate", default=0.0, low=0.0, high=30.0, minimum=0, maximum=180, unit="degrees",
        help="Each image is turned about its middle by up to this angle, either way.",
    ),
    Hyperparameter(
        name="scale", default=0.0, low=0.0, high=0.3, minimum=0, maximum=1, open_maximum=True,
        help="Each image is made larger or smaller by up to this share.",
    ),
)  # fmt: skip


class Augmentation(msgspec.Struct, frozen=True):
    """How far images may be moved; all zero leaves them alone.

    Attributes
    ----------
    shift
        Most pixels along each axis.
    rotate
        Largest angle in degrees.
    scale
        Largest change of size: 0.1 for 90 % to 110 %.
    """

    shift: float = 0.0
    rotate: float = 0.0
    scale: float = 0.0

    def checked(self) -> "Augmentation":
        """Return the numbers checked.

        Raises
        ------
        InputError
            Naming the field that is wrong.
        """
        numbers = checked_fields(self, AUGMENTATION_HYPERPARAMETERS, "augmentation")
        return msgspec.structs.replace(self, **numbers)

    @property
    def is_off(self) -> bool:
        """Whether images stay as they are."""
        return not (self.shift or self.rotate or self.scale)


def augment(
    images: Array, shape: tuple[int, int], augmentation: Augmentation, rng: np.random.Generator
) -> Array:
    """Move every image of a batch in its own way, drawn evenly from what `augmentation` allows.

    Values between pixels are interpolated along both axes; what comes in from outside is 0, the
    background of the raw images: augment before preprocessing.

    Parameters
    ----------
    images
        (samples, height * width), row by row; left alone.
    shape
        Height and width.

    Returns
    -------
    ndarray
        New images of the same shape and dtype.
    """
    if augmentation.is_off:
        return images.copy()
    return warp(images, shape, _inverse_maps(len(images), augmentation, rng))


def _inverse_maps(samples: int, augmentation: Augmentation, rng: np.random.Generator) -> Array:
    """For each sample the (2, 3) map from a place in the new image to one in the old.

    Places are (row, column) from the image's middle. `new = size turn(old) + shift`, so
    `old = turn^-1 (new - shift) / size`.
    """
    most = (augmentation.shift, augmentation.shift, np.deg2rad(augmentation.rotate), augmentation.scale)
    shift_rows, shift_columns, angle, growth = rng.uniform(-1.0, 1.0, (4, samples)) * np.array(most)[:, None]
    cosine, sine = np.cos(angle) / (1.0 + growth), np.sin(angle) / (1.0 + growth)
    rows = (cosine, sine, -cosine * shift_rows - sine * shift_columns)
    columns = (-sine, cosine, sine * shift_rows - cosine * shift_columns)
    return np.stack([np.stack(rows, axis=1), np.stack(columns, axis=1)], axis=1)


def warp(images: Array, shape: tuple[int, int], inverse: Array) -> Array:
    """Images (samples, pixels) as seen through maps (samples, 2, 3) from new places to old ones."""
    height, width = shape
    padded = np.zeros((len(images), height + 2, width + 2), images.dtype)
    padded[:, 1:-1, 1:-1] = images.reshape(-1, height, width)
    old = inverse.astype(images.dtype) @ _places(shape).astype(images.dtype)
    row, row_rest = _cell(old[:, 0] + (height + 1) / 2, height)
    column, column_rest = _cell(old[:, 1] + (width + 1) / 2, width)
    stride = width + 2
    corner = row * stride + column + np.arange(len(images))[:, None] * ((height + 2) * stride)
    flat = padded.ravel()
    upper = _blend(flat, corner, column_rest)
    lower = _blend(flat[stride:], corner, column_rest)
    lower -= upper
    lower *= row_rest
    upper += lower
    return upper


def _blend(flat: Array, corner: Array, rest: Array) -> Array:
    """Values between each pixel and the one to its right."""
    left: Array = flat.take(corner, mode="clip")  # no place is out of bounds; other modes look for them
    right = flat[1:].take(corner, mode="clip")
    right -= left
    right *= rest
    left += right
    return left


def _cell(place: Array, size: int) -> tuple[Array, Array]:
    """Pixel before each place on a padded axis, and how far it is to the next; outside is the border."""
    np.clip(place, 0, size + 1, out=place)
    before = np.minimum(place.astype(np.intp), size)
    return before, (place - before).astype(place.dtype, copy=False)


@lru_cache(maxsize=8)
def _places(shape: tuple[int, int]) -> Array:
    """(3, pixels): row and column of every pixel from the image's middle, and a 1 for the shift."""
    height, width = shape
    rows, columns = np.indices(shape).reshape(2, -1)
    places: Array = np.stack([rows - (height - 1) / 2, columns - (width - 1) / 2, np.ones(height * width)])
    places.flags.writeable = False
    return places
