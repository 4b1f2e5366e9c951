"""Writes an optimizer's rule as straight-line code for the number types it runs on.

A rule is a plain function and runs as it stands on floats and arrays. Where speed matters it is
*traced*: called once with symbols that record each operation, then printed as code that does the
same operations in the same order, so every bit agrees with the plain call.

Beside arithmetic a rule may use `np.maximum`, `np.abs`, `np.sign`, comparisons with `<` and `>`, and
`np.where` on a condition that is the same for every parameter (in a plane rule: on any).

- `trace` records a rule as a list of operations, shared subexpressions once.
- `ArrayStepper` updates a flat vector in place: blocks that stay in the cache, no temporaries.
- `core.plane` traces it over both axes of a surface, for single paths and maps.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.hyperparameter import Value, Values
from core.loops import EXACT, Loop, LoopCode, all_finite, real_name
from core.optimizer import Optimizer

_PYTHON = {"add": "{} + {}", "subtract": "{} - {}", "multiply": "{} * {}", "divide": "{} / {}",
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
        if method != "__call__" or function.__name__ not in _PYTHON:
            raise TypeError(f"A rule cannot use np.{function.__name__}; it may use: {', '.join(_PYTHON)}.")
        return self.tracer.record(function.__name__, *operands)

    def __array_function__(
        self, function: Any, _types: Any, operands: tuple[Any, ...], _options: Any
    ) -> "Symbol":
        """Record `np.where(...)`."""
        if function is not np.where:
            raise TypeError(f"A rule cannot use np.{function.__name__}; it may use: {', '.join(_PYTHON)}.")
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
        return _PYTHON[self.name].format(*words)

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


_BLOCK = 16_384
"""Parameters a block: a handful of float32 vectors of this length fit a core's second-level cache."""


class ArrayStepper:
    """Updates a flat vector of parameters in place, and keeps the optimizer's state for it.

    Parameters
    ----------
    optimizer, values
        The rule and all its hyperparameters (checked).
    size, dtype
        Of the flat parameter vector.

    Attributes
    ----------
    state
        The rule's, by the names of its fields.
    before
        The parameters before the last step. The step reads them anyway: kept on the way they cost half
        of what a copy does.
    """

    def __init__(self, optimizer: Optimizer, values: Values, size: int, dtype: DTypeLike) -> None:
        traced = trace(optimizer, values)
        self.state = {name: np.zeros(size, dtype) for name in traced.state_names}
        self.before: NDArray[Any] = np.zeros(size, dtype)
        self._numbers = {name: float(values[name]) for name in traced.numbers}
        self._momentum_name = optimizer.momentum_name
        self._step, buffers = _array_code(traced)
        self._buffers = [np.empty(min(size, _BLOCK), dtype) for _ in range(buffers)]
        self._starts = range(0, size, _BLOCK)
        uniform, code = _loop_code(traced)
        self._uniform = uniform
        self.loop = Loop(self._in_blocks, code, dtype)

    def __call__(
        self,
        parameters: NDArray[Any],
        gradient: NDArray[Any],
        learning_rate: float,
        t: int,
        momentum: float | None = None,
    ) -> bool:
        """Make step `t` (counted from 1), with a momentum of its own where one is given.

        Returns whether all parameters are finite numbers after it, which the step sees in passing.
        """
        if momentum is not None:
            self._numbers[self._momentum_name] = momentum
        numbers = self._uniform(learning_rate, t, *self._numbers.values())
        return bool(self.loop.run(parameters, gradient, self.before, *self.state.values(), *numbers))

    def _in_blocks(
        self, parameters: NDArray[Any], gradient: NDArray[Any], before: NDArray[Any], *rest: Any
    ) -> bool:
        finite = True
        states, numbers = rest[: len(self.state)], rest[len(self.state) :]
        for start in self._starts:
            part = slice(start, start + _BLOCK)
            x = parameters[part]
            before[part] = x
            self._step(
                x,
                gradient[part],
                *(s[part] for s in states),
                *numbers,
                *(b[: x.size] for b in self._buffers),
            )
            finite = finite and all_finite(x)
        return finite


def array_stepper(optimizer: Optimizer, values: Values, size: int, dtype: DTypeLike) -> ArrayStepper:
    """Return an in-place stepper for a flat vector of `size` parameters."""
    return ArrayStepper(optimizer, values, size, dtype)


@lru_cache(maxsize=256)
def _array_code(traced: Trace) -> tuple[Callable[..., None], int]:
    """A function over one block, and the number of buffers that it works in.

    Each operation writes into a buffer that no later operation reads; results go home at the end.
    """
    per_item = [op for op in traced.operations if not op.result.uniform]
    last_use: dict[str, int] = {}
    for index, op in enumerate(per_item):
        last_use.update({o.name: index for o in op.operands if isinstance(o, Symbol)})
    results = (traced.new_x, *traced.new_state)
    last_use.update({symbol.name: len(per_item) for symbol in results})

    place: dict[str, str] = {}
    free: list[str] = []
    count = 0
    lines: list[str] = []
    for index, op in enumerate(per_item):
        operands = [place.get(o.name, o.name) if isinstance(o, Symbol) else repr(o) for o in op.operands]
        for name in [n for n, home in place.items() if last_use[n] == index]:
            free.append(place.pop(name))
        if not free:
            free.append(f"b{count}")
            count += 1
        home = place[op.result.name] = free.pop()
        lines.append(
            f"{home}[:] = {_PYTHON['where'].format(*operands)}"
            if op.name == "where"
            else f"np_{op.name}({', '.join(operands)}, out={home})"
        )
    targets = ("x", *traced.state_names)
    for symbol, target in zip(results, targets, strict=True):
        if symbol.name in targets and symbol.name != target and symbol.name not in place:
            # The rule hands on what it was given: keep a copy before its place is written over.
            place[symbol.name] = f"b{count}"
            lines.append(f"b{count}[:] = {symbol.name}")
            count += 1
    lines += [
        f"{target}[:] = {place.get(symbol.name, symbol.name)}"
        for target, symbol in zip(targets, results, strict=True)
        if symbol.name != target
    ]
    buffers = [f"b{i}" for i in range(count)]
    arguments = ["x", "gradient", *traced.state_names, *_shared_names(traced), *buffers]
    space = {f"np_{name}": getattr(np, name) for name in _PYTHON}
    return compile_function("step", arguments, lines, space), count


def _shared_names(traced: Trace) -> list[str]:
    """Symbols that are one number for all parameters of a step, and that single parameters meet."""
    per_item = (op for op in traced.operations if not op.result.uniform)
    operands = [o for op in per_item for o in op.operands] + [traced.new_x, *traced.new_state]
    return list(dict.fromkeys(o.name for o in operands if isinstance(o, Symbol) and o.uniform))


@lru_cache(maxsize=256)
def _loop_code(traced: Trace) -> tuple[Callable[..., tuple[float, ...]], LoopCode | None]:
    """What is done once a step: `f(learning_rate, t, *numbers)`; and the rest as a loop where it can be one.

    One number for all parameters is a Python float: a NumPy scalar would turn float32 into float64.
    """
    names = _shared_names(traced)
    lines = [op.python(lambda s: s.name) for op in traced.operations if op.result.uniform]
    lines.append(f"return ({''.join(f'{name}, ' for name in names)})")
    uniform = compile_function("shared", ["learning_rate", "t", *traced.numbers], lines, FLOAT_OPERATIONS)
    per_item = [op for op in traced.operations if not op.result.uniform]
    if any(op.name not in EXACT for op in per_item):
        return uniform, None

    before: list[str] = []
    inner = tuple(loop_line(op, before) for op in per_item)
    results = zip(("x", *traced.state_names), (traced.new_x, *traced.new_state), strict=True)
    written = tuple((target, loop_word(s, before)) for target, s in results if s.name != target)
    arrays = ("x", "gradient", "before", *traced.state_names)
    flows = (("before", "x"), *written)
    code = LoopCode((*arrays, *names), arrays, (), tuple(names), tuple(before), inner, flows, True, "x")
    return uniform, code


def loop_line(op: Operation, before: list[str]) -> str:
    """An operation on one element as a loop writes it, see `core.loops`."""
    return f"{op.result.name} = {EXACT[op.name].format(*(loop_word(o, before) for o in op.operands))}"


def loop_word(operand: Symbol | float, before: list[str]) -> str:
    """An operand of such an operation: numbers that meet an element take its type, as in NumPy."""
    if isinstance(operand, Symbol):
        return real_name(operand.name, before) if operand.uniform else operand.name
    return real_name(repr(float(operand)), before)


def compile_function(
    name: str, arguments: list[str], lines: list[str], space: dict[str, Any]
) -> Callable[..., Any]:
    """Compile lines that this program wrote (never a person's text) into a function."""
    body = "\n    ".join(lines or ["pass"])
    text = f"def {name}({', '.join(arguments)}):\n    {body}\n"
    namespace = dict(space)
    exec(_code(name, text), namespace)
    function: Callable[..., Any] = namespace[name]
    return function


@lru_cache(maxsize=1024)
def _code(name: str, text: str) -> CodeType:
    """Kept by its text: the same lines are bound again whenever a number of a formula changes."""
    return compile(text, f"<{name}>", "exec")
