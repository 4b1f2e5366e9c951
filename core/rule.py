"""Traces an optimizer's rule: records it as a list of operations, shared subexpressions once.

A rule is a plain function and runs as it stands on floats and arrays. Where speed matters it is
*traced*: called once with symbols that record each operation, then printed as code that does the
same operations in the same order, so every bit agrees with the plain call.

Beside arithmetic a rule may use `np.maximum`, `np.abs`, `np.sign`, comparisons with `<` and `>`, and
`np.where` on a condition that is the same for every parameter (in a plane rule: on any).

- `core.rule_code` writes it for a flat vector of parameters, and for loops over one.
- `core.plane` traces it over both axes of a surface, for single paths and maps.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from types import FrameType
from typing import Any

import numpy as np

from core.hyperparameter import Value, Values
from core.optimizer import Optimizer

PYTHON = {"add": "{} + {}", "subtract": "{} - {}", "multiply": "{} * {}", "divide": "{} / {}",
           "power": "{} ** {}", "sqrt": "sqrt({})", "negative": "-{}", "maximum": "max({}, {})",
           "sign": "rule_sign({})", "absolute": "abs({})", "greater": "{} > {}", "less": "{} < {}",
           "where": "{1} if {0} else {2}"}  # fmt: skip
"""How Python writes each operation; the names are NumPy's."""


def _sign(value: float) -> float:
    """-1, 0 or 1; NaN stays NaN, as NumPy has it."""
    return 1.0 if value > 0.0 else -1.0 if value < 0.0 else value


FLOAT_OPERATIONS: dict[str, Any] = {"sqrt": math.sqrt, "rule_sign": _sign, "max": max}
"""What code over Python floats calls."""


@dataclass(frozen=True, eq=False)
class Symbol:
    """A value of a traced rule: an input, or the result of one operation on others.

    `uniform` symbols are the same number for every parameter (rates, factors, the step).
    """

    tracer: "Tracer"
    name: str
    uniform: bool
    constant: bool

    def __add__(self, other: Any) -> "Symbol":
        return self.tracer.record("add", self, other)

    def __radd__(self, other: Any) -> "Symbol":
        return self.tracer.record("add", other, self)

    def __sub__(self, other: Any) -> "Symbol":
        return self.tracer.record("subtract", self, other)

    def __rsub__(self, other: Any) -> "Symbol":
        return self.tracer.record("subtract", other, self)

    def __mul__(self, other: Any) -> "Symbol":
        return self.tracer.record("multiply", self, other)

    def __rmul__(self, other: Any) -> "Symbol":
        return self.tracer.record("multiply", other, self)

    def __truediv__(self, other: Any) -> "Symbol":
        return self.tracer.record("divide", self, other)

    def __rtruediv__(self, other: Any) -> "Symbol":
        return self.tracer.record("divide", other, self)

    def __pow__(self, other: Any) -> "Symbol":
        if other == 0.5:
            return self.tracer.record("sqrt", self)
        return self.tracer.record("power", self, other)

    def __rpow__(self, other: Any) -> "Symbol":
        return self.tracer.record("power", other, self)

    def __neg__(self) -> "Symbol":
        return self.tracer.record("negative", self)

    def __gt__(self, other: Any) -> "Symbol":
        return self.tracer.record("greater", self, other)

    def __lt__(self, other: Any) -> "Symbol":
        return self.tracer.record("less", self, other)

    def __array_ufunc__(self, function: np.ufunc, method: str, *operands: Any) -> "Symbol":
        """Record `np.maximum(...)` and its like: NumPy hands them over."""
        if method != "__call__" or function.__name__ not in PYTHON:
            raise TypeError(f"A rule cannot use np.{function.__name__}; it may use: {', '.join(PYTHON)}.")
        return self.tracer.record(function.__name__, *operands)

    def __array_function__(
        self, function: Any, _types: Any, operands: tuple[Any, ...], _options: Any
    ) -> "Symbol":
        """Record `np.where(...)`."""
        if function is not np.where:
            raise TypeError(f"A rule cannot use np.{function.__name__}; it may use: {', '.join(PYTHON)}.")
        condition = operands[0]
        if isinstance(condition, Symbol) and not condition.uniform and not self.tracer.selects:
            raise TypeError("np.where in a rule needs a condition that is the same for every parameter.")
        return self.tracer.record("where", *operands)

    def __bool__(self) -> bool:
        raise TypeError("A rule must not branch on a number: only on its switches and choices.")


@dataclass(frozen=True)
class Operation:
    """`result = name(*operands)`; operands are symbols or numbers."""

    name: str
    operands: tuple[Symbol | float, ...]
    result: Symbol

    def expression(self, rename: Callable[[Symbol], str]) -> str:
        """The operation as Python writes it."""
        words = [rename(o) if isinstance(o, Symbol) else repr(o) for o in self.operands]
        return PYTHON[self.name].format(*words)

    def python(self, rename: Callable[[Symbol], str]) -> str:
        """One line of Python for this operation."""
        return f"{rename(self.result)} = {self.expression(rename)}"


@dataclass
class Tracer:
    """Records operations; the same operation on the same operands is recorded once.

    `selects` allows `np.where` on a condition that differs from parameter to parameter.
    """

    selects: bool = False
    operations: list[Operation] = field(default_factory=list)
    _known: dict[tuple[Any, ...], Symbol] = field(default_factory=dict)

    def input(self, name: str, uniform: bool, constant: bool = False) -> Symbol:
        """A symbol that stands for an argument of the rule."""
        return Symbol(self, name, uniform, constant)

    def record(self, name: str, *operands: Any) -> Symbol:
        """The symbol of an operation's result."""
        key = (name, *(id(o) if isinstance(o, Symbol) else ("number", o) for o in operands))
        if key not in self._known:
            symbols = [o for o in operands if isinstance(o, Symbol)]
            result = Symbol(
                self,
                f"r{len(self.operations)}",
                all(s.uniform for s in symbols),
                all(s.constant for s in symbols),
            )
            self.operations.append(Operation(name, operands, result))
            self._known[key] = result
        return self._known[key]

    def numbers(
        self, names: tuple[str, ...], settings: "Settings", scheduled: str
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Names of the numbers that stay open, and all of a rule's hyperparameters but the rate."""
        fixed = dict(settings)
        numbers = tuple(name for name in names if name not in ("learning_rate", scheduled, *fixed))
        arguments: dict[str, Any] = {name: self.input(name, uniform=True, constant=True) for name in numbers}
        if scheduled:
            arguments[scheduled] = self.input(scheduled, uniform=True)
        return numbers, {**fixed, **arguments}


Settings = tuple[tuple[str, Value], ...]
"""The switches, choices and whole numbers of an optimizer: what its code is written for."""


def settings_of(values: Values) -> Settings:
    """Switches, choices and whole numbers among an optimizer's values; other numbers stay open."""
    return tuple((name, value) for name, value in values.items() if isinstance(value, int | str))


@dataclass(frozen=True)
class Trace:
    """A rule as operations.

    Attributes
    ----------
    operations
        In order. Those with a `constant` result need doing once a run, those with a
        `uniform` one once a step, the others once for every parameter.
    numbers
        Names of the hyperparameters that are arguments of the traced code and stay as they are.
    state_names, new_x, new_state
        The state's fields; the symbols of the rule's two results.
    """

    operations: tuple[Operation, ...]
    numbers: tuple[str, ...]
    state_names: tuple[str, ...]
    new_x: Symbol
    new_state: tuple[Symbol, ...]


def trace(optimizer: Optimizer, values: Values, scheduled: str = "") -> Trace:
    """Trace `optimizer`'s rule; its settings are taken from `values`, other numbers stay open.

    The number named `scheduled` changes from step to step, as the learning rate does.
    """
    return _trace(
        optimizer.id, optimizer.rule, optimizer.state, tuple(values), settings_of(values), scheduled
    )


def trace_with_names(optimizer: Optimizer, values: Values) -> tuple[Trace, dict[str, str]]:
    """The same, and the names that the rule itself gives to its results: symbol's name -> variable's name.

    The variables of the rule are looked at when it returns, as a profiler does.
    """
    names: dict[str, str] = {}
    before = sys.getprofile()

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is optimizer.rule.__code__:
            found = {v.name: k for k, v in frame.f_locals.items() if isinstance(v, Symbol)}
            names.update(found)

    sys.setprofile(look)
    try:
        traced = _trace.__wrapped__(
            optimizer.id, optimizer.rule, optimizer.state, tuple(values), settings_of(values), ""
        )
    finally:
        sys.setprofile(before)
    return traced, names


@lru_cache(maxsize=256)
def _trace(
    _id: str,
    rule: Any,
    state: Any,
    names: tuple[str, ...],
    settings: Settings,
    scheduled: str,
) -> Trace:
    tracer = Tracer()
    numbers, arguments = tracer.numbers(names, settings, scheduled)
    before = state(*(tracer.input(name, uniform=False) for name in state._fields))
    x, after = rule(
        tracer.input("x", uniform=False),
        tracer.input("gradient", uniform=False),
        before,
        tracer.input("learning_rate", uniform=True),
        tracer.input("t", uniform=True),
        **arguments,
    )
    return Trace(tuple(tracer.operations), numbers, state._fields, x, tuple(after))
