"""Prints a formula and its derivatives as code: once over Python floats, once over NumPy arrays."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from core.formula import parse
from core.rule import compile_function

if TYPE_CHECKING:
    import sympy

_UNROLLED = 8
"""Integer powers up to this are printed as products: `pow` is slow in NumPy and slower in floats."""

_NAMES = {"Abs": "abs_", "Min": "min_", "Max": "max_", "sign": "sign", "log": "log", "exp": "exp",
          "sin": "sin", "cos": "cos", "tan": "tan", "asin": "asin", "acos": "acos", "atan": "atan",
          "atan2": "atan2", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh"}  # fmt: skip


def _float_sign(value: float) -> float:
    return float((value > 0.0) - (value < 0.0))


FLOAT_SPACE: dict[str, Any] = {
    **{name: getattr(math, name) for name in _NAMES.values() if hasattr(math, name)},
    "sqrt": math.sqrt, "pow_": math.pow, "abs_": abs, "min_": min, "max_": max, "sign": _float_sign,
}  # fmt: skip
"""What printed code over floats calls. Raises where IEEE arithmetic would give NaN or infinity."""

_ARRAY_NAMES = {"abs_": "abs", "min_": "minimum", "max_": "maximum", "asin": "arcsin", "acos": "arccos",
                "atan": "arctan", "atan2": "arctan2", "pow_": "power"}  # fmt: skip
ARRAY_SPACE: dict[str, Any] = {
    name: getattr(np, _ARRAY_NAMES.get(name, name)) for name in (*_NAMES.values(), "sqrt", "pow_")
}


@dataclass(frozen=True)
class Derivatives:
    """A formula's expression with its first and second derivatives, by name."""

    expressions: dict[str, Any]

    def array_function(self, *names: str) -> Callable[..., Any]:
        """`f(x, y) -> tuple` of the named expressions over NumPy arrays."""
        lines, results = self._code(names)
        return compile_function("surface", ["x", "y"], [*lines, f"return ({', '.join(results)},)"], ARRAY_SPACE)

    @cached_property
    def float_lines(self) -> tuple[list[str], list[str]]:
        """Assignments over floats, and the words for loss, gradient_x and gradient_y after them."""
        return self._code(("loss", "gradient_x", "gradient_y"))

    def _code(self, names: tuple[str, ...]) -> tuple[list[str], list[str]]:
        import sympy

        shared, results = sympy.cse([self.expressions[n] for n in names], symbols=sympy.numbered_symbols("c"))
        printer = _Printer()
        for symbol, expression in shared:
            printer.lines.append(f"{symbol} = {printer.text(expression)}")
        words = [printer.text(result) for result in results]
        return printer.lines, words


def derive(formula: str) -> Derivatives:
    """Read a formula and derive it; raises `FormulaError`."""
    import sympy

    x, y = (sympy.Symbol(name, real=True) for name in "xy")
    loss = parse(formula)
    gradient_x, gradient_y = _smooth(loss.diff(x)), _smooth(loss.diff(y))
    return Derivatives(
        {
            "loss": loss,
            "gradient_x": gradient_x,
            "gradient_y": gradient_y,
            "hessian_xx": _smooth(gradient_x.diff(x)),
            "hessian_xy": _smooth(gradient_x.diff(y)),
            "hessian_yy": _smooth(gradient_y.diff(y)),
        }
    )


def _smooth(expression: "sympy.Expr") -> "sympy.Expr":
    """Replace what stands for jumps: steps by signs, spikes (derivatives of jumps) by zero."""
    import sympy

    expression = expression.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)
    return expression.replace(sympy.Heaviside, lambda a, *_: (1 + sympy.sign(a)) / 2)


class _Printer:
    """Prints expressions as Python; sub-results that are needed twice become lines of their own."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._temporaries = 0

    def text(self, expression: "sympy.Basic") -> str:
        """Fully parenthesised text of an expression."""
        import sympy

        if expression.is_Symbol:
            return str(expression)
        if expression.is_number:
            number = float(expression.evalf(17))
            return repr(number) if number >= 0 else f"({number!r})"
        if isinstance(expression, sympy.Pow):
            return self._power(expression)
        if expression.is_Add or expression.is_Mul:
            return self._chain(expression)
        words = [self.text(argument) for argument in expression.args]
        name = _NAMES[type(expression).__name__]
        if name in ("min_", "max_"):  # NumPy's take two
            result = words[0]
            for word in words[1:]:
                result = f"{name}({result}, {word})"
            return result
        return f"{name}({', '.join(words)})"

    def _chain(self, expression: "sympy.Basic") -> str:
        import sympy

        if expression.is_Add:
            first, *rest = sorted(expression.args, key=lambda a: a.could_extract_minus_sign())
            text = self.text(first)
            for term in rest:
                negative = term.could_extract_minus_sign()
                text += f" - {self.text(-term)}" if negative else f" + {self.text(term)}"
            return f"({text})"
        numerator, denominator = sympy.fraction(expression, exact=True)
        if denominator != 1 and not denominator.is_number:
            return f"({self.text(numerator)} / {self.text(denominator)})"
        if expression.args[0] == -1:
            return f"(-{self.text(-expression)})"
        return "(" + " * ".join(self.text(factor) for factor in expression.args) + ")"

    def _power(self, power: "sympy.Pow") -> str:
        base, exponent = power.base, power.exp
        if exponent.is_negative and exponent.is_number:
            return f"(1.0 / {self.text(base**-exponent)})"
        if exponent.is_number and float(exponent) == 0.5:
            return f"sqrt({self.text(base)})"
        if exponent.is_Integer and int(exponent) <= _UNROLLED:
            return self._product(base, int(exponent))
        return f"pow_({self.text(base)}, {self.text(exponent)})"

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
        name = f"p{self._temporaries}"
        self.lines.append(f"{name} = {text}")
        return name
