"""Loads Qt's binding, and leaves Python's own import in its place."""

import builtins


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

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)  # as PySide6 keeps it
