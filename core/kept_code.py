"""Printed code of formulas as bytes to keep: the next launch need not load SymPy to show a surface.

They are to be kept where programs keep what they could make again. They hold code, as Python's own
`__pycache__` does: whoever may write there may run code as that user anyway.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import msgspec

from core.errors import InputError
from core.formula_code import Code, code_of, keep_code

MOST_KEPT = 48
"""Formulas: fewer than `core.formula_code` remembers, so that none of them pushes out another."""


class _Kept(msgspec.Struct, frozen=True):
    """Codes, and the mark of the modules that printed them."""

    printed_by: str
    codes: tuple[Code, ...]


def code_of_all(formulas: Iterable[str]) -> tuple[Code, ...]:
    """Derive and print formulas, the first `MOST_KEPT` of them; those that cannot be read are left out."""
    codes = []
    for formula in list(dict.fromkeys(formulas))[:MOST_KEPT]:
        try:
            codes.append(code_of(formula))
        except InputError:
            continue
    return tuple(codes)


def pack(codes: tuple[Code, ...]) -> bytes:
    """Bytes for `use`."""
    return msgspec.json.encode(_Kept(_mark(), codes))


def use(packed: bytes) -> frozenset[str]:
    """Take the code that was kept; the formulas whose code it was.

    None, if the bytes are damaged or another version of this program made them.
    """
    try:
        kept = msgspec.json.decode(packed, type=_Kept)
    except (ValueError, RecursionError):
        return frozenset()
    if kept.printed_by != _mark():
        return frozenset()
    for code in kept.codes:
        keep_code(code)
    return frozenset(code.formula for code in kept.codes)


@lru_cache(maxsize=1)
def _mark() -> str:
    """Another one whenever a module that reads formulas or prints code is another."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("formula*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
