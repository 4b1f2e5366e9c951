"""The one exception for what a person typed, chose or supplied wrongly."""

import difflib
from collections.abc import Iterable

_LONGEST = 60
"""Characters of a name that a sentence repeats, and that others are compared with."""


class InputError(ValueError):
    """Bad input, said in one sentence that names what is wrong and what would be right.

    Attributes
    ----------
    field
        Name of the number or choice that is wrong ("learning_rate"), or "" when the
        whole input is. The window shows the sentence beside the control of that name.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def unknown_name(kind: str, name: str, known: Iterable[str]) -> InputError:
    """The error for a name that a catalogue does not have, with the nearest one that it has."""
    names = list(known)
    name = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
    near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else "choose one of: " + ", ".join(names) + "."
    return InputError(f"There is no {kind} '{name}'; {hint}", field=kind.replace(" ", "_"))
