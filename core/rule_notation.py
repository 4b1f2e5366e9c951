"""Writes an optimizer's rule as formulas: derived from the rule itself, so that every entry has them.

The rule is traced (`core.rule`), and each thing it remembers gets a line, as does every intermediate
result whose name in the rule has a letter in `LETTERS`. Averages divided by `1 - beta^t` get a hat and a
line of their own. The lines are evaluated as they are written: `RuleNotation.numbers`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from core import expression as arithmetic
from core import notation
from core.expression import (
    Call,
    Expression,
    Leaf,
    Number,
    Power,
    Product,
    SquareRoot,
    Sum,
    is_uniform,
    leaves,
)
from core.hyperparameter import Value, Values
from core.notation import Fraction, Group, Node, Row, Script, Word, row, sign, variable, with_value
from core.optimizer import OPTIMIZERS, Optimizer
from core.rule import Settings, Symbol, settings_of, trace_with_names

BEFORE, HAT = "before.", ".hat"
"""Marks of a key: the value before the step, and the average with its bias undone."""


@dataclass(frozen=True)
class Letter:
    """How a word of the program is written in a formula."""

    text: str
    index: str = ""
    power: str = ""


LETTERS: dict[str, Letter] = {
    "x": Letter("x"),
    "gradient": Letter("g"),
    "t": Letter("t"),
    "learning_rate": Letter("η"),
    "momentum": Letter("μ"),
    "decay": Letter("ρ"),
    "beta1": Letter("β", "1"),
    "beta2": Letter("β", "2"),
    "nu": Letter("ν"),
    "nu1": Letter("ν", "1"),
    "nu2": Letter("ν", "2"),
    "epsilon": Letter("ε"),
    "weight_decay": Letter("λ"),
    "momentum_decay": Letter("ψ"),
    # what rules remember
    "velocity": Letter("v"),
    "first_moment": Letter("m"),
    "second_moment": Letter("v"),
    "largest_second_moment": Letter("v", power="max"),
    "sum_of_squares": Letter("s"),
    "squared_steps": Letter("u"),
    "weight_sum": Letter("w"),
    # intermediate results that are worth a line
    "step": Letter("d"),
    "mixed": Letter("c"),
    "direction": Letter("d"),
    "square": Letter("q"),
    "ahead": Letter("n"),
    "next_momentum": Letter("μ", power="′"),
    "next_weight_sum": Letter("w", power="′"),
    "length": Letter("ρ"),
    "longest": Letter("ρ", "∞"),
    "scale": Letter("r"),
}
"""The usual letters of the words that rules use; an optimizer may have `letters` of its own."""


@dataclass(frozen=True)
class Line:
    """`target` becomes `value`.

    Attributes
    ----------
    target, value
        Key of what the line sets, and the expression.
    remembered
        Whether it is kept for the next step (written with an arrow), or is only an intermediate result.
    """

    target: str
    value: Expression
    remembered: bool


@dataclass(frozen=True)
class RuleNotation:
    """A rule in formulas.

    Attributes
    ----------
    lines
        In the order in which they are computed.
    conditions
        What decided between two ways of stepping, as it holds: left side, ">" or "≤" or another, right side.
    rate
        The number by which each component of the direction is multiplied, or None where there is no
        single one.
    nodes
        The conditions and lines in notation; every letter, and every power of one, carries its key.
    powers
        Key of each power of a letter -> the power.
    """

    lines: tuple[Line, ...]
    conditions: tuple[tuple[Expression, str, Expression], ...]
    rate: Expression | None
    nodes: tuple[Node, ...]
    powers: Mapping[str, Power] = field(default_factory=dict)

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """Keys of all letters in the formulas."""
        return letters(self.nodes)

    def numbers(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The number of every key, line by line, from those that the step begins with."""
        known = dict(inputs)
        with np.errstate(all="ignore"):
            for line in self.lines:
                known[line.target] = arithmetic.evaluate(line.value, known)
            known |= {key: arithmetic.evaluate(power, known) for key, power in self.powers.items()}
        return known


def letters(nodes: Sequence[Node]) -> tuple[str, ...]:
    """Keys of all letters in formulas, in the order of reading."""
    return tuple(dict.fromkeys(key for node in nodes for key in notation.values(node)))


def rule_notation(optimizer: Optimizer, values: Values, inputs: Mapping[str, Any]) -> RuleNotation:
    """The formulas of a step.

    Parameters
    ----------
    optimizer, values
        The rule, and all its hyperparameters; switches and choices shape the formulas.
    inputs
        Numbers that the step begins with, by key: "before.x", "gradient", "before." and the name of each
        thing remembered, "learning_rate", "t" and the hyperparameters. They decide between the two ways
        of stepping that some rules have.
    """
    settings = settings_of(values)
    reader = _reader(optimizer.id, settings)
    with np.errstate(all="ignore"):
        decided = tuple(bool(reader.holds(name, inputs)) for name in reader.conditions)
    return _written(optimizer.id, settings, decided)


@lru_cache(maxsize=128)
def _reader(optimizer_id: str, settings: Settings) -> "_Reader":
    return _Reader(OPTIMIZERS[optimizer_id], dict(settings))


@lru_cache(maxsize=256)
def _written(optimizer_id: str, settings: Settings, decided: tuple[bool, ...]) -> RuleNotation:
    return _reader(optimizer_id, settings).write(decided)


class _Reader:
    """Reads the operations of one traced rule."""

    def __init__(self, optimizer: Optimizer, settings: dict[str, Value]) -> None:
        self._letters = {**LETTERS, **{k: Letter(*v) for k, v in optimizer.letters.items()}}
        values = {**optimizer.values({}), **settings}
        self._trace, names = trace_with_names(optimizer, values)
        self._operations = {op.result.name: op for op in self._trace.operations}
        self._states = tuple(self._trace.state_names)
        self._targets = self._named(names)
        conditions = [op.operands[0] for op in self._trace.operations if op.name == "where"]
        self.conditions = tuple(dict.fromkeys(s.name for s in conditions if isinstance(s, Symbol)))
        self._decided: dict[str, bool] = {}

    def _named(self, names: Mapping[str, str]) -> dict[str, str]:
        """Result of an operation -> key of the line that computes it."""
        trace = self._trace
        named = {symbol: name for symbol, name in names.items() if name in self._letters}
        results = zip((trace.new_x, *trace.new_state), ("x", *self._states), strict=True)
        named.update({symbol.name: key for symbol, key in results})
        return {symbol: key for symbol, key in named.items() if symbol in self._operations}

    def holds(self, condition: str, inputs: Mapping[str, Any]) -> Any:
        """Whether a condition holds for the numbers that a step begins with."""
        left, relation, right = self._condition(condition, inline=True)
        low, high = arithmetic.evaluate(left, inputs), arithmetic.evaluate(right, inputs)
        return low > high if relation == ">" else low < high

    def _condition(self, name: str, inline: bool) -> tuple[Expression, str, Expression]:
        op = self._operations[name]
        left, right = (self._read(o, inline) for o in op.operands)
        return left, ">" if op.name == "greater" else "<", right

    def write(self, decided: tuple[bool, ...]) -> RuleNotation:
        """The formulas, where the conditions hold or not as `decided`."""
        self._decided = dict(zip(self.conditions, decided, strict=True))
        found: dict[str, Line] = {}
        self._collect(self._trace.new_x, "x", found)
        for symbol, key in zip(self._trace.new_state, self._states, strict=True):
            self._collect(symbol, key, found)
        places = {key: place for place, key in enumerate(map(self._targets.get, self._operations))}
        found = dict(sorted(found.items(), key=lambda item: places.get(item[0], -1)))
        lines = _in_order(_undo_bias(found, self._states))
        conditions = tuple(self._stated(name) for name in self.conditions)
        nodes: tuple[Node, ...] = tuple(
            row(self._line(left, [], 0), relation, self._line(right, [], 0))
            for left, relation, right in conditions
        )
        nodes += tuple(self._written(line, lines, index) for index, line in enumerate(lines))
        powers: dict[str, Power] = {}
        for value in (*(line.value for line in lines), *(c[0] for c in conditions)):
            powers |= arithmetic.powers(value, lambda leaf: self._letter(leaf, frozenset()))
        return RuleNotation(tuple(lines), conditions, _rate(lines), nodes, powers)

    def _stated(self, name: str) -> tuple[Expression, str, Expression]:
        left, relation, right = self._condition(name, inline=True)
        other = {">": "≤", "<": "≥"}[relation]
        return left, relation if self._decided[name] else other, right

    def _collect(self, symbol: Symbol, key: str, found: dict[str, Line]) -> None:
        """The line of a result, after the lines of what it needs."""
        if key in found:
            return
        value = self._operation(symbol.name) if symbol.name in self._operations else self._read(symbol)
        by_key = {key: name for name, key in self._targets.items()}
        for leaf in list(leaves(value)):
            if leaf.key in by_key and leaf.key != key:
                self._collect(self._operations[by_key[leaf.key]].result, leaf.key, found)
        found[key] = Line(key, value, key == "x" or key in self._states)

    def _read(self, operand: Symbol | float, inline: bool = False) -> Expression:
        """An operand as an expression; one that has a line of its own is a letter."""
        if not isinstance(operand, Symbol):
            return Number(float(operand))
        key = self._targets.get(operand.name)
        if key is not None and not inline:
            inner = self._operation(operand.name)
            return inner if isinstance(inner, Number) else Leaf(key, operand.uniform)
        if operand.name in self._operations:
            return self._operation(operand.name, inline)
        before = operand.name == "x" or operand.name in self._states
        return Leaf(BEFORE + operand.name if before else operand.name, operand.uniform)

    def _operation(self, name: str, inline: bool = False) -> Expression:
        op = self._operations[name]
        if op.name == "where":
            condition, yes, no = op.operands
            assert isinstance(condition, Symbol)
            return self._read(yes if self._decided[condition.name] else no, inline)
        written: Expression = _WRITE[op.name](*(self._read(o, inline) for o in op.operands))
        return written

    def _written(self, line: Line, lines: list[Line], index: int) -> Node:
        target = self._letter(Leaf(line.target), done=frozenset())
        right = self._line(line.value, lines, index)
        if line.target.endswith(HAT) and isinstance(right, Fraction):  # in one line, beside its average
            right = row(right.above, "/", Group("", right.below))
        parts = right.parts if isinstance(right, Row) and not right.value else (right,)
        return Row("", (target, sign("←" if line.remembered else "="), *parts))

    def _line(self, value: Expression, lines: list[Line], index: int) -> Node:
        """An expression; what an earlier line has replaced is marked where its old value is meant."""
        done = frozenset(line.target for line in lines[:index])
        return arithmetic.notation(value, lambda leaf: self._letter(leaf, done))

    def _letter(self, leaf: Leaf, done: frozenset[str]) -> Node:
        name = leaf.key.removeprefix(BEFORE).removesuffix(HAT)
        known = self._letters.get(name)
        base: Word = variable(known.text) if known else sign(name)
        index = known.index if known else ""
        if leaf.key.startswith(BEFORE) and name in done:
            index = "old"
        power = sign(known.power) if known and known.power else None
        hat = leaf.key.endswith(HAT)
        if not (index or power or hat):
            return with_value(base, leaf.key)
        return Script(leaf.key, base, power, sign(index) if index else None, hat)


_WRITE: dict[str, Any] = {
    "add": arithmetic.add,
    "subtract": arithmetic.subtract,
    "multiply": arithmetic.multiply,
    "divide": arithmetic.divide,
    "power": Power,
    "sqrt": SquareRoot,
    "negative": lambda inside: Sum(((-1, inside),)),
    "maximum": lambda left, right: Call("max", (left, right)),
    "sign": lambda inside: Call("sign", (inside,)),
}


def _undo_bias(found: Mapping[str, Line], states: tuple[str, ...]) -> dict[str, Line]:
    """Give averages divided by `1 - beta^t` a letter with a hat and a line of their own."""
    hats: dict[str, Line] = {}

    def change(part: Expression) -> Expression:
        if isinstance(part, Product):
            averages = [f for f in part.above if isinstance(f, Leaf) and f.key in states]
            biases = [f for f in part.below if _is_bias(f)]
            if len(averages) == 1 and len(biases) == 1:
                average, bias = averages[0], biases[0]
                hat = Leaf(average.key + HAT)
                hats[hat.key] = Line(hat.key, Product((average,), (bias,)), remembered=False)
                above = tuple(hat if f is average else f for f in part.above)
                below = tuple(f for f in part.below if f is not bias)
                part = Product(above, below) if below or len(above) > 1 else above[0]
        return arithmetic.rebuilt(part, change)

    changed = {key: Line(key, change(line.value), line.remembered) for key, line in found.items()}
    return {**hats, **changed}


def _is_bias(factor: Expression) -> bool:
    """`1 - beta ** t`."""
    match factor:
        case Sum(terms=((1, Number(value=1.0)), (-1, Power(base=Leaf(), exponent=Leaf(key="t"))))):
            return True
    return False


def _in_order(found: Mapping[str, Line]) -> list[Line]:
    """Every line after those that it needs, and, where that can be, before what it reads is replaced."""
    waiting = dict(found)
    waiting["x"] = waiting.pop("x")  # the step itself comes last
    reads = {key: {leaf.key for leaf in leaves(line.value)} for key, line in waiting.items()}
    ordered: list[Line] = []
    while waiting:
        ready = [key for key in waiting if not reads[key] & waiting.keys() - {key}]
        kept = [k for k in ready if not any(BEFORE + k in reads[o] for o in waiting if o != k)]
        ordered.append(waiting.pop((kept or ready)[0]))
    return ordered


def _rate(lines: list[Line]) -> Expression | None:
    """What the direction is multiplied by: the factors of the step without its directions."""
    values = {line.target: line.value for line in lines}
    step = values["x"]
    terms = (
        [term for _, term in step.terms if not _mentions(term, "before.x")] if isinstance(step, Sum) else []
    )
    if len(terms) != 1 or not isinstance(terms[0], Product):
        return None
    above: list[Expression] = []
    below = list(terms[0].below)
    for factor in terms[0].above:
        inner = values.get(factor.key) if isinstance(factor, Leaf) and not factor.key.endswith(HAT) else None
        product = inner if isinstance(inner, Product) else Product((factor,))
        above += [part for part in product.above if is_uniform(part) or isinstance(part, SquareRoot)]
        below += product.below
    return Product(tuple(above), tuple(below)) if any(_mentions(a, "learning_rate") for a in above) else None


def _mentions(expression: Expression, key: str) -> bool:
    return any(leaf.key == key for leaf in leaves(expression))
