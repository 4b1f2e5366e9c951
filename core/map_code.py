"""Writes the step of a map: a surface's derivatives and an optimizer's rule over many pixels at once.

The operations are those of the traced rule and of the printed derivatives, in their order. They are
written twice: over NumPy arrays, which every process can run at once, and over blocks of pixels with
the loop over the steps outside, which Numba turns into vector instructions. What is the same for all
pixels, or for all of a column or row, is computed once, by `shared_values`.

What a run remembers of its past is two numbers: `above`, the last point whose gradient norm was not
below the tolerance, and `poison`, which is 0 and becomes NaN for good where anything was not finite.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formula_code import ARRAY_SPACE, FLOAT_SPACE
from core.plane import HESSIAN, PlaneTrace, traced_with
from core.rule import Operation, Settings, Symbol
from core.surface import Surface
from core.written_code import compile_function

Array = NDArray[np.float64]
BLOCK = 128
"""Pixels that the compiled loop takes at once: they and their state fit into the first-level cache."""

_COMPILED = {"add": "{} + {}", "subtract": "{} - {}", "multiply": "{} * {}", "divide": "{} / {}",
             "power": "{} ** {}", "negative": "-{}", "greater": "{} > {}", "less": "{} < {}",
             "absolute": "abs({})", "where": "({1} if {0} else {2})"}  # fmt: skip
"""How compiled code writes an operation; any other is a call of its NumPy name."""

_EXACT_POWERS = 20_000
"""Up to so many powers are taken as one path takes them; NumPy's may differ in the last bit."""


@dataclass(frozen=True)
class Plan:
    """What of a rule is done where, for one choice of the two axes.

    Attributes
    ----------
    traced
        The rule.
    inner
        Operations done for every pixel: on its own values, or on a column's and a row's at once.
    step, row, column
        Names of the symbols that are the same for all pixels of a step, of a row, of a column.
    """

    traced: PlaneTrace
    inner: tuple[Operation, ...]
    step: tuple[str, ...]
    row: tuple[str, ...]
    column: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All the shared symbols, in the order in which printed code takes them."""
        return self.step + self.row + self.column

    @property
    def work(self) -> tuple[str, ...]:
        """What each pixel carries from step to step, in the order of the work array."""
        return ("x", "y", *self.traced.states, "above", "poison")


@lru_cache(maxsize=256)
def plan(optimizer_id: str, settings: Settings, column: str, row: str) -> Plan:
    """Sort the operations of a rule; `column` and `row` name the hyperparameters on the axes, or are ""."""
    traced = traced_with(optimizer_id, settings)
    depends: dict[str, frozenset[str]] = {name: frozenset("c") for name in [column] if name}
    depends |= {name: frozenset("r") for name in [row] if name}
    for op in traced.operations:
        operands = [depends.get(o.name, frozenset()) for o in op.operands if isinstance(o, Symbol)]
        depends[op.result.name] = frozenset().union(*operands)
    inner = tuple(o for o in traced.operations if not o.result.uniform or len(depends[o.result.name]) == 2)
    made = {op.result.name for op in inner}
    used = [o for op in inner for o in op.operands] + [r for update in traced.updates for r in update.results]
    names = dict.fromkeys(o.name for o in used if isinstance(o, Symbol) and o.uniform and o.name not in made)
    step, of_row, of_column = (
        tuple(n for n in names if depends.get(n, frozenset()) == set(kind)) for kind in ("", "r", "c")
    )
    return Plan(traced, inner, step, of_row, of_column)


def shared_values(plan: Plan, numbers: Mapping[str, Array]) -> dict[str, Array]:
    """Every shared symbol of a plan over some steps.

    Parameters
    ----------
    numbers
        Each number of the rule, `learning_rate` and `t`, as arrays of (steps or 1, rows or 1, columns or 1).
    """
    values: dict[str, Any] = dict(numbers)
    inner = {op.result.name for op in plan.inner}
    with np.errstate(all="ignore"):
        for op in plan.traced.operations:
            if op.result.name not in inner:
                operands = [values[o.name] if isinstance(o, Symbol) else o for o in op.operands]
                function = _power if op.name == "power" else getattr(np, op.name)
                values[op.result.name] = function(*operands)
    return {name: np.asarray(values[name], float) for name in plan.names}


def _power(base: Any, exponent: Any) -> Array:
    bases, exponents = np.broadcast_arrays(base, exponent)
    if bases.size > _EXACT_POWERS:
        powers: Array = np.power(bases, exponents)
        return powers
    pairs = zip(bases.ravel().tolist(), exponents.ravel().tolist(), strict=True)
    return np.array([_float_power(a, b) for a, b in pairs]).reshape(bases.shape)


def _float_power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except (ArithmeticError, ValueError):
        return float(np.power(base, exponent))


# ---------------------------------------------------------------- over arrays


@lru_cache(maxsize=64)
def array_code(place: Surface, plan: Plan) -> Callable[..., tuple[Any, ...]]:
    """`f(*work, steps, t, threshold) -> work` over arrays of any one shape.

    Each of `steps` holds the values of `plan.names`, shaped to broadcast against the work; `t` is the
    place of the first point, `threshold` the square of the tolerance.
    """
    words, results = place.derivatives.float_lines
    lines = [
        *_loop(plan, "steps"),
        *(f"    {line}" for line in [*words, _assigned(results)]),
        "    poison = poison + 0.0 * (loss + g_x + g_y)",
        "    copyto(above, t, where=logical_not(less(g_x * g_x + g_y * g_y, threshold)))",
        *_indented(_update(place, plan, _array_text)),
        "    t += 1",
        f"return {', '.join(plan.work)}",
    ]
    arguments = [*plan.work, "steps", "t", "threshold"]
    space = {**_array_space(plan), **place.derivatives.space, **place.constants}
    return compile_function("advance", arguments, lines, space)


def _loop(plan: Plan, steps: str) -> list[str]:
    names = "".join(f"{name}, " for name in plan.names)
    return [f"for ({names}) in {steps}:" if names else f"for _ in {steps}:"]


def _array_space(plan: Plan) -> dict[str, Any]:
    own = {name: getattr(np, name) for name in ("copyto", "logical_not", "less")}
    return {**ARRAY_SPACE, **own, **{f"np_{op.name}": getattr(np, op.name) for op in plan.inner}}


def _array_text(op: Operation, words: Sequence[str]) -> str:
    return f"np_{op.name}({', '.join(words)})"


# ---------------------------------------------------------------- compiled


def is_compiled(place: Surface, plan: Plan) -> bool:
    """Whether this process has compiled the code already."""
    return code_text(place, plan) in _compiled


@lru_cache(maxsize=64)
def code_text(place: Surface, plan: Plan) -> tuple[str, ...]:
    """The lines of the code that Numba compiles: surfaces that differ only in their view share it."""
    return tuple(_compiled_lines(place, plan))


def compiled_code(place: Surface, plan: Plan) -> Callable[..., None]:
    """`f(work, step, row, column, t, threshold)`: advances a work array in place, compiled and kept.

    `work` is (len(plan.work), rows, columns); `step` (n, steps), `row` (n, steps, rows) and `column`
    (n, steps, columns) hold the shared values. Compiling takes a second, the first time in a process more;
    other values of a formula's parameters are other arguments and compile nothing.
    """
    lines = code_text(place, plan)
    if lines not in _compiled:
        if len(_compiled) >= _MOST_COMPILED:
            del _compiled[next(iter(_compiled))]
        _compiled[lines] = _compile(lines, place.derivatives.space)
    return partial(_compiled[lines], np.array(list(place.constants.values()), float))


_compiled: dict[tuple[str, ...], Callable[..., None]] = {}
"""By the text of the code."""
_MOST_COMPILED = 64


def _compile(lines: Sequence[str], own: Mapping[str, Any]) -> Callable[..., None]:
    import numba

    space = {**FLOAT_SPACE, "empty": np.empty, **own}
    for name in ("sign", "min_", "max_", "sigmoid", "softplus"):
        space[name] = numba.njit(error_model="numpy")(FLOAT_SPACE[name])
    space |= {"maximum": space["max_"], "minimum": space["min_"]}
    arguments = ["parameters", "work", "step", "row", "column", "t", "threshold"]
    cube = "float64[:, :, ::1]"
    kinds = f"void(float64[::1], {cube}, float64[:, ::1], {cube}, {cube}, float64, float64)"
    plain = compile_function("advance", arguments, list(lines), space)
    compiled: Callable[..., None] = numba.njit(kinds, error_model="numpy", nogil=True)(plain)
    return compiled


def _compiled_lines(place: Surface, plan: Plan) -> list[str]:
    """One buffer holds a block of everything, at distances that the compiler knows: so it can vectorize."""
    words, results = place.derivatives.float_lines
    inner = [
        *(f"{name} = w[i + {BLOCK * k}]" for k, name in enumerate(plan.work)),
        *(f"{name} = column[{k}, s, begin + i]" for k, name in enumerate(plan.column)),
        *words,
        _assigned(results),
        f"w[i + {BLOCK * plan.work.index('poison')}] = poison + 0.0 * (loss + g_x + g_y)",
        f"w[i + {BLOCK * plan.work.index('above')}] = above if g_x * g_x + g_y * g_y < threshold else now",
        *_update(place, plan, _compiled_text),
        *(f"w[i + {BLOCK * k}] = {name}" for k, name in enumerate(plan.work[:-2])),
    ]
    each_step = [
        *(f"{name} = step[{k}, s]" for k, name in enumerate(plan.step)),
        *(f"{name} = row[{k}, s, r]" for k, name in enumerate(plan.row)),
        "now = t + s",
        "for i in range(n):",
        *_indented(inner),
    ]
    each_block = [
        f"n = min({BLOCK}, work.shape[2] - begin)",
        *_copied("w[i + {0}] = work[{1}, r, begin + i]", plan),
        "for s in range(step.shape[1]):",
        *_indented(each_step),
        *_copied("work[{1}, r, begin + i] = w[i + {0}]", plan),
    ]
    return [
        *(f"{name} = parameters[{k}]" for k, name in enumerate(place.constants)),
        f"w = empty({BLOCK * len(plan.work)})",
        "for r in range(work.shape[1]):",
        f"    for begin in range(0, work.shape[2], {BLOCK}):",
        *_indented(_indented(each_block)),
    ]


def _copied(line: str, plan: Plan) -> list[str]:
    return ["for i in range(n):", *_indented([line.format(BLOCK * k, k) for k in range(len(plan.work))])]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _compiled_text(op: Operation, words: Sequence[str]) -> str:
    form = _COMPILED.get(op.name)
    return form.format(*words) if form else f"{op.name}({', '.join(words)})"


# ---------------------------------------------------------------- both


def _assigned(results: Sequence[str]) -> str:
    return "; ".join(f"{name} = {text}" for name, text in zip(("loss", "g_x", "g_y"), results, strict=True))


def _update(place: Surface, plan: Plan, text: Callable[[Operation, Sequence[str]], str]) -> list[str]:
    """The rule for one pixel: after the Hessian where it needs one, and what a row and a column share."""
    lines = []
    if plan.traced.needs_hessian:
        words, results = place.hessian_lines
        lines += [*words, *(f"{name} = {result}" for name, result in zip(HESSIAN, results, strict=True))]
    lines += [_line(op, text) for op in plan.inner if op.result.uniform]
    for update in plan.traced.updates:
        lines += [_line(op, text) for op in update.operations]
        lines.append(f"{', '.join(update.targets)} = {', '.join(r.name for r in update.results)}")
    return lines


def _line(op: Operation, text: Callable[[Operation, Sequence[str]], str]) -> str:
    words = [o.name if isinstance(o, Symbol) else repr(o) for o in op.operands]
    return f"{op.result.name} = {text(op, words)}"
