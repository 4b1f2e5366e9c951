"""Every surface of the catalogue is tested because it is there."""

import math

import numpy as np
import pytest

from core.choice import Choice
from core.descent import DescentSpec, descend
from core.errors import InputError
from core.formula_code import FLOAT_SPACE
from core.formula_text import FormulaError
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import Surface, SurfaceSpec, surface, surfaces
from core.written_code import compile_function

EXPECTED = {
    "sphere", "ill_conditioned_bowl", "rosenbrock", "beale", "himmelblau", "booth", "matyas", "mccormick",
    "goldstein_price", "six_hump_camel", "three_hump_camel", "styblinski_tang", "ackley", "rastrigin", "levy",
    "easom", "saddle", "monkey_saddle", "plateau", "long_valley", "two_pits", "toy_quadratic",
    "two_weight_chain",
}  # fmt: skip

LOWEST = {
    "sphere": 0.0, "ill_conditioned_bowl": 0.0, "rosenbrock": 0.0, "beale": 0.0, "himmelblau": 0.0,
    "booth": 0.0, "matyas": 0.0, "mccormick": -1.9132229549810367, "goldstein_price": 3.0,
    "six_hump_camel": -1.031628453489877, "three_hump_camel": 0.0, "styblinski_tang": -78.33233140754282,
    "ackley": 0.0, "rastrigin": 0.0, "levy": 0.0, "easom": -1.0, "toy_quadratic": 0.0,
    "two_weight_chain": 0.0,
}  # fmt: skip
"""Published minimum values."""

SINGULAR = {"ackley"}
"""Minima that are a cusp: the loss is lowest there but has no derivatives."""


def place(key: str) -> Surface:
    return surface(SurfaceSpec(key))


def probes(key: str, count: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Seeded points in the surface's domain."""
    low_x, high_x, low_y, high_y = surfaces()[key].domain
    random = np.random.default_rng(20)
    return random.uniform(low_x, high_x, count), random.uniform(low_y, high_y, count)


def test_all_surfaces_are_there() -> None:
    assert set(surfaces()) >= EXPECTED


def test_ids_and_names_are_different() -> None:
    assert len({entry.name for entry in surfaces().values()}) == len(surfaces())


@pytest.mark.parametrize("key", surfaces())
def test_it_says_what_it_teaches_and_where_it_is_from(key: str) -> None:
    entry = surfaces()[key]
    assert entry.id == key
    assert entry.summary.endswith(".")
    assert entry.source
    assert 10 <= entry.steps <= 10_000


@pytest.mark.parametrize("key", surfaces())
def test_a_run_can_start_at_each_of_its_starts(key: str) -> None:
    entry = surfaces()[key]
    assert entry.starts
    for start in entry.starts:
        place(key).check_start(*start)


@pytest.mark.parametrize("key", surfaces())
def test_its_minima_lie_in_view_and_are_minima(key: str) -> None:
    entry, here = surfaces()[key], place(key)
    for x, y in entry.minima:
        assert entry.domain[0] <= x <= entry.domain[1]
        assert entry.domain[2] <= y <= entry.domain[3]
        loss = float(here.loss(x, y))
        ring = np.linspace(0.0, 2.0 * math.pi, 32)
        assert (here.loss(x + 1e-3 * np.cos(ring), y + 1e-3 * np.sin(ring)) >= loss - 1e-12).all()
        if key in SINGULAR:
            continue
        xx, xy, yy = (float(value) for value in here.hessian(x, y))
        eigenvalues = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
        assert max(abs(float(g)) for g in here.gradient(x, y)) < 1e-7 * max(1.0, eigenvalues[1])
        assert eigenvalues[0] >= -1e-9 * eigenvalues[1]
        assert eigenvalues[1] > 0.0


@pytest.mark.parametrize("key", [key for key in surfaces() if surfaces()[key].minima])
def test_its_first_minimum_is_the_lowest_that_can_be_seen(key: str) -> None:
    entry = surfaces()[key]
    first = float(place(key).loss(*entry.minima[0]))
    assert place(key).grid(entry.domain, 301, 301)[2].min() >= first - 1e-9
    assert all(float(place(key).loss(*other)) >= first - 1e-9 for other in entry.minima)


@pytest.mark.parametrize(("key", "value"), LOWEST.items())
def test_its_minimum_has_the_published_value(key: str, value: float) -> None:
    x, y = surfaces()[key].minima[0]
    assert float(place(key).loss(x, y)) == pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("key", surfaces())
def test_gradient_and_hessian_agree_with_central_differences(key: str) -> None:
    here, (x, y) = place(key), probes(key)
    step = 1e-5
    slope_x = (here.loss(x + step, y) - here.loss(x - step, y)) / (2.0 * step)
    slope_y = (here.loss(x, y + step) - here.loss(x, y - step)) / (2.0 * step)
    scale = np.abs(here.loss(x, y)).max() + 1.0
    for slope, exact in zip((slope_x, slope_y), here.gradient(x, y), strict=True):
        np.testing.assert_allclose(exact, slope, rtol=1e-5, atol=1e-9 * scale)
    right, left = here.gradient(x + step, y), here.gradient(x - step, y)
    up, down = here.gradient(x, y + step), here.gradient(x, y - step)
    bends = (right[0] - left[0], right[1] - left[1], up[1] - down[1])
    scale = max(float(np.abs(part).max()) for part in here.gradient(x, y)) + 1.0
    for bend, exact in zip(bends, here.hessian(x, y), strict=True):
        np.testing.assert_allclose(exact, bend / (2.0 * step), rtol=1e-5, atol=1e-8 * scale)


@pytest.mark.parametrize("key", surfaces())
def test_the_code_over_floats_agrees_with_the_code_over_arrays(key: str) -> None:
    here, (x, y) = place(key), probes(key)
    lines, results = here.derivatives.float_lines
    space = {**FLOAT_SPACE, **here.derivatives.space}
    floats = compile_function("at", ["x", "y"], [*lines, f"return ({', '.join(results)})"], space)
    one_by_one = np.array([floats(*point) for point in zip(x.tolist(), y.tolist(), strict=True)])
    for mine, theirs in zip(one_by_one.T, (here.loss(x, y), *here.gradient(x, y)), strict=True):
        scale = float(np.abs(theirs).max())
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-13 * scale)


@pytest.mark.parametrize("key", surfaces())
def test_it_has_a_rate_for_every_optimizer_and_no_run_from_its_first_start_diverges(key: str) -> None:
    entry = surfaces()[key]
    assert set(entry.learning_rates) == set(OPTIMIZERS)
    methods = tuple(MethodSpec(Choice(k, {"learning_rate": r})) for k, r in entry.learning_rates.items())
    runs = descend(DescentSpec(SurfaceSpec(key), methods, entry.starts[:1], entry.steps)).runs
    assert len(runs) == len(methods)
    for run in runs:
        assert run.outcome != "diverged", f"{run.method.optimizer.id}: {run.message}"
        uphill = run.method.optimizer.id == "newton"  # it climbs to a maximum or saddle just as gladly
        assert run.losses.min() < run.losses[0] or (uphill and run.outcome == "converged")
        assert np.abs(run.points).max() < 1e3


# ---------------------------------------------------------------- facts


def test_the_two_weight_chain_has_a_saddle_at_the_origin() -> None:
    chain = place("two_weight_chain")
    assert [float(slope) for slope in chain.gradient(0.0, 0.0)] == [0.0, 0.0]
    xx, xy, yy = (float(value) for value in chain.hessian(0.0, 0.0))
    assert np.linalg.eigvalsh([[xx, xy], [xy, yy]]).tolist() == pytest.approx([-2.0, 2.0])


def test_the_ill_conditioned_bowl_has_the_condition_number_it_names() -> None:
    xx, xy, yy = (float(value) for value in place("ill_conditioned_bowl").hessian(1.0, 1.0))
    eigenvalues = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
    assert eigenvalues[1] / eigenvalues[0] == pytest.approx(25.0)


@pytest.mark.parametrize("key", ["saddle", "monkey_saddle"])
def test_saddles_have_no_minimum(key: str) -> None:
    assert surfaces()[key].minima == ()
    assert [float(slope) for slope in place(key).gradient(0.0, 0.0)] == [0.0, 0.0]


# ---------------------------------------------------------------- a person's own


def test_an_own_formula_is_a_surface() -> None:
    own = surface(SurfaceSpec(formula="x^2 + 3*y", domain=(-1.0, 1.0, -2.0, 2.0)))
    assert own.entry.domain == (-1.0, 1.0, -2.0, 2.0)
    assert float(own.loss(0.5, 1.0)) == 3.25
    assert own.loss(np.zeros((4, 1)), np.zeros(3)).shape == (4, 3)
    x, y, loss = own.grid((-1.0, 1.0, -2.0, 2.0), 5, 3)
    assert loss.shape == (3, 5)
    assert loss[2, 0] == float(own.loss(x[0], y[2]))


@pytest.mark.parametrize("formula", ["log(x)", "1/x + 1/y", "sqrt(x - 4)", "asin(x*y)", "x**2"])
def test_an_own_formula_offers_a_start_with_a_value(formula: str) -> None:
    own = surface(SurfaceSpec(formula=formula))
    own.check_start(*own.entry.starts[0])


def test_a_constant_is_a_surface_with_full_arrays() -> None:
    flat = surface(SurfaceSpec(formula="7"))
    assert flat.loss(np.zeros(5), 0.0).tolist() == [7.0] * 5
    assert flat.gradient(np.zeros((2, 1)), np.zeros(2))[0].shape == (2, 2)


def test_the_same_spec_is_derived_once() -> None:
    assert surface(SurfaceSpec("booth")) is surface(SurfaceSpec("booth"))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (SurfaceSpec("rosenbrok"), "did you mean 'rosenbrock'"),
        (SurfaceSpec(formula="x", domain=(1.0, 1.0, 0.0, 1.0)), "each low below its high"),
        (SurfaceSpec(formula="x", domain=(2.0, 1.0, 0.0, 1.0)), "each low below its high"),
        (SurfaceSpec(formula="x", domain=(0.0, math.nan, 0.0, 1.0)), "each low below its high"),
        (SurfaceSpec(formula="x", domain=(0.0, math.inf, 0.0, 1.0)), "each low below its high"),
    ],
    ids=str,
)
def test_a_bad_spec_is_refused_in_a_sentence(spec: SurfaceSpec, words: str) -> None:
    with pytest.raises(InputError, match=words):
        surface(spec)


@pytest.mark.parametrize("formula", ["sqrt(-1 - x**2)", "log(-exp(x))", "asin(x**2 + 2)", "acos(7 + abs(y))"])
def test_a_formula_without_any_real_value_is_refused(formula: str) -> None:
    with pytest.raises(FormulaError, match="no finite real value anywhere"):
        surface(SurfaceSpec(formula=formula))


def test_a_formula_has_values_only_where_its_text_has_them() -> None:
    half = surface(SurfaceSpec(formula="sqrt(x) + 1/y"))
    assert math.isnan(float(half.loss(-1.0, 1.0)))
    assert math.isinf(float(half.loss(1.0, 0.0)))
    assert float(half.loss(4.0, 2.0)) == 2.5
