"""A formula means what it says, and has values exactly where its text has them."""

import contextlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy

from core.formula import parse
from core.formula_code import FLOAT_SPACE, derive
from core.formula_text import FUNCTIONS
from core.surface import SurfaceSpec, surface
from core.written_code import compile_function
from tests.core.formula_values import PLAIN, value


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("2^3^2", 512.0),
        ("2**3**2", 512.0),
        ("(2^3)^2", 64.0),
        ("-2^2", -4.0),
        ("(-2)^2", 4.0),
        ("2^-1", 0.5),
        ("2*-3", -6.0),
        ("--3", 3.0),
        ("+-+3", -3.0),
        ("2 - 3 - 4", -5.0),
        ("8/4/2", 1.0),
        ("8/4*2", 4.0),
        ("1 + 2*3", 7.0),
        ("1/3", 1.0 / 3.0),
        ("2·3×4 − 1", 23.0),
        ("3²+2³", 17.0),
        ("-3²", -9.0),
        ("π", math.pi),
        ("pi", math.pi),
        ("e", math.e),
        ("e^2", math.e**2),
        (".5 + 5.", 5.5),
        ("1e3 + 1.5E-1 + 1e+2", 1100.15),
        ("ln(e)", 1.0),
        ("log(e)", 1.0),
        ("log10(1000)", 3.0),
        ("log2(8)", 3.0),
        ("sqrt(2)", math.sqrt(2.0)),
        ("abs(-3)", 3.0),
        ("sign(-3) + sign(0)", -1.0),
        ("min(2, 3) + max(2, 3)", 5.0),
        ("0**0", 1.0),
        ("  1 +\t1  ", 2.0),
        ("1 + 1\n", 2.0),
        ("sin (0)", 0.0),
    ],
)
def test_numbers_and_signs_bind_as_in_mathematics(formula: str, expected: float) -> None:
    assert float(value(formula)) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("formula", "meaning"),
    [
        ("-x^2", lambda x, y: -(x**2)),
        ("-x**-2", lambda x, y: -(x**-2.0)),
        ("x - y - x", lambda x, y: x - y - x),
        ("x/y/2", lambda x, y: x / y / 2),
        ("x²y".replace("y", "·y"), lambda x, y: x * x * y),
        ("x^2^y", lambda x, y: x ** (2.0**y)),
        ("2^x", lambda x, y: 2.0**x),
        ("x^y", lambda x, y: x**y),
        ("x^2.0", lambda x, y: x * x),
        ("x^0.5", lambda x, y: np.sqrt(x)),
        ("x^(1/3)", lambda x, y: x ** (1.0 / 3.0)),
        ("(x*y)^-1.5", lambda x, y: (x * y) ** -1.5),
        ("(x^y)^2", lambda x, y: (x**y) ** 2),
        ("atan2(y, x)", lambda x, y: np.arctan2(y, x)),
    ],
)
def test_formulas_of_x_and_y_mean_what_they_say(formula: str, meaning: Callable[..., Any]) -> None:
    x, y = np.random.default_rng(1).uniform(-3.0, 3.0, (2, 50))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(value(formula, x, y), meaning(x, y), rtol=1e-13)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_the_value_of_numpy_and_nan_where_that_has_none(name: str) -> None:
    x, y = np.random.default_rng(2).uniform(-4.0, 4.0, (2, 200))
    arguments = (x, y)[: FUNCTIONS[name]]
    with np.errstate(all="ignore"):
        expected = PLAIN.get(name, getattr(np, name, None))(*arguments)
    mine = value(f"{name}({'x, y'[: 4 * FUNCTIONS[name] - 3]})", x, y)
    np.testing.assert_allclose(mine, expected, rtol=1e-15 if name in ("sigmoid", "softplus") else 0.0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_the_derivatives_of_central_differences(name: str) -> None:
    inner = "0.4*x*y + 0.1*x, 0.3*y - 0.2*x"[: None if FUNCTIONS[name] == 2 else 15]
    place = surface(SurfaceSpec(formula=f"{name}({inner})", domain=(0.1, 1.2, 0.2, 1.1)))
    x, y = np.random.default_rng(3).uniform(0.3, 1.1, (2, 30))
    step = 1e-6
    slope_x = (place.loss(x + step, y) - place.loss(x - step, y)) / (2 * step)
    slope_y = (place.loss(x, y + step) - place.loss(x, y - step)) / (2 * step)
    gradient_x, gradient_y = place.gradient(x, y)
    np.testing.assert_allclose(gradient_x, slope_x, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(gradient_y, slope_y, rtol=1e-6, atol=1e-8)
    xx, xy, yy = place.hessian(x, y)
    bend_x = [
        (b - a) / (2 * step)
        for a, b in zip(place.gradient(x - step, y), place.gradient(x + step, y), strict=True)
    ]
    bend_y = [
        (b - a) / (2 * step)
        for a, b in zip(place.gradient(x, y - step), place.gradient(x, y + step), strict=True)
    ]
    for exact, bend in ((xx, bend_x[0]), (xy, bend_x[1]), (xy, bend_y[0]), (yy, bend_y[1])):
        np.testing.assert_allclose(exact, bend, rtol=1e-5, atol=1e-7)


def test_the_expression_is_sympy_s_in_real_symbols() -> None:
    assert parse("(x + y)^2").free_symbols == {sympy.Symbol("x", real=True), sympy.Symbol("y", real=True)}


def test_at_a_kink_the_slope_is_the_mean_of_both_sides() -> None:
    kinks = surface(SurfaceSpec(formula="abs(x) + 3*max(y, 0)"))
    assert kinks.at(0.0, 0.0) == (0.0, 0.0, 1.5)


@pytest.mark.parametrize(
    ("formula", "x", "y"),
    [
        ("1/x*x", 0.0, 1.0),
        ("sqrt(x)*sqrt(x) + y", -1.0, 1.0),
        ("sin(asin(x))", 2.0, 0.0),
        ("abs(log(x))", -1.0, 0.0),
        ("(x**y)**2", -1.0, 0.5),
        ("max(1, log(x))", -1.0, 0.0),
        ("min(log(x), 1)", -1.0, 0.0),
        ("sign(sqrt(x))", -1.0, 0.0),
        ("x**(2/3)", -8.0, 0.0),
        ("exp(2*log(x))", -1.0, 0.0),
    ],
)
def test_no_value_appears_where_the_text_has_none(formula: str, x: float, y: float) -> None:
    assert not np.isfinite(value(formula, x, y))
    lines, words = derive(formula).float_lines
    floats = compile_function("at", ["x", "y"], [*lines, f"return {words[0]}"], FLOAT_SPACE)
    with contextlib.suppress(ValueError, ArithmeticError):  # where the loop falls back to arrays
        assert not math.isfinite(floats(x, y))


@pytest.mark.parametrize("formula", ["sqrt(x**2)", "(x**2)**(1/2)", "abs(abs(x))", "max(x, -x)"])
def test_roots_of_squares_have_values_everywhere(formula: str) -> None:
    assert value(formula, [-2.0, 0.0, 3.0]).tolist() == [2.0, 0.0, 3.0]


def test_min_and_max_of_nan_are_nan_in_floats_too() -> None:
    for name in ("min_", "max_"):
        for pair in ((math.nan, 1.0), (1.0, math.nan)):
            assert math.isnan(FLOAT_SPACE[name](*pair))
    assert math.isnan(FLOAT_SPACE["sign"](math.nan))


@pytest.mark.parametrize("far", [-800.0, -709.5, 709.5, 800.0])
def test_sigmoid_and_softplus_have_values_where_the_exponential_has_none(far: float) -> None:
    for name, expected in (("sigmoid", float(far > 0.0)), ("softplus", max(far, 0.0))):
        here = surface(SurfaceSpec(formula=f"{name}(x) + 0*y"))
        assert float(here.loss(far, 0.0)) == pytest.approx(expected, abs=1e-300)
        assert FLOAT_SPACE[name](far) == pytest.approx(expected, abs=1e-300)
    assert np.isnan(value("sigmoid(x)", np.nan))
    assert math.isnan(FLOAT_SPACE["sigmoid"](math.nan))
