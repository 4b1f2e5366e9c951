"""Any formula at all, drawn at random, against a reading of its tree with NumPy."""

import ast
import math
import time
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.formula_code import FLOAT_SPACE, array_function, derive
from core.formula_text import FUNCTIONS, FormulaError
from core.written_code import compile_function
from tests.core.formula_values import PLAIN, value

NUMBERS = st.sampled_from(["0", "1", "2", "3", "0.5", "1.5", "10", "1e3", "2.25e-2", "7", "pi", "e"])
ATOMS = st.one_of(NUMBERS, st.sampled_from(["x", "y"]))


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.sampled_from([name for name, count in FUNCTIONS.items() if count == 1])
    two = st.sampled_from([name for name, count in FUNCTIONS.items() if count == 2])
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", " + ", " * "]), inner).map("".join),
        st.tuples(inner, st.sampled_from(["^", "**"]), inner).map(lambda t: f"({t[0]}){t[1]}({t[2]})"),
        st.tuples(inner, st.sampled_from(["2", "3", "-1", "0.5", "(1/3)", "-2"])).map(
            lambda t: f"({t[0]})^{t[1]}"
        ),
        inner.map(lambda t: f"-{t}" if not t.startswith("-") else f"({t})"),
        inner.map(lambda t: f"({t})"),
        st.tuples(one, inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(two, inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
    )


FORMULAS = st.recursive(ATOMS, _grow, max_leaves=8)
X, Y = np.random.default_rng(5).uniform(-3.0, 3.0, (2, 40))
WORK = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power}


def evaluate(node: ast.AST, x: np.ndarray, y: np.ndarray) -> Any:
    """The value of a syntax tree: no SymPy, nothing simplified, zeros without a sign."""
    match node:
        case ast.Constant(value=number):
            return np.full(x.shape, float(number))
        case ast.Name(id=name):
            return {"x": x, "y": y, "pi": np.full(x.shape, math.pi), "e": np.full(x.shape, math.e)}[name]
        case ast.UnaryOp(operand=operand):
            return 0.0 - evaluate(operand, x, y)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            function = PLAIN.get(name, getattr(np, name, None))
            return function(*(evaluate(argument, x, y) for argument in arguments)) + 0.0
        case ast.BinOp(left=left, op=op, right=right):
            return WORK[type(op)](evaluate(left, x, y), evaluate(right, x, y)) + 0.0
    raise AssertionError(ast.dump(node))


def values_around(formula: str) -> np.ndarray:
    """(9, points): the tree's values at X and Y (first), and where x and y have other last digits."""
    tree = ast.parse(formula.replace("^", "**"), mode="eval").body
    shifts = [(0.0, 0.0), *((a * 1e-11, b * 1e-11) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b)]
    with np.errstate(all="ignore"):
        return np.array([evaluate(tree, X * (1.0 + a), Y * (1.0 + b)) for a, b in shifts])


def test_a_zero_has_no_sign():
    for formula in ("-atan2(0, -atan2(0, x))", "atan2(0, -(x - x**3*0)*0 - 0)", "atan2(-y*0, 2)"):
        try:
            mine = value(formula, np.array([1.0, 2.0]), np.array([1.0, 3.0]))
        except FormulaError:
            continue
        assert (np.abs(mine) == 0.0).all(), formula
    assert (value("-atan2(0, -atan2(0, x))", np.array([1.0]), np.array([0.0])) == 0.0).all()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FORMULAS)
def test_any_well_formed_formula_has_the_value_of_its_tree_or_is_refused(formula: str) -> None:
    try:
        mine = np.broadcast_to(value(formula, X, Y), X.shape)
    except FormulaError:
        return
    around = values_around(formula)
    assert mine.dtype == np.float64
    assert not np.isfinite(mine[np.isnan(around).all(axis=0)]).any()
    with np.errstate(all="ignore"):
        scale = 1.0 + np.abs(around).max(axis=0)
        calm = np.isfinite(around).all(axis=0) & (np.ptp(around, axis=0) <= 1e-8 * scale) & (scale < 1e100)
    assert (np.abs(mine[calm] - around[0][calm]) <= 1e-7 * scale[calm]).all()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FORMULAS)
def test_any_formula_s_gradient_is_printed_alike_for_floats_and_arrays(formula: str) -> None:
    try:
        derived = derive(formula)
    except FormulaError:
        return
    lines, words = derived.float_lines
    floats = compile_function("at", ["x", "y"], [*lines, f"return ({', '.join(words)})"], FLOAT_SPACE)
    arrays = array_function((derived.loss, *derived.gradient))
    for x, y in ((0.5, 1.25), (-1.5, 0.75), (2.0, -2.0)):
        try:
            mine = floats(x, y)
        except (ValueError, ArithmeticError):
            continue
        with np.errstate(all="ignore"):
            theirs = [float(v) for v in arrays(np.float64(x), np.float64(y))]
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)


WORDS = st.lists(
    st.sampled_from(
        [
            *"xyez()+-*/^,.01239 ",
            "**",
            "sin",
            "log(",
            "sqrt(",
            "max(",
            "²",
            "π",
            "·",
            "1e9",
            "\n",
            "__",
            "if",
            "'",
            "х",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.text(max_size=60), WORDS))
def test_any_text_is_a_formula_or_a_sentence_and_takes_no_time(text: str) -> None:
    begin = time.process_time()
    sentence, position = "Read.", 0
    try:
        derive(text).float_lines  # noqa: B018
    except FormulaError as error:
        sentence, position = str(error), error.position
    assert time.process_time() - begin < 0.7
    assert sentence.endswith((".", "?"))
    assert 0 <= position <= len(text)
