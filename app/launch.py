"""Opens the window: the way that all commands take."""

from pathlib import Path

from app import screen
from app.collector import collector_waits
from app.qt_binding import load_binding
from core.errors import InputError


def launch(file: Path | None = None) -> int:
    """Open the laboratory, with an experiment in it, and run until it is closed; return the exit status.

    Raises
    ------
    InputError
        When a library that Qt needs is missing.
    """
    with collector_waits():
        try:
            load_binding()
            from app.main import run_window
        except ImportError as error:
            raise InputError(screen.missing_library(error)) from None
        return run_window(["optiscope"], file)
