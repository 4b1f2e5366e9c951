"""Graded maps: every grade stands for the value that the map has there."""

import numpy as np
import pytest
from msgspec.structs import replace

from core.choice import Choice
from core.map_grades import DIVERGED, NOWHERE, OTHERS, STOPS, UNDEFINED, graded
from core.map_spec import MapSpec
from core.maps import MapResult, compute_map
from core.optimizer import MethodSpec
from core.surface import SurfaceSpec


def mapped(surface: SurfaceSpec, rate: float, **numbers: object) -> MapResult:
    method = MethodSpec(Choice("sgd", {"learning_rate": rate}))
    return compute_map(MapSpec(surface, method, columns=24, rows=18, steps=120, **numbers))  # type: ignore[arg-type]


HIMMELBLAU = mapped(SurfaceSpec("himmelblau"), 0.02, domain=(-12.0, 12.0, -12.0, 12.0))


def test_minima_are_graded_by_their_place_and_the_top_row_comes_first() -> None:
    shown = graded(HIMMELBLAU, "minimum")
    below = shown.grades[::-1]
    assert shown.grades.dtype == np.uint8
    alive = ~HIMMELBLAU.diverged
    assert (below[HIMMELBLAU.diverged] == DIVERGED).all()
    assert HIMMELBLAU.diverged.any()
    reached = alive & (HIMMELBLAU.minimum >= 0)
    assert (below[reached] == HIMMELBLAU.minimum[reached]).all()
    assert (below[alive & (HIMMELBLAU.minimum < 0)] == NOWHERE).all()
    assert shown.bar is None


@pytest.mark.parametrize("quantity", ["minimum", "steps", "loss"])
def test_the_shares_of_the_key_are_those_of_the_grades(quantity: str) -> None:
    shown = graded(HIMMELBLAU, quantity)
    for row in shown.rows:
        assert row.share == pytest.approx((shown.grades == row.grade).mean())
    named = sum(row.share for row in shown.rows)
    ramp = (shown.grades < STOPS).mean() if shown.bar is not None else 0.0
    assert named + ramp == pytest.approx(1.0)


@pytest.mark.parametrize("quantity", ["steps", "loss"])
def test_a_ramp_rises_with_its_number(quantity: str) -> None:
    shown, values = graded(HIMMELBLAU, quantity), HIMMELBLAU.values(quantity)
    below = shown.grades[::-1]
    numbers = below < STOPS
    assert numbers.any()
    order = np.argsort(values[numbers], kind="stable")
    assert (np.diff(below[numbers][order].astype(int)) >= 0).all()
    assert shown.bar is not None
    assert len(shown.bar.numbers) == 5


def test_starts_without_a_value_have_a_grade_of_their_own() -> None:
    shown = graded(mapped(SurfaceSpec(formula="log(x)**2 + y**2", domain=(-1.0, 1.0, -1.0, 1.0)), 0.01))
    assert (shown.grades[:, :12] == UNDEFINED).all()
    assert "no value here" in [row.text for row in shown.rows]


def test_more_minima_than_lines_share_one() -> None:
    shown = graded(mapped(SurfaceSpec("rastrigin"), 0.001))
    others = [row for row in shown.rows if row.grade == OTHERS]
    assert len(others) == 1
    assert others[0].text.endswith("other minima")
    assert len(shown.rows) <= 15


def test_a_map_of_one_pixel_and_of_nothing_but_divergence_can_be_graded() -> None:
    one = graded(compute_map(replace(HIMMELBLAU.spec, columns=1, rows=1)), "loss")
    assert one.grades.shape == (1, 1)
    assert one.bar is not None
    assert len(one.bar.numbers) == 1
    lost = graded(mapped(SurfaceSpec(formula="x**4 + y**4", domain=(5.0, 9.0, 5.0, 9.0)), 1.0), "loss")
    assert (lost.grades == DIVERGED).all()
    assert lost.bar is None
