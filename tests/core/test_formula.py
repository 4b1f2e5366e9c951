"""A formula is read safely, means what it says, and has values exactly where its text has them."""

import ast
import contextlib
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.formula import parse
from core.formula_code import FLOAT_SPACE, array_function, derive
from core.formula_text import FUNCTIONS, MAX_DEPTH, MAX_LENGTH, MAX_NODES, FormulaError
from core.rule import compile_function
from core.surface import SurfaceSpec, surface


def value(formula: str, x: Any = 0.0, y: Any = 0.0) -> Any:
    with np.errstate(all="ignore"):
        return array_function((derive(formula).loss,))(np.asarray(x, float), np.asarray(y, float))[0]


# ---------------------------------------------------------------- what is read


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


PLAIN: dict[str, Callable[..., Any]] = {
    "ln": np.log, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "atan2": np.arctan2,
    "min": np.minimum, "max": np.maximum, "softplus": lambda z: np.logaddexp(0.0, z),
    "sigmoid": lambda z: np.where(z < 0.0, np.exp(-abs(z)), 1.0) / (1.0 + np.exp(-abs(z))),
}  # fmt: skip


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


# ---------------------------------------------------------------- holes stay holes


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


# ---------------------------------------------------------------- what is refused


REFUSED = [
    # text, a word of the sentence, position
    ("", "empty", 0),
    ("   ", "empty", 0),
    ("\n", "empty", 0),
    # attacks
    ("__import__('os').system('true')", "not part of a formula", 11),
    ("__import__(x)", "no function '__import__'", 0),
    ("x.__class__", "'.' is not part", 1),
    ("(x).real", "'.' is not part", 3),
    ("().__class__.__bases__", "not part", 2),
    ("lambda: x", "not part", 6),
    ("lambda", "not known", 0),
    ("[x for x in y]", "'[' is not part", 0),
    ("(x for x in y)", "'for' is not known", 3),
    ("{x}", "not part", 0),
    ("'x'", "not part", 0),
    ('"x"', "not part", 0),
    ('f"{x}"', "not part", 1),
    ("(x := 2)", "not part", 3),
    ("x = 2", "not part", 2),
    ("x == y", "not part", 2),
    ("x if y else 1", "'if' is not known", 2),
    ("x and y", "'and' is not known", 2),
    ("not x", "not known", 0),
    ("await x", "not known", 0),
    ("yield", "not known", 0),
    ("True", "not known", 0),
    ("None + x", "not known", 0),
    ("exec(x)", "no function 'exec'", 0),
    ("eval(x)", "no function 'eval'", 0),
    ("sin(x)(y)", "Write a *", 6),
    ("sin(sin)(x)", "parentheses: sin(x)", 4),
    ("sin(x=1)", "'=' is not part", 5),
    ("sin(*x)", "numbers, x, y", 4),
    ("sin(**x)", "Only functions such as", 0),
    ("x;y", "not part", 1),
    ("x#y", "not part", 1),
    ("x[0]", "not part", 1),
    ("x@y", "not part", 1),
    ("x % 2", "not part", 2),
    ("~x", "not part", 0),
    ("x << 2", "not part", 2),
    ("(x, y)", "numbers, x, y", 0),
    ("x,", "numbers, x, y", 0),
    ("...", "not part", 0),
    # size
    ("9**9**9**9", "Exponents up to 20", 6),
    ("((((9**20)**20)**20)**20)", "too large", 3),
    ("(((1/9)**20)**20)**20", "too small", 1),
    ("((((2*x)**20)**20)**20)**20", "too large", 1),
    ("1e400", "up to 1e+12", 0),
    ("x + 1e13", "up to 1e+12", 4),
    ("9" * 200, "up to 1e+12", 0),
    ("exp(1000)", "too large", 0),
    ("x*exp(exp(exp(9)))", "too large", 6),
    ("1e12**20*1e12**20", "too large", 0),
    ("x**21", "Exponents up to 20", 3),
    ("x**-20.5", "Exponents up to 20", 3),
    ("x**(10 + 11)", "Exponents up to 20", 4),
    ("(" * 200 + "x" + ")" * 100, "characters", 300),
    ("(" * 100 + "x" + ")" * 100, "nested too deeply", MAX_DEPTH),
    ("-" * 250 + "x", "terms and operations", 0),
    ("+".join("x" * 101), "terms and operations", 0),
    ("x" + "**x" * 50, "nested too deeply", 0),
    ("x" + " " * 300, "301 characters", 300),
    # names
    ("zz", "'zz' is not known", 0),
    ("x + w100*y", "'w100' is not known", 4),
    ("x1 + y", "variables are called x and y", 0),
    ("3*ax + y", "for a product write a*x", 2),
    ("e2", "'e2' is not known", 0),
    ("x + lambda*y", "'lambda' is not known", 4),
    ("2a", "Write a * between '2' and 'a'", 1),
    ("a(x)", "Write a * between 'a' and '('", 1),
    ("a*b*c*d*f*g*h*k*m", "9 parameters; at most 8", 16),
    ("x*Pi", "'Pi' is not known", 2),
    ("tg(x)", "no function 'tg'", 0),
    ("sine(x)", "did you mean 'sin'", 0),
    ("inf", "not known", 0),
    ("nan*x", "not known", 0),
    ("1j", "Write a * between '1' and 'j'", 1),
    ("sin", "parentheses: sin(x)", 0),
    ("sin x", "parentheses: sin(x)", 0),
    ("sin + 1", "parentheses: sin(x)", 0),
    # a left-out *
    ("2x", "Write a * between '2' and 'x'", 1),
    ("2 x", "Write a *", 2),
    ("2(x + 1)", "Write a *", 1),
    ("x(y + 1)", "Write a * between 'x' and '('", 1),
    ("x (y)", "Write a *", 2),
    ("(x)(y)", "Write a *", 3),
    ("(x)y", "Write a *", 3),
    ("(x)2", "Write a *", 3),
    ("pi(x)", "Write a *", 2),
    ("xy", "x*y", 0),
    ("1 + xyx", "x*y*x", 4),
    ("x 2", "Write a *", 2),
    ("x²y", "cannot be read|Write a *", 2),
    ("1e5x", "Write a *", 3),
    ("2e", "Write a * between '2' and 'e'", 1),
    ("0x10", "Write a *|not known", 1),
    ("1_000", "not known|Write a *", 1),
    ("1 000", "Write a *", 2),
    # line breaks
    ("x**2\n+ y**2", "one line", 4),
    ("(x\n+ y)", "one line", 2),
    ("x +\r\n y", "one line", 3),
    ("x\u2028+ y", "one line", 1),
    ("x \\\n + y", "not part", 2),
    # no value
    ("(-8)**(1/3)", "no real value", 0),
    ("x + (-8)**(1/3)", "no real value", 4),
    ("sqrt(-1)", "no real value", 0),
    ("sqrt(-1)**2", "no real value", 0),
    ("x**sqrt(-1)", "no real value", 3),
    ("log(-1)", "no real value", 0),
    ("log(0)*x", "no real value", 0),
    ("asin(2)", "no real value", 0),
    ("acos(x - x - 2)", "no real value", 0),
    ("(-2)**x", "above 0", 1),
    ("0**x", "above 0", 0),
    ("1/0", "divides by zero", 2),
    ("x/(y - y)", "divides by zero", 3),
    ("0**-1", "divides by zero", 0),
    ("1/(sin(1)**2 + cos(1)**2 - 1)", "divides by zero", 3),
    # holes that would vanish
    ("x/x", "cancels out", 2),
    ("x**2/x", "cancels out", 5),
    ("(x*y)/y", "cancels out", 6),
    ("abs(x)/abs(x)", "cancels out", 7),
    ("(x**2 + y**2)/(x**2 + y**2)", "cancels out", 15),
    ("sqrt(x)**2", "cancels out", 0),
    ("y + exp(log(x))", "cancels out", 4),
    ("0*log(x)", "cancels out", 2),
    ("log(x) - log(x)", "cancels out", 0),
    ("1/x - 1/x + y", "cancels out", 2),
    ("sqrt(x)**0", "cancels out", 0),
    # arguments
    ("max(x)", "max takes 2 arguments", 0),
    ("min(x, y, 1)", "min takes 2 arguments", 0),
    ("sin(x, y)", "sin takes 1 argument.", 0),
    ("sin()", "sin takes 1 argument.", 0),
    ("log(x, 2)", "log takes 1 argument.", 0),
    ("atan2(x)", "atan2 takes 2 arguments", 0),
    # syntax
    ("x +", "cannot be read", None),
    ("* x", "cannot be read", 0),
    ("x // 2", "one / for a division", None),
    ("()", "numbers, x, y|cannot be read", 0),
    ("(x", "closing parenthesis", 0),
    ("sin(x", "closing parenthesis", 3),
    ("x)", "opening parenthesis", 1),
    (")x", "Write a *", 1),
    (")*x*(", "opening parenthesis", 0),
    ("x*/y", "cannot be read", 2),
    # look-alikes
    ("х**2", "'х'", 0),  # Cyrillic
    ("ｘ**2", "'ｘ'", 0),  # full width
    ("𝑥 + 1", "'𝑥'", 0),
    ("x + ٣", "'٣'", 4),  # an Arabic three
    ("x**²", "cannot be read", None),
    ("x∗y", "not part", 1),
    ("x\u00a0+ y", "U+00A0", 1),
    ("x\u200b", "U+200B", 1),
    ("\x00", "U+0000", 0),
    ("x\ud800", "not part", 1),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "words", "position"), REFUSED, ids=lambda v: repr(v)[:40])
def test_it_is_refused_at_once_in_a_sentence_at_its_place(
    formula: str, words: str, position: int | None
) -> None:
    parse("x")  # SymPy is imported by now
    seconds = []
    for _ in range(3):  # the collector of garbage may come in between once
        begin = time.process_time()
        with pytest.raises(FormulaError) as caught:
            parse(formula)
        seconds.append(time.process_time() - begin)
    assert min(seconds) < 0.05
    sentence = str(caught.value)
    assert any(word in sentence for word in words.split("|")), sentence
    assert sentence.endswith((".", "?"))
    assert sentence.isprintable()
    assert caught.value.field == "formula"
    assert isinstance(caught.value, InputError)
    if position is not None:
        assert caught.value.position == position


def test_the_caps_themselves_are_taken() -> None:
    parse("x" + " " * (MAX_LENGTH - 2) + "\t")
    parse("-" * (MAX_NODES - 1) + "x")
    parse("(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH)
    parse("x" + "**x" * (MAX_DEPTH - 1))
    assert float(value("x**20 + x**-20", 2.0)) == 2.0**20 + 2.0**-20
    assert float(value("1e12")) == 1e12


@pytest.mark.parametrize(
    "formula",
    [
        "x**" * 19 + "y",
        "sin(" * 19 + "x*y" + ")" * 19,
        "x/(" * 19 + "x*y" + "+y)" * 19,
        "max(" * 12 + "x" + ",y*x)" * 12,
        "*".join(f"sin(x+{i}*y)" for i in range(22)),
        "((((x**20)**20)**20)**20)**20",
    ],
    ids=lambda f: f[:24],
)
def test_the_worst_formula_is_ready_to_run_in_well_under_a_second(formula: str) -> None:
    parse("x")
    begin = time.process_time()
    derive(formula).float_lines  # noqa: B018
    assert time.process_time() - begin < 0.7


# ---------------------------------------------------------------- any formula at all

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


@pytest.mark.parametrize("far", [-800.0, -709.5, 709.5, 800.0])
def test_sigmoid_and_softplus_have_values_where_the_exponential_has_none(far: float) -> None:
    for name, expected in (("sigmoid", float(far > 0.0)), ("softplus", max(far, 0.0))):
        here = surface(SurfaceSpec(formula=f"{name}(x) + 0*y"))
        assert float(here.loss(far, 0.0)) == pytest.approx(expected, abs=1e-300)
        assert FLOAT_SPACE[name](far) == pytest.approx(expected, abs=1e-300)
    assert np.isnan(value("sigmoid(x)", np.nan))
    assert math.isnan(FLOAT_SPACE["sigmoid"](math.nan))
