"""Reads a formula in x and y safely: text -> syntax tree -> checked -> SymPy, node by node.

The text is parsed, never evaluated. Only the node types, names and functions listed here pass,
within caps on length, size, exponents and constants, so nothing a person (or a file) writes can
run code or hang. What SymPy would simplify away (`x/x`, `sqrt(x)**2`, `exp(log(x))`) is refused
when the simplification would give values where the formula as written has none.
"""

import ast
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.errors import InputError, unknown_name

if TYPE_CHECKING:
    import sympy

MAX_LENGTH = 300
MAX_NODES = 200
MAX_EXPONENT = 20
MAX_CONSTANT = 1e12
VARIABLES = ("x", "y")
CONSTANTS = ("pi", "e")
FUNCTIONS = {
    "sin": 1, "cos": 1, "tan": 1, "asin": 1, "acos": 1, "atan": 1, "atan2": 2,
    "sinh": 1, "cosh": 1, "tanh": 1, "exp": 1, "log": 1, "ln": 1, "log10": 1, "log2": 1,
    "sqrt": 1, "abs": 1, "sign": 1, "min": 2, "max": 2,
}  # fmt: skip
"""Functions of a formula, and how many arguments each takes."""

_MARKS = {"^": "**", "−": "-", "·": "*", "×": "*", "²": "**2", "³": "**3", "π": "pi"}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
}


class FormulaError(InputError):
    """A formula that cannot be read.

    Attributes
    ----------
    position
        Index into the text of the character where the trouble begins.
    """

    def __init__(self, sentence: str, position: int = 0) -> None:
        super().__init__(sentence, "formula")
        self.position = position


def parse(text: str) -> "sympy.Expr":
    """Read a formula.

    Parameters
    ----------
    text
        A formula in `x` and `y`, as `(1 - x)**2 + 100*(y - x^2)^2`; `^` and `**` are both powers.

    Returns
    -------
    sympy.Expr
        Real-valued expression in the real symbols `x` and `y`.

    Raises
    ------
    FormulaError
        A sentence that says what is wrong, and the position in `text`.
    """
    source, positions = _plain(text)
    tree = _tree(source, positions)
    nodes = sum(1 for node in ast.walk(tree) if isinstance(node, ast.expr))
    if nodes > MAX_NODES:
        raise FormulaError(f"The formula has {nodes} terms and operations; at most {MAX_NODES} are taken.")
    try:
        return _Builder(positions).formula(tree)
    except (RecursionError, OverflowError, MemoryError):
        raise FormulaError("The formula is too deeply nested or its numbers are too large.") from None


def _plain(text: str) -> tuple[str, list[int]]:
    """The text with mathematical marks written as Python has them, and where each character came from."""
    if not text.strip():
        raise FormulaError("The formula is empty; write for example x**2 + y**2.")
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            f"The formula has {len(text)} characters; at most {MAX_LENGTH} are taken.", MAX_LENGTH
        )
    source, positions = "", []
    for index, character in enumerate(text):
        written = _MARKS.get(character, character)
        if not written.isascii() or (not written.isprintable()):
            raise FormulaError(f"The character '{character!s}' is not part of a formula.".replace("\n", "⏎"), index)
        source += written
        positions += [index] * len(written)
    stripped = len(source) - len(source.lstrip())
    return source.strip(), [*positions[stripped:], len(text)]


def _tree(source: str, positions: list[int]) -> ast.expr:
    unclosed = re.search(r"[^\w\s.+\-*/(),]", source)
    if unclosed:
        at = positions[unclosed.start()]
        raise FormulaError(f"The character '{unclosed.group()}' is not part of a formula.", at)
    try:
        return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        offset = min(max((getattr(error, "offset", 1) or 1) - 1, 0), len(positions) - 1)
        implicit = re.search(r"(\d|\))\s*([A-Za-z(])|[xy]\s+[A-Za-z(\d]", source)
        if implicit and not re.match(r"\d[eE]\d", implicit.group()):
            at = positions[implicit.start()]
            raise FormulaError(f"Write a * between the factors in '{implicit.group()}'.", at) from None
        if source.count("(") != source.count(")"):
            which = "closing" if source.count("(") > source.count(")") else "opening"
            raise FormulaError(f"A {which} parenthesis is missing.", positions[offset]) from None
        raise FormulaError("The formula cannot be read here; something is missing or too much.",
                           positions[offset]) from None  # fmt: skip


@dataclass
class _Builder:
    """Builds the SymPy expression of a checked tree, and remembers where it has no value."""

    positions: list[int]
    guards: list[tuple["sympy.Expr", int]] = field(default_factory=list)

    def formula(self, tree: ast.expr) -> "sympy.Expr":
        import sympy

        expression = self.build(tree)
        if expression.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
            raise FormulaError("The formula has no real value: it divides by zero or takes a root or logarithm"
                               " of a negative number.", self._at(tree))  # fmt: skip
        for guard, position in self.guards:
            if not _keeps(expression, guard):
                raise FormulaError(
                    f"Part of the formula cancels out where it has no value (at {guard} = 0 or below);"
                    " write the formula without it.", position,
                )  # fmt: skip
        return expression

    def build(self, node: ast.expr) -> "sympy.Expr":
        """The expression of one node."""
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
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
        raise FormulaError("A formula is made of numbers, x, y, + - * / ** and functions such as sin(x) only.",
                           self._at(node))  # fmt: skip

    def _at(self, node: ast.expr) -> int:
        return self.positions[min(node.col_offset, len(self.positions) - 1)]

    def _constant(self, node: ast.Constant) -> "sympy.Expr":
        import sympy

        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FormulaError(f"'{value}' is not a number.", self._at(node))
        if not abs(value) <= MAX_CONSTANT:
            raise FormulaError(f"Numbers up to {MAX_CONSTANT:g} are taken.", self._at(node))
        return sympy.Integer(value) if isinstance(value, int) else sympy.Float(value)

    def _name(self, node: ast.Name) -> "sympy.Expr":
        import sympy

        if node.id in VARIABLES:
            return sympy.Symbol(node.id, real=True)
        if node.id in CONSTANTS:
            return sympy.pi if node.id == "pi" else sympy.E
        if node.id in FUNCTIONS:
            raise FormulaError(f"Write the argument of {node.id} in parentheses: {node.id}(x).", self._at(node))
        raise FormulaError(
            f"'{node.id}' is not known: a formula is written in x and y, with the constants pi and e"
            f" and functions such as sin, exp, sqrt.", self._at(node),
        )  # fmt: skip

    def _power(self, node: ast.BinOp) -> "sympy.Expr":
        base, exponent = self.build(node.left), self.build(node.right)
        if exponent.is_number and not abs(float(exponent.evalf())) <= MAX_EXPONENT:
            raise FormulaError(f"Exponents up to {MAX_EXPONENT} are taken.", self._at(node.right))
        if base.is_number and exponent.is_number and abs(float(base.evalf())) > 1e6:
            raise FormulaError("This power is too large.", self._at(node))
        if not (exponent.is_integer and exponent.is_nonnegative):
            self._guard(base, node.right)
        return base**exponent

    def _quotient(self, node: ast.BinOp) -> "sympy.Expr":
        denominator = self.build(node.right)
        if denominator.is_zero:
            raise FormulaError("The formula divides by zero.", self._at(node.right))
        self._guard(denominator, node.right)
        return self.build(node.left) / denominator

    def _call(self, node: ast.Call) -> "sympy.Expr":
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise FormulaError("Only functions such as sin(x) can be called.", self._at(node))
        name = node.func.id
        if name in (*VARIABLES, *CONSTANTS):
            raise FormulaError(f"Write a * between {name} and the parenthesis.", self._at(node))
        if name not in FUNCTIONS:
            raise FormulaError(str(unknown_name("function", name, FUNCTIONS)), self._at(node))
        if len(node.args) != FUNCTIONS[name]:
            count = FUNCTIONS[name]
            raise FormulaError(f"{name} takes {count} argument{'s' * (count > 1)}.", self._at(node))
        arguments = [self.build(argument) for argument in node.args]
        if name in ("log", "ln", "log10", "log2", "sqrt", "asin", "acos"):
            self._guard(arguments[0], node.args[0])
        return _apply(name, arguments)

    def _guard(self, expression: "sympy.Expr", node: ast.expr) -> None:
        """Remember factors whose zeros or negative values are outside the formula's domain."""
        for factor in expression.as_powers_dict():
            if factor.free_symbols and not factor.is_positive:
                self.guards.append((factor, self._at(node)))


def _keeps(expression: "sympy.Expr", guard: "sympy.Expr") -> bool:
    """Whether the guarded part still stands below a fraction, a root or in a partial function."""
    import sympy

    partial = (sympy.log, sympy.asin, sympy.acos)
    holders = [power.base for power in expression.atoms(sympy.Pow)
               if not (power.exp.is_integer and power.exp.is_nonnegative)]  # fmt: skip
    holders += [call.args[0] for call in expression.atoms(*partial)]
    return any(
        guard in (h, -h) or guard in h.as_powers_dict() or (h / guard).is_number for h in holders
    ) or _same_everywhere(expression, guard)


def _same_everywhere(expression: "sympy.Expr", guard: "sympy.Expr") -> bool:
    """`sqrt(x**2)` has become `|x|`: nothing is hidden when the guarded part cannot be negative."""
    return bool(guard.is_nonnegative) and not guard.is_zero


def _apply(name: str, arguments: list["sympy.Expr"]) -> "sympy.Expr":
    import sympy

    plain = {"abs": sympy.Abs, "min": sympy.Min, "max": sympy.Max, "ln": sympy.log}
    if name in ("log10", "log2"):
        return sympy.log(arguments[0]) / math.log(10 if name == "log10" else 2)
    function = plain.get(name) or getattr(sympy, name)
    result: sympy.Expr = function(*arguments)
    return result
