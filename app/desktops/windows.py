"""Windows: keys in the person's own part of the registry.

Source: Microsoft, "How to register a file type for a new application".
"""

import contextlib
import ctypes
import importlib
import subprocess
from typing import Any

from app import SUFFIX
from app.desktops import OPEN

_CLASSES = r"Software\Classes"
_TYPE = "Optiscope.Experiment"
_CHANGED = 0x08000000
"""SHCNE_ASSOCCHANGED: the Explorer looks at associations again."""


def register(command: list[str]) -> None:
    """Write the keys: the suffix has a type, and the type a command."""
    registry = _registry()
    line = f'{subprocess.list2cmdline([*command, *OPEN])} "%1"'
    for path, value in (
        (rf"{_CLASSES}\{SUFFIX}", _TYPE),
        (rf"{_CLASSES}\{_TYPE}", "Optiscope experiment"),
        (rf"{_CLASSES}\{_TYPE}\shell\open\command", line),
    ):
        with registry.CreateKey(registry.HKEY_CURRENT_USER, path) as key:
            registry.SetValueEx(key, "", 0, registry.REG_SZ, value)
    _tell_explorer()


def remove() -> None:
    """Take the keys away, those within before those around them; the suffix stays if others use it by now."""
    registry = _registry()
    person = registry.HKEY_CURRENT_USER
    for part in (r"\shell\open\command", r"\shell\open", r"\shell", ""):
        with contextlib.suppress(FileNotFoundError):
            registry.DeleteKey(person, rf"{_CLASSES}\{_TYPE}{part}")
    with contextlib.suppress(FileNotFoundError):
        if registry.QueryValue(person, rf"{_CLASSES}\{SUFFIX}") == _TYPE:
            registry.SetValue(person, rf"{_CLASSES}\{SUFFIX}", registry.REG_SZ, "")
    _tell_explorer()


def _registry() -> Any:
    return importlib.import_module("winreg")


def _tell_explorer() -> None:
    shell: Any = getattr(ctypes, "windll", None)
    if shell is not None:
        shell.shell32.SHChangeNotify(_CHANGED, 0, None, None)
