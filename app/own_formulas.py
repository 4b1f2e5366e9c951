"""The formulas that a person keeps: a list that survives restarts."""

import logging

import msgspec
from PySide6.QtCore import QObject, QSettings, Signal

from core.errors import InputError
from core.formula_text import read
from core.surface import SurfaceSpec, check_domain

MOST = 200
"""Formulas that are kept; of more the oldest go."""
_KEY = "own_formulas"
_log = logging.getLogger("optiscope")


class OwnFormulas(QObject):
    """Kept formulas, in the order in which they were added. A name and a text together are there once.

    Attributes
    ----------
    specs
        The formulas, each with its view, its parameters' values and its rates.

    Signals
    -------
    changed()
        There are more, fewer, or other names.
    """

    changed = Signal()

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.specs: list[SurfaceSpec] = _read(settings.value(_KEY, "", type=str))
        self._unsaved = False

    def find(self, spec: SurfaceSpec) -> int:
        """Place of the formula with this name and text; -1 for none."""
        named = [(each.name, each.formula) for each in self.specs]
        return named.index((spec.name, spec.formula)) if (spec.name, spec.formula) in named else -1

    def keep(self, spec: SurfaceSpec, place: int = -1) -> None:
        """Keep a formula: in place of another one, or as a new one."""
        same = self.find(spec)
        if place < 0 and same >= 0:
            place = same
        elif 0 <= same != place:
            del self.specs[same]
            place -= same < place
        if place >= 0:
            self.specs[place] = spec
        else:
            self.specs = [*self.specs, spec][-MOST:]
        self._save()
        self.changed.emit()

    def remove(self, place: int) -> None:
        """Forget a formula."""
        del self.specs[place]
        self._save()
        self.changed.emit()

    def update(self, spec: SurfaceSpec) -> None:
        """Remember other values of a formula that is kept; they are written when the window closes."""
        place = self.find(spec)
        if place >= 0 and self.specs[place] != spec:
            self.specs[place] = spec
            self._unsaved = True

    def close(self) -> None:
        """Write what is not written yet."""
        if self._unsaved:
            self._save()

    def _save(self) -> None:
        self._settings.setValue(_KEY, msgspec.json.encode(self.specs).decode())
        self._unsaved = False


def _read(text: object) -> list[SurfaceSpec]:
    """What a settings file holds; a formula that is none is left out, a damaged list is empty."""
    if not text:
        return []
    try:
        specs = msgspec.json.decode(str(text), type=list[SurfaceSpec])
    except (msgspec.DecodeError, RecursionError) as error:
        _log.warning("the list of kept formulas is damaged and starts anew: %s", error)
        return []
    return [spec for spec in specs if _is_good(spec)][-MOST:]


def _is_good(spec: SurfaceSpec) -> bool:
    try:
        read(spec.formula)
        check_domain(spec.domain)
    except InputError as error:
        _log.warning("a kept formula is left out: %s", error)
        return False
    return not spec.id
