"""Windows: keys in the person's own part of the registry.

Source: Microsoft, "How to register a file type for a new application".
"""

import ctypes
import importlib
import subprocess
from typing import Any

from app import SUFFIX

_CLASSES = r"Software\Classes"
_TYPE = "Optiscope.Experiment"
_CHANGED = 0x08000000
"""SHCNE_ASSOCCHANGED: the Explorer looks at associations again."""


def register(command: list[str]) -> None:
    """Write the keys: the suffix has a type, and the type a command."""
    registry = _registry()
    line = subprocess.list2cmdline([*command, "%1"]).replace(" %1", ' "%1"')
    for path, value in (
        (rf"{_CLASSES}\{SUFFIX}", _TYPE),
        (rf"{_CLASSES}\{_TYPE}", "Optiscope experiment"),
        (rf"{_CLASSES}\{_TYPE}\shell\open\command", line),
    ):
        with registry.CreateKey(registry.HKEY_CURRENT_USER, path) as key:
            registry.SetValueEx(key, "", 0, registry.REG_SZ, value)
    _tell_explorer()


def remove() -> None:
    """Take the keys away, those within before those around them."""
    registry = _registry()
    inner = [rf"{_CLASSES}\{_TYPE}{part}" for part in (r"\shell\open\command", r"\shell\open", r"\shell", "")]
    for path in (*inner, rf"{_CLASSES}\{SUFFIX}"):
        try:
            registry.DeleteKey(registry.HKEY_CURRENT_USER, path)
        except FileNotFoundError:
            continue
    _tell_explorer()


def _registry() -> Any:
    return importlib.import_module("winreg")


def _tell_explorer() -> None:
    shell: Any = getattr(ctypes, "windll", None)
    if shell is not None:
        shell.shell32.SHChangeNotify(_CHANGED, 0, None, None)
