"""`optiscope open`: the window with an experiment in it."""

import os
from argparse import Namespace
from pathlib import Path

from app import screen
from app.experiment_store import load
from app.launch import launch
from app.options import Parser
from core.errors import InputError

EXAMPLES = """\
`optiscope lesson.optiscope` does the same: that is what a desktop calls when a file is opened.

examples:
  optiscope open lesson.optiscope
"""


def parser() -> Parser:
    """The options of `optiscope open`."""
    result = Parser(
        "optiscope open",
        usage="optiscope open FILE [--in-window]",
        summary="Open an experiment in the laboratory's window.",
        epilog=EXAMPLES,
    )
    result.add_argument("file", nargs="?", metavar="FILE", help="an experiment")
    result.option(
        "--in-window",
        action="store_true",
        help="say what is wrong with the file there, as for a double click",
    )
    return result


def run(options: Namespace) -> None:
    """Carry out `optiscope open`."""
    if options.file is None:
        raise InputError("Name the file to open, for example: optiscope open lesson.optiscope.", "file")
    if not options.in_window:
        load(Path(options.file))  # what is wrong with it is said here, too
    if problem := screen.problem(os.environ):
        raise InputError(f"No window can be opened. {problem}", "file")
    launch(Path(options.file))
