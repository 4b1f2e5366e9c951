"""What the networks of a run have in common, and what tells them apart.

A script writes what is the same in all networks where it is used, and the rest as an attribute of `v`, the
choices of one network.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from core.torch_script.writing import called
from core.training.variant import Variant

Text = Callable[[Variant], str]
Number = Callable[[Variant], Any]


class Choices:
    """Words for what the networks choose; those that differ become attributes."""

    def __init__(self, variants: Sequence[Variant]) -> None:
        self.variants = variants
        self._attributes: list[dict[str, str]] = [{} for _ in variants]

    @property
    def differ(self) -> bool:
        """Whether anything told them apart so far."""
        return any(self._attributes)

    def word(self, name: str, text: Text) -> str:
        """How a script refers to something: its text where all have the same, else `v.name`."""
        texts = [text(variant) for variant in self.variants]
        if len(set(texts)) == 1:
            return texts[0]
        for attributes, each in zip(self._attributes, texts, strict=True):
            attributes[name] = each
        return f"v.{name}"

    def number(self, name: str, value: Number | None = None) -> str:
        """The same for a number, which is an attribute of a variant unless told otherwise."""
        return self.word(name, lambda v: repr(value(v) if value else getattr(v, name)))

    def any(self, holds: Number) -> bool:
        """Whether something holds for at least one network."""
        return any(holds(variant) for variant in self.variants)

    def where(self, holds: Number, condition: str, lines: Sequence[str]) -> list[str]:
        """Lines for the networks of which something holds, below a condition if those are not all."""
        if all(holds(variant) for variant in self.variants):
            return list(lines)
        return [f"if {condition}:", *indented(lines)] if self.any(holds) else []

    def rows(self, names: Sequence[str]) -> list[str]:
        """A row for each network: its name, and its choices."""
        if not self.differ:
            return list(names)
        pairs = zip(names, self._attributes, strict=True)
        return [f"({name}, {called('SimpleNamespace', attributes)})" for name, attributes in pairs]


def indented(lines: Sequence[str], levels: int = 1) -> list[str]:
    """Lines further to the right."""
    return [f"{'    ' * levels}{line}" if line else "" for line in lines]


def asks(lines: Sequence[str]) -> bool:
    """Whether lines need the choices of a network."""
    return any(re.search(r"\bv([.,)]|$)", line) for line in lines)
