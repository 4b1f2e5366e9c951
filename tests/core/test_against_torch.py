"""Every rule that torch has too equals torch, step by step; torch's results are stored."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.choice import Choice
from core.descent import DescentSpec, descend
from core.optimizer import OPTIMIZERS, MethodSpec
from core.schedule import SCHEDULES, learning_rates
from core.surface import SurfaceSpec

FIXTURES = Path(__file__).parents[1] / "fixtures"
with np.load(FIXTURES / "optimizers.npz") as stored:
    ABOUT: dict[str, Any] = json.loads(str(stored["about"]))
    POINTS = stored["points"]
SCHEDULE_CASES = json.loads((FIXTURES / "schedules.json").read_text(encoding="utf-8"))

RATE_INSIDE = ("momentum", "nesterov")
"""Rules whose velocity holds the learning rate: as torch only while the rate does not change."""


def _name(case: dict[str, Any]) -> str:
    numbers = "-".join(f"{key}={value:g}" for key, value in case["values"].items())
    return f"{case['optimizer']}-{case['surface']}-{numbers}-{case['schedule']['id']}"


def _differs_by_convention(case: dict[str, Any]) -> bool:
    return case["optimizer"] in RATE_INSIDE and case["schedule"]["id"] != "constant"


CASES = list(zip(ABOUT["cases"], POINTS, strict=True))
EQUAL = [pytest.param(*pair, id=_name(pair[0])) for pair in CASES if not _differs_by_convention(pair[0])]
DIFFERENT = [pytest.param(*pair, id=_name(pair[0])) for pair in CASES if _differs_by_convention(pair[0])]


def our_points(case: dict[str, Any], steps: int) -> np.ndarray:
    method = MethodSpec(
        Choice(case["optimizer"], case["values"]), Choice(case["schedule"]["id"], case["schedule"]["values"])
    )
    spec = DescentSpec(SurfaceSpec(case["surface"]), (method,), (tuple(case["start"]),), steps)
    return descend(spec).runs[0].points


@pytest.mark.parametrize(("case", "expected"), EQUAL)
def test_every_step_equals_torch(case: dict[str, Any], expected: np.ndarray) -> None:
    points = our_points(case, len(expected) - 1)
    np.testing.assert_allclose(points, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("case", "expected"), DIFFERENT)
def test_a_rate_inside_the_velocity_differs_from_torch_once_the_rate_changes(
    case: dict[str, Any], expected: np.ndarray
) -> None:
    points = our_points(case, len(expected) - 1)
    change = case["schedule"]["values"]["every"]
    np.testing.assert_allclose(points[: change + 1], expected[: change + 1], rtol=1e-12)
    assert np.abs(points[change + 1] - expected[change + 1]).max() > 1e-6
    assert "differs" in OPTIMIZERS[case["optimizer"]].convention


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_that_torch_has_is_judged_by_torch(optimizer: str) -> None:
    in_torch = (
        optimizer.replace("_", "") in ABOUT["optimizers_of_torch"]
        or "Same as torch" in OPTIMIZERS[optimizer].convention
    )
    cases = [case for case, _ in CASES if case["optimizer"] == optimizer]
    assert not in_torch or len({case["surface"] for case in cases}) >= 3, (
        f"torch has {optimizer}: add runs of it to make_optimizer_fixtures.py"
    )


@pytest.mark.parametrize("optimizer", sorted({case["optimizer"] for case, _ in CASES}))
def test_torch_judges_every_number_at_another_value_than_its_default(optimizer: str) -> None:
    given = [case["values"] for case, _ in CASES if case["optimizer"] == optimizer]
    for parameter in OPTIMIZERS[optimizer].hyperparameters:
        if isinstance(parameter.default, float):
            assert any(v.get(parameter.name, parameter.default) != parameter.default for v in given), (
                parameter.name
            )


def test_torch_judges_200_steps_that_go_somewhere() -> None:
    assert POINTS.shape[1] == 201
    assert np.isfinite(POINTS).all()
    assert (np.abs(POINTS[:, -1] - POINTS[:, 0]).max(axis=1) > 0.1).all()


@pytest.mark.parametrize("case", SCHEDULE_CASES, ids=lambda c: f"{c['schedule']}-{c['values']}")
def test_rates_equal_those_of_torch(case: dict[str, Any]) -> None:
    rates = learning_rates(Choice(case["schedule"], case["values"]), 0.1, len(case["rates"]))
    np.testing.assert_allclose(rates, case["rates"], rtol=1e-12, atol=1e-15)


def test_torch_judges_every_schedule_that_it_has() -> None:
    without = {"inverse_sqrt"}
    assert {case["schedule"] for case in SCHEDULE_CASES} == set(SCHEDULES) - without
