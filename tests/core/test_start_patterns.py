"""Patterns of start points: where they are, what is left out, and how many are too many."""

import numpy as np
import pytest

from core.choice import Choice
from core.errors import InputError
from core.start_pattern import MOST_STARTS, START_PATTERNS, can_start, place_starts
from core.surface import Surface, SurfaceSpec, surface

BOWL = SurfaceSpec(formula="x**2 + y**2", domain=(-2.0, 4.0, -1.0, 3.0))


def bowl() -> Surface:
    return surface(BOWL)


@pytest.mark.parametrize("key", START_PATTERNS)
def test_every_pattern_places_points_that_a_run_can_begin_at(key: str) -> None:
    placed = place_starts(Choice(key), bowl(), (1.0, 1.0))
    assert placed.left_out == 0
    assert placed.sentence == ""
    assert len(placed.points) > 1
    for point in placed.points:
        bowl().check_start(*point)
    assert placed == place_starts(Choice(key), bowl(), (1.0, 1.0)), "the same numbers, the same points"


def test_a_ring_is_evenly_around_its_centre() -> None:
    points = np.array(place_starts(Choice("ring", {"count": 8, "radius": 10.0}), bowl(), (1.0, 1.0)).points)
    np.testing.assert_allclose(points.mean(axis=0), (1.0, 1.0))
    np.testing.assert_allclose(points[0], (1.6, 1.0))
    scaled = (points - (1.0, 1.0)) / (0.6, 0.4)
    np.testing.assert_allclose(np.hypot(*scaled.T), 1.0)
    np.testing.assert_allclose(scaled[2], (0.0, 1.0), atol=1e-12)


def test_a_grid_is_in_the_middle_of_its_cells_row_by_row() -> None:
    placed = place_starts(Choice("grid", {"columns": 3, "rows": 2}), bowl(), (0.0, 0.0))
    assert placed.points == ((-1.0, 0.0), (1.0, 0.0), (3.0, 0.0), (-1.0, 2.0), (1.0, 2.0), (3.0, 2.0))


def test_a_grid_fills_the_part_of_the_area_that_is_in_the_domain() -> None:
    grid = Choice("grid", {"columns": 2, "rows": 1})
    placed = place_starts(grid, bowl(), (0.0, 0.0), (2.0, 100.0, 1.0, 100.0))
    assert placed.points == ((2.5, 2.0), (3.5, 2.0))
    beside = place_starts(grid, bowl(), (0.0, 0.0), (50.0, 60.0, 50.0, 60.0))
    assert beside == place_starts(grid, bowl(), (0.0, 0.0))


def test_random_points_fill_the_area_evenly() -> None:
    x, y = np.array(place_starts(Choice("random", {"count": 1000}), bowl(), (0.0, 0.0)).points).T
    assert x.mean() == pytest.approx(1.0, abs=4 * 6 / 12**0.5 / 1000**0.5)
    assert y.mean() == pytest.approx(1.0, abs=4 * 4 / 12**0.5 / 1000**0.5)
    assert x.std() == pytest.approx(6 / 12**0.5, rel=0.1)


def test_another_seed_draws_other_points_and_fewer_are_the_first_of_more() -> None:
    some, more, other = (
        place_starts(Choice("random", {"count": count, "seed": seed}), bowl(), (0.0, 0.0)).points
        for count, seed in ((5, 0), (9, 0), (5, 1))
    )
    assert some == more[:5]
    assert not set(some) & set(other)


def test_points_without_a_value_or_gradient_are_left_out_and_said() -> None:
    place = surface(SurfaceSpec(formula="sqrt(x) + y**2"))
    placed = place_starts(Choice("grid", {"columns": 4, "rows": 3}), place, (1.0, 1.0))
    assert len(placed.points) == placed.left_out == 6
    assert all(x > 0 for x, _ in placed.points)
    assert placed.sentence.startswith("6 of 12 points of the pattern are left out")


def test_a_ring_at_the_edge_loses_what_is_outside() -> None:
    placed = place_starts(Choice("ring", {"count": 4}), bowl(), (4.0, 1.0))
    assert placed.left_out == 1
    assert max(x for x, _ in placed.points) == pytest.approx(4.0)


def test_who_can_start_is_told_as_for_one_point() -> None:
    place = surface(SurfaceSpec(formula="log(x) + 1/y", domain=(-1.0, 1.0, -1.0, 1.0)))
    grid = np.stack(np.meshgrid(np.linspace(-1.5, 1.5, 13), np.linspace(-1.5, 1.5, 13)), axis=-1).reshape(
        -1, 2
    )
    for point, good in zip(grid.tolist(), can_start(place, grid), strict=True):
        if good:
            place.check_start(*point)
        else:
            with pytest.raises(InputError):
                place.check_start(*point)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (Choice("spiral"), "There is no start pattern 'spiral'"),
        (Choice("ring", {"count": 0}), "starts must be a number from 1 up to 1,000"),
        (Choice("ring", {"radius": 0.0}), "radius .* above 0"),
        (Choice("random", {"count": MOST_STARTS + 1}), "from 1 up to 1,000, not 1001"),
        (Choice("grid", {"columns": 40, "rows": 30}), r"40 columns of 30 rows: 1,200 start points are more"),
    ],
    ids=["unknown", "none", "no ring", "too many", "too many in a grid"],
)
def test_bad_numbers_are_refused_in_words(choice: Choice, words: str) -> None:
    with pytest.raises(InputError, match=words):
        place_starts(choice, bowl(), (0.0, 0.0))


def test_a_pattern_with_nowhere_to_begin_is_refused() -> None:
    place = surface(SurfaceSpec(formula="sqrt(x - 4) + y"))
    with pytest.raises(InputError, match="No run can begin at any of the 4 points"):
        place_starts(Choice("ring", {"count": 4}), place, (-3.0, 0.0))
