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
from core.plane import HESSIAN, PlaneTrace, Update, traced_with
from core.rule import FLOAT_OPERATIONS, Operation, Settings, Symbol
from core.surface import Surface
from core.written_code import compile_function

_ARITHMETIC = (ArithmeticError, ValueError)
"""What floats raise where IEEE arithmetic goes on with infinity or NaN."""


@lru_cache(maxsize=512)
def step_code(optimizer_id: str, settings: Settings, scheduled: str = "") -> Callable[..., list[Any]]:
    """`f(rates, momenta, *numbers)`: what of each step is the same on both axes, for `path_code`'s loop.

    `momenta` are the values of the number named `scheduled`, and nothing is read from them where
    that is "".
    """
    traced = traced_with(optimizer_id, settings, scheduled)
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
        *(f"        {op.python(_word)}" for op in _uniform(traced)),
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
    """`f(x, y, steps, record, shakes, *numbers)`: the loop of one path.

    It appends x, y, loss and gradient of every point to `record`, and the state where the code is
    `remembering`. It returns a word on what stopped it, or "", and the state at the end. `steps`
    comes from `step_code`; `shakes` holds the noise of each step where the code is `noisy`.
    """
    traced = traced_with(optimizer_id, settings, scheduled)
    states = traced.states
    kept = states if remembering else ()
    evaluate = _evaluation(place, kept)
    end = f"({', '.join(states)}{',' if states else ''})"
    shared = ", ".join(_shared(traced))
    loop = [f"if loss != loss: return '', {end}"]  # only NaN differs from itself; infinity leads to it
    loop += ["g_x += n_x; g_y += n_y"] if noisy else []
    loop += _bending(place) if traced.needs_hessian else []
    loop += [line for update in traced.updates for line in _update(update)]
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
        **place.constants,
        "ARITHMETIC": _ARITHMETIC,
        "careful": place.at,
        "careful_hessian": place.hessian_at,
        "NOTHING": (math.nan,) * (5 + len(kept)),
    }
    arguments = ["x", "y", "steps", "record", "shakes", *traced.numbers]
    return compile_function("path", arguments, lines, space)


@lru_cache(maxsize=512)
def stepper_code(
    optimizer_id: str, settings: Settings, noisy: bool, remembering: bool, scheduled: str = ""
) -> Callable[..., Any]:
    """`f(x, y, steps, shakes, *numbers)`: the loop of one path whose gradients come from outside.

    A generator: it yields x and y of every point (and the state where the code is `remembering`), and is
    sent the gradient there, with the Hessian for a rule that needs it. It returns what `path_code`
    returns, after the last point's gradient or when a step cannot be taken.
    """
    traced = traced_with(optimizer_id, settings, scheduled)
    states = traced.states
    sent = ", ".join(("g_x", "g_y", *HESSIAN) if traced.needs_hessian else ("g_x", "g_y"))
    point = f"{sent} = yield ({', '.join(['x', 'y', *(states if remembering else ())])})"
    end = f"({', '.join(states)}{',' if states else ''})"
    shared = ", ".join(_shared(traced))
    loop = ["g_x += n_x; g_y += n_y"] if noisy else []
    loop += [line for update in traced.updates for line in _update(update)]
    lines = [
        *(f"{name} = 0.0" for name in states),
        *_constants(traced),
        point,
        "try:",
        f"    for ({shared}), (n_x, n_y) in zip(steps, shakes):" if noisy else f"    for {shared} in steps:",
        *(f"        {line}" for line in [*loop, point]),
        f"except ZeroDivisionError: return 'the step divides by zero', {end}",
        f"except ARITHMETIC: return 'the step is too large for a float', {end}",
        f"return '', {end}",
    ]
    space = {**FLOAT_SPACE, **FLOAT_OPERATIONS, "ARITHMETIC": _ARITHMETIC}
    return compile_function("stepper", ["x", "y", "steps", "shakes", *traced.numbers], lines, space)


def _constants(traced: PlaneTrace) -> list[str]:
    return [op.python(_word) for op in traced.operations if op.result.constant]


def _uniform(traced: PlaneTrace) -> list[Operation]:
    return [op for op in traced.operations if op.result.uniform and not op.result.constant]


def _update(update: Update) -> list[str]:
    """The rule for one point; a result that is needed once is written where it is needed."""
    uses = Counter(id(o) for op in update.operations for o in op.operands if isinstance(o, Symbol))
    uses.update(id(symbol) for symbol in update.results)
    inline: dict[int, str] = {}

    def text(symbol: Symbol) -> str:
        return inline.get(id(symbol)) or symbol.name

    lines = []
    for op in update.operations:
        if uses[id(op.result)] == 1:
            inline[id(op.result)] = f"({op.expression(text)})"
        else:
            lines.append(f"{op.result.name} = {op.expression(text)}")
    return [*lines, f"{', '.join(update.targets)} = {', '.join(text(symbol) for symbol in update.results)}"]


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


def _bending(place: Surface) -> list[str]:
    words, results = place.hessian_lines
    return [
        "try:",
        *(f"    {line}" for line in words),
        *(f"    {name} = {result}" for name, result in zip(HESSIAN, results, strict=True)),
        "except ARITHMETIC:",
        f"    {', '.join(HESSIAN)} = careful_hessian(x, y)",
    ]


def _shared(traced: PlaneTrace) -> list[str]:
    """Names of what changes from step to step and is the same for every point; at least the rate."""
    operands = [o for u in traced.updates for op in u.operations for o in op.operands]
    results = [symbol for update in traced.updates for symbol in update.results]
    symbols = [o for o in (*operands, *results) if isinstance(o, Symbol)]
    names = [symbol.name for symbol in symbols if symbol.uniform and not symbol.constant]
    return list(dict.fromkeys(names)) or ["learning_rate"]


def _word(symbol: Symbol) -> str:
    return symbol.name
