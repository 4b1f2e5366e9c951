"""Which minimum a point is at, known or found, with derivatives or without."""

import numpy as np
import pytest

from core.map_minima import reached
from core.surface import Surface, SurfaceSpec, surface, surfaces

SIDE = np.linspace(-5.0, 5.0, 41)


def place_of(formula: str) -> Surface:
    return surface(SurfaceSpec(formula=formula))


def test_known_minima_come_first_in_their_order() -> None:
    entry = surfaces()["himmelblau"]
    place = surface(SurfaceSpec("himmelblau"))
    points = np.array([*entry.minima, (0.0, 0.0), (np.nan, np.nan), (3.05, 2.05)])
    index, minima = reached(place, points, entry.minima)
    assert index.tolist() == [0, 1, 2, 3, -1, -1, 0]
    assert minima == entry.minima


def test_unknown_minima_are_found_the_lowest_first() -> None:
    entry = surfaces()["himmelblau"]
    points = np.array(entry.minima)[[2, 0, 3]] + 1e-4
    index, minima = reached(surface(SurfaceSpec("himmelblau")), points, ())
    assert sorted(index.tolist()) == [0, 1, 2]
    for point, place in zip(points, index, strict=True):
        np.testing.assert_allclose(minima[place], point)


@pytest.mark.parametrize("formula", ["abs(x) + abs(y)", "sqrt(x**2 + y**2)", "max(abs(x), abs(y))"])
def test_a_kink_is_a_minimum(formula: str) -> None:
    points = np.array([(0.02, -0.01), (-0.03, 0.0), (2.0, 2.0)])
    index, minima = reached(place_of(formula), points, ())
    assert index.tolist() == [0, 0, -1]
    assert len(minima) == 1


@pytest.mark.parametrize("formula", ["(x - 1)**2", "abs(x - 1)"])
def test_a_level_floor_is_one_minimum(formula: str) -> None:
    points = np.stack([np.ones_like(SIDE), SIDE], axis=1)
    index, minima = reached(place_of(formula), points, ())
    assert (index == 0).all()
    assert len(minima) == 1


def test_a_bent_floor_is_one_minimum_on_each_branch() -> None:
    x = np.linspace(0.3, 3.0, 400)
    branch = np.stack([x, 1 / x], axis=1)
    index, minima = reached(place_of("(1 - x*y)**2"), np.concatenate([branch, -branch]), ())
    assert len(minima) == 2
    assert set(index[:400]) | set(index[400:]) == {0, 1}
    assert len(set(index[:400])) == 1


@pytest.mark.parametrize("formula", ["3", "x", "x**2 - y**2", "x**3", "exp(x)"])
def test_where_there_is_no_minimum_none_is_found(formula: str) -> None:
    points = np.stack(np.meshgrid(SIDE, SIDE), axis=-1).reshape(-1, 2)
    index, minima = reached(place_of(formula), points, ())
    assert (index == -1).all()
    assert minima == ()


def test_the_floor_of_a_narrow_valley_is_no_minimum() -> None:
    x = np.linspace(-1.4, 0.9, 300)
    index, minima = reached(surface(SurfaceSpec("rosenbrock")), np.stack([x, x**2], axis=1), ())
    assert (index == -1).all()
    assert minima == ()


def test_no_points_and_lost_points_are_at_no_minimum() -> None:
    place = place_of("x**2 + y**2")
    assert reached(place, np.zeros((0, 2)), ())[0].tolist() == []
    lost = np.array([(np.nan, np.nan), (np.inf, 0.0), (1e300, 1e300)])
    assert reached(place, lost, ())[0].tolist() == [-1, -1, -1]
