"""The one exception for what a person typed, chose or supplied wrongly."""

import difflib
from collections.abc import Iterable

_LONGEST = 60
"""Characters of a name that a sentence repeats, and that others are compared with."""


class InputError(ValueError):
    """Bad input, said in one sentence that names what is wrong and what would be right.

    Characters that do not print, which a name from a file may have, are replaced by U+FFFD: the sentence is
    one line everywhere.

    Attributes
    ----------
    field
        Name of the number or choice that is wrong ("learning_rate"), or "" when the
        whole input is. The window shows the sentence beside the control of that name.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(_printable(sentence))
        self.field = field


def quoted(value: object) -> str:
    """A value as a sentence repeats it: 'in quotes', and shortened where it is long."""
    return f"'{short(value)}'"


def short(value: object) -> str:
    """The same without quotes."""
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def unknown_name(kind: str, name: str, known: Iterable[str]) -> InputError:
    """The error for a name that a catalogue does not have, with the nearest one that it has."""
    names = list(known)
    name = short(name)
    near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else "choose one of: " + ", ".join(names) + "."
    return InputError(f"There is no {kind} '{name}'; {hint}", field=kind.replace(" ", "_"))
