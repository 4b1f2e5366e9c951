"""Files appear whole or not at all, and what cannot be written is known before anything is computed."""

import os
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.errors import InputError

Writer = Callable[[Path], None]


def check_files(texts: Sequence[str], endings: Sequence[str]) -> list[Path]:
    """The paths of the files that a person asked for.

    Raises
    ------
    InputError
        For an ending that is not one of `endings`, a file named twice, and a file that cannot
        be written.
    """
    paths: list[Path] = []
    for text in texts:
        _check_ending(text, endings)
        try:
            path = _writable(text)
        except OSError as error:
            raise _unwritable(text, error) from None
        if path in paths:
            raise InputError(f"The file '{text}' is named twice; name every file once.", "out")
        paths.append(path)
    return paths


def write_file(path: Path, write: Writer) -> None:
    """Let `write` fill a new file, then put it in the place of `path` in one move.

    Raises
    ------
    InputError
        When the disk is full, or the folder has gone meanwhile; `path` is then as it was.
    """
    part = new_part(path)
    try:
        write(part)
        take_place(part, path)
    except OSError as error:
        raise _unwritable(str(path), error) from None
    finally:
        part.unlink(missing_ok=True)


def take_place(part: Path, path: Path) -> None:
    """Put a whole file in the place of `path`; raises `InputError`, and then there is no `part` either."""
    try:
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _unwritable(str(path), error) from None


def write_files(paths: Sequence[Path], writers: Mapping[str, Writer]) -> None:
    """Write each path with the writer of its ending."""
    for path in paths:
        write_file(path, writers[path.suffix.lower()])


def _check_ending(text: str, endings: Sequence[str]) -> None:
    if Path(text).suffix.lower() not in endings:
        known = f"{', '.join(endings[:-1])} or {endings[-1]}"
        raise InputError(f"The name of a file ends in {known}; '{text}' does not.", "out")


def _writable(text: str) -> Path:
    try:
        path = Path(text).resolve()
    except (ValueError, RuntimeError):  # a NUL in the name, a loop of links
        raise InputError(f"'{text}' is not the name of a file.", "out") from None
    if not path.parent.is_dir():
        raise InputError(f"There is no folder '{path.parent}' for the file '{text}'; make it first.", "out")
    _check_existing(path, text)
    part = new_part(path)
    part.touch(exist_ok=False)
    part.unlink()
    return path


def _check_existing(path: Path, text: str) -> None:
    try:
        path.lstat()  # tells a name that is too long from one that is free
    except FileNotFoundError:
        return
    if not path.is_file():
        raise InputError(f"'{text}' is not a file that can be replaced; choose another name.", "out")
    if not os.access(path, os.W_OK):
        raise InputError(f"The file '{text}' is write-protected; choose another name.", "out")


def new_part(path: Path) -> Path:
    """Where a file is written until it is whole: beside it, under a name that nobody else has."""
    return path.parent / f".optiscope-{secrets.token_hex(6)}.part"


def _unwritable(text: str, error: OSError) -> InputError:
    return InputError(f"The file '{text}' cannot be written: {error.strerror or error}.", "out")
