"""Columns of a table of samples as features: their numbers, and which cells and columns are none."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Inputs
from core.data.sample_rows import SampleRows, at_lines, short
from core.data.table import LARGEST, MISSING, number
from core.errors import InputError

GOOD, BLANK, TEXT, LARGE = range(4)
"""What a cell is: a number, empty, a word, or a number beyond `LARGEST`."""
_PLAIN = re.compile(r"[0-9eE+.,-]*")
_INFINITE = re.compile(r"[+\-−]?(inf|infinity|∞)", re.IGNORECASE)
_COUNTERS = {"", "id", "index", "no", "nr", "number", "row", "row_id", "rownames", "unnamed: 0"}
"""Names of columns that number the rows, in lower case."""


@dataclass(frozen=True)
class Column:
    """A feature as it was read: numbers, and for every cell whether it is one."""

    name: str
    values: Inputs
    faults: NDArray[np.uint8]

    @property
    def is_text(self) -> bool:
        """Whether more of its cells are words than numbers."""
        return int((self.faults == TEXT).sum()) > int((self.faults == GOOD).sum())


def feature_columns(table: SampleRows) -> tuple[list[Column], list[str]]:
    """Columns that hold numbers, and what is to be said of the others."""
    columns, notes = [], []
    for place, name in enumerate(table.names[:-1]):
        column = _column(name, table.column(place), table.decimal_comma)
        if (reason := _no_feature(place, column, table)) is None:
            columns.append(column)
        else:
            notes.append(reason)
    if not columns:
        raise InputError(
            "No column before the last one holds numbers; a network takes numbers as features"
            f" (decimals as {'1,5 or 1.5' if table.decimal_comma else '1.5'}).", "csv",
        )  # fmt: skip
    return columns, notes


def _no_feature(place: int, column: Column, table: SampleRows) -> str | None:
    """Why a column is left out, or None."""
    if (column.faults == BLANK).all():
        return f"Column '{column.name}' left out: it is empty."
    if column.is_text:
        first = int(np.flatnonzero(column.faults == TEXT)[0])
        word = table.cells[first][place].strip()
        where = at_lines([table.lines[first]])
        return f"Column '{column.name}' left out: it holds words ('{short(word)}', {where})."
    named = "" if column.name == f"column {place + 1}" else column.name.lower()
    if place == 0 and named in _COUNTERS and _counts_rows(column):
        return f"Column '{column.name}' left out: it only numbers the rows."
    return None


def _counts_rows(column: Column) -> bool:
    """Whether the numbers go up by one from row to row: of little help, or a way to cheat."""
    whole = bool((column.faults == GOOD).all()) and len(column.values) > 1
    return whole and bool((np.diff(column.values) == 1.0).all())


def _column(name: str, cells: list[str], comma: bool) -> Column:
    if (plain := _plain_numbers(cells, comma)) is not None:
        large = np.abs(plain) > LARGEST
        return Column(name, plain, np.where(large, LARGE, GOOD).astype(np.uint8))
    values, faults = np.zeros(len(cells)), np.zeros(len(cells), np.uint8)
    for place, cell in enumerate(cells):
        value = number(cell, comma)
        if value is not None and abs(value) <= LARGEST:
            values[place] = value
        else:
            faults[place] = _fault(cell, value)
    return Column(name, values, faults)


def _plain_numbers(cells: list[str], comma: bool) -> Inputs | None:
    """All cells at once where nothing but numbers is in them: ten times as fast as one by one."""
    if not _PLAIN.fullmatch("".join(cells)):
        return None
    try:
        return np.array([float(cell.replace(",", ".") if comma else cell) for cell in cells])
    except ValueError:
        return None


def _fault(cell: str, value: float | None) -> int:
    if value is not None or _INFINITE.fullmatch(cell.strip()):
        return LARGE
    return BLANK if cell.strip().lower() in MISSING else TEXT
