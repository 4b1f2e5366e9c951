"""Reads a formula in x and y safely: text -> syntax tree -> checked -> SymPy, node by node.

The text is parsed, never evaluated: nothing a person (or a file) writes can run code or hang.
The expression has values exactly where the formula as written has them. Parts that cancel out
and would hide a hole (`x/x`, `sqrt(x)**2`, `exp(log(x))`, `0*log(x)`) are refused.
"""

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.formula_text import CONSTANTS, FUNCTIONS, FormulaError, is_parameter, read

if TYPE_CHECKING:
    import sympy

MAX_EXPONENT = 20
MAX_CONSTANT = 1e12
PARAMETER_WORD = "parameter_"
"""What the names of parameters begin with in expressions and printed code: nothing else is called so."""
MAX_NUMBER = 1e300
"""Numbers in a formula multiply to at most this, and at least one over this."""

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
}


def parse(text: str, columns: tuple[str, ...] = ()) -> "sympy.Expr":
    """Read a formula.

    Parameters
    ----------
    text
        A formula in `x` and `y`, as `(1 - x)**2 + 100*(y - x^2)^2`; `^` and `**` are both powers.
    columns
        Names that it may have beside them: the columns of a table, as in `(x*u + y - t)**2`.

    Returns
    -------
    sympy.Expr
        Expression in the real symbols `x` and `y` (and the columns, and `parameter_a` for a parameter
        `a`), of numbers, sums, products, whole powers and the functions of `core.formula_functions`.

    Raises
    ------
    FormulaError
        A sentence that says what is wrong, and the position in `text`.
    """
    tree, positions = read(text, columns)
    try:
        return _Builder(positions, columns).formula(tree)
    except (RecursionError, OverflowError, MemoryError):
        raise FormulaError("The formula is too deeply nested or its numbers are too large.") from None


@dataclass
class _Builder:
    """Builds the SymPy expression of a checked tree, and remembers its parts that lack a value somewhere."""

    positions: list[int]
    columns: tuple[str, ...] = ()
    partial: dict["sympy.Expr", int] = field(default_factory=dict)

    def formula(self, tree: ast.expr) -> "sympy.Expr":
        """The whole expression, with nothing lost on the way."""
        from core.formula_functions import PARTIAL

        expression = self.build(tree)
        kept = expression.atoms(*PARTIAL)
        for part, position in self.partial.items():
            if part not in kept:
                raise _cancelled(position)
        return expression

    def build(self, node: ast.expr) -> "sympy.Expr":
        """The expression of one node."""
        try:
            expression = self._node(node)
            _check_size(expression)
        except FormulaError:
            raise
        except ZeroDivisionError:
            raise FormulaError("The formula divides by zero here.", self._at(node)) from None
        except OverflowError:
            raise FormulaError("This number is too large or too small.", self._at(node)) from None
        except ValueError:
            raise FormulaError("The formula has no real value here: a root, power or logarithm"
                               " of a number that has none.", self._at(node)) from None  # fmt: skip
        return expression

    def _node(self, node: ast.expr) -> "sympy.Expr":
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return _name(node.id, is_parameter(node.id) and node.id not in self.columns)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.build(operand)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.build(operand)
            case ast.BinOp(op=ast.Pow()):
                return self._power(node)
            case ast.BinOp(op=ast.Div()):
                return self._quotient(node)
            case ast.BinOp(op=operator) if type(operator) in _BINARY:
                return _BINARY[type(operator)](self.build(node.left), self.build(node.right))
            case ast.Call():
                return self._call(node)
        raise FormulaError("A formula is made of numbers, x, y, + - * / ** and functions such as sin(x)"
                           " only.", self._at(node))  # fmt: skip

    def _at(self, node: ast.expr) -> int:
        return self.positions[min(node.col_offset, len(self.positions) - 1)]

    def _constant(self, node: ast.Constant) -> "sympy.Expr":
        import sympy

        if not isinstance(node.value, int | float) or not abs(node.value) <= MAX_CONSTANT:
            raise FormulaError(f"Numbers up to {MAX_CONSTANT:g} are taken.", self._at(node))
        value = float(node.value)
        return sympy.Integer(int(value)) if value.is_integer() else sympy.Float(value)

    def _power(self, node: ast.BinOp) -> "sympy.Expr":
        from core.formula_functions import power

        base, exponent = self.build(node.left), self.build(node.right)
        if exponent.is_Number and not abs(float(exponent)) <= MAX_EXPONENT:
            raise FormulaError(f"Exponents up to {MAX_EXPONENT} are taken.", self._at(node.right))
        if base.is_Number and base <= 0 and not exponent.is_Number:
            raise FormulaError("The formula has no real value here: only a number above 0 has a power"
                               " with x or y in it.", self._at(node.left))  # fmt: skip
        if _is(base, "sqrt") and exponent.is_Integer and exponent % 2 == 0:
            raise _cancelled(self._at(node))
        return self._kept(node, power(base, exponent))

    def _quotient(self, node: ast.BinOp) -> "sympy.Expr":
        from core.formula_functions import call

        numerator, denominator = self.build(node.left), self.build(node.right)
        if denominator == 0:
            raise FormulaError("The formula divides by zero.", self._at(node.right))
        if denominator.is_Number:
            return numerator / denominator
        shared = numerator.as_powers_dict().keys() & denominator.as_powers_dict().keys()
        if any(factor.free_symbols for factor in shared):
            raise _cancelled(self._at(node.right))
        return self._kept(node, numerator * self._kept(node.right, call("inverse", denominator)))

    def _call(self, node: ast.Call) -> "sympy.Expr":
        from core.formula_functions import call

        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
            raise FormulaError("Only functions such as sin(x) can be called.", self._at(node))
        name, count = node.func.id, FUNCTIONS[node.func.id]
        if len(node.args) != count:
            raise FormulaError(f"{name} takes {count} argument{'s' * (count > 1)}.", self._at(node))
        arguments = [self.build(argument) for argument in node.args]
        if name == "exp" and _is(arguments[0], "log"):
            raise _cancelled(self._at(node))
        return self._kept(node, call("log" if name == "ln" else name, *arguments))

    def _kept(self, node: ast.expr, expression: "sympy.Expr") -> "sympy.Expr":
        """Remember the parts that have no value for some numbers: they must still be there at the end."""
        from core.formula_functions import PARTIAL

        for part in expression.atoms(*PARTIAL):
            self.partial.setdefault(part, self._at(node))
        return expression


def _name(name: str, free: bool) -> "sympy.Expr":
    import sympy

    if name in CONSTANTS:
        return sympy.Float(math.pi if name == "pi" else math.e)
    return sympy.Symbol(f"{PARAMETER_WORD}{name}" if free else name, real=True)


def _is(expression: "sympy.Expr", function: str) -> bool:
    from core.formula_functions import FUNCTIONS as WRITTEN

    return isinstance(expression, WRITTEN[function])


def _cancelled(position: int) -> FormulaError:
    return FormulaError(
        "Part of the formula cancels out here and would hide where it has no value;"
        " write the formula without it.",
        position,
    )


def _check_size(expression: "sympy.Expr") -> None:
    """Refuse numbers, also factors of x and y, that floats cannot hold: raises `OverflowError`."""
    factor = expression.as_coeff_Mul()[0]
    if factor != 0 and not 1 / MAX_NUMBER <= abs(float(factor)) <= MAX_NUMBER:
        raise OverflowError
