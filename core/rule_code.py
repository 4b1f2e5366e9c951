"""Writes a traced rule as straight-line code that updates a flat vector of parameters in place.

It does the operations of the plain call in the same order, in blocks that stay in the cache and without
temporaries; where all of them are exact, also as a loop over the elements (`core.loops`).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.hyperparameter import Values
from core.loops import EXACT, Code, Loop, LoopCode, all_finite, real_name
from core.optimizer import Optimizer
from core.rule import FLOAT_OPERATIONS, PYTHON, Operation, Symbol, Trace, trace
from core.written_code import compile_function

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
        self.loop = Loop(self._in_blocks, lambda: code, dtype)

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
            f"{home}[:] = {PYTHON['where'].format(*operands)}"
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
    space = {f"np_{name}": getattr(np, name) for name in PYTHON}
    return compile_function("step", arguments, lines, space), count


def _shared_names(traced: Trace) -> list[str]:
    """Symbols that are one number for all parameters of a step, and that single parameters meet."""
    per_item = (op for op in traced.operations if not op.result.uniform)
    operands = [o for op in per_item for o in op.operands] + [traced.new_x, *traced.new_state]
    return list(dict.fromkeys(o.name for o in operands if isinstance(o, Symbol) and o.uniform))


@lru_cache(maxsize=256)
def _loop_code(traced: Trace) -> tuple[Callable[..., tuple[float, ...]], Code | None]:
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
    arguments = (*arrays, *names)
    loop = LoopCode(arguments, arrays, (), tuple(names), tuple(before), inner, flows, True, "x")
    return uniform, Code(arguments, (loop,))


def loop_line(op: Operation, before: list[str]) -> str:
    """An operation on one element as a loop writes it, see `core.loops`."""
    return f"{op.result.name} = {EXACT[op.name].format(*(loop_word(o, before) for o in op.operands))}"


def loop_word(operand: Symbol | float, before: list[str]) -> str:
    """An operand of such an operation: numbers that meet an element take its type, as in NumPy."""
    if isinstance(operand, Symbol):
        return real_name(operand.name, before) if operand.uniform else operand.name
    return real_name(repr(float(operand)), before)
