"""An entry of a catalogue that a person chose, with the numbers that they set."""

import msgspec

from core.hyperparameter import Value


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry by id, and those of its hyperparameters that differ from the defaults.

    Attributes
    ----------
    id
        The entry's id: "adam", "cosine", "digits".
    values
        Hyperparameters by name; never changed in place, `with_value` makes a new choice.
    """

    id: str
    values: dict[str, Value] = {}

    def with_value(self, name: str, value: Value) -> "Choice":
        """Return the same choice with one hyperparameter set."""
        return Choice(self.id, {**self.values, name: value})

    def without_value(self, name: str) -> "Choice":
        """Return the same choice with one hyperparameter back at its default."""
        return Choice(self.id, {key: value for key, value in self.values.items() if key != name})
