"""JSON text that a person can read and edit, and a reader that takes nothing on trust.

Python's own reader takes NaN, Infinity, 1e999 and keys that are there twice, and answers deep nesting with
a RecursionError; here each of them is refused in a sentence that says where.
"""

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from core.errors import InputError, quoted, short

_WIDTH = 120
"""Characters of a line that holds a whole list or object."""


@dataclass(frozen=True)
class Lines:
    """A list whose text somebody else has made, an item on each line.

    Attributes
    ----------
    pieces
        Given a line break and an indentation: the text of all items in pieces, with these and commas between.
    """

    pieces: Callable[[str], Iterable[str]]


class _OnLinesError(Exception):
    """A value has `Lines` in it, so that it is on more than one line."""


def json_pieces(value: Any) -> list[str]:
    """JSON text, in pieces, of dicts, lists, strings, numbers, booleans, None and `Lines`.

    Short ones are on a line of their own.
    """
    return [*_pieces(value, "\n"), "\n"]


def _pieces(value: Any, line: str) -> list[str]:
    """Text of a value in pieces; `line` is a line break and the indentation of the line it is on."""
    inner = line + "  "
    if isinstance(value, Lines):
        return ["[", inner, *value.pieces(inner), line, "]"]
    text = _on_a_line(value)
    if text and (not isinstance(value, dict | list | tuple) or len(text) + len(line) <= _WIDTH):
        return [text]
    if isinstance(value, dict):
        open_, close = "{}"
        parts = [[json.dumps(key, ensure_ascii=False), ": ", *_pieces(v, inner)] for key, v in value.items()]
    else:
        open_, close = "[]"
        parts = [_pieces(v, inner) for v in value]
    pieces = [open_]
    for place, part in enumerate(parts):
        pieces += [("," * bool(place)) + inner, *part]
    return [*pieces, line, close]


def _on_a_line(value: Any) -> str:
    """The whole text, or "" for what is never on one line."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_no_line)
    except _OnLinesError:
        return ""


def _no_line(value: Any) -> NoReturn:
    if isinstance(value, Lines):
        raise _OnLinesError
    raise TypeError(f"{type(value).__name__} is nothing that JSON has.")


def read_json(text: bytes | str, what: str) -> Any:
    """Read JSON text.

    Parameters
    ----------
    text
        Bytes are UTF-8, with or without a byte order mark.
    what
        What it should be, for sentences: "an experiment".

    Raises
    ------
    InputError
        For text that is no JSON, or JSON with numbers that are not finite, with a key that is there
        twice, with characters that are none, or nested too deeply.
    """
    try:
        words = text if isinstance(text, str) else text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"This is not {what}: byte {error.start + 1} is no UTF-8 text.") from None
    try:
        value = json.loads(
            words,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
        words.encode()
        _check_characters(value)
    except json.JSONDecodeError as error:
        raise InputError(_where(error, words, what)) from None
    except RecursionError:
        raise InputError(f"This is not {what}: it is nested too deeply.") from None
    except UnicodeEncodeError:
        raise InputError(
            f"This is not {what}: it has half of a character in it (a lone surrogate)."
        ) from None
    return value


def _where(error: json.JSONDecodeError, text: str, what: str) -> str:
    if not text.strip():
        return f"This is not {what}: it is empty."
    if error.pos >= len(text.rstrip()):
        return f"This is not {what}, or only the beginning of one: the text ends too early."
    reason = error.msg[0].lower() + error.msg[1:]
    return f"This is not {what}: line {error.lineno}, column {error.colno}: {reason}."


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise InputError(f"The key {quoted(twice)} is there twice in the same object: leave one of them.")
    return result


def _no_constant(name: str) -> NoReturn:
    raise InputError(f"{name} is no number that an experiment can have.")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise InputError(f"The number {short(text)} is larger than floating-point numbers can be.")
    return number


def _whole(text: str) -> int:
    if len(text) > 40:
        raise InputError(f"The number {short(text)} has {len(text)} digits: too many.")
    return int(text)


def _check_characters(value: Any) -> None:
    r"""Escapes such as \ud800 alone make a string that nothing can save again."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict):
        for key, inner in value.items():
            key.encode()
            _check_characters(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_characters(inner)
