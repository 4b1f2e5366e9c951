"""Pieces of text that every script is made of, and what a person has named, made harmless.

Whatever comes from a person or a file goes into a script as a `comment`, as `quoted` text or as a number:
no name can end the line or the quotes that it stands in.
"""

import io
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

WIDTH = 100
"""Columns of a script's lines; a formula may be longer."""
MOST_WRITTEN = 2_000
"""Characters of numbers that a script holds itself: more would hide what it does."""

STREAM = '''\
def stream(*names):
    """Random numbers for one purpose, told by its name: what draws more shifts no other."""
    words = [zlib.crc32(name.encode()) for name in names]
    return np.random.default_rng(np.random.SeedSequence([SEED, *words]))'''


class Script(msgspec.Struct, frozen=True):
    """A script, and what it reads.

    Attributes
    ----------
    text
        Python, to be written as UTF-8.
    data
        Content of the file that it reads, or None where it reads none. That file stands beside the
        script and has the same name with the ending `.npz`, so that both can be renamed together.
    """

    text: str
    data: bytes | None = None


def plain(text: str) -> str:
    """Text on one line, without control characters and marks that turn the direction of reading."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def comment(text: str) -> str:
    """Text as lines of comment."""
    return "\n".join(f"# {line}" for line in textwrap.wrap(plain(text), WIDTH - 2))


def docstring(paragraphs: Iterable[str]) -> str:
    """The docstring of a script; paragraphs are wrapped, none of them can end it."""
    safe = (plain(each).replace("\\", "\\\\").replace('"', "'") for each in paragraphs)
    wrapped = ["\n".join(textwrap.wrap(each, WIDTH, break_long_words=False)) for each in safe]
    return '"""' + "\n\n".join(wrapped) + '\n"""'


def quoted(text: str) -> str:
    """Text as Python writes it in double quotes."""
    safe = plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{safe}"'


def assigned(name: str, items: Sequence[str], brackets: str = "[]") -> str:
    """`name = [items]`, on as many lines as it takes."""
    opened, closed = brackets[0], brackets[1]
    whole = f"{name} = {opened}{', '.join(items)}{closed}"
    if len(whole) <= WIDTH:
        return whole
    filled = textwrap.fill(", ".join(items) + ",", WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return f"{name} = {opened}\n{textwrap.indent(filled, '    ')}\n{closed}"


def listed(name: str, items: Sequence[str]) -> str:
    """`name = [items]`, an item a line; one that is too long is broken at its outer brackets."""
    return "\n".join(
        [f"{name} = [", *(f"    {line}" for item in items for line in broken(f"{item},", 4)), "]"]
    )


def broken(line: str, room: int = 0) -> list[str]:
    """A line that ends with a bracket, or a bracket and a comma, on as many lines as it takes.

    Parameters
    ----------
    room
        Columns that are taken on its left.
    """
    if len(line) + room <= WIDTH or ")" not in line:
        return [line]
    begin, end = line.index("(") + 1, line.rindex(")")
    inner = ", ".join(parts := _split(line[begin:end]))
    lines = (
        [inner] if len(inner) + room + 4 <= WIDTH else [b for p in parts for b in broken(f"{p},", room + 4)]
    )
    return [line[:begin], *(f"    {each}" for each in lines), line[end:]]


def _split(text: str) -> list[str]:
    """The parts of a text between the commas that stand outside of brackets and quotes."""
    parts, depth, inside = [""], 0, False
    for character in text:
        inside ^= character == '"'
        depth += 0 if inside else (character in "([{") - (character in ")]}")
        if character == "," and not depth and not inside:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def real(value: object) -> str:
    """A number as one writes it: 1e-8 and not 1e-08."""
    return re.sub(r"e([-+])0", r"e\1", repr(value))


def called(function: str, arguments: Mapping[str, str], first: str = "") -> str:
    """`function(first, name=value, ...)`."""
    words = [first] * bool(first) + [f"{name}={value}" for name, value in arguments.items()]
    return f"{function}({', '.join(words)})"


def once(texts: Iterable[str]) -> list[str]:
    """Each class or function once, by its name."""
    return list({text.split("(")[0]: text for text in texts}.values())


def joined(sections: Iterable[str]) -> str:
    """A whole script: sections with two empty lines round functions and classes, one elsewhere."""
    text = ""
    before = ""
    for section in (each.strip("\n") for each in sections if each.strip()):
        wide = _defines(section) or _defines(before)
        text += ("\n\n\n" if wide else "\n\n") * bool(text) + section
        before = section
    return text + "\n"


def _defines(section: str) -> bool:
    lines = [line for line in section.splitlines() if not line.startswith("#")]
    return bool(lines) and lines[0].startswith(("def ", "class "))


_OURS = {"import itertools": "itertools.", "import math": "math.", "import zlib": "zlib.",
         "from pathlib import Path": "Path(",
         "from types import SimpleNamespace": "SimpleNamespace("}  # fmt: skip
_THEIRS = {"import numpy as np": "np.", "import torch": "torch.", "from torch import nn": "nn.",
           "from torch.nn import functional": "functional."}  # fmt: skip
"""Imports, and the words that call for them."""


def imports(text: str) -> str:
    """The imports that a script's text needs: Python's own, then others."""
    groups = (
        [line for line, word in group.items() if re.search(rf"(?<![\w.]){re.escape(word)}", text)]
        for group in (_OURS, _THEIRS)
    )
    return "\n\n".join("\n".join(group) for group in groups if group)


def archive(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """The arrays as a compressed `.npz`; equal arrays give equal bytes."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()
