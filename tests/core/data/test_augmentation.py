"""Augmented images: where pixels go (torch is the judge), how far, and what stays."""

from pathlib import Path

import numpy as np
import pytest

from core.choice import Choice
from core.data.augmentation import Augmentation, augment, warp
from core.data.dataset import DATASETS
from core.errors import InputError

STORED = np.load(Path(__file__).parents[2] / "fixtures" / "augmentation.npz")
SHAPE = (8, 8)


def images(samples: int = 200, dtype: str = "float64") -> np.ndarray:
    return np.random.default_rng(0).random((samples, 64)).astype(dtype)


def moved(pixels: np.ndarray, seed: int = 0, **values: float) -> np.ndarray:
    return augment(pixels, SHAPE, Augmentation(**values).checked(), np.random.default_rng(seed))


def centres(pixels: np.ndarray) -> np.ndarray:
    """Row and column of each image's centre of mass."""
    places = np.indices(SHAPE).reshape(2, -1)
    return pixels @ places.T / pixels.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("shape", [(8, 8), (5, 9)])
def test_pixels_are_torchs(shape):
    given, inverse, out = (STORED[f"{shape[0]}x{shape[1]}/{name}"] for name in ("images", "inverse", "out"))
    np.testing.assert_allclose(warp(given, shape, inverse), out, rtol=1e-12, atol=1e-14)


def test_a_whole_pixel_of_shift_brings_in_zeros():
    back = np.array([[[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]]])  # a row further up in the old image
    grid = images(1).reshape(8, 8)
    out = warp(grid.reshape(1, -1), SHAPE, back).reshape(8, 8)
    np.testing.assert_allclose(out[1:], grid[:-1], rtol=1e-14)
    assert not out[0].any()


def dot(row: float, column: float, samples: int = 2_000) -> np.ndarray:
    """A soft spot well inside the image."""
    rows, columns = np.indices(SHAPE)
    spot = np.exp(-((rows - row) ** 2 + (columns - column) ** 2)).ravel()
    return np.tile(spot, (samples, 1))


def test_shifts_fill_their_range_both_ways():
    away = centres(moved(dot(3.5, 3.5), shift=1.0)) - 3.5
    assert np.abs(away).max() == pytest.approx(1, abs=0.05)
    np.testing.assert_allclose(away.mean(axis=0), 0, atol=0.06)
    np.testing.assert_allclose(away.std(axis=0), 1 / 3**0.5, rtol=0.1)


def test_turns_keep_the_distance_from_the_middle_and_fill_their_range():
    away = centres(moved(dot(3.5, 5.5), rotate=30.0)) - 3.5
    np.testing.assert_allclose(np.hypot(*away.T), 2, rtol=0.02)
    angles = np.degrees(np.arctan2(away[:, 0], away[:, 1]))
    assert angles.max() == pytest.approx(30, abs=1)
    assert angles.min() == pytest.approx(-30, abs=1)


def test_scaling_moves_away_from_the_middle_by_its_share():
    distance = centres(moved(dot(3.5, 5.0), scale=0.2))[:, 1] - 3.5
    assert distance.max() == pytest.approx(1.5 * 1.2, rel=0.02)
    assert distance.min() == pytest.approx(1.5 * 0.8, rel=0.07)  # a smaller spot meets few pixels


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_type_is_kept_the_input_untouched_and_the_stream_alone_decides(dtype):
    pixels = images(dtype=dtype)
    before = pixels.copy()
    first = moved(pixels, shift=1.0, rotate=10.0, scale=0.1)
    np.testing.assert_array_equal(pixels, before)
    assert first.dtype == dtype
    np.testing.assert_array_equal(first, moved(pixels, shift=1.0, rotate=10.0, scale=0.1))
    assert not np.array_equal(first, moved(pixels, seed=1, shift=1.0, rotate=10.0, scale=0.1))
    assert first.min() >= 0
    assert first.max() <= 1


def test_nothing_asked_for_is_a_copy():
    pixels = images()
    out = moved(pixels)
    np.testing.assert_array_equal(out, pixels)
    assert not np.shares_memory(out, pixels)


def test_digits_stay_close_to_what_they_were():
    entry = DATASETS["digits"]
    digits, _ = entry.make(entry.values(Choice("digits").values), np.random.default_rng(0))
    out = moved(digits, shift=0.5, rotate=10.0, scale=0.1)
    alike = [np.corrcoef(one, other)[0, 1] for one, other in zip(digits, out, strict=True)]
    assert np.median(alike) > 0.85
    assert np.mean([a > 0.9999 for a in alike]) < 0.01


@pytest.mark.parametrize(("name", "value"), [("shift", -1), ("rotate", 181), ("scale", 1), ("scale", "big")])
def test_what_makes_no_sense_is_refused(name, value):
    with pytest.raises(InputError) as error:
        Augmentation(**{name: value}).checked()
    assert error.value.field == name
