"""Outcomes in words: constructed cases are named, and a rate that is promised to hold holds."""

import math
from typing import Any

import numpy as np
import pytest

from core.choice import Choice
from core.descent import DescentSpec, Trajectory, descend
from core.diagnosis import (
    Diagnosis,
    curvatures,
    diagnose,
    diagnose_first,
    largest_stable_rate,
    left_view_at,
    stability,
)
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import SurfaceSpec, surfaces

CONSTANT = Choice("constant")
RAVINE = "x**2 + 25*y**2"
"""Curvatures 2 and 50: SGD is stable below 2 / 50 = 0.04."""


def run(
    place: str, key: str, start: tuple[float, float], steps: int = 300, noise: float = 0.0,
    schedule: Choice = CONSTANT, **values: Any,
) -> Trajectory:  # fmt: skip
    where = SurfaceSpec(place) if place in surfaces() else SurfaceSpec(formula=place)
    method = MethodSpec(Choice(key, values), schedule)
    return descend(DescentSpec(where, (method,), (start,), steps, noise)).runs[0]


def again(old: Trajectory, rate: float) -> Trajectory:
    method = MethodSpec(old.method.optimizer.with_value("learning_rate", rate), old.method.schedule)
    spec = old.spec
    return descend(DescentSpec(spec.surface, (method,), spec.starts, spec.steps, spec.noise, spec.seed)).runs[
        old.start_index
    ]


def holds(old: Trajectory, found: Diagnosis) -> bool:
    assert found.learning_rate is not None
    assert f"{found.learning_rate:g}" in found.sentence
    assert found.learning_rate < float(old.values["learning_rate"])
    new = again(old, found.learning_rate)
    return new.outcome != "diverged" and bool(new.losses[-1] <= old.losses[0])


# ---------------------------------------------------------------- limits of stability


@pytest.mark.parametrize(
    ("key", "values", "limit"),
    [
        ("sgd", {}, 2.0),
        ("momentum", {"momentum": 0.9}, 3.8),
        ("momentum", {"momentum": 0.0}, 2.0),
        ("nesterov", {"momentum": 0.9}, 3.8 / 2.8),
        ("adagrad", {}, None),
        ("rmsprop", {}, None),
        ("adam", {}, None),
    ],
)
def test_the_limit_on_a_quadratic_is_the_textbook_s(
    key: str, values: dict[str, float], limit: float | None
) -> None:
    found = stability(key, tuple(OPTIMIZERS[key].values(values).items()))
    assert found == (None if limit is None else pytest.approx(limit, rel=1e-6))


@pytest.mark.parametrize("key", ["sgd", "momentum", "nesterov"])
def test_just_below_the_limit_it_converges_and_just_above_it_does_not(key: str) -> None:
    limit = largest_stable_rate(run(RAVINE, key, (4.0, 3.0), 1), 0)
    assert limit is not None
    below = run(RAVINE, key, (4.0, 3.0), 3000, learning_rate=0.99 * limit)
    above = run(RAVINE, key, (4.0, 3.0), 3000, learning_rate=1.01 * limit)
    assert below.losses[-1] < 1e-9
    assert above.losses[-1] > 1e9
    found = diagnose(above)
    assert "exceeds" in found.sentence
    assert f"{limit:.4g}" in found.sentence
    assert holds(above, found)


# ---------------------------------------------------------------- diverged


def test_sgd_just_above_two_over_lambda_max_is_named_with_a_rate_that_holds() -> None:
    wild = run(RAVINE, "sgd", (4.0, 3.0), 20_000, learning_rate=0.0401)
    wild_enough = run(RAVINE, "sgd", (4.0, 3.0), 2_000, learning_rate=0.06)
    assert diagnose(wild).id == "left_view"
    found = diagnose(wild_enough)
    assert (found.id, found.step) == ("diverged", wild_enough.step)
    assert "the learning rate 0.06 exceeds 2 / λmax = 0.04 (λmax = 50)" in found.sentence
    assert holds(wild_enough, found)
    assert holds(wild, diagnose(wild))


@pytest.mark.parametrize("key", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("rate", [0.3, 5.0, 1e300])
@pytest.mark.parametrize("place", ["rosenbrock", "beale", "goldstein_price", "himmelblau", "styblinski_tang"])
def test_suggested_rates_hold_on_the_catalogue(place: str, key: str, rate: float) -> None:
    old = run(place, key, surfaces()[place].starts[0], learning_rate=rate)
    found = diagnose(old)
    if old.outcome == "diverged":
        assert found.sentence.startswith(f"Diverged at step {old.step}")
        assert holds(old, found)


@pytest.mark.parametrize("schedule", ["cosine", "linear", "exponential"])
def test_suggested_rates_hold_with_a_schedule_and_noise_too(schedule: str) -> None:
    choice = Choice(schedule, {"warmup_steps": 20})
    old = run("rosenbrock", "sgd", (-1.5, 2.0), noise=0.1, schedule=choice, learning_rate=1.0)
    assert old.outcome == "diverged"
    assert holds(old, diagnose(old))


def test_a_suggested_rate_is_tried_with_the_noise_of_its_own_start() -> None:
    starts = ((-1.5, 2.0), (-1.2, 1.0), (0.0, 2.5))
    method = MethodSpec(Choice("sgd", {"learning_rate": 0.5}))
    for old in descend(DescentSpec(SurfaceSpec("rosenbrock"), (method,), starts, 100, noise=2.0)).runs:
        assert old.outcome == "diverged"
        assert holds(old, diagnose(old))


@pytest.mark.parametrize("key", [key for key, entry in OPTIMIZERS.items() if entry.surfaces_only])
def test_a_rule_that_couples_both_axes_has_no_limit_and_no_bursts(key: str) -> None:
    old = run("rosenbrock", key, (-1.2, 1.0), 50, learning_rate=0.9)
    assert largest_stable_rate(old, 0) is None
    assert diagnose(old).burst is None
    assert stability(key, tuple(old.values.items())) is None


def test_without_trying_no_rate_is_promised() -> None:
    found = diagnose(run("rosenbrock", "sgd", (-1.5, 2.0), learning_rate=1.0), try_rates=False)
    assert found.learning_rate is None
    assert "holds" not in found.sentence


def test_a_surface_without_an_end_is_not_blamed_on_the_rate() -> None:
    found = diagnose(run("x**3 + y**3", "sgd", (-4.0, 1.0), learning_rate=0.1))
    assert (found.id, found.learning_rate) == ("unbounded", None)
    assert "falls without end" in found.sentence


def test_a_step_off_the_formula_s_edge() -> None:
    found = diagnose(run("sqrt(x)", "sgd", (0.2, 0.0), learning_rate=1.0))
    assert (found.id, found.step) == ("edge", 1)
    assert "no finite value" in found.sentence


def test_division_by_zero() -> None:
    found = diagnose(run("x**2", "adam", (1.0, 1.0), epsilon=0.0))
    assert found.id == "diverged"
    assert "epsilon above 0" in found.sentence


# ---------------------------------------------------------------- held up


@pytest.mark.parametrize("steps", [40, 200], ids=["completed", "converged"])
def test_a_start_on_the_ridge_is_stuck_at_the_saddle(steps: int) -> None:
    old = run("saddle", "sgd", (-3.5, 0.0), steps, learning_rate=0.1)
    found = diagnose(old)
    assert found.id == "saddle"
    assert "-2 and 2" in found.sentence
    assert old.outcome == ("converged" if steps == 200 else "completed")


def test_a_saddle_that_was_left_is_not_named() -> None:
    entry = surfaces()["two_weight_chain"]
    assert diagnose(run("two_weight_chain", "sgd", entry.starts[0], 200, learning_rate=0.1)).id == "converged"


def test_the_top_of_a_hill_is_named() -> None:
    assert diagnose(run("-x**2 - y**2", "sgd", (0.0, 0.0))).id == "maximum"


def test_a_flat_spot_far_from_the_pit() -> None:
    assert diagnose(run("easom", "sgd", (-1.0, -1.0))).id == "flat"


@pytest.mark.parametrize(("place", "key", "rate"), [(RAVINE, "sgd", 0.04), ("levy", "rmsprop", 0.2)])
def test_bouncing_across_a_ravine(place: str, key: str, rate: float) -> None:
    old = run(place, key, (4.0, 3.0), 300, learning_rate=rate)
    found = diagnose(old)
    assert found.id == "bouncing"
    assert np.ptp(old.losses[-20:]) < 0.2 * old.losses[-1]
    assert old.gradient_norms[-1] > 0.1
    assert "every step turns back" in found.sentence


def test_a_zigzag_that_shrinks_is_not_bouncing() -> None:
    assert diagnose(run(RAVINE, "sgd", (4.0, 3.0), 100, learning_rate=0.038)).id == "moving"


@pytest.mark.parametrize(("place", "rate"), [("plateau", 0.01), ("long_valley", 0.05)])
def test_crawling_on_flat_ground(place: str, rate: float) -> None:
    entry = surfaces()[place]
    found = diagnose(run(place, "sgd", entry.starts[0], entry.steps, learning_rate=rate))
    assert found.id == "crawling"
    assert "times less than the steep one" in found.sentence


def test_round_in_circles() -> None:
    found = diagnose(run("abs(x) + abs(y)", "momentum", (1.51, 1.0), learning_rate=0.1))
    assert found.id == "cycle"
    assert "the same 24 points" in found.sentence


def test_a_straight_way_is_no_circle() -> None:
    assert diagnose(run("rosenbrock", "sgd", (-1.2, 1.0), 600, learning_rate=0.001)).id in (
        "moving",
        "crawling",
    )


def test_noise_is_named_as_what_keeps_a_run_moving() -> None:
    found = diagnose(run("x**2 + y**2", "sgd", (3.0, 3.0), 500, noise=0.5, learning_rate=0.1))
    assert found.id == "noise"


def test_out_of_view() -> None:
    old = run("saddle", "sgd", (-3.5, 0.1), 120, learning_rate=0.05)
    found = diagnose(old)
    assert (found.id, found.step) == ("left_view", left_view_at(old))
    assert found.step is not None
    assert abs(old.points[found.step, 1]) > 4.0 >= abs(old.points[found.step - 1, 1])


def test_converged_and_on_the_way() -> None:
    assert diagnose(run("x**2 + y**2", "sgd", (1.0, 1.0), 300, learning_rate=0.1)).id == "converged"
    found = diagnose(run("x**2 + y**2", "sgd", (1.0, 1.0), 30, learning_rate=0.1))
    assert found.id == "moving"
    assert "more would bring it below 1e-06" in found.sentence


def test_the_forecast_of_a_run_on_its_way_comes_true() -> None:
    short = diagnose(run("x**2 + y**2", "sgd", (1.0, 1.0), 30, learning_rate=0.1))
    more = int(short.sentence.split("about ")[1].split()[0])
    long = run("x**2 + y**2", "sgd", (1.0, 1.0), 200, learning_rate=0.1)
    assert long.step is not None
    assert abs(long.step - 30 - more) <= 8


# ---------------------------------------------------------------- bursts


BURSTING: dict[str, Any] = {"learning_rate": 1.0, "accumulate": "mean"}


def test_the_burst_of_adagrad_s_mean_form_is_named_and_decay_cures_it() -> None:
    start = surfaces()["long_valley"].starts[0]
    old = run("long_valley", "adagrad", start, 500, **BURSTING)
    found = diagnose(old)
    assert found.burst is not None
    step = np.abs(old.points[found.burst] - old.points[found.burst - 1])
    assert step.max() > 3.0
    assert f"At step {found.burst} it burst along " in found.sentence
    cured = run("long_valley", "adagrad", start, 500, schedule=Choice("inverse_sqrt"), **BURSTING)
    assert diagnose(cured).burst is None


@pytest.mark.parametrize("place", surfaces())
def test_adagrad_s_usual_form_never_bursts(place: str) -> None:
    entry = surfaces()[place]
    for start in entry.starts:
        assert diagnose(run(place, "adagrad", start, entry.steps, learning_rate=1.0)).burst is None


# ---------------------------------------------------------------- any run at all


@pytest.mark.parametrize("steps", [1, 2, 5, 13, 200])
@pytest.mark.parametrize("rate", [1e-300, 1e-3, 0.5, 1e300])
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_any_run_has_a_diagnosis(key: str, rate: float, steps: int) -> None:
    for place in ("rosenbrock", "saddle", "abs(x) + sqrt(abs(y))", "3", "1/x + y"):
        found = diagnose(run(place, key, (1.0, 0.5), steps, learning_rate=rate))
        assert found.sentence.endswith(".")
        assert "nan" not in found.sentence
        assert "\n" not in found.sentence
        assert math.isfinite(found.learning_rate or 0.0)


def test_curvatures_are_the_hessian_s_eigenvalues() -> None:
    old = run("rosenbrock", "sgd", (-1.5, 2.0), 5)
    expected = np.linalg.eigvalsh([[1200 * 2.25 - 800 + 2, 600.0], [600.0, 200.0]])
    np.testing.assert_allclose(curvatures(old, 0), expected, rtol=1e-12)


# ---------------------------------------------------------------- in short


def test_every_diagnosis_has_a_word() -> None:
    found = diagnose(run("himmelblau", "sgd", (-0.3, -0.9), learning_rate=1.0))
    assert (found.id, found.word) == ("diverged", "diverged")
    assert "exceeds 2 / λmax" in found.sentence, "though the start bends down: it is near the maximum"
    assert holds(run("himmelblau", "sgd", (-0.3, -0.9), learning_rate=1.0), found)


def test_methods_are_diagnosed_from_the_first_start() -> None:
    methods = tuple(MethodSpec(Choice(key, {"learning_rate": 0.01})) for key in ("sgd", "adam"))
    spec = DescentSpec(SurfaceSpec("himmelblau"), methods, ((-0.3, -0.9), (0.0, 4.5)))
    assert diagnose_first(spec) == tuple(diagnose(r) for r in descend(spec).runs if r.start_index == 0)
