"""256 colours of a frame: grounds exactly, all others near."""

import numpy as np
import pytest

from app.exporters.palette import Palette


@pytest.fixture
def frame() -> np.ndarray:
    """A white half, a dark quarter, a line of one pixel, and a quarter of many colours."""
    random = np.random.default_rng(3)
    result = np.full((120, 160, 3), 255, np.uint8)
    result[60:, :80] = (18, 22, 29)
    result[60:, 80:] = random.integers(0, 256, (60, 80, 3))
    result[30] = (213, 94, 0)
    return result


def in_its_colours(frame: np.ndarray) -> np.ndarray:
    return np.asarray(Palette(frame).indexed(frame).convert("RGB")).astype(int)


def test_areas_keep_their_colour_to_the_last_bit(frame: np.ndarray) -> None:
    shown = in_its_colours(frame)
    for place in ((0, 0), (100, 10), (30, 50)):
        assert (shown[place] == frame[place]).all()


def test_every_colour_is_shown_by_one_of_the_nearest(frame: np.ndarray) -> None:
    palette = Palette(frame)
    shown = np.asarray(palette.indexed(frame).convert("RGB")).astype(int).reshape(-1, 3)
    wanted = frame.reshape(-1, 3).astype(int)
    apart = np.linalg.norm(shown - wanted, axis=1)
    colours = np.reshape(palette.indexed(frame).getpalette(), (-1, 3))
    nearest = np.linalg.norm(wanted[:, None] - colours[None], axis=2).min(axis=1)
    assert (apart <= nearest + 2 * 4 * np.sqrt(3)).all(), "colours are told apart by steps of four"
    assert np.mean(apart - nearest) < 1.0


def test_what_covers_is_left_out(frame: np.ndarray) -> None:
    clear = np.dstack([frame, np.zeros(frame.shape[:2], np.uint8)])
    assert (in_its_colours(clear) == in_its_colours(frame)).all()


def test_few_colours_are_all_exact() -> None:
    few = np.repeat(np.arange(8, dtype=np.uint8)[:, None, None] * 31, 3, axis=2).repeat(40, axis=0)
    few = few.repeat(40, axis=1)
    assert (in_its_colours(few) == few).all()
