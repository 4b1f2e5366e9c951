"""A rule is written once and runs on three machines: as it stands, as one path's loop, in place on arrays."""

import itertools
from typing import Any, NamedTuple

import numpy as np
import pytest

from core.choice import Choice
from core.descent import DescentSpec, Trajectory, descend
from core.hyperparameter import Scale, Value
from core.optimizer import OPTIMIZERS, MethodSpec, Optimizer, Pair, learning_rate, network_optimizers
from core.rule import trace
from core.rule_code import array_stepper
from core.schedule import SCHEDULES, learning_rates
from core.surface import SurfaceSpec, surface
from tests.core.plain_rule import on_arrays, on_floats

STEPS = 120
STARTS = ((-0.3, -0.9), (0.0, 4.5), (4.0, -4.0), (2.9, 2.1))
PLACE = SurfaceSpec("himmelblau")


def options(optimizer: Optimizer) -> list[dict[str, Value]]:
    """Every combination of an optimizer's switches, choices and some of its whole numbers."""
    kinds = (Scale.SWITCH, Scale.CHOICE, Scale.INTEGER)
    names = [p for p in optimizer.hyperparameters if p.scale in kinds]
    whole = {p.name: (int(p.minimum), p.default, int(p.maximum)) for p in names if p.scale is Scale.INTEGER}
    values = [whole.get(p.name) or p.choices or (True, False) for p in names]
    return [
        dict(zip([p.name for p in names], combination, strict=True))
        for combination in itertools.product(*values)
    ]


EVERY_OPTION = [
    pytest.param(key, option, id="-".join([key, *map(str, option.values())]))
    for key, optimizer in OPTIMIZERS.items()
    for option in options(optimizer)
]
CONDITIONS = [
    pytest.param(schedule, noise, id=f"{schedule}-noise {noise:g}")
    for schedule, noise in [*((key, 0.0) for key in SCHEDULES), ("constant", 0.7), ("cosine", 0.7)]
]


def settings(key: str, option: dict[str, Value]) -> dict[str, Value]:
    return OPTIMIZERS[key].values({**option, "learning_rate": 0.003})


def method(values: dict[str, Value], key: str, schedule: str) -> MethodSpec:
    return MethodSpec(Choice(key, values), Choice(schedule, {"warmup_steps": 5}))


def traced_runs(key: str, values: dict[str, Value], schedule: str, noise: float) -> tuple[Trajectory, ...]:
    spec = DescentSpec(PLACE, (method(values, key, schedule),), STARTS, STEPS, noise=noise, seed=7)
    return descend(spec).runs


def noises(noise: float) -> np.ndarray:
    """(starts, steps, 2) as a run draws them."""
    return np.array(
        [np.random.default_rng([7, i]).normal(0.0, noise, (STEPS, 2)) for i in range(len(STARTS))]
    )


def plain_arrays(
    key: str, values: dict[str, Value], rates: list[float], noise: float, starts: Any
) -> np.ndarray:
    """Points (steps + 1, starts, 2) of the plain rule, called on arrays."""
    optimizer, place = OPTIMIZERS[key], surface(PLACE)
    shakes = noises(noise)[: len(starts)]
    x = np.array(starts, float)
    state = optimizer.state(*(np.zeros_like(x) for _ in optimizer.state_names))
    others = {k: v for k, v in values.items() if k != "learning_rate"}
    points = [x]
    for index, rate in enumerate(rates):
        gradient = np.stack(place.gradient(x[:, 0], x[:, 1]), axis=1)
        if noise:
            gradient = gradient + shakes[:, index]
        x, state = on_arrays(optimizer, place, x, gradient, state, rate, index + 1, **others)
        points.append(x)
    return np.array(points)


def plain_floats(run: Trajectory, shakes: np.ndarray) -> np.ndarray:
    """Points (steps + 1, 2) of the plain rule, called on floats."""
    optimizer, place = OPTIMIZERS[run.method.optimizer.id], surface(PLACE)
    others = {k: v for k, v in run.values.items() if k != "learning_rate"}
    point = Pair(*map(float, run.start))
    state = optimizer.state(*(Pair(0.0, 0.0) for _ in optimizer.state_names))
    points = [point]
    for index, rate in enumerate(run.learning_rates.tolist()):
        _, g_x, g_y = place.at(*point)
        gradient = Pair(g_x + float(shakes[index, 0]), g_y + float(shakes[index, 1]))
        point, state = on_floats(optimizer, place, point, gradient, state, rate, index + 1, **others)
        points.append(point)
    return np.array(points)


@pytest.mark.parametrize(("schedule", "noise"), CONDITIONS)
@pytest.mark.parametrize(("key", "option"), EVERY_OPTION)
def test_the_traced_loop_equals_the_plain_rule_on_arrays_of_starts(
    key: str, option: dict[str, Value], schedule: str, noise: float
) -> None:
    values = settings(key, option)
    rates = learning_rates(method(values, key, schedule).schedule, 0.003, STEPS)
    expected = plain_arrays(key, values, rates, noise, STARTS)
    runs = traced_runs(key, values, schedule, noise)
    for index, run in enumerate(runs):
        assert run.learning_rates.tolist() == rates
        np.testing.assert_array_equal(run.points, expected[: run.steps + 1, index])


@pytest.mark.parametrize("noise", [0.0, 0.7])
@pytest.mark.parametrize(("key", "option"), EVERY_OPTION)
def test_the_traced_loop_equals_the_plain_rule_on_floats(
    key: str, option: dict[str, Value], noise: float
) -> None:
    for index, run in enumerate(traced_runs(key, settings(key, option), "exponential", noise)):
        np.testing.assert_array_equal(run.points, plain_floats(run, noises(noise)[index]))


@pytest.mark.parametrize(("key", "option"), EVERY_OPTION)
def test_the_state_that_is_shown_is_the_rule_s(key: str, option: dict[str, Value]) -> None:
    run = traced_runs(key, settings(key, option), "cosine", 0.0)[0]
    optimizer, place = OPTIMIZERS[key], surface(PLACE)
    others = {k: v for k, v in run.values.items() if k != "learning_rate"}
    state = optimizer.state(*(np.zeros(2) for _ in optimizer.state_names))
    for index, rate in enumerate(run.learning_rates.tolist()):
        for name, value in zip(optimizer.state_names, state, strict=True):
            unused = name not in run.state  # by these settings: a place in L-BFGS's history
            np.testing.assert_array_equal(0.0 if unused else run.state[name][index], value)
        gradient = np.array(place.at(*run.points[index])[1:])
        _, state = on_arrays(optimizer, place, run.points[index], gradient, state, rate, index + 1, **others)


def test_only_what_the_settings_use_is_remembered() -> None:
    assert set(traced_runs("adam", settings("adam", {}), "constant", 0.0)[0].state) == {
        "first_moment", "second_moment",
    }  # fmt: skip
    two = traced_runs("lbfgs", settings("lbfgs", {"history": 2}), "constant", 0.0)[0].state
    assert set(two) == {"last_gradient", "last_step", "step_1", "step_2", "change_1", "change_2"}


@pytest.mark.parametrize("size", [1, 7, 40_000])
@pytest.mark.parametrize(("key", "option"), [p for p in EVERY_OPTION if p.values[0] in network_optimizers()])
def test_the_in_place_stepper_equals_the_plain_rule(key: str, option: dict[str, Value], size: int) -> None:
    optimizer, values = OPTIMIZERS[key], settings(key, option)
    others = {k: v for k, v in values.items() if k != "learning_rate"}
    random = np.random.default_rng(0)
    x = random.normal(size=size)
    narrow, mine = x.astype(np.float32), x.copy()
    state = optimizer.state(*(np.zeros(size) for _ in optimizer.state_names))
    exact = array_stepper(optimizer, values, size, np.float64)
    rounded = array_stepper(optimizer, values, size, np.float32)
    for step, rate in enumerate([0.1, 0.1, 0.05, 0.02, 0.01, 0.01], start=1):
        gradient = random.normal(size=size)
        before = gradient.copy()
        x, state = optimizer.rule(x, gradient, state, rate, step, **others)
        exact(mine, gradient, rate, step)
        rounded(narrow, gradient.astype(np.float32), rate, step)
        np.testing.assert_array_equal(gradient, before)
    np.testing.assert_array_equal(mine, x)
    for name, value in zip(optimizer.state_names, state, strict=True):
        np.testing.assert_array_equal(exact.state[name], value)
        assert rounded.state[name].dtype == np.float32
    assert narrow.dtype == np.float32
    np.testing.assert_allclose(narrow, x, rtol=1e-4, atol=2e-5)


class Remembering(NamedTuple):
    previous: Any
    before_that: Any


def _hands_on(
    x: Any, gradient: Any, state: Remembering, learning_rate: float, t: int
) -> tuple[Any, Remembering]:
    return x - learning_rate * (gradient + 0.1 * state.before_that), Remembering(x, state.previous)


def test_a_rule_may_hand_on_what_it_was_given() -> None:
    optimizer = Optimizer(
        id="remembering", name="Remembering", summary="", rule=_hands_on, state=Remembering, formula="",
        convention="", source="", hyperparameters=(learning_rate(0.1),),
    )  # fmt: skip
    x = np.array([1.0, -2.0])
    mine, state = x.copy(), Remembering(np.zeros(2), np.zeros(2))
    stepper = array_stepper(optimizer, optimizer.values({}), 2, np.float64)
    for step in range(1, 6):
        stepper(mine, 2.0 * mine, 0.1, step)
        x, state = _hands_on(x, 2.0 * x, state, 0.1, step)
        np.testing.assert_array_equal(mine, x)
        np.testing.assert_array_equal(stepper.state["previous"], state.previous)
        np.testing.assert_array_equal(stepper.state["before_that"], state.before_that)


def _branches(x: Any, gradient: Any, state: Remembering, learning_rate: float, t: int) -> tuple[Any, Any]:
    return (x - gradient if gradient else x), state


def test_a_rule_that_branches_on_a_number_is_told_so() -> None:
    optimizer = Optimizer(
        id="branching", name="Branching", summary="", rule=_branches, state=Remembering, formula="",
        convention="", source="",
    )  # fmt: skip
    with pytest.raises(TypeError, match="must not branch on a number"):
        trace(optimizer, {})


class Nothing(NamedTuple):
    """No state."""


def _planted(rule: Any) -> Optimizer:
    return Optimizer(
        id="planted", name="Planted", summary="", rule=rule, state=Nothing, formula="", convention="",
        source="", hyperparameters=(learning_rate(0.1),),
    )  # fmt: skip


def _odd(x: Any, gradient: Any, state: Nothing, learning_rate: float, t: int) -> tuple[Any, Nothing]:
    bounded = np.maximum(np.sign(gradient), -0.5)
    early = np.where(t < 3, 2.0**-t, 0.25 * np.where(learning_rate > 0.05, 1.0, 0.5))
    return x - early * np.where(t > 4, bounded, gradient), state


def test_maximum_sign_comparison_and_select_are_the_same_in_place() -> None:
    optimizer = _planted(_odd)
    x = np.array([1.0, -2.0, 0.0, 4.0])
    mine = x.copy()
    stepper = array_stepper(optimizer, optimizer.values({}), 4, np.float64)
    for step, rate in enumerate([0.1, 0.1, 0.01, 0.1, 0.1, 0.01], start=1):
        gradient = x - 1.0
        stepper(mine, gradient, rate, step)
        x, _ = _odd(x, gradient, Nothing(), rate, step)
        np.testing.assert_array_equal(mine, x)


def _selects(x: Any, gradient: Any, state: Nothing, learning_rate: float, t: int) -> tuple[Any, Nothing]:
    return np.where(gradient > 0.0, x, x - gradient), state


def _calls(x: Any, gradient: Any, state: Nothing, learning_rate: float, t: int) -> tuple[Any, Nothing]:
    return x - np.tanh(gradient), state


def _sorts(x: Any, gradient: Any, state: Nothing, learning_rate: float, t: int) -> tuple[Any, Nothing]:
    return np.sort(gradient), state


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (_selects, "the same for every parameter"),
        (_calls, r"cannot use np\.tanh; it may use: add,"),
        (_sorts, r"cannot use np\.sort; it may use: add,"),
    ],
)
def test_a_rule_that_uses_what_cannot_be_printed_is_told_so(rule: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        trace(_planted(rule), {})
