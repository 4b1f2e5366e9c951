"""Newton's method and L-BFGS: against linear algebra written out, and what is known of them."""

from typing import Any

import msgspec
import numpy as np
import pytest

import core.formula_code
import core.surface
from core.choice import Choice
from core.descent import DescentSpec, Trajectory, descend, keep_derived, without_underived, work
from core.diagnosis import diagnose
from core.errors import InputError
from core.hyperparameter import Value
from core.optimizer import OPTIMIZERS, MethodSpec, network_optimizers
from core.surface import Surface, SurfaceSpec, surface, surfaces
from tests.training_specs import training

Array = np.ndarray
BOWLS = [(3.0, 1.0, 0.5), (100.0, 0.0, 1.0), (2.0, -1.5, 1.2), (1e-3, 0.0, 1e3)]
"""xx, xy, yy of positive definite Hessians."""


def run(
    key: str, place: str, start: tuple[float, float], steps: int, noise: float = 0.0, **values: Value
) -> Trajectory:
    where = SurfaceSpec(place) if place in surfaces() else SurfaceSpec(formula=place)
    spec = DescentSpec(where, (MethodSpec(Choice(key, values)),), (start,), steps, noise)
    return descend(spec).runs[0]


def gradients(path: Trajectory) -> Array:
    place = surface(path.spec.surface)
    return np.stack(place.gradient(*path.points.T), axis=1)


def hessians(path: Trajectory) -> Array:
    xx, xy, yy = surface(path.spec.surface).hessian(*path.points.T)
    return np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -2)


def quadratic(xx: float, xy: float, yy: float) -> str:
    return f"0.5*{xx!r}*(x - 1)**2 + {xy!r}*(x - 1)*(y + 2) + 0.5*{yy!r}*(y + 2)**2"


# ---------------------------------------------------------------- Newton


def newton_steps(path: Trajectory, damping: float, absolute: bool) -> Array:
    """Every step of a path from its eigenvalues and eigenvectors, as NumPy finds them."""
    low_high, vectors = np.linalg.eigh(hessians(path)[:-1])
    lengths = (np.abs(low_high) if absolute else low_high) + damping
    along = np.einsum("nij,ni->nj", vectors, gradients(path)[:-1]) / lengths
    return -float(path.values["learning_rate"]) * np.einsum("nij,nj->ni", vectors, along)


@pytest.mark.parametrize("curvature", ["signed", "absolute"])
@pytest.mark.parametrize("damping", [1e-3, 0.7, 50.0])
@pytest.mark.parametrize("place", surfaces())
def test_every_newton_step_is_linear_algebra_s(place: str, damping: float, curvature: str) -> None:
    start = surfaces()[place].starts[0]
    path = run("newton", place, start, 40, damping=damping, curvature=curvature, learning_rate=0.8)
    expected = newton_steps(path, damping, curvature == "absolute")
    made, scale = np.diff(path.points, axis=0), np.abs(path.points[:-1]).max(axis=1, keepdims=True)
    assert len(made) == 40
    assert (np.abs(made - expected) <= 1e-9 * np.abs(expected).max() + 1e-15 * scale).all()


@pytest.mark.parametrize("place", ["rosenbrock", "himmelblau", "beale", "two_pits"])
def test_it_solves_the_damped_equations(place: str) -> None:
    path = run("newton", place, surfaces()[place].starts[0], 15, damping=0.3, learning_rate=0.5)
    damped = hessians(path)[:-1] + 0.3 * np.eye(2)
    expected = path.points[:-1] - 0.5 * np.linalg.solve(damped, gradients(path)[:-1, :, None])[:, :, 0]
    np.testing.assert_allclose(path.points[1:], expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("curvature", ["signed", "absolute"])
@pytest.mark.parametrize("bowl", BOWLS)
def test_one_undamped_step_reaches_the_minimum_of_a_quadratic(
    bowl: tuple[float, float, float], curvature: str
) -> None:
    path = run("newton", quadratic(*bowl), (4.0, 3.5), 1, damping=0.0, curvature=curvature)
    np.testing.assert_allclose(path.points[1], [1.0, -2.0], rtol=1e-9)


def test_half_a_rate_goes_half_the_way() -> None:
    path = run("newton", quadratic(3.0, 1.0, 0.5), (4.0, 3.5), 1, damping=0.0, learning_rate=0.5)
    np.testing.assert_allclose(path.points[1], [2.5, 0.75])


@pytest.mark.parametrize("place", ["x**2 - y**2", "x*y", "-x**2 - 3*y**2"])
def test_signed_curvature_jumps_to_a_saddle_or_maximum_and_absolute_leaves_it(place: str) -> None:
    drawn = run("newton", place, (0.4, 0.3), 1, damping=0.0)
    np.testing.assert_allclose(drawn.points[1], [0.0, 0.0], atol=1e-15)
    free = run("newton", place, (0.4, 0.3), 5, damping=0.0, curvature="absolute")
    assert (np.diff(free.losses) < 0.0).all()
    assert np.abs(free.points[-1]).max() > 1.0


def test_at_a_saddle_the_diagnosis_says_so() -> None:
    found = diagnose(run("newton", "two_weight_chain", (0.05, -0.04), 20))
    assert found.id == "saddle"
    assert "way out" in found.sentence
    assert (
        diagnose(run("newton", "two_weight_chain", (0.05, -0.04), 60, curvature="absolute")).id == "converged"
    )


@pytest.mark.parametrize("place", surfaces())
def test_steps_with_absolute_curvature_lead_down(place: str) -> None:
    path = run("newton", place, surfaces()[place].starts[0], 30, curvature="absolute", learning_rate=0.3)
    down = (np.diff(path.points, axis=0) * gradients(path)[:-1]).sum(axis=1)
    assert (down <= 0.0).all()


def test_much_damping_is_gradient_descent() -> None:
    path = run("newton", "rosenbrock", (-1.2, 1.0), 1, damping=1e9, learning_rate=1e6)
    np.testing.assert_allclose(path.points[1], path.points[0] - 1e-3 * gradients(path)[0], rtol=1e-5)


def test_noise_shakes_the_gradient_and_not_the_hessian() -> None:
    path = run("newton", quadratic(3.0, 1.0, 0.5), (4.0, 3.5), 1, noise=0.5, damping=0.0)
    shake = np.random.default_rng([0, 0]).normal(0.0, 0.5, (1, 2))[0]
    off = np.linalg.solve([[3.0, 1.0], [1.0, 0.5]], shake)
    np.testing.assert_allclose(path.points[1], np.array([1.0, -2.0]) - off, rtol=1e-9)


def test_without_damping_a_flat_direction_divides_by_zero_and_the_cure_is_named() -> None:
    path = run("newton", "x**2", (1.0, 1.0), 10, damping=0.0)
    assert (path.outcome, path.step) == ("diverged", 1)
    assert "divides by zero" in path.message
    assert "a damping above 0 prevents that" in diagnose(path).sentence


@pytest.mark.parametrize("place", ["1/x + y**2", "sqrt(x) + y**2", "exp(300*x) + y**2", "abs(x)*y", "x**y"])
def test_where_the_hessian_is_no_number_it_is_a_result(place: str) -> None:
    for curvature in ("signed", "absolute"):
        path = run("newton", place, (1.0, 0.5), 60, curvature=curvature)
        assert np.isfinite(path.points).all()
        assert diagnose(path).sentence.endswith(".")


# ---------------------------------------------------------------- L-BFGS


def dense_lbfgs(place: Surface, start: tuple[float, float], steps: int, rate: float, history: int) -> Array:
    """The method with its inverse Hessian as a matrix, built anew at each step from the pairs kept."""
    x, pairs = np.array(start), []
    points = [x]
    last: tuple[Array, Array] | None = None
    for _ in range(steps):
        g = np.array(place.at(*x.tolist())[1:])
        if last is not None and (g - last[1]) @ last[0] > 1e-10:
            pairs = [*pairs, (last[0], g - last[1])][-history:]
        inverse = np.eye(2) * (pairs[-1][0] @ pairs[-1][1] / (pairs[-1][1] @ pairs[-1][1]) if pairs else 1.0)
        for s, y in pairs:
            left = np.eye(2) - np.outer(s, y) / (y @ s)
            inverse = left @ inverse @ left.T + np.outer(s, s) / (y @ s)
        step = -rate * (min(1.0, 1.0 / np.abs(g).sum()) if last is None else 1.0) * (inverse @ g)
        last = step, g
        x = x + step
        points.append(x)
    return np.array(points)


@pytest.mark.parametrize("history", [1, 2, 5, 20])
@pytest.mark.parametrize(
    ("place", "start", "rate"),
    [("himmelblau", (0.0, 4.5), 0.3), ("booth", (-8.0, -7.0), 0.2), ("beale", (1.0, 1.5), 0.5),
     ("goldstein_price", (-1.2, 0.6), 0.5), ("two_pits", (-0.3, 2.5), 0.3)],
)  # fmt: skip
def test_two_loops_are_the_matrix_s_product(
    place: str, start: tuple[float, float], rate: float, history: int
) -> None:
    path = run("lbfgs", place, start, 25, learning_rate=rate, history=history)
    expected = dense_lbfgs(surface(SurfaceSpec(place)), start, 25, rate, history)
    np.testing.assert_allclose(path.points, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("start", [(3.0, -4.0), (0.1, 0.05)])
def test_the_first_step_is_no_longer_than_the_rate(start: tuple[float, float]) -> None:
    path = run("lbfgs", "x**2 + y**2", start, 1, learning_rate=0.5)
    gradient = 2.0 * np.array(start)
    share = min(1.0, 1.0 / np.abs(gradient).sum())
    np.testing.assert_allclose(path.points[1], np.array(start) - 0.5 * share * gradient, rtol=1e-15)


def test_what_bends_down_is_not_remembered() -> None:
    path = run("lbfgs", "-x**2 - y**2", (0.3, 0.1), 8, learning_rate=0.1)
    assert not path.state["step_1"].any()
    np.testing.assert_allclose(path.points[2:] / path.points[1:-1], 1.2, rtol=1e-12, err_msg="plain steps up")


def test_the_memory_holds_the_last_steps_newest_first() -> None:
    path = run("lbfgs", "himmelblau", (0.0, 4.5), 12, learning_rate=0.3, history=3)
    made, bent = np.diff(path.points, axis=0), np.diff(gradients(path), axis=0)
    for place in (1, 2, 3):
        np.testing.assert_allclose(path.state[f"step_{place}"][8], made[7 - place], rtol=1e-9)
        np.testing.assert_allclose(path.state[f"change_{place}"][8], bent[7 - place], rtol=1e-9)


def test_it_converges_and_with_torch_s_tolerances_it_rests_before() -> None:
    numbers: dict[str, Any] = {"learning_rate": 0.5}
    free = run("lbfgs", "himmelblau", (0.0, 4.5), 200, **numbers)
    assert diagnose(free).id == "converged"
    resting = run("lbfgs", "himmelblau", (0.0, 4.5), 200, tolerances=True, **numbers)
    found = diagnose(resting)
    assert found.id == "resting"
    since = int(found.sentence.split("step ")[1].split(" ")[0])
    assert (resting.points[since:] == resting.points[since]).all()
    assert (resting.points[since] != resting.points[since - 1]).any()
    np.testing.assert_array_equal(free.points[: since + 1], resting.points[: since + 1])
    assert resting.gradient_norms[-1] > 1e-6


@pytest.mark.parametrize("history", [0, 21, 2.5, "many"])
def test_a_memory_that_cannot_be_is_refused(history: Value) -> None:
    with pytest.raises(InputError, match="history must be a"):
        OPTIMIZERS["lbfgs"].values({"history": history})


# ---------------------------------------------------------------- surfaces only


def test_those_for_surfaces_only_are_known() -> None:
    assert set(OPTIMIZERS) - set(network_optimizers()) == {"newton", "lbfgs"}


@pytest.mark.parametrize("key", [key for key, entry in OPTIMIZERS.items() if entry.surfaces_only])
def test_a_network_refuses_them_and_names_those_that_it_takes(key: str) -> None:
    with pytest.raises(InputError, match="runs on surfaces only; a network takes one of: sgd, ") as caught:
        training(method=MethodSpec(Choice(key))).checked()
    assert caught.value.field == "optimizer"
    assert key not in str(caught.value).split("one of:")[1]


# ---------------------------------------------------------------- what is derived, and when


def of(formula: str, *keys: str) -> DescentSpec:
    methods = tuple(MethodSpec(Choice(key)) for key in keys)
    return DescentSpec(SurfaceSpec(formula=formula), methods, ((1.0, 1.0),), 20)


def test_the_hessian_is_derived_only_for_those_that_need_it() -> None:
    spec = of("x**2 + 3.25*y**2 + sin(x*y)", "sgd", "adam", "lbfgs")
    assert descend(spec).hessian is None
    assert not surface(spec.surface).has_hessian
    assert without_underived(spec) is spec
    with_newton = msgspec.structs.replace(spec, methods=(*spec.methods, MethodSpec(Choice("newton"))))
    assert without_underived(with_newton) == spec
    assert descend(with_newton).hessian is not None
    assert without_underived(with_newton) is with_newton


def test_what_another_process_derived_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = of("x**2 + 4.25*y**2 + cos(x*y)", "newton")
    there = descend(spec)
    core.surface._catalogued.cache_clear()
    core.surface._own.cache_clear()
    core.formula_code._kept.clear()
    here = surface(spec.surface)
    assert not here.has_hessian
    keep_derived(there)
    assert here.has_hessian
    assert without_underived(spec) is spec
    np.testing.assert_array_equal(descend(spec).runs[0].points, there.runs[0].points)
    assert "hessian" not in vars(here.derivatives), "SymPy was not asked"


def test_work_counts_runs_and_long_rules() -> None:
    six = of("x**2", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
    assert work(six) == 6 * 20
    assert work(msgspec.structs.replace(six, starts=((1.0, 1.0), (2.0, 1.0)))) == 2 * 6 * 20
    assert 5 * 20 < work(of("x**2", "lbfgs")) < 10 * 20
