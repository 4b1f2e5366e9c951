"""Reads a table of numbers from CSV text as people have it: any delimiter, with a header or without.

A spreadsheet's export is read as it comes: semicolons, decimal commas, a byte order mark. What cannot
be read is refused in a sentence with its line and column; nothing is guessed and no row is dropped.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.errors import InputError, unknown_name

MAX_ROWS = 10_000
"""Samples that are taken at most: an experiment keeps them, and every step may go through all."""
MAX_BYTES = 10_000_000
LARGEST = 1e12
"""Numbers up to this, of either sign: the loss takes their squares, and multiplies those."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA_NUMBER = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "?"}
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Table:
    """A table as it was read, its cells still text.

    Attributes
    ----------
    names
        Of the columns; "column 1" and so on where the text has no header.
    rows, lines
        The cells of every row, and the line on which each of them ends.
    decimal_comma
        Whether `3,14` is a number.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    decimal_comma: bool

    def index(self, column: str) -> int:
        """The place of a column, by its name or (from 1) its number; raises `InputError`."""
        if column in self.names:
            return self.names.index(column)
        if column.isascii() and column.isdigit() and 1 <= int(column) <= len(self.names):
            return int(column) - 1
        raise unknown_name("column", column, self.names)

    def numbers(self, index: int) -> tuple[float, ...]:
        """A column's numbers; raises `InputError` with line and column for what is none."""
        pairs = zip(self.rows, self.lines, strict=True)
        return tuple(self._number(row[index], line, index) for row, line in pairs)

    def numeric(self) -> tuple[int, ...]:
        """Places of the columns whose first cell is a number."""
        return tuple(i for i, cell in enumerate(self.rows[0]) if number(cell, self.decimal_comma) is not None)

    def _number(self, cell: str, line: int, index: int) -> float:
        where = f"Line {line:,}, column '{self.names[index]}'"
        if cell.strip().lower() in MISSING:
            raise InputError(f"{where} has no value; fill it in, or take the line out.", "csv")
        value = number(cell, self.decimal_comma)
        if value is None:
            shown = cell.strip() if len(cell) <= 40 else f"{cell.strip()[:40]}…"
            raise InputError(f"{where} must be a number; '{shown}' is not one.", "csv")
        if abs(value) > LARGEST:
            raise InputError(f"{where} is {value:g}; numbers up to {LARGEST:g} are taken.", "csv")
        return value


def decode(content: bytes, most: int = MAX_BYTES) -> str:
    """The text of a file: UTF-8, UTF-16 by its mark, else the one-byte alphabet of western Windows.

    Raises
    ------
    InputError
        For more bytes than `most`, and for what is no text.
    """
    if len(content) > most:
        raise InputError(
            f"The file has {len(content) / 1e6:.0f} MB; at most {most / 1e6:.0f} MB are taken.", "csv"
        )
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252" if encoding == "utf-8" else encoding, errors="replace")
    if "\0" in text or content.startswith(b"PK\x03\x04"):
        raise InputError("The file is not text; save the table as CSV, as spreadsheets can.", "csv")
    return text


def read_table(text: str) -> Table:
    """Read CSV text.

    The delimiter is a tab, a semicolon or a comma, whichever the first line has, in this order. A
    first row with anything but numbers is the header.

    Raises
    ------
    InputError
        For an empty text, rows of different lengths, and more rows than `MAX_ROWS`.
    """
    delimiter, skipped = delimiter_of(text)
    rows, lines = _cells(text, delimiter, skipped)
    if not rows:
        raise InputError("There is no table in it: it is empty.", "csv")
    comma = delimiter != ","
    has_header = any(number(c, comma) is None and c.strip().lower() not in MISSING for c in rows[0])
    names = column_names(rows[0] if has_header else ("",) * len(rows[0]))
    rows, lines = rows[has_header:], lines[has_header:]
    if not rows:
        raise InputError("There is a header but no row of numbers below it.", "csv")
    if len(rows) > MAX_ROWS:
        raise InputError(f"The table has {len(rows):,} rows; at most {MAX_ROWS:,} are taken.", "csv")
    return Table(names, tuple(rows), tuple(lines), comma)


def write_table(names: tuple[str, ...], columns: tuple[tuple[float, ...], ...]) -> str:
    """CSV text with a header, from which `read_table` reads the same numbers to the last bit."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(zip(*columns, strict=True))
    return out.getvalue()


def delimiter_of(text: str) -> tuple[str, int]:
    """What stands between cells, and how many rows at the top only say so."""
    lines = text.lstrip().splitlines()
    first = lines[0] if lines else ""
    if re.fullmatch(r"sep=.", first.strip()):  # some spreadsheets write this
        return first.strip()[-1], 1
    unquoted = re.sub(r'"[^"]*"', "", first)
    return next((mark for mark in "\t;," if mark in unquoted), ","), 0


def rows_of(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The line on which each row ends, and its cells; blank rows are passed over.

    Raises
    ------
    InputError
        For what is no CSV: a cell without end.
    """
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise InputError(f"Line {reader.line_num:,} cannot be read: {error}.", "csv") from None


def _cells(text: str, delimiter: str, skipped: int) -> tuple[list[tuple[str, ...]], list[int]]:
    found = list(rows_of(text, delimiter))[skipped:]
    rows, lines = [tuple(cells) for _, cells in found], [line for line, _ in found]
    width = len(rows[0]) if rows else 0
    for cells, line in zip(rows, lines, strict=True):
        if len(cells) != width:
            raise InputError(
                f"Line {line:,} has {_count(len(cells))}, the first row has {width}; every row of a"
                " table has the same number.", "csv",
            )  # fmt: skip
    return rows, lines


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """Names of columns, "column 1" and so on for a blank one; raises `InputError` for two alike."""
    names = tuple(cell.strip() or f"column {place}" for place, cell in enumerate(header, 1))
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"Two columns are called '{name}'; give each a name of its own.", "csv")
    return names


def number(cell: str, decimal_comma: bool) -> float | None:
    """The number in a cell, or None."""
    word = cell.strip().replace("−", "-")
    if decimal_comma and _COMMA_NUMBER.fullmatch(word):
        word = word.replace(",", ".")
    return float(word) if _NUMBER.fullmatch(word) and word.isascii() else None


def _count(cells: int) -> str:
    return f"{cells} cell{'s' * (cells != 1)}"
