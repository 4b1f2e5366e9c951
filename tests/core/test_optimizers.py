"""Every optimizer of the catalogue is tested because it is there."""

import copy
import inspect
import math
from typing import Any

import numpy as np
import pytest

from core.choice import Choice
from core.descent import DescentSpec, Trajectory, descend
from core.errors import InputError
from core.hyperparameter import Hyperparameter, Scale, Value
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import SurfaceSpec, surface
from tests.core.plain_rule import on_arrays

SIX = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")


def run(key: str, formula: str, start: tuple[float, float], steps: int, **values: Value) -> Trajectory:
    spec = DescentSpec(
        SurfaceSpec(formula=formula), (MethodSpec(Choice(key, values)),), (start,), steps, tolerance=1e-12
    )
    return descend(spec).runs[0]


def test_the_six_come_first_and_in_order() -> None:
    assert tuple(OPTIMIZERS)[:6] == SIX


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_the_rule_takes_exactly_its_hyperparameters(key: str) -> None:
    entry = OPTIMIZERS[key]
    arguments = list(inspect.signature(entry.rule).parameters)
    given = ["point" if entry.surfaces_only else "x", "gradient", *["hessian"] * entry.needs_hessian]
    given += ["state", "learning_rate", "t"]
    assert arguments[: len(given)] == given
    names = [parameter.name for parameter in entry.hyperparameters]
    assert names[0] == "learning_rate"
    assert set(arguments[len(given) :]) == set(names[1:])


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_it_says_what_it_is(key: str) -> None:
    entry = OPTIMIZERS[key]
    for text in (entry.name, entry.summary, entry.formula, entry.convention, entry.source):
        assert text.strip()
    assert entry.summary.endswith(".")
    assert "\n" not in entry.summary
    assert "x ←" in entry.formula


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_its_numbers_are_described_and_their_defaults_are_allowed(key: str) -> None:
    for parameter in OPTIMIZERS[key].hyperparameters:
        assert parameter.help.endswith(".")
        assert parameter.check(parameter.default) == parameter.default
        if parameter.scale not in (Scale.SWITCH, Scale.CHOICE):
            assert parameter.low <= float(parameter.default) <= parameter.high
            assert parameter.minimum <= parameter.low < parameter.high <= parameter.maximum
            position = parameter.to_slider(float(parameter.default))
            assert parameter.from_slider(position) == pytest.approx(float(parameter.default), rel=0.01)


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_the_rule_changes_nothing_that_it_is_given(key: str) -> None:
    entry = OPTIMIZERS[key]
    values = {k: v for k, v in entry.values({}).items() if k != "learning_rate"}
    x, gradient = np.array([1.0, 2.0]), np.array([0.5, -0.25])
    state = entry.state(*(np.full(2, 0.5) for _ in entry.state_names))
    before = copy.deepcopy((x, gradient, state))
    bowl = surface(SurfaceSpec(formula="x**2 + x*y + y**2"))
    first = on_arrays(entry, bowl, x, gradient, state, 0.1, 3, **values)
    second = on_arrays(entry, bowl, x, gradient, state, 0.1, 3, **values)
    for was, now in zip((*before[:2], *before[2]), (x, gradient, *state), strict=True):
        np.testing.assert_array_equal(was, now)
    for one, other in zip((first[0], *first[1]), (second[0], *second[1]), strict=True):
        np.testing.assert_array_equal(one, other)
    assert isinstance(first[1], entry.state)


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_it_descends_on_the_sphere_at_its_default_rate(key: str) -> None:
    path = run(key, "x**2 + y**2", (1.0, -0.5), 500)
    assert path.outcome != "diverged"
    assert path.losses[-1] < 0.8 * path.losses[0]


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_it_stands_still_where_the_gradient_is_zero(key: str) -> None:
    path = run(key, "x**2 + y**2", (0.0, 0.0), 50)
    assert path.outcome == "converged"
    assert path.step == 0
    np.testing.assert_array_equal(path.points, np.zeros((51, 2)))


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_a_flat_axis_stays_where_it_is(key: str) -> None:
    decay = {"weight_decay": 0.0} if "weight_decay" in OPTIMIZERS[key].values({}) else {}
    path = run(key, "x**2", (1.0, 2.0), 50, **decay)
    assert path.steps == 50
    np.testing.assert_array_equal(path.points[:, 1], np.full(51, 2.0))


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_its_first_step_goes_against_the_gradient(key: str) -> None:
    path = run(key, "3*x - y", (0.0, 0.0), 1)
    assert path.points[1, 0] < 0.0 < path.points[1, 1]


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_a_number_that_it_does_not_have_is_refused_with_the_nearest(key: str) -> None:
    with pytest.raises(InputError, match="did you mean 'learning_rate'") as caught:
        OPTIMIZERS[key].values({"learningrate": 0.1})
    assert caught.value.field == "learningrate"


BAD_RATES: list[Any] = [0, 0.0, -0.1, math.nan, math.inf, -math.inf, "fast", None, True, [0.1]]


@pytest.mark.parametrize("rate", BAD_RATES, ids=repr)
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_a_rate_that_makes_no_sense_is_refused(key: str, rate: Any) -> None:
    with pytest.raises(InputError, match="learning rate must be a number") as caught:
        OPTIMIZERS[key].values({"learning_rate": rate})
    assert caught.value.field == "learning_rate"


@pytest.mark.parametrize(
    ("parameter", "bad", "words"),
    [
        ("beta1", 1.0, "below 1"),
        ("beta1", -0.1, "from 0"),
        ("epsilon", -1e-9, "from 0"),
        ("bias_correction", "perhaps", "'true' or 'false'"),
        ("bias_correction", 2, "'true' or 'false'"),
    ],
)
def test_adam_names_the_bounds_of_its_numbers(parameter: str, bad: Value, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        OPTIMIZERS["adam"].values({parameter: bad})
    assert caught.value.field == parameter


def test_an_unknown_choice_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'mean'"):
        OPTIMIZERS["adagrad"].values({"accumulate": "meen"})


def test_words_of_the_command_line_become_values() -> None:
    values = OPTIMIZERS["adam"].values({"learning_rate": "1e-3", "bias_correction": "no"})
    assert values["learning_rate"] == 0.001
    assert values["bias_correction"] is False


def test_a_whole_number_is_asked_for() -> None:
    count = Hyperparameter(name="every", default=1, scale=Scale.INTEGER, minimum=1, maximum=10)
    assert count.check("3") == 3
    assert isinstance(count.check(3.0), int)
    for bad in (0, 11, 2.5, "many", 10**400):
        with pytest.raises(InputError):
            count.check(bad)


# ---------------------------------------------------------------- facts


def test_adagrad_s_rate_only_falls_while_rmsprop_s_rises_again() -> None:
    """A steep wall and then a long gentle slope: one forgets the wall, the other does not."""
    formula = "0.05*x**2 + exp(4*(x - 4))"
    adagrad = run("adagrad", formula, (4.8, 0.0), 400, learning_rate=0.2).state["sum_of_squares"][1:, 0]
    rmsprop = run("rmsprop", formula, (4.8, 0.0), 400, learning_rate=0.02, decay=0.9)
    effective = 0.02 / np.sqrt(rmsprop.state["second_moment"][1:, 0])
    assert (np.diff(adagrad) >= 0.0).all()
    assert effective[-1] > 3.0 * effective.min()
    mean = run("adagrad", formula, (4.8, 0.0), 400, learning_rate=0.2, accumulate="mean")
    assert mean.state["sum_of_squares"][-1, 0] < mean.state["sum_of_squares"][1, 0]


def test_the_mean_form_of_adagrad_holds_the_average_of_all_squares() -> None:
    path = run("adagrad", "x**2 + 3*y**2", (2.0, -1.0), 40, learning_rate=0.1, accumulate="mean")
    squares = np.stack([2.0 * path.points[:, 0], 6.0 * path.points[:, 1]], axis=1)[:-1] ** 2
    averages = np.cumsum(squares, axis=0) / np.arange(1, 41)[:, None]
    np.testing.assert_allclose(path.state["sum_of_squares"][1:], averages, rtol=1e-12)


def test_bias_correction_makes_adam_s_first_step_as_long_as_its_rate() -> None:
    corrected = run("adam", "5*x - 0.001*y", (0.0, 0.0), 1, learning_rate=0.1)
    assert np.abs(corrected.points[1]) == pytest.approx([0.1, 0.1], rel=1e-4)
    plain = run("adam", "5*x - 0.001*y", (0.0, 0.0), 1, learning_rate=0.1, bias_correction=False)
    assert np.abs(plain.points[1, 0]) == pytest.approx(0.1 * 0.1 / math.sqrt(0.001), rel=1e-4)


@pytest.mark.parametrize("key", ["momentum", "nesterov"])
def test_without_momentum_both_are_plain_sgd(key: str) -> None:
    start, formula = (-1.2, 1.0), "(1 - x)**2 + 100*(y - x**2)**2"
    sgd = run("sgd", formula, start, 200, learning_rate=0.001)
    other = run(key, formula, start, 200, learning_rate=0.001, momentum=0.0)
    np.testing.assert_allclose(other.points, sgd.points, rtol=1e-12)


def test_momentum_s_velocity_tends_to_ten_steps_on_a_slope() -> None:
    path = run("momentum", "x", (0.0, 0.0), 300, learning_rate=0.01)
    assert path.state["velocity"][-1, 0] == pytest.approx(-0.01 / (1.0 - 0.9), rel=1e-9)


@pytest.mark.parametrize(("rate", "holds"), [(0.0799, True), (0.0801, False)])
def test_sgd_holds_on_a_quadratic_only_below_two_over_the_largest_eigenvalue(
    rate: float, holds: bool
) -> None:
    path = run("sgd", "0.5*(x**2 + 25*y**2)", (1.0, 1.0), 2_000, learning_rate=rate)
    assert bool(path.losses[-1] < path.losses[0]) is holds
    assert bool(abs(path.points[-1, 1]) < 1.0) is holds


def test_a_rate_near_the_limit_crosses_the_ravine_at_every_step() -> None:
    path = run("sgd", "0.5*(x**2 + 25*y**2)", (1.0, 1.0), 100, learning_rate=0.079)
    assert (np.diff(np.sign(path.points[:, 1])) != 0.0).all()
