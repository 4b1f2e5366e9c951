"""Splits the text of a table of samples into rows, and tells header, uneven rows and what is too large."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.data.table import MISSING, column_names, delimiter_of, number, rows_of
from core.errors import InputError

MOST_CELLS = 5_000_000
"""Cells of a table: while it is read each takes about 60 bytes, afterwards 8."""
MOST_NAMED = 4
"""Lines, or names, that a sentence lists."""
_CELL_BYTES = 60


@dataclass(frozen=True)
class SampleRows:
    """The rows of a table that have as many cells as its header.

    Attributes
    ----------
    names
        Of the columns; the last one is the class.
    cells, lines
        The cells of every row, and the line on which it ends.
    decimal_comma
        Whether `3,14` is a number.
    notes
        Which rows are not there, in sentences.
    read
        Rows of the table, with those.
    """

    names: tuple[str, ...]
    cells: list[list[str]]
    lines: list[int]
    decimal_comma: bool
    notes: tuple[str, ...]
    read: int

    def column(self, place: int) -> list[str]:
        """The cells of a column."""
        return [row[place] for row in self.cells]


def read_rows(text: str) -> SampleRows:
    """Split CSV text; a first row with words among its features is the header.

    Raises
    ------
    InputError
        For what is no table of two columns, has no rows, or is too large.
    """
    delimiter, skipped = delimiter_of(text)
    _check_size(text, delimiter)
    found = list(rows_of(text, delimiter))[skipped:]
    if not found:
        raise InputError("There is no table in it: it is empty.", "csv")
    comma = delimiter != ","
    lengths = Counter(len(cells) for _, cells in found)
    width = max(lengths, key=lambda length: (lengths[length], -length))
    header = _header(found[0][1], width, comma)
    if header is not None:
        found = found[1:]
        header = _without_empty_end(header, found)
    if not found:
        raise InputError("There is a header but no row below it.", "csv")
    names = column_names(header or [""] * width)
    if len(names) < 2:
        raise InputError(
            "The table has one column; it needs features and, last, the class. Columns are told apart by"
            " commas, semicolons or tabs.", "csv",
        )  # fmt: skip
    return _even_rows(names, found, comma)


def _even_rows(names: tuple[str, ...], found: list[tuple[int, list[str]]], comma: bool) -> SampleRows:
    width = len(names)
    kept = [(line, cells) for line, cells in found if _fits(cells, width)]
    if not kept:
        raise InputError(
            f"The header has {width} cells, the rows below it have {len(found[0][1])}: they must be as many.",
            "csv",
        )
    uneven = [(line, len(cells)) for line, cells in found if not _fits(cells, width)]
    lines, cells = [line for line, _ in kept], [cells for _, cells in kept]
    return SampleRows(names, cells, lines, comma, _uneven_notes(uneven, width), len(found))


def _check_size(text: str, delimiter: str) -> None:
    """Refuse what would not fit, before anything is made of it."""
    lines, width = text.count("\n") + 1, text[: text.find("\n", 1)].count(delimiter) + 1
    if lines * width > MOST_CELLS:
        raise InputError(
            f"The table has about {lines:,} rows of {width:,} cells; to read it would take about"
            f" {lines * width * _CELL_BYTES / 1e9:.1f} GB of memory. At most {MOST_CELLS:,} cells are taken:"
            " leave out rows or columns.", "csv",
        )  # fmt: skip


def _header(first: list[str], width: int, comma: bool) -> list[str] | None:
    """The first row, if it names the columns; one cell short of the others it has none for row names."""
    features = first[:-1] if len(first) == width else first
    words = any(number(cell, comma) is None and cell.strip().lower() not in MISSING for cell in features)
    if not words:
        return None
    return ["", *first] if len(first) == width - 1 else first


def _without_empty_end(header: list[str], found: Sequence[tuple[int, list[str]]]) -> list[str]:
    """The header without nameless columns at its end in which nothing stands: spreadsheets write such."""
    width = len(header)
    while width > 2 and not header[width - 1].strip() and not any(
        cell.strip() for _, cells in found for cell in cells[width - 1 : width]
    ):  # fmt: skip
        width -= 1
    return header[:width]


def _fits(cells: Sequence[str], width: int) -> bool:
    """Whether a row has so many cells, but for empty ones at its end."""
    return len(cells) >= width and not any(cell.strip() for cell in cells[width:])


def _uneven_notes(uneven: Sequence[tuple[int, int]], width: int) -> tuple[str, ...]:
    by_length: dict[int, list[int]] = {}
    for line, length in uneven:
        by_length.setdefault(length, []).append(line)
    return tuple(
        f"{left_out(len(lines))}: {length} cell{'s' * (length != 1)} instead of {width} ({at_lines(lines)})."
        for length, lines in by_length.items()
    )


def left_out(count: int) -> str:
    """The words for so many rows left out."""
    return f"{count:,} row{'s' * (count != 1)} left out"


def at_lines(lines: Sequence[int]) -> str:
    """The first few line numbers."""
    shown = ", ".join(f"{line:,}" for line in lines[:MOST_NAMED])
    return f"line{'s' * (len(lines) != 1)} {shown}{', …' * (len(lines) > MOST_NAMED)}"


def short(word: str) -> str:
    """The beginning of a word from a file: it may be long."""
    return word if len(word) <= 24 else f"{word[:24]}…"
