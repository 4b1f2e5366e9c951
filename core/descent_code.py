"""Writes the loop of one path: a surface's derivatives and an optimizer's rule, in one function of floats.

Calls cost more than the arithmetic, so nothing is called inside the loop: a step takes a fraction of a
microsecond. The operations are those of the traced rule, in its order, so every bit agrees with it.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from core.formula_code import FLOAT_SPACE
from core.hyperparameter import Value
from core.optimizer import OPTIMIZERS
from core.rule import FLOAT_OPERATIONS, Operation, Symbol, Trace, compile_function, trace
from core.surface import Surface

Settings = tuple[tuple[str, Value], ...]
"""The switches and choices of an optimizer."""

_ARITHMETIC = (ArithmeticError, ValueError)
"""What floats raise where IEEE arithmetic goes on with infinity or NaN."""


@lru_cache(maxsize=512)
def step_code(optimizer_id: str, settings: Settings, scheduled: str = "") -> Callable[..., list[Any]]:
    """`f(rates, momenta, *numbers)`: what of each step is the same on both axes, for `path_code`'s loop.

    `momenta` are the values of the number named `scheduled`, and nothing is read from them where
    that is "".
    """
    traced = _traced(optimizer_id, settings, scheduled)
    words = _shared(traced)
    each = f"({', '.join(words)})" if len(words) > 1 else words[0]
    nothing = f"({', '.join(['nan'] * len(words))})" if len(words) > 1 else "nan"
    lines = [
        *_constants(traced),
        "values = []",
        "t = 0",
        "try:",
        f"    for learning_rate, {scheduled} in zip(rates, momenta):"
        if scheduled
        else "    for learning_rate in rates:",
        "        t += 1",
        *(f"        {op.python(_word(''))}" for op in _uniform(traced)),
        f"        values.append({each})",
        "except ARITHMETIC:",
        f"    values += [{nothing}] * (len(rates) - len(values))",
        "return values",
    ]
    space = {**FLOAT_OPERATIONS, "ARITHMETIC": _ARITHMETIC, "nan": math.nan}
    return compile_function("step_values", ["rates", "momenta", *traced.numbers], lines, space)


@lru_cache(maxsize=512)
def path_code(
    place: Surface, optimizer_id: str, settings: Settings, noisy: bool, remembering: bool, scheduled: str = ""
) -> Callable[..., tuple[str, tuple[float, ...]]]:
    """`f(x, y, steps, record, careful, shakes, *numbers)`: the loop of one path.

    It appends x, y, loss and gradient of every point to `record`, and the state where the code is
    `remembering`. It returns a word on what stopped it, or "", and the state at the end. `steps`
    comes from `step_code`; `careful` evaluates a point as IEEE arithmetic does; `shakes` holds the
    noise of each step where the code is `noisy`.
    """
    traced = _traced(optimizer_id, settings, scheduled)
    states = [f"{name}_{axis}" for name in traced.state_names for axis in "xy"]
    kept = states if remembering else []
    evaluate = _evaluation(place, kept)
    end = f"({', '.join(states)}{',' if states else ''})"
    shared = ", ".join(_shared(traced))
    loop = [f"if loss != loss: return '', {end}"]  # only NaN differs from itself; infinity leads to it
    loop += ["g_x += n_x; g_y += n_y"] if noisy else []
    loop += [line for axis in "xy" for line in _update(traced, axis)]
    lines = [
        *(f"{name} = 0.0" for name in states),
        *_constants(traced),
        *evaluate,
        "try:",
        f"    for ({shared}), (n_x, n_y) in zip(steps, shakes):" if noisy else f"    for {shared} in steps:",
        *(f"        {line}" for line in [*loop, *evaluate]),
        f"except ZeroDivisionError: record += NOTHING; return 'the step divides by zero', {end}",
        f"except ARITHMETIC: record += NOTHING; return 'the step is too large for a float', {end}",
        f"return '', {end}",
    ]
    space = {
        **FLOAT_SPACE,
        **FLOAT_OPERATIONS,
        **place.space,
        "ARITHMETIC": _ARITHMETIC,
        "NOTHING": (math.nan,) * (5 + len(kept)),
    }
    arguments = ["x", "y", "steps", "record", "careful", "shakes", *traced.numbers]
    return compile_function("path", arguments, lines, space)


def _traced(optimizer_id: str, settings: Settings, scheduled: str) -> Trace:
    optimizer = OPTIMIZERS[optimizer_id]
    return trace(optimizer, {**optimizer.values({}), **dict(settings)}, scheduled)


def _constants(traced: Trace) -> list[str]:
    return [op.python(_word("")) for op in traced.operations if op.result.constant]


def _uniform(traced: Trace) -> list[Operation]:
    return [op for op in traced.operations if op.result.uniform and not op.result.constant]


def _update(traced: Trace, axis: str) -> list[str]:
    """The rule on one axis; a result that is needed once is written where it is needed."""
    per_axis = [op for op in traced.operations if not op.result.uniform]
    results = (traced.new_x, *traced.new_state)
    uses = Counter(id(o) for op in per_axis for o in op.operands if isinstance(o, Symbol))
    uses.update(id(symbol) for symbol in results)
    inline: dict[int, str] = {}
    word = _word(axis)

    def text(symbol: Symbol) -> str:
        return inline.get(id(symbol)) or word(symbol)

    lines = []
    for op in per_axis:
        if uses[id(op.result)] == 1:
            inline[id(op.result)] = f"({op.expression(text)})"
        else:
            lines.append(f"{word(op.result)} = {op.expression(text)}")
    targets = [axis, *(f"{name}_{axis}" for name in traced.state_names)]
    return [*lines, f"{', '.join(targets)} = {', '.join(text(symbol) for symbol in results)}"]


def _evaluation(place: Surface, states: Iterable[str]) -> list[str]:
    words, (loss, gradient_x, gradient_y) = place.derivatives.float_lines
    return [
        "try:",
        *(f"    {line}" for line in words),
        f"    loss = {loss}; g_x = {gradient_x}; g_y = {gradient_y}",
        "except ARITHMETIC:",
        "    loss, g_x, g_y = careful(x, y)",
        f"record += ({', '.join(['x', 'y', 'loss', 'g_x', 'g_y', *states])})",
    ]


def _shared(traced: Trace) -> list[str]:
    """Names of what changes from step to step and is the same on both axes; at least the rate."""
    operands = [o for op in traced.operations if not op.result.uniform for o in op.operands]
    symbols = [o for o in (*operands, traced.new_x, *traced.new_state) if isinstance(o, Symbol)]
    names = [symbol.name for symbol in symbols if symbol.uniform and not symbol.constant]
    return list(dict.fromkeys(names)) or ["learning_rate"]


def _word(axis: str) -> Callable[[Symbol], str]:
    """How a traced symbol is called in the loop: with its axis, unless both axes share it."""

    def word(symbol: Symbol) -> str:
        if symbol.uniform:
            return symbol.name
        if symbol.name == "x":
            return axis
        return f"g_{axis}" if symbol.name == "gradient" else f"{symbol.name}_{axis}"

    return word
