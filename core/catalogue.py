"""Finds the entries of a catalogue: one file each in a folder, no list to keep.

A catalogue's folder is a package; every module in it holds one constant, `ENTRY`,
an instance of the catalogue's interface. The module's name is the entry's id.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from core.errors import unknown_name
from core.hyperparameter import Hyperparameter, Value, Values, complete

T = TypeVar("T", bound="Entry")


class CatalogueError(Exception):
    """A catalogue's file is not a proper entry; the message names file and mend."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What every entry of every catalogue says of itself.

    Attributes
    ----------
    id
        The word of code, command line and files; equal to the module's name.
    name
        What the screen shows.
    summary
        One sentence that teaches, shown as tooltip and by `optiscope list`.
    order
        Place in menus (small first, then by id).
    """

    id: str
    name: str
    summary: str
    order: int = 100
    hyperparameters: tuple[Hyperparameter, ...] = ()

    def values(self, given: Values) -> dict[str, Value]:
        """All hyperparameters of this entry: those given, checked, and defaults for the rest."""
        return complete(self.hyperparameters, given, self.name)


class Catalogue(Mapping[str, T]):
    """A read-only mapping from id to entry, found by scanning a package's folder once.

    Parameters
    ----------
    package
        Dotted name of the folder, as "core.optimizers".
    interface
        The class that every `ENTRY` must be an instance of.
    kind
        The word for messages: "optimizer".
    """

    def __init__(self, package: str, interface: type[T], kind: str) -> None:
        self._package, self._interface, self._kind = package, interface, kind

    @cached_property
    def _entries(self) -> dict[str, T]:
        folder = importlib.import_module(self._package)
        modules = [info.name for info in pkgutil.iter_modules(folder.__path__)]
        entries = [self._load(module) for module in modules]
        return {entry.id: entry for entry in sorted(entries, key=lambda e: (e.order, e.id))}

    def _load(self, module: str) -> T:
        where = f"{self._package}.{module}"
        entry = getattr(importlib.import_module(where), "ENTRY", None)
        if not isinstance(entry, self._interface):
            raise CatalogueError(
                f"{where} must define ENTRY, an instance of {self._interface.__name__};"
                f" found {type(entry).__name__}."
            )
        if entry.id != module:
            raise CatalogueError(f"{where} holds the id '{entry.id}'; it must be '{module}'.")
        return entry

    def __getitem__(self, key: str) -> T:
        try:
            return self._entries[key]
        except KeyError:
            raise unknown_name(self._kind, key, self._entries) from None

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
