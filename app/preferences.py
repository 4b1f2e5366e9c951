"""What a person prefers, in every experiment: kept in the settings, the same in all windows to come."""

import os
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSettings

from app.language import NAMES
from app.theme import SURFACES
from core.training.lanes import THREADS


@dataclass(frozen=True)
class Preference:
    """One thing that can be preferred.

    Attributes
    ----------
    name, title, help
        Its key in the settings, what stands before it, and one line about it.
    choices
        Every value with its words; the first is what holds until a person chooses.
    """

    name: str
    title: str
    help: str
    choices: tuple[tuple[str, str], ...]

    def check(self, value: Any) -> str:
        """The value if it is one of the choices, else the first: settings may be edited by hand."""
        return value if value in [key for key, _ in self.choices] else self.choices[0][0]


PREFERENCES = (
    Preference(
        "language", "Language", "Of all that one reads in the window; the command line and files are English."
        " Holds from the next start on.", (("system", "as the system"), *NAMES.items()),
    ),
    Preference(
        "look", "Look", "Light, dark, or what the system asks for.",
        (("system", "as the system"), ("light", "light"), ("dark", "dark")),
    ),
    Preference(
        "surface_colours", "Surface", "Colours from low to high loss. Muted ones let the paths stand out.",
        tuple((key, key.replace("_", " ")) for key in SURFACES),
    ),
    Preference(
        "speed", "Speed of playing", "How fast a new window plays: at 1× a whole run takes eight seconds.",
        (("1", "1×"), ("0.25", "0.25×"), ("0.5", "0.5×"), ("2", "2×"), ("4", "4×")),
    ),
    Preference(
        "play", "At the start", "Whether the paths of a new window are drawn at once.",
        (("yes", "play"), ("no", "wait")),
    ),
    Preference(
        "threads", "Processors for training", "How many networks may be trained at the same time."
        " Results do not depend on it. Holds from the next start on.",
        (("all", "all processors"), ("1", "1"), ("2", "2"), ("4", "4"), ("8", "8")),
    ),
)  # fmt: skip


class Preferences:
    """Reads and writes them.

    Parameters
    ----------
    settings
        Where they are kept.
    """

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def get(self, name: str) -> str:
        """What is preferred."""
        (preference,) = (each for each in PREFERENCES if each.name == name)
        return preference.check(self._settings.value(name, preference.choices[0][0], type=str))

    def set(self, name: str, value: str) -> None:
        """Prefer something from now on."""
        self._settings.setValue(name, value)

    def apply_to_processes(self) -> None:
        """Processes that are started from now on use no more threads than is preferred."""
        threads = self.get("threads")
        if threads == "all":
            os.environ.pop(THREADS, None)
        else:
            os.environ[THREADS] = threads
