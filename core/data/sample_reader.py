"""Reads samples of one's own from a CSV file: columns of numbers, and the class in the last one.

A file is taken as people have it. A row that cannot be used is left out, a column that is no feature
too, and each is named with the reason; where most rows would go, the file is refused instead.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Inputs, Labels
from core.data.own_samples import FEWEST_ROWS, MOST_CLASSES, OwnSamples
from core.data.sample_columns import BLANK, GOOD, LARGE, TEXT, Column, feature_columns
from core.data.sample_rows import MOST_NAMED, SampleRows, at_lines, left_out, read_rows, short
from core.data.table import LARGEST, decode, number
from core.errors import InputError

Reasons = dict[tuple[int, str], list[int]]
"""Lines by fault and column."""
MOST_BYTES = 50_000_000
_USABLE = 0.5
"""Share of the rows that must be left."""
_MOST_NOTES = 6
_NO_CLASS = {"", "na", "n/a", "nan", "null", "?"}


def read_own_samples(name: str, content: bytes) -> OwnSamples:
    """Read the content of a CSV file.

    Columns are told apart as in `core.data.table`. The last one is the class, in words or numbers;
    all others are features. Left out, and said in the notes: rows without a value or with a word
    where a number belongs, rows of another length, classes of fewer than `FEWEST_ROWS` rows;
    columns of words, empty columns, and a first column that only numbers the rows. Features that
    never change are kept, and named.

    Raises
    ------
    InputError
        For what is no table, is too large, has no feature or no two classes, or would lose most of
        its rows.
    """
    text = decode(content, MOST_BYTES)
    table = read_rows(text)
    features, notes = feature_columns(table)
    used, reasons = _usable_rows(table, features)
    _check_left(used, table, reasons)
    words = table.column(len(table.names) - 1)
    keys = _class_keys([words[i].strip() for i in np.flatnonzero(used).tolist()])
    _check_classes(table.names[-1], keys)
    used, classes, labels, rare = _classes(keys, used)
    inputs = np.column_stack([column.values[used] for column in features])
    encoding = [] if _is_unicode(content) else [
        "The file is not UTF-8: its letters were read as those of western Windows (Windows-1252)."
    ]  # fmt: skip
    constant = _constant_note(tuple(column.name for column in features), inputs)
    rows = _shortened([*table.notes, *_reason_notes(reasons), *rare], table.read - int(used.sum()))
    return OwnSamples(
        name, tuple(column.name for column in features), classes, inputs.astype("<f8").tobytes(),
        labels.astype(np.uint8).tobytes(), (*rows, *notes, *constant, *encoding),
    )  # fmt: skip


# ---------------------------------------------------------------- what is left


def _usable_rows(table: SampleRows, features: Sequence[Column]) -> tuple[NDArray[np.bool_], Reasons]:
    """Which rows have all their numbers and a class; the places of the others by fault and column."""
    words = table.column(len(table.names) - 1)
    blank = np.array([word.strip().lower() in _NO_CLASS for word in words])
    last = Column(table.names[-1], np.zeros(len(words)), np.where(blank, BLANK, GOOD).astype(np.uint8))
    used = np.ones(len(words), np.bool_)
    reasons: Reasons = {}
    for column in (*features, last):
        for fault in (BLANK, TEXT, LARGE):
            hit = used & (column.faults == fault)
            if hit.any():
                reasons[fault, column.name] = [table.lines[i] for i in np.flatnonzero(hit).tolist()]
        used &= column.faults == GOOD
    return used, reasons


_FAULTS = {
    BLANK: "no value in column '{}'",
    TEXT: "no number in column '{}'",
    LARGE: f"a number beyond {LARGEST:g} in column '{{}}'",
}


def _reason_notes(reasons: Reasons) -> list[str]:
    return [
        f"{left_out(len(lines))}: {_FAULTS[fault].format(name)} ({at_lines(lines)})."
        for (fault, name), lines in reasons.items()
    ]


def _check_left(
    used: NDArray[np.bool_], table: SampleRows, reasons: dict[tuple[int, str], list[int]]
) -> None:
    left = int(used.sum())
    if left > _USABLE * table.read:
        return
    notes = [*table.notes, *_reason_notes(reasons)]
    why = max(notes, key=lambda note: int(note.split()[0].replace(",", "")))
    raise InputError(
        f"Only {left:,} of {table.read:,} rows can be used. {why} Fill in what is missing, or"
        " take the column out.", "csv",
    )  # fmt: skip


# ---------------------------------------------------------------- classes


def _check_classes(name: str, keys: Sequence[str]) -> None:
    distinct = len(set(keys))
    if distinct == 1:
        raise InputError(
            f"Every row has the class '{short(keys[0])}' in the last column, '{name}': there must"
            " be at least two.", "csv",
        )  # fmt: skip
    if distinct > MOST_CLASSES or distinct * FEWEST_ROWS > len(keys):
        raise InputError(
            f"The last column, '{name}', has {distinct:,} different values in {len(keys):,} rows. It must be"
            f" the class: at most {MOST_CLASSES} different values, with at least {FEWEST_ROWS} rows each.",
            "csv",
        )


def _classes(
    keys: Sequence[str], used: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], tuple[str, ...], Labels, list[str]]:
    """The rows whose class has enough of them, the classes, each row's class, and what is to be said."""
    counts = Counter(keys)
    rare = {key for key, count in counts.items() if count < FEWEST_ROWS}
    kept = sorted(set(counts) - rare, key=_class_order)
    if len(kept) < 2:
        raise InputError(
            f"Fewer than two classes have {FEWEST_ROWS} rows or more: {_counted(counts)}.", "csv"
        )
    place = {key: index for index, key in enumerate(kept)}
    enough = used.copy()
    enough[used] = [key in place for key in keys]
    labels = np.array([place[key] for key in keys if key in place], np.intp)
    notes = [
        f"{left_out(counts[key])}: class '{short(key)}' has fewer than {FEWEST_ROWS} rows."
        for key in sorted(rare, key=_class_order)
    ]
    return enough, tuple(kept), labels, notes


def _class_keys(words: list[str]) -> list[str]:
    """The words as they are; numbers all written alike, so that 1 and 1.0 are one class."""
    values = {word: number(word, False) for word in set(words)}
    if any(value is None for value in values.values()):
        return words
    return [f"{values[word]:.12g}" for word in words]


def _class_order(key: str) -> tuple[float, str]:
    value = number(key, False)
    return (0.0 if value is None else value, key)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{short(key)} {count:,}" for key, count in counts.most_common(3))


# ---------------------------------------------------------------- what is said


def _constant_note(names: Sequence[str], inputs: Inputs) -> list[str]:
    constant = [names[i] for i in np.flatnonzero(np.ptp(inputs, axis=0) == 0.0).tolist()]
    if not constant:
        return []
    shown = ", ".join(f"'{name}'" for name in constant[:MOST_NAMED])
    more = f" and {len(constant) - MOST_NAMED} more" * (len(constant) > MOST_NAMED)
    one = len(constant) == 1
    verbs = ("is", "it tells") if one else ("are", "they tell")
    return [f"{shown}{more} {verbs[0]} the same in every row: kept, but {verbs[1]} nothing apart."]


def _shortened(notes: list[str], count: int) -> list[str]:
    """The first few sentences, and how many rows were left out in all."""
    if len(notes) <= _MOST_NOTES:
        return notes
    return [*notes[:_MOST_NOTES], f"In all {left_out(count)}, for {len(notes)} different reasons."]


def _is_unicode(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
