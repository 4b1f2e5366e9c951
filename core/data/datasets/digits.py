"""Handwritten digits, 8 x 8 pixels (UCI; see resources/data/digits.LICENSE.md)."""

import zipfile
import zlib

import numpy as np

from core.data.dataset import Dataset, Inputs, Labels
from core.errors import InputError
from core.hyperparameter import Values
from core.resource import resource_path

_SAMPLES, _PIXELS = 1_797, 64
_CHECKSUM = 3_097_341_608


def make(_values: Values, _rng: np.random.Generator) -> tuple[Inputs, Labels]:
    """All 1,797 images, pixel values 0 to 16, in the file's order.

    Raises
    ------
    InputError
        When the file is missing or damaged.
    """
    path = resource_path("data/digits.npz")
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            images, labels = file["images"], file["labels"]
    except FileNotFoundError:
        raise InputError(
            f"The digits' file is missing: {path}; install Optiscope again, or choose other data.", "dataset"
        ) from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise _damaged(str(error)) from None
    shapes = images.shape == (_SAMPLES, _PIXELS) and labels.shape == (_SAMPLES,)
    if not shapes or zlib.crc32(images.tobytes() + labels.tobytes()) != _CHECKSUM:
        raise _damaged("its content is not the 1,797 images")
    return images.astype(np.float64), labels.astype(np.intp)


def _damaged(reason: str) -> InputError:
    path = resource_path("data/digits.npz")
    return InputError(
        f"The digits' file {path} is damaged ({reason}); install Optiscope again, or choose other data.",
        "dataset",
    )


ENTRY = Dataset(
    id="digits", name="Digits 8x8", order=1, make=make, image_shape=(8, 8),
    summary="1,797 real images of handwritten digits, 8 x 8 pixels, ten classes.",
)  # fmt: skip
