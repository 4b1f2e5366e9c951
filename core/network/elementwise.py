"""Turns a function that works on arrays in place into a loop over their elements.

The function is called once with cells in place of arrays; each cell remembers what was written to it
last. Formulas stay where they are: NumPy runs the same function.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from core.loops import EXACT, Code, Loop, LoopCode
from core.rule import Operation, Symbol, Tracer
from core.rule_code import loop_line, loop_word


class _NotALoopError(Exception):
    """A function does something that a loop cannot do exactly as NumPy does it."""


class _Cell:
    """Stands for one element of an array; operations with `out` or in place change its value."""

    def __init__(self, tracer: Tracer, value: Symbol) -> None:
        self.tracer, self.value = tracer, value
        self.total: Symbol | None = None

    def write(self, value: Any) -> None:
        """Keep a value as a number: NumPy writes the truth as 0 or 1."""
        value = _read(value)
        if isinstance(value, Symbol) and value.name in _truths(self.tracer):
            value = self.tracer.record("where", value, 1.0, 0.0)
        self.value = value

    def fill(self, value: Any) -> None:
        self.write(value)

    def __array_ufunc__(
        self, function: Any, method: str, *operands: Any, out: Any = None, **options: Any
    ) -> Any:
        if (function, method, options) == (np.add, "reduce", {"axis": 0}) and out is not None:
            out[0].total = _read(operands[0])
            return out[0]
        if method != "__call__" or function.__name__ not in EXACT or options:
            raise _NotALoopError(function.__name__)
        result = self.tracer.record(function.__name__, *map(_read, operands))
        if out is None:
            return result
        out[0].write(result)
        return out[0]

    def __array_function__(self, function: Any, _types: Any, operands: Any, options: Any) -> None:
        if function is not np.copyto or set(options) != {"where"}:
            raise _NotALoopError(function.__name__)
        target, source = operands
        target.write(self.tracer.record("where", _read(options["where"]), _read(source), _read(target)))

    def __iadd__(self, other: Any) -> "_Cell":
        self.write(self.tracer.record("add", self.value, _read(other)))
        return self

    def __isub__(self, other: Any) -> "_Cell":
        self.write(self.tracer.record("subtract", self.value, _read(other)))
        return self

    def __imul__(self, other: Any) -> "_Cell":
        self.write(self.tracer.record("multiply", self.value, _read(other)))
        return self

    def __itruediv__(self, other: Any) -> "_Cell":
        self.write(self.tracer.record("divide", self.value, _read(other)))
        return self

    def __gt__(self, other: Any) -> Symbol:
        return self.tracer.record("greater", self.value, _read(other))

    def __lt__(self, other: Any) -> Symbol:
        return self.tracer.record("less", self.value, _read(other))


def _read(operand: Any) -> Any:
    if isinstance(operand, _Cell):
        if operand.total is not None:
            raise _NotALoopError("A total is there after the last sample only.")
        return operand.value
    if isinstance(operand, Symbol | int | float):
        return operand
    raise _NotALoopError(f"{operand!r} is neither an array of the call nor a number.")


def _truths(tracer: Tracer) -> set[str]:
    return {op.result.name for op in tracer.operations if op.name in ("greater", "less")}


class InTurn:
    """Functions on arrays, called one after the other, each with its own of the arguments by their names.

    Parameters
    ----------
    functions
        What is called.
    numbers
        Names of arguments that are one number for all. Those that no function names go to those
        functions that take `*numbers`.

    Attributes
    ----------
    arguments
        Names in the order of a call: arrays as they come, then `numbers`.
    parts
        Each function with the names of what it takes.
    """

    def __init__(self, functions: Sequence[Callable[..., None]], numbers: Sequence[str] = ()) -> None:
        named = [_names(function) for function in functions]
        every = tuple(dict.fromkeys(name for names in named for name in names))
        self.arguments = (*(name for name in every if name not in numbers), *numbers)
        others = tuple(name for name in numbers if name not in every)
        takes_others = ["numbers" in inspect.signature(function).parameters for function in functions]
        self.parts = tuple(
            (function, names + others if takes else names)
            for function, names, takes in zip(functions, named, takes_others, strict=True)
        )
        self._calls = tuple(
            (function, tuple(self.arguments.index(name) for name in names)) for function, names in self.parts
        )

    def __call__(self, *arguments: Any) -> None:
        """Call them."""
        if len(arguments) != len(self.arguments):
            raise TypeError(f"{len(arguments)} arguments are given for {len(self.arguments)}.")
        for function, places in self._calls:
            function(*[arguments[place] for place in places])


def _names(function: Callable[..., None]) -> tuple[str, ...]:
    parameters = inspect.signature(function).parameters.values()
    return tuple(p.name for p in parameters if p.kind is not p.VAR_POSITIONAL)


def loop_of(
    functions: Sequence[Callable[..., None]],
    dtype: DTypeLike,
    rows: Sequence[str] = (),
    scratch: Sequence[str] = (),
    numbers: Sequence[str] = (),
    flat: bool = False,
) -> Loop:
    """What calls functions one after the other with their own of `(*arrays, *numbers)`: each as one loop.

    Parameters
    ----------
    functions
        Each works in place on arrays of one shape (samples, units), by operations with `out`, in place,
        `np.copyto` and `fill`. No two arrays that it takes may be the same one.
    rows
        Arguments that are vectors (units,): what is written there may depend on such vectors only, or
        is a total over the samples, by `np.add.reduce(array, axis=0, out=row)`. NumPy adds up row after
        row, as the loop does, where there are two columns at least. Only later functions read a total.
    scratch
        Those whose content nobody needs after the function that writes it.
    numbers
        Names of what follows the arrays.
    flat
        Whether arrays have one axis.
    """
    in_turn = InTurn(functions, numbers)
    plain = functions[0] if len(functions) == 1 else in_turn
    given = tuple(rows), tuple(scratch), tuple(numbers), flat

    def code() -> Code | None:
        try:
            return Code(
                in_turn.arguments, tuple(_code(function, names, *given) for function, names in in_turn.parts)
            )
        except _NotALoopError:
            return None

    return Loop(plain, code, dtype)


def _code(
    function: Callable[..., None],
    arguments: tuple[str, ...],
    all_rows: tuple[str, ...],
    scratch: tuple[str, ...],
    all_numbers: tuple[str, ...],
    flat: bool,
) -> LoopCode:
    arrays = tuple(name for name in arguments if name not in all_numbers)
    rows, numbers = (tuple(name for name in arguments if name in some) for some in (all_rows, all_numbers))
    tracer = Tracer(selects=True)
    cells = {name: _Cell(tracer, tracer.input(name, uniform=False)) for name in arrays}
    before_call = {name: cell.value for name, cell in cells.items()}
    try:
        function(*cells.values(), *(tracer.input(name, uniform=True) for name in numbers))
    except (TypeError, AttributeError) as error:  # what a symbol or cell cannot do
        raise _NotALoopError(str(error)) from error
    before: list[str] = []
    of_columns, of_elements = _by_columns(tracer, rows)
    column_lines = [line for op in of_columns for line in _lines(op, before)]
    lines = [line for op in of_elements for line in _lines(op, before)]
    kept = [(n, c.value) for n, c in cells.items() if n not in scratch and c.value is not before_call[n]]
    written = tuple((name, loop_word(value, before)) for name, value in kept)
    totals = tuple((n, loop_word(c.total, before)) for n, c in cells.items() if c.total is not None)
    _check_totals(totals, rows, written, tracer)
    if written or not totals:
        _check_written(written, rows, of_columns, of_elements)
    whole = tuple(name for name in arrays if name not in rows and name not in scratch)
    return LoopCode(
        (*arrays, *numbers), whole, rows, numbers, tuple(before), tuple(lines), written, flat,
        column_lines=tuple(column_lines), totals=totals,
    )  # fmt: skip


def _by_columns(tracer: Tracer, rows: tuple[str, ...]) -> tuple[list[Operation], list[Operation]]:
    """Operations on numbers that are one for each column, and the others."""
    known, of_columns, of_elements = set(rows), [], []
    for op in tracer.operations:
        names = [o.name for o in op.operands if isinstance(o, Symbol) and not o.uniform]
        if names and known.issuperset(names):
            known.add(op.result.name)
            of_columns.append(op)
        else:
            of_elements.append(op)
    return of_columns, of_elements


def _check_written(
    written: tuple[tuple[str, str], ...],
    rows: tuple[str, ...],
    of_columns: list[Operation],
    of_elements: list[Operation],
) -> None:
    """A row keeps what was found for its column, and whatever elements use of it is kept in a row."""
    found, kept = {op.result.name for op in of_columns}, dict(written)
    in_rows = {value for name, value in written if name in rows}
    used = {o.name for op in of_elements for o in op.operands if isinstance(o, Symbol)}
    used |= {value for name, value in written if name not in rows}
    overwritten = {name for name in rows if name in kept}
    if not written or not in_rows <= found or not used & found <= in_rows or used & overwritten:
        raise _NotALoopError("It writes nothing, elements to a row, or a row's number nowhere.")


def _check_totals(
    totals: tuple[tuple[str, str], ...],
    rows: tuple[str, ...],
    written: tuple[tuple[str, str], ...],
    tracer: Tracer,
) -> None:
    """A total is in a row that is for nothing else."""
    names = {name for name, _ in totals}
    used = {o.name for op in tracer.operations for o in op.operands if isinstance(o, Symbol)}
    if not names <= set(rows) or names & (used | set(dict(written))):
        raise _NotALoopError("A total is in a row of its own.")


def _lines(op: Operation, before: list[str]) -> list[str]:
    """The line for one operation, or none where it is done once, on numbers, before the loop."""
    if op.name not in EXACT:
        raise _NotALoopError(op.name)
    if not op.result.uniform:
        return [loop_line(op, before)]
    words = [o.name if isinstance(o, Symbol) else repr(float(o)) for o in op.operands]
    before.append(f"{op.result.name} = {EXACT[op.name].format(*words)}")
    return []
