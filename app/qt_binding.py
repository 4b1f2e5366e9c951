"""Loads Qt's binding, without what it does at every import that follows."""

import builtins
import os
import sys


def load_binding() -> None:
    """Load PySide6, if it is not there yet.

    It puts a function of its own in the place of `__import__`, which reads the source of each module that
    is imported later, to see whether that would take the other names of `__feature__`. Nothing here does;
    for the five hundred modules of the window it took a tenth of the time until it was there, and 17 MB.

    Raises
    ------
    ImportError
        When a library that Qt needs is missing.
    """
    import PySide6.QtCore  # noqa: F401

    if builtins.__import__ is getattr(builtins, "__feature_import__", None):
        builtins.__import__ = builtins.__orig_import__  # type: ignore[attr-defined]  # as PySide6 keeps it


def load_without_screen() -> None:
    """The same, to paint pictures where there may be no screen; nothing where a window is already there."""
    if sys.platform not in ("win32", "darwin") and "PySide6.QtWidgets" not in sys.modules:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    load_binding()
