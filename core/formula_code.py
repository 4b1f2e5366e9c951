"""Prints a formula and its derivatives as code: once over Python floats, once over NumPy arrays."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from core.formula import PARAMETER_WORD, parse
from core.formula_text import FUNCTIONS
from core.logistic import array_sigmoid, array_softplus, sigmoid, softplus
from core.written_code import compile_function

if TYPE_CHECKING:
    import sympy

_UNROLLED = 8
"""Integer powers up to this are printed as products: `pow` is slow in NumPy and slower in floats."""

_WORDS = {"abs": "abs_", "min": "min_", "max": "max_", "power": "pow_"}
"""How printed code calls functions whose names Python has taken."""


def _float_sign(value: float) -> float:
    return value if value != value else float((value > 0.0) - (value < 0.0))


def _float_min(a: float, b: float) -> float:
    return a if a < b or a != a else b


def _float_max(a: float, b: float) -> float:
    return a if a > b or a != a else b


FLOAT_SPACE: dict[str, Any] = {
    **{name: value for name, value in vars(math).items() if not name.startswith("_")},
    "pow_": math.pow, "abs_": abs, "min_": _float_min, "max_": _float_max, "sign": _float_sign,
    "sigmoid": sigmoid, "softplus": softplus,
}  # fmt: skip
"""What printed code over floats calls. Raises where IEEE arithmetic would give NaN or infinity."""

_ARRAY_NAMES = {"abs_": "abs", "min_": "minimum", "max_": "maximum", "asin": "arcsin", "acos": "arccos",
                "atan": "arctan", "atan2": "arctan2", "pow_": "power"}  # fmt: skip
_ARRAY_OWN = {"sigmoid": array_sigmoid, "softplus": array_softplus}
ARRAY_SPACE: dict[str, Any] = {
    word: _ARRAY_OWN.get(word) or getattr(np, _ARRAY_NAMES.get(word, word))
    for word in ("inf", "pow_", *(_WORDS.get(name, name) for name in FUNCTIONS if name != "ln"))
}


Printed = tuple[list[str], list[str]]
"""Assignments, and the expressions' words after them."""


@dataclass(frozen=True)
class Derivatives:
    """A formula's expression and what derives from it, each derived when it is first asked for.

    A parameter `a` stays the symbol `parameter_a` in all of it: its value is bound to printed code, so
    that another value derives and prints nothing anew.

    Attributes
    ----------
    formula
        Its text, or its expression.
    columns
        Names that the text may have beside x, y and parameters.
    """

    formula: "str | sympy.Expr"
    columns: tuple[str, ...] = ()

    @cached_property
    def loss(self) -> "sympy.Expr":
        """The expression; raises `FormulaError`."""
        return parse(self.formula, self.columns) if isinstance(self.formula, str) else self.formula

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, sorted."""
        names = sorted(str(symbol) for symbol in self.loss.free_symbols)
        return tuple(n.removeprefix(PARAMETER_WORD) for n in names if n.startswith(PARAMETER_WORD))

    def renamed(self, words: Mapping[str, str]) -> "Derivatives":
        """The same with other names for its columns."""
        return Derivatives(self.loss.xreplace({_symbol(old): _symbol(new) for old, new in words.items()}))

    @property
    def space(self) -> dict[str, Any]:
        """What printed code needs beside the functions and the parameters' values: nothing."""
        return {}

    @cached_property
    def gradient(self) -> tuple["sympy.Expr", "sympy.Expr"]:
        """First derivatives by x and y."""
        return self.loss.diff(_symbol("x")), self.loss.diff(_symbol("y"))

    @cached_property
    def hessian(self) -> tuple["sympy.Expr", "sympy.Expr", "sympy.Expr"]:
        """Second derivatives xx, xy and yy."""
        by_x, by_y = self.gradient
        return by_x.diff(_symbol("x")), by_x.diff(_symbol("y")), by_y.diff(_symbol("y"))

    @cached_property
    def loss_lines(self) -> Printed:
        """Assignments, and the word for the loss after them."""
        return print_code((self.loss,))

    @cached_property
    def float_lines(self) -> Printed:
        """Assignments over floats, and the words for loss, gradient_x and gradient_y after them."""
        return print_code((self.loss, *self.gradient))

    @cached_property
    def hessian_lines(self) -> Printed:
        """The same for the second derivatives; with names of their own, to stand after `float_lines`."""
        return print_code(self.hessian, prefix="h")


@dataclass(frozen=True)
class Code:
    """What of a formula's code one path and a picture need, for another process that has not derived it.

    Attributes
    ----------
    formula, parameters
        Its text, and the names of its parameters.
    loss_lines, float_lines
        As in `Derivatives`.
    """

    formula: str
    parameters: tuple[str, ...]
    loss_lines: Printed
    float_lines: Printed


_MOST_KEPT = 64
_kept: dict[Derivatives, Derivatives] = {}
"""By the text and the columns' names."""


def derive(formula: str, columns: tuple[str, ...] = ()) -> Derivatives:
    """Read a formula in x, y and the names of a table's columns, once; raises `FormulaError`."""
    found = Derivatives(formula, columns)
    if found not in _kept:
        found.loss  # noqa: B018  # what is wrong with it is said now
        _keep(found)
    return _kept[found]


def code_of(formula: str) -> Code:
    """Derive and print a formula; raises `FormulaError`."""
    found = derive(formula)
    return Code(formula, found.parameters, found.loss_lines, found.float_lines)


def keep_code(code: Code) -> None:
    """Take the code that another process has printed, so that this one derives it only if it needs more."""
    found = Derivatives(code.formula)
    if found not in _kept:
        vars(found).update({k: v for k, v in vars(code).items() if k != "formula"})  # as cached properties do
        _keep(found)


def _keep(found: Derivatives) -> None:
    while len(_kept) >= _MOST_KEPT:
        del _kept[next(iter(_kept))]
    _kept[found] = found


def parameter_space(values: Mapping[str, float]) -> dict[str, float]:
    """What printed code calls each parameter -> its value."""
    return {f"{PARAMETER_WORD}{name}": value for name, value in values.items()}


def array_function(
    expressions: tuple["sympy.Expr", ...], columns: tuple[str, ...] = ()
) -> Callable[..., Any]:
    """`f(x, y, *columns) -> tuple` of expressions over NumPy arrays."""
    return printed_function(print_code(expressions), columns)


def printed_function(
    printed: Printed, columns: tuple[str, ...] = (), constants: Mapping[str, float] | None = None
) -> Callable[..., Any]:
    """The same of printed expressions; `constants` are the parameters' values, see `parameter_space`."""
    lines, results = printed
    returned = f"return ({', '.join(results)},)"
    space = {**ARRAY_SPACE, **(constants or {})}
    return compile_function("surface", ["x", "y", *columns], [*lines, returned], space)


def print_code(expressions: tuple["sympy.Expr", ...], prefix: str = "") -> Printed:
    """Assignments of what expressions share, and the words after them; names begin with the prefix."""
    import sympy

    shared, results = sympy.cse(expressions, symbols=sympy.numbered_symbols(f"{prefix}c"))
    printer = _Printer(prefix)
    for symbol, expression in shared:
        printer.lines.append(f"{symbol} = {printer.text(expression)}")
    words = [printer.text(result) for result in results]
    return printer.lines, words


def _symbol(name: str) -> "sympy.Symbol":
    import sympy

    return sympy.Symbol(name, real=True)


class _Printer:
    """Prints expressions as Python; sub-results that are needed twice become lines of their own."""

    def __init__(self, prefix: str) -> None:
        self.lines: list[str] = []
        self._prefix, self._temporaries = prefix, 0

    def text(self, expression: "sympy.Basic") -> str:
        """Fully parenthesised text of an expression."""
        if expression.is_Symbol:
            return str(expression)
        if expression.is_Number:
            number = _number(expression)
            return repr(number) if number >= 0 else f"({number!r})"
        if expression.is_Pow:
            return self._power(expression.base, int(expression.exp))
        if expression.is_Add:
            return self._sum(expression)
        if expression.is_Mul:
            return self._fraction(expression)
        words = [self.text(argument) for argument in expression.args]
        if expression.word == "inverse":
            return f"(1.0 / {words[0]})"
        if expression.word == "atan2":  # it alone minds the sign of a zero, and no formula has one
            words = [f"({word} + 0.0)" for word in words]
        return f"{_WORDS.get(expression.word, expression.word)}({', '.join(words)})"

    def _sum(self, expression: "sympy.Basic") -> str:
        first, *rest = sorted(expression.args, key=lambda a: a.could_extract_minus_sign())
        text = self.text(first)
        for term in rest:
            negative = term.could_extract_minus_sign()
            text += f" - {self.text(-term)}" if negative else f" + {self.text(term)}"
        return f"({text})"

    def _fraction(self, expression: "sympy.Basic") -> str:
        if expression.args[0] == -1:
            return f"(-{self.text(-expression)})"
        above = [factor for factor in expression.args if not _is_inverse(factor)]
        below = [factor.args[0] for factor in expression.args if _is_inverse(factor)]
        text = " * ".join(self.text(factor) for factor in above) or "1.0"
        return f"({text}{''.join(f' / {self.text(factor)}' for factor in below)})"

    def _power(self, base: "sympy.Basic", exponent: int) -> str:
        if exponent <= _UNROLLED:
            return self._product(base, exponent)
        return f"pow_({self.text(base)}, {float(exponent)!r})"

    def _product(self, base: "sympy.Basic", count: int) -> str:
        word = self.text(base)
        if not base.is_Symbol:
            word = self._temporary(word)
        square = word if count < 4 else self._temporary(f"{word} * {word}")
        if count < 4:
            return "(" + " * ".join([word] * count) + ")"
        return "(" + " * ".join([square] * (count // 2) + [word] * (count % 2)) + ")"

    def _temporary(self, text: str) -> str:
        self._temporaries += 1
        name = f"{self._prefix}p{self._temporaries}"
        self.lines.append(f"{name} = {text}")
        return name


def _number(number: "sympy.Number") -> float:
    try:
        return float(number)
    except OverflowError:  # a whole number beyond the floats; a derivative may have one
        return math.copysign(math.inf, int(number > 0) - 0.5)


def _is_inverse(expression: "sympy.Basic") -> bool:
    return getattr(expression, "word", "") == "inverse"
