"""Prepares a command for painting pictures: Qt without a screen, and a sentence where Qt cannot load."""

import importlib
from collections.abc import Iterable
from pathlib import Path

from app.qt_binding import load_without_screen
from app.screen import missing_library
from core.errors import InputError

PICTURES = (".png", ".svg", ".pdf", ".gif", ".apng", ".webp", ".mp4")
"""Endings of what is painted."""


def prepare(paths: Iterable[Path]) -> None:
    """Start Qt, so that it needs no screen, if one of the files is a picture.

    Raises
    ------
    InputError
        When Qt or a library that it needs is missing; the sentence names the package.
    """
    if not any(path.suffix.lower() in PICTURES for path in paths):
        return
    try:
        load_without_screen()
        canvas = importlib.import_module("app.exporters.canvas")
        importlib.import_module("app.exporters.pictures")  # what draws may miss a library too
    except ImportError as error:
        raise InputError(missing_library(error), "out") from None
    canvas.start_qt()
