"""The methods beyond the six: against plain implementations of their papers, and their special cases."""

from collections.abc import Callable

import numpy as np
import pytest

from core.choice import Choice
from core.descent import DescentSpec, Trajectory, descend
from core.hyperparameter import Value
from core.optimizer import MethodSpec
from core.surface import SurfaceSpec, surface

Array = np.ndarray
STEPS = 80
STARTS = {"himmelblau": (0.0, 4.5), "booth": (-8.0, -7.0), "rosenbrock": (-1.2, 1.0)}


def run(key: str, place: str = "himmelblau", **values: Value) -> Trajectory:
    spec = DescentSpec(SurfaceSpec(place), (MethodSpec(Choice(key, values)),), (STARTS[place],), STEPS)
    return descend(spec).runs[0]


def gradients_of(place: str) -> Callable[[Array], Array]:
    here = surface(SurfaceSpec(place))
    return lambda x: np.array(here.at(*x.tolist())[1:])


def same(one: Trajectory, other: Trajectory) -> None:
    assert one.steps == STEPS
    np.testing.assert_allclose(one.points, other.points, rtol=1e-11, atol=1e-12)


# ---------------------------------------------------------------- plain implementations
#
# Written from the papers' pseudocode, with the averages as sums over all gradients so far instead
# of the recursions that the rules use.


def average(history: list[Array], beta: float) -> Array:
    """`(1 - beta) sum beta^(t - i) g_i`."""
    t = len(history)
    return (1.0 - beta) * sum(beta ** (t - 1 - i) * g for i, g in enumerate(history))


def plain(place: str, step: Callable[[Array, list[Array]], Array]) -> Array:
    gradient = gradients_of(place)
    x, history = np.array(STARTS[place]), []
    found = [x]
    for _ in range(STEPS):
        history.append(gradient(x))
        x = step(x, history)
        found.append(x)
    return np.array(found)


@pytest.mark.parametrize("place", STARTS)
def test_qhm_is_the_paper_s(place: str) -> None:
    rate, beta, nu = 0.0005, 0.95, 0.6

    def step(x: Array, g: list[Array]) -> Array:
        return x - rate * ((1.0 - nu) * g[-1] + nu * average(g, beta))

    mine = run("qhm", place, learning_rate=rate, momentum=beta, nu=nu)
    np.testing.assert_allclose(mine.points, plain(place, step), rtol=1e-10)


@pytest.mark.parametrize("place", STARTS)
def test_qhadam_is_the_paper_s(place: str) -> None:
    rate, beta1, beta2, nu1, nu2, epsilon = 0.02, 0.9, 0.99, 0.7, 0.8, 1e-3

    def step(x: Array, g: list[Array]) -> Array:
        t = len(g)
        first = average(g, beta1) / (1.0 - beta1**t)
        second = average([each**2 for each in g], beta2) / (1.0 - beta2**t)
        divisor = np.sqrt((1.0 - nu2) * g[-1] ** 2 + nu2 * second) + epsilon
        return x - rate * ((1.0 - nu1) * g[-1] + nu1 * first) / divisor

    numbers: dict[str, Value] = {"beta1": beta1, "beta2": beta2, "nu1": nu1, "nu2": nu2, "epsilon": epsilon}
    mine = run("qhadam", place, learning_rate=rate, **numbers)
    np.testing.assert_allclose(mine.points, plain(place, step), rtol=1e-9)


@pytest.mark.parametrize("place", STARTS)
@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_lion_is_the_paper_s(place: str, weight_decay: float) -> None:
    rate, beta1, beta2 = 0.013, 0.8, 0.95

    def step(x: Array, g: list[Array]) -> Array:
        before = average(g[:-1], beta2) if len(g) > 1 else np.zeros(2)
        mixed = beta1 * before + (1.0 - beta1) * g[-1]
        direction = np.array([float(c > 0.0) - float(c < 0.0) for c in mixed])
        return x - rate * (direction + weight_decay * x)

    mine = run("lion", place, learning_rate=rate, beta1=beta1, beta2=beta2, weight_decay=weight_decay)
    np.testing.assert_allclose(mine.points, plain(place, step), rtol=1e-10)


# ---------------------------------------------------------------- special cases


def test_qhm_without_its_average_is_sgd() -> None:
    same(run("qhm", learning_rate=0.005, nu=0.0), run("sgd", learning_rate=0.005))


def test_qhm_with_nothing_but_its_average_is_dampened_momentum() -> None:
    damped = run("qhm", learning_rate=0.01, momentum=0.9, nu=1.0)
    same(damped, run("momentum", learning_rate=0.01 * (1.0 - 0.9), momentum=0.9))


def test_qhadam_with_nothing_but_its_averages_is_adam() -> None:
    numbers: dict[str, Value] = {"learning_rate": 0.05, "beta1": 0.9, "beta2": 0.99}
    same(run("qhadam", nu1=1.0, nu2=1.0, **numbers), run("adam", **numbers))


def test_adamw_without_decay_is_adam() -> None:
    np.testing.assert_array_equal(
        run("adamw", learning_rate=0.05, weight_decay=0.0).points, run("adam", learning_rate=0.05).points
    )


def test_adamw_rests_where_gradient_and_decay_balance() -> None:
    spec = DescentSpec(
        SurfaceSpec(formula="(x - 2)**2 + y**2"),
        (MethodSpec(Choice("adamw", {"learning_rate": 0.05, "weight_decay": 0.5})),),
        ((1.0, 1.0),),
        3000,
    )
    x = descend(spec).runs[0].points[-1, 0]
    assert 0.5 < x < 1.9


def test_amsgrad_is_adam_while_the_average_of_squares_grows() -> None:
    numbers: dict[str, Value] = {"learning_rate": 0.01, "beta2": 0.9}
    spec = DescentSpec(
        SurfaceSpec(formula="exp(-x) + exp(-y)"),
        tuple(MethodSpec(Choice(key, numbers)) for key in ("adam", "amsgrad")),
        ((3.0, 3.0),),
        20,
    )
    adam, amsgrad = descend(spec).runs
    growing = (np.diff(adam.state["second_moment"], axis=0) >= 0.0).all(axis=1)
    same_until = int(np.argmin(growing)) if not growing.all() else len(growing)
    assert same_until > 5
    np.testing.assert_array_equal(amsgrad.points[: same_until + 1], adam.points[: same_until + 1])


def test_amsgrad_never_forgets_the_steepest() -> None:
    path = run("amsgrad", learning_rate=0.1, beta2=0.9)
    largest, second = path.state["largest_second_moment"], path.state["second_moment"]
    np.testing.assert_array_equal(largest, np.maximum.accumulate(second))
    assert (largest[-1] > second[-1]).all()


def test_radam_makes_momentum_steps_until_the_average_is_long_enough() -> None:
    """With beta2 0.999 its length passes 5 at step 6."""
    path = run("radam", learning_rate=1e-4)
    first = path.state["first_moment"]
    t = np.arange(1, 6)[:, None]
    np.testing.assert_allclose(np.diff(path.points[:6], axis=0), -1e-4 * first[1:6] / (1.0 - 0.9**t))
    after = np.abs(np.diff(path.points, axis=0))[5:8]
    assert (after < 1e-4).all(), "then each step is shorter than the rate"


def test_nadam_remembers_the_share_of_its_weights() -> None:
    path = run("nadam", learning_rate=0.01)
    t = np.arange(1, STEPS + 1)
    product = np.cumprod(0.9 * (1.0 - 0.5 * 0.96 ** (t * 0.004)))
    np.testing.assert_allclose(1.0 - path.state["weight_sum"][1:, 0], product, rtol=1e-9, atol=1e-15)


def test_adadelta_begins_slowly_and_speeds_up() -> None:
    steps = np.abs(np.diff(run("adadelta", "booth", learning_rate=1.0).points, axis=0)).max(axis=1)
    assert steps[0] == pytest.approx((1e-6 / 0.1) ** 0.5, rel=1e-3)
    assert steps[-1] > 1.2 * steps[0]


def test_lion_steps_have_one_length_whatever_the_slope() -> None:
    steps = np.abs(np.diff(run("lion", "rosenbrock", learning_rate=0.01).points, axis=0))
    np.testing.assert_allclose(steps, 0.01, rtol=1e-9)
