"""Elementwise work as one loop of machine code, where Numba is there to make it.

NumPy goes through memory once for every operation; a loop that does all operations on one number
before it turns to the next goes through it once. Such a loop does the same operations in the same
order, and only those whose result is exact to the last bit everywhere (no `exp`, no `tanh`): so it
gives NumPy's bits, and may take over at any moment of a run.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from types import CodeType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

EXACT = {
    "add": "{} + {}", "subtract": "{} - {}", "multiply": "{} * {}", "divide": "{} / {}",
    "negative": "-{}", "greater": "{} > {}", "less": "{} < {}", "absolute": "abs({})", "sqrt": "sqrt({})",
    "reciprocal": "one / {}", "square": "{0} * {0}",
    "where": "({1} if {0} else {2})", "sign": "(one if {0} > zero else -one if {0} < zero else {0})",
    "maximum": "({0} if {0} >= {1} or {0} != {0} else {1})",
    "minimum": "({0} if {0} <= {1} or {0} != {0} else {1})",
}  # fmt: skip
"""NumPy's operations that a loop may do, and how it writes them; what is not a number stays so."""


def all_finite(array: NDArray[Any]) -> bool:
    """Whether no number is infinite or not a number.

    A sum of squares is finite only if every number is, and costs a twentieth of looking at each; when
    it is not, it may only have overflowed.
    """
    return math.isfinite(np.vdot(array, array)) or bool(np.isfinite(array).all())


@dataclass(frozen=True)
class LoopCode:
    """What a loop does.

    Attributes
    ----------
    arguments
        Names in the order of a call.
    arrays
        Arguments that are arrays of one shape: of two axes, or of one where there are no `rows`.
    rows
        Arguments that are vectors with one number for every column.
    numbers
        Arguments that are one number for all. Other arguments are arrays that are left alone.
    before
        Lines done once, on float64 numbers. `real(...)` turns one into the arrays' type.
    column_lines
        Done first, once for every column, on the numbers of `rows`.
    totals
        Row -> what is added up in it, sample after sample.
    lines
        Done for every element.
    written
        Array -> what is written there when all lines are done; `rows` get what column lines found.
    flat
        Whether arrays have one axis.
    watched
        The array of which the loop tells whether all that was written there are finite numbers, or "".
    """

    arguments: tuple[str, ...]
    arrays: tuple[str, ...]
    rows: tuple[str, ...]
    numbers: tuple[str, ...]
    before: tuple[str, ...]
    lines: tuple[str, ...]
    written: tuple[tuple[str, str], ...]
    flat: bool = False
    watched: str = ""
    column_lines: tuple[str, ...] = ()
    totals: tuple[tuple[str, str], ...] = ()

    @property
    def body(self) -> list[str]:
        """The loop's lines, over scalars."""
        index, kept = "[i]" if self.flat else "[i, j]", self._kept_rows
        inner = [
            *(f"{name} = array_{name}{index}" for name in self.arrays),
            *(f"{kept.get(name, name)} = array_{name}[j]" for name in self._read_rows),
            *self.lines,
            *(f"array_{name}{index} = {value}" for name, value in self.written if name not in kept),
            *(f"array_{name}[j] += {value}" for name, value in self.totals),
        ]
        start, end = ["one = real(1.0)", "zero = real(0.0)"], []
        if self.watched:
            start += ["lost = False", "infinity = real(inf)"]
            inner += [f"lost |= not abs({dict(self.written).get(self.watched, self.watched)}) < infinity"]
            end = ["return not lost"]
        first = f"array_{self.arrays[0]}"
        if self.totals:  # -0.0 plus any number is that number, its sign too
            start += [
                f"for j in range({first}.shape[1]):",
                *(f"    array_{n}[j] = -zero" for n, _ in self.totals),
            ]
        loops = [f"for i in range({first}.shape[0]):"]
        loops += [] if self.flat else [f"    for j in range({first}.shape[1]):"]
        deep = "    " * len(loops)
        return [*start, *self.before, *self._over_columns, *loops, *(deep + line for line in inner), *end]

    @property
    def _kept_rows(self) -> dict[str, str]:
        return {name: value for name, value in self.written if name in self.rows}

    @property
    def _read_rows(self) -> list[str]:
        return [name for name in self.rows if name not in dict(self.totals)]

    @property
    def _over_columns(self) -> list[str]:
        """The loop over columns that goes ahead of the elements, where there is anything to do."""
        if not self.column_lines:
            return []
        inner = [f"{name} = array_{name}[j]" for name in self._read_rows]
        inner += [*self.column_lines, *(f"array_{name}[j] = {v}" for name, v in self._kept_rows.items())]
        return [f"for j in range(array_{self.rows[0]}.shape[0]):", *("    " + line for line in inner)]

    def kinds(self, real: str) -> dict[str, str]:
        """The type of each argument in Numba's words, where numbers in arrays are `real`."""
        array = f"{real}[::1]" if self.flat else f"{real}[:, ::1]"
        special = dict.fromkeys(self.numbers, "float64") | dict.fromkeys(self.rows, f"{real}[::1]")
        return {name: special.get(name, array) for name in self.arguments}


@dataclass(frozen=True)
class Code:
    """Loops to be done one after the other in one call.

    Attributes
    ----------
    arguments
        Names in the order of a call.
    loops
        What is done; each takes its own of the arguments.
    """

    arguments: tuple[str, ...]
    loops: tuple[LoopCode, ...]

    @property
    def text(self) -> str:
        """All of it as a Python function."""
        numbers = {name for loop in self.loops for name in loop.numbers}
        arguments = (name if name in numbers else f"array_{name}" for name in self.arguments)
        lines = "\n    ".join(line for loop in self.loops for line in loop.body)
        return f"def loop({', '.join(arguments)}):\n    {lines}\n"

    def signature(self, dtype: DTypeLike) -> str:
        """The argument types, in Numba's words; only the last loop may tell something."""
        kinds: dict[str, str] = {}
        for loop in self.loops:
            kinds |= loop.kinds(np.dtype(dtype).name)
        result = "boolean" if self.loops[-1].watched else "void"
        return f"{result}({', '.join(kinds[name] for name in self.arguments)})"


class Loop:
    """Elementwise work: by NumPy at first, by machine code once that is made.

    Parameters
    ----------
    plain
        Does it with NumPy, in place.
    code
        Gives the same as loops, or None where it cannot be done so; asked when the loop is compiled.
    dtype
        Of the arrays.

    Attributes
    ----------
    run
        What to call: `run(*arguments)`. It changes when the loop is compiled.
    compiled
        Whether `run` is machine code; once it is, it stays so.
    """

    def __init__(self, plain: Callable[..., Any], code: Callable[[], Code | None], dtype: DTypeLike) -> None:
        self.run, self._code, self._dtype, self.compiled = plain, code, np.dtype(dtype), False

    def compile(self) -> None:
        """Turn to machine code; takes a fraction of a second where this process has not made it already."""
        code = self._code()
        if code is not None:
            self.run = _machine_code(code, self._dtype)
            self.compiled = True


def can_compile() -> bool:
    """Whether Numba is installed."""
    return find_spec("numba") is not None


def compile_loops(loops: Iterable[Loop], go_on: Callable[[], bool] = lambda: True) -> None:
    """Compile loops one after the other, as long as `go_on`; nothing without Numba."""
    if can_compile():
        for loop in loops:
            if not go_on():
                return
            loop.compile()


_compiled: dict[tuple[str, str], Callable[..., Any]] = {}
"""By text and type: networks of other shapes run the same code."""


def _machine_code(code: Code, dtype: np.dtype[Any]) -> Callable[..., Any]:
    key = (code.text, code.signature(dtype))
    if key not in _compiled:
        import numba

        space: dict[str, Any] = {"real": dtype.type, "sqrt": np.sqrt, "inf": math.inf}
        text: CodeType = compile(code.text, "<loop>", "exec")
        exec(text, space)
        _compiled[key] = numba.njit(key[1], error_model="numpy", nogil=True)(space["loop"])
    return _compiled[key]


def real_name(number: str, before: list[str]) -> str:
    """Name of a number as the arrays' type; the line that makes it is added to `before`.

    `number` is a name or as Python writes it.
    """
    name = "real_" + "".join(c if c.isalnum() else "_" for c in number.replace("-", "minus"))
    line = f"{name} = real({number})"
    if line not in before:
        before.append(line)
    return name
