"""A spec goes in, trajectories come out; divergence is a result with a sentence in it."""

import math
from typing import Any

import msgspec
import numpy as np
import pytest

from core.choice import Choice
from core.descent import DescentSpec, Trajectory, descend
from core.errors import InputError
from core.optimizer import OPTIMIZERS, MethodSpec
from core.plane import plane_trace
from core.surface import SurfaceSpec

METHODS = tuple(MethodSpec(Choice(key)) for key in OPTIMIZERS)


def method(key: str, **values: Any) -> MethodSpec:
    return MethodSpec(Choice(key, values))


def spec(formula: str = "x**2 + y**2", *methods: MethodSpec, **changes: Any) -> DescentSpec:
    blank = DescentSpec(
        SurfaceSpec(formula=formula), methods or (method("sgd", learning_rate=0.1),), ((1.0, 1.0),), 50
    )
    return msgspec.structs.replace(blank, **changes)


def only(described: DescentSpec) -> Trajectory:
    (run,) = descend(described).runs
    return run


# ---------------------------------------------------------------- the toy quadratic


def test_sgd_follows_the_closed_form_of_the_toy_quadratic() -> None:
    run = only(DescentSpec(SurfaceSpec("toy_quadratic"), (method("sgd"),), ((0.0, 0.0),), 1001))
    steps = np.arange(1002)
    np.testing.assert_allclose(run.points[:, 0], 5.0 * (1.0 - 0.98**steps), rtol=1e-12)
    assert run.points[1, 0] == pytest.approx(0.1, abs=1e-16)
    assert run.points[1001, 0] == pytest.approx(4.99999999175, abs=5e-12)


def test_in_single_precision_the_toy_quadratic_ends_at_4_99999() -> None:
    rule = OPTIMIZERS["sgd"].rule
    w, state = np.zeros(1, np.float32), OPTIMIZERS["sgd"].state()
    for step in range(1, 1002):
        w, state = rule(w, np.float32(2.0) * w - np.float32(10.0), state, 0.01, step)
    assert w.dtype == np.float32
    assert f"{float(w[0]):.6g}" == "4.99999"


# ---------------------------------------------------------------- shapes


def test_every_method_runs_from_every_start_in_order() -> None:
    starts = ((1.0, 1.0), (-2.0, 0.5), (0.0, 3.0))
    found = descend(spec("x**2 + y**2", *METHODS, starts=starts))
    pairs = [(run.method.optimizer.id, run.start) for run in found.runs]
    assert pairs == [(key, start) for key in OPTIMIZERS for start in starts]
    assert found.steps == 50


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_everything_has_a_value_for_every_step(key: str) -> None:
    run = only(spec("x**2 + y**2", method(key)))
    assert run.steps == 50
    assert run.points.shape == (51, 2)
    assert run.losses.shape == run.gradient_norms.shape == (51,)
    assert run.learning_rates.shape == (50,)
    assert tuple(run.state) == plane_trace(OPTIMIZERS[key], run.values).state_names
    assert set(run.state) <= set(OPTIMIZERS[key].state_names)
    for values in run.state.values():
        assert values.shape == (51, 2)
        assert (values[0] == 0.0).all()
    assert run.points[0].tolist() == [1.0, 1.0]
    np.testing.assert_allclose(run.losses, (run.points**2).sum(axis=1), rtol=1e-14)
    np.testing.assert_allclose(run.gradient_norms, 2.0 * np.hypot(*run.points.T), rtol=1e-14)


def test_a_spec_without_methods_has_no_runs() -> None:
    found = descend(spec(methods=()))
    assert found.runs == ()
    assert found.steps == 0


def test_the_same_spec_gives_the_same_run_to_the_last_bit() -> None:
    described = spec("exp(x*y) + x**4 + y**2", *METHODS, noise=0.1, seed=3)
    for one, other in zip(descend(described).runs, descend(described).runs, strict=True):
        np.testing.assert_array_equal(one.points, other.points)
        assert one.message == other.message


def test_many_starts_give_the_runs_of_each_start_alone() -> None:
    starts = tuple((float(x), 0.5) for x in np.linspace(-3.0, 3.0, 40))
    together = descend(spec(starts=starts)).runs
    for start, run in zip(starts, together, strict=True):
        np.testing.assert_array_equal(run.points, only(spec(starts=(start,))).points)


# ---------------------------------------------------------------- noise


def test_noise_is_the_same_for_every_method_and_leaves_the_record_clean() -> None:
    plane = spec("x - y", method("sgd", learning_rate=0.1), method("momentum", learning_rate=0.1, momentum=0),
                 noise=0.5, seed=4)  # fmt: skip
    one, other = descend(plane).runs
    np.testing.assert_allclose(one.points, other.points, rtol=1e-12)
    assert (one.gradient_norms == math.sqrt(2.0)).all()
    slopes = -np.diff(one.points, axis=0) / 0.1
    shakes = slopes - np.array([1.0, -1.0])
    assert np.std(shakes) == pytest.approx(0.5, rel=0.2)
    assert len(np.unique(shakes.round(9))) == shakes.size


def test_another_seed_gives_other_noise_and_another_start_too() -> None:
    base = spec("x", starts=((0.0, 0.0), (1.0, 0.0)), noise=1.0)
    first, second = (run.points - run.points[0] for run in descend(base).runs)
    other = descend(msgspec.structs.replace(base, seed=1)).runs[0]
    assert not np.allclose(first, second)
    assert not np.allclose(first, other.points - other.points[0])


def test_a_longer_run_begins_with_the_shorter_one() -> None:
    short, long = only(spec(noise=0.3, steps=20)), only(spec(noise=0.3, steps=60))
    np.testing.assert_array_equal(short.points, long.points[:21])


# ---------------------------------------------------------------- outcomes


def test_converged_names_the_step_from_which_the_gradient_stays_small() -> None:
    run = only(spec(tolerance=1e-3, steps=100))
    assert run.outcome == "converged"
    assert run.step is not None
    assert (run.gradient_norms[run.step :] < 1e-3).all()
    assert run.gradient_norms[run.step - 1] >= 1e-3
    assert run.steps == 100
    assert f"step {run.step}" in run.message


def test_a_small_gradient_on_the_way_is_not_convergence() -> None:
    """A saddle slows the run down before it throws it out."""
    run = only(
        DescentSpec(SurfaceSpec("saddle"), (method("sgd", learning_rate=0.01),), ((0.01, 1e-12),), 2000)
    )
    assert run.gradient_norms.min() < 1e-6
    assert run.outcome == "completed"
    assert run.step is None
    assert "Made all 2,000 steps" in run.message


def test_at_the_tolerance_itself_a_run_has_not_converged() -> None:
    assert only(spec("x", tolerance=1.0)).outcome == "completed"
    assert only(spec("x", tolerance=1.0000001)).step == 0


@pytest.mark.parametrize(
    ("formula", "start"),
    [
        ("x**4", (3.0, 0.0)),  # products overflow to infinity in silence
        ("exp(x**2)", (2.0, 0.0)),  # floats raise instead
        ("-x**20", (2.0, 0.0)),
        ("x**3 + y**3", (-4.0, 1.0)),
        ("sinh(3*x)", (-4.0, 1.0)),
    ],
)
@pytest.mark.parametrize("key", ["sgd", "momentum", "nesterov"])
def test_divergence_ends_at_the_last_finite_point_and_says_why(
    key: str, formula: str, start: tuple[float, float]
) -> None:
    run = only(spec(formula, method(key, learning_rate=5.0), starts=(start,), steps=500))
    assert run.outcome == "diverged"
    assert run.step == run.steps + 1
    assert len(run.losses) == len(run.gradient_norms) == run.step
    assert len(run.learning_rates) == run.steps
    for values in (run.points, run.losses, run.gradient_norms, *run.state.values()):
        assert np.isfinite(values).all()
    assert run.message.startswith(f"Diverged at step {run.step}:")
    assert "smaller learning rate" in run.message


def test_a_step_off_the_formula_s_edge_is_divergence() -> None:
    run = only(spec("sqrt(x)", method("sgd", learning_rate=1.0), starts=((0.2, 0.0),)))
    assert run.outcome == "diverged"
    assert run.step == 1
    assert run.points.tolist() == [[0.2, 0.0]]


@pytest.mark.parametrize("rate", [1e300, 1.7e308])
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_a_huge_rate_diverges_and_raises_nothing(key: str, rate: float) -> None:
    run = only(spec("x**2 + y**2", method(key, learning_rate=rate)))
    assert run.outcome == "diverged"
    assert np.isfinite(run.points).all()


@pytest.mark.parametrize("key", ["adagrad", "rmsprop", "adam"])
def test_a_step_that_divides_zero_by_zero_says_so(key: str) -> None:
    run = only(spec("x**2", method(key, epsilon=0.0)))
    assert run.outcome == "diverged"
    assert run.step == 1
    assert "divides by zero" in run.message


def test_other_runs_are_whole_beside_one_that_diverges() -> None:
    wild, calm = descend(spec("x**4", method("sgd", learning_rate=9.0), method("sgd"))).runs
    assert wild.outcome == "diverged"
    assert calm.steps == 50
    assert calm.outcome == "completed"


# ---------------------------------------------------------------- where floats raise and IEEE goes on


WIDE = (-2000.0, 2000.0, -5.0, 5.0)


@pytest.mark.parametrize(
    ("formula", "x", "loss", "slope"),
    [
        ("1/(1 + exp(x))", 700.0, 0.0, 0.0),
        ("1/(1 + exp(x))", 1000.0, 0.0, None),
        ("1/(1 + exp(x)) + y", -1000.0, 1.0, 0.0),
        ("x/(1 + exp(-x))", -1000.0, 0.0, None),
        ("1/x**2.5", 1e-200, math.inf, None),
        ("exp(-1/x**2)", 0.0, 0.0, None),
        ("atan(1/x)", 0.0, math.pi / 2.0, None),
        ("max(1, 1/x)", 0.0, math.inf, None),
    ],
)
def test_floats_that_raise_fall_back_to_ieee_arithmetic(
    formula: str, x: float, loss: float, slope: float | None
) -> None:
    from core.surface import surface

    place = surface(SurfaceSpec(formula=formula, domain=WIDE))
    assert place.at(x, 0.0)[0] == pytest.approx(loss, abs=1e-300)
    assert float(place.loss(x, 0.0)) == pytest.approx(loss, abs=1e-300)
    if slope is None:
        with pytest.raises(InputError, match="no finite value or gradient"):
            place.check_start(x, 0.0)
    else:
        described = spec(surface=SurfaceSpec(formula=formula, domain=WIDE), starts=((x, 0.0),))
        assert only(described).losses[0] == pytest.approx(loss, abs=1e-300)
        assert place.at(x, 0.0)[1] == pytest.approx(slope, abs=1e-300)


def test_a_path_goes_on_where_a_float_cannot_and_ieee_can() -> None:
    """The power of a huge number raises in floats; above a fraction it is only a zero."""
    place = SurfaceSpec(formula="y + 1/(1 + x**18.5)", domain=(0.0, 1e18, -5.0, 5.0))
    run = only(spec(surface=place, starts=((1e17, 1.0),)))
    assert run.steps == 50
    assert run.outcome != "diverged"


def test_an_overflow_on_the_way_ends_the_run_as_divergence() -> None:
    run = only(spec("-exp(exp(x))", method("sgd", learning_rate=0.5), starts=((1.0, 0.0),)))
    assert run.outcome == "diverged"
    assert np.isfinite(run.points).all()


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"starts": ()}, "start", "needs a start"),
        ({"starts": ((9.0, 0.0),)}, "start", "x = 9 is outside .* from -5 to 5"),
        ({"starts": ((0.0, -5.1),)}, "start", "y = -5.1 is outside"),
        ({"starts": ((math.nan, 0.0),)}, "start", "x = nan is outside"),
        ({"starts": ((0.0, math.inf),)}, "start", "y = inf is outside"),
        ({"starts": ((1.0, 1.0), (9.0, 0.0))}, "start", "outside"),
        ({"steps": 0}, "steps", "from 1"),
        ({"steps": -5}, "steps", "from 1"),
        ({"steps": 2.5}, "steps", "whole number"),
        ({"steps": 10**9}, "steps", "up to 1,000,000"),
        ({"noise": -0.1}, "noise", "from 0"),
        ({"noise": math.nan}, "noise", "must be a number"),
        ({"seed": -1}, "seed", "from 0"),
        ({"tolerance": -1.0}, "tolerance", "from 0"),
        ({"tolerance": math.nan}, "tolerance", "must be a number"),
        ({"surface": SurfaceSpec("himelblau")}, "surface", "did you mean 'himmelblau'"),
        ({"surface": SurfaceSpec(formula="x +")}, "formula", "cannot be read"),
        ({"methods": (method("adem"),)}, "optimizer", "did you mean 'adam'"),
        ({"methods": (method("sgd", learning_rate=-1.0),)}, "learning_rate", "above 0"),
        ({"methods": (method("sgd", learning_rate=math.nan),)}, "learning_rate", "above 0"),
        ({"methods": (method("sgd", momentum=0.9),)}, "momentum", "no hyperparameter of SGD"),
        ({"methods": (MethodSpec(Choice("sgd"), Choice("cosin")),)}, "schedule", "did you mean 'cosine'"),
        ({"methods": (MethodSpec(Choice("sgd"), Choice("step", {"every": 0})),)}, "every", "from 1"),
    ],
    ids=str,
)
def test_bad_input_is_refused_in_one_sentence_with_its_field(
    changes: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        descend(spec(**changes))
    assert caught.value.field == field
    assert str(caught.value).strip().endswith((".", "?"))
    assert "\n" not in str(caught.value)


def test_a_start_where_the_formula_has_no_value_is_refused() -> None:
    with pytest.raises(InputError, match="no finite value") as caught:
        descend(spec("log(x)", starts=((-1.0, 1.0),)))
    assert caught.value.field == "start"


def test_whole_steps_may_come_as_a_float() -> None:
    assert only(spec(steps=7.0)).steps == 7


def test_a_run_too_long_to_be_kept_begins_like_a_short_one() -> None:
    described = spec("x**2 + 3*y**2", method("adam", learning_rate=0.01), noise=0.1)
    long = only(msgspec.structs.replace(described, steps=25_000))
    assert long.steps == 25_000
    np.testing.assert_array_equal(long.points[:51], only(described).points)


def test_what_a_run_gives_cannot_be_written_over() -> None:
    run = only(spec("x**2", method("adam")))
    for values in (run.points, run.losses, run.learning_rates, *run.state.values()):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1.0
