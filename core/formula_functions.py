"""The functions of a formula as SymPy sees them: written down, differentiated, never simplified.

SymPy's own `log`, `sqrt` and `1/x` cancel (`x/x` is 1 at 0, `sqrt(x)**2` is x below 0), turn complex,
and compare the arguments of `max` for seconds. These stand as they were written, so that a formula
has a value exactly where its text has one, and reading it takes a bounded time.
"""

import math
from collections.abc import Callable
from typing import Any

import sympy

from core.logistic import sigmoid, softplus

Expr = Any
"""`sympy.Expr`, which has no types of its own."""


class Written(sympy.Function):  # type: ignore[misc]  # sympy is untyped
    """A function that stays as written.

    Attributes
    ----------
    word
        Its name in printed code.
    number
        Its value for numbers; raises `ArithmeticError` or `ValueError` where it has none.
    slopes
        The derivative by each argument, as a function of all arguments.
    """

    word: str
    number: Callable[..., float]
    slopes: tuple[Callable[..., Expr], ...]

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative by one argument, as SymPy asks for it."""
        return self.slopes[argindex - 1](*self.args)


def number_from(value: float) -> Expr:
    """A float as SymPy's number: exact where it is whole."""
    if not math.isfinite(value):
        raise OverflowError(value)
    return sympy.Integer(int(value)) if value == int(value) and abs(value) < 2**53 else sympy.Float(value)


def call(name: str, *arguments: Expr) -> Expr:
    """A function applied: a number where all arguments are numbers, else as written."""
    function = FUNCTIONS[name]
    if all(argument.is_Number for argument in arguments):
        return number_from(function.number(*(float(argument) for argument in arguments)))
    return function(*arguments)


def power(base: Expr, exponent: Expr) -> Expr:
    """`base**exponent`, with whole exponents as products and negative ones below a fraction."""
    if exponent.is_Float and float(exponent).is_integer():
        exponent = sympy.Integer(int(exponent))
    if exponent.is_Integer:
        return base**exponent if exponent >= 0 else call("inverse", base**-exponent)
    if exponent == sympy.Rational(1, 2) or exponent == sympy.Float(0.5):
        return call("sqrt", base)
    return call("power", base, exponent)


def _jump(value: Expr) -> Expr:
    """1 above 0, 0 below, a half at 0."""
    return (1 + call("sign", value)) / 2


def _sign(value: float) -> float:
    return float((value > 0.0) - (value < 0.0))


_SLOPES: dict[str, tuple[Callable[..., float], tuple[Callable[..., Expr], ...]]] = {
    "sin": (math.sin, (lambda x: call("cos", x),)),
    "cos": (math.cos, (lambda x: -call("sin", x),)),
    "tan": (math.tan, (lambda x: 1 + call("tan", x) ** 2,)),
    "asin": (math.asin, (lambda x: call("inverse", call("sqrt", 1 - x**2)),)),
    "acos": (math.acos, (lambda x: -call("inverse", call("sqrt", 1 - x**2)),)),
    "atan": (math.atan, (lambda x: call("inverse", 1 + x**2),)),
    "atan2": (math.atan2, (
        lambda y, x: x * call("inverse", x**2 + y**2), lambda y, x: -y * call("inverse", x**2 + y**2),
    )),
    "sinh": (math.sinh, (lambda x: call("cosh", x),)),
    "cosh": (math.cosh, (lambda x: call("sinh", x),)),
    "tanh": (math.tanh, (lambda x: 1 - call("tanh", x) ** 2,)),
    "exp": (math.exp, (lambda x: call("exp", x),)),
    "log": (math.log, (lambda x: call("inverse", x),)),
    "log10": (math.log10, (lambda x: call("inverse", x) / math.log(10.0),)),
    "log2": (math.log2, (lambda x: call("inverse", x) / math.log(2.0),)),
    "sqrt": (math.sqrt, (lambda x: call("inverse", call("sqrt", x)) / 2,)),
    "inverse": (lambda x: 1.0 / x, (lambda x: -call("inverse", x) ** 2,)),
    "power": (math.pow, (
        lambda x, p: p * power(x, p - 1), lambda x, p: call("power", x, p) * call("log", x),
    )),
    "abs": (abs, (lambda x: call("sign", x),)),
    "sign": (_sign, (lambda _: sympy.S.Zero,)),
    "min": (min, (lambda a, b: _jump(b - a), lambda a, b: _jump(a - b))),
    "max": (max, (lambda a, b: _jump(a - b), lambda a, b: _jump(b - a))),
    "sigmoid": (sigmoid, (lambda x: call("sigmoid", x) * (1 - call("sigmoid", x)),)),
    "softplus": (softplus, (lambda x: call("sigmoid", x),)),
}  # fmt: skip

FUNCTIONS: dict[str, type[Written]] = {
    name: type(
        name,
        (Written,),
        {"word": name, "number": staticmethod(number), "slopes": slopes, "nargs": len(slopes)},
    )
    for name, (number, slopes) in _SLOPES.items()
}
PARTIAL = tuple(
    FUNCTIONS[name] for name in ("log", "log10", "log2", "sqrt", "inverse", "power", "asin", "acos")
)
"""Functions without a value for some numbers."""
