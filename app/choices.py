"""Reads what a person chose from a catalogue: "adam" or "adam:learning_rate=0.1,beta1=0.95"."""

from collections.abc import Sequence
from typing import Any

from core.catalogue import Catalogue, Entry
from core.choice import Choice
from core.errors import InputError
from core.hyperparameter import Value, Values
from core.optimizer import MethodSpec


def read_choice(text: str, catalogue: Catalogue[Any]) -> Choice:
    """Read `ID[:name=value,...]`.

    Returns
    -------
    Choice
        With the values that were given, checked and of their own type.

    Raises
    ------
    InputError
        For an id, name or value that does not exist, and for text of another shape.
    """
    key, colon, rest = text.partition(":")
    entry: Entry = catalogue[key.strip()]
    given = _pairs(rest, text, entry) if colon else {}
    known = {parameter.name for parameter in entry.hyperparameters}
    try:
        values = entry.values(given)
    except InputError as error:
        where = f"{entry.id}: " if error.field in known else ""
        raise InputError(f"{where}{error}", error.field) from None
    return Choice(entry.id, {name: values[name] for name in given})


def _pairs(rest: str, text: str, entry: Entry) -> dict[str, Value]:
    pairs: dict[str, Value] = {}
    for piece in rest.split(","):
        name, equals, value = (part.strip() for part in piece.partition("="))
        if not (name and equals and value):
            raise InputError(f"'{piece}' in '{text}' is not name=value{_example(entry)}.", entry.id)
        if name in pairs:
            raise InputError(f"'{text}' gives {name} twice; once is enough.", name)
        pairs[name] = value
    return pairs


def _example(entry: Entry) -> str:
    if not entry.hyperparameters:
        return f"; write only {entry.id}"
    first = entry.hyperparameters[0]
    return f"; write for example {entry.id}:{written({first.name: first.default})}"


def written(values: Values) -> str:
    """Values as they are written behind the id, every number at full precision."""
    return ",".join(f"{name}={written_value(value)}" for name, value in values.items())


def written_value(value: Value) -> str:
    """One value as a person writes it: "true", "0.1", "sum"."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def label(choice: Choice) -> str:
    """A choice as text that `read_choice` reads."""
    return f"{choice.id}:{written(choice.values)}" if choice.values else choice.id


def method_labels(methods: Sequence[MethodSpec]) -> list[str]:
    """What each method is called: its optimizer's id, with its numbers where the id alone is not unique."""
    choices = [method.optimizer for method in methods]
    ids = [choice.id for choice in choices]
    return [choice.id if ids.count(choice.id) == 1 else label(choice) for choice in choices]
