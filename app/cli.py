"""The command line: finds the command, runs it, and says every error in one line."""

import importlib
import io
import os
import sys
from argparse import SUPPRESS
from collections.abc import Callable, Sequence
from typing import Any

from app import SUFFIX, __version__
from app.options import Parser
from core.errors import InputError, unknown_name

DONE, FAILED, BAD_INPUT = 0, 1, 2

COMMANDS = {
    "descend": "run optimizers over a surface",
    "critical-points": "find minima, maxima and saddles of a surface",
    "tune": "tune every optimizer with the same number of trials",
    "map": "show what happens from every start, or for every pair of hyperparameters",
    "train": "train one network for each initializer",
    "check": "make the checks of a network that a trainer makes by hand",
    "landscape": "show a trained network's loss over a plane, with the paths of its training",
    "open": "open an experiment in the window",
    "render": "write what an experiment shows: pictures, films, tables, a script",
    "validate": "check experiments without opening them",
    "list": "show the names that can be chosen",
    "register": "let the desktop open experiments with this program",
    "doctor": "look at what is installed, what is missing and where things are",
}
"""Every command and what it does; each is the module of its name in `app.commands`, with _ for -."""

EXAMPLES = """\
Without a command the laboratory's window opens.

examples:
  optiscope
  optiscope open lesson.optiscope
  optiscope render lesson.optiscope --out lesson.png --out lesson.py
  optiscope validate lesson.optiscope
  optiscope descend --surface rosenbrock --optimizer adam:learning_rate=0.1 --out adam.csv
  optiscope critical-points --surface himmelblau --out points.png
  optiscope tune --surface beale --out rates.png
  optiscope map --surface himmelblau --optimizer momentum --out basins.png
  optiscope train --dataset digits --initializer he_normal --epochs 5
  optiscope check --dataset digits --initializer he_normal --out rates.png
  optiscope landscape --initializer he_normal --out landscape.png
  optiscope list surfaces
  optiscope register
  optiscope doctor
"""


def run(arguments: Sequence[str]) -> int:
    """Run one command; return the exit status. Errors end up as one line on standard error."""
    _write_any_character()
    try:
        status = _guarded(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever read the output has seen enough
        _discard_output()
        return DONE
    except OSError as error:
        return _complain(f"The output cannot be written: {error.strerror}.", FAILED)


def _guarded(arguments: Sequence[str]) -> int:
    try:
        return _dispatch(arguments)
    except InputError as error:
        return _complain(str(error), BAD_INPUT)
    except MemoryError:
        return _complain("This does not fit into the memory; take fewer steps, starts or units.", BAD_INPUT)
    except SystemExit as done:  # --help and --version
        return int(done.code or DONE)


def _dispatch(arguments: Sequence[str]) -> int:
    if not arguments:
        return _open_window()
    first, *rest = arguments
    if first.startswith("-"):
        _top_parser().read(arguments)
        raise InputError("There is no command here; see optiscope --help.")
    if first.endswith(SUFFIX):
        first, rest = "open", list(arguments)
    if first not in COMMANDS:
        raise unknown_name("command", first, COMMANDS)
    command = importlib.import_module(f"app.commands.{first.replace('-', '_')}")
    parser: Parser = command.parser()
    carry_out: Callable[[Any], None] = command.run
    carry_out(parser.read(rest))
    return DONE


def _open_window() -> int:
    from app import screen

    problem = screen.problem(os.environ)
    if problem is None:
        from app.launch import launch

        try:
            return launch()
        except InputError as error:
            return _complain(str(error), FAILED)
    from app.commands.without_screen import run as render

    render(problem)
    return DONE


def _top_parser() -> Parser:
    parser = Parser(
        "optiscope",
        usage="optiscope [COMMAND] [options]",
        summary="A desktop laboratory that shows how optimizers and initializations behave.",
        epilog=_command_list() + EXAMPLES,
    )
    parser.option("--version", action="version", version=f"Optiscope {__version__}", help="show the version")
    parser.add_argument("command", nargs="?", help=SUPPRESS)
    return parser


def _command_list() -> str:
    width = max(len(name) for name in COMMANDS)
    lines = [f"  {name:<{width}} {summary}\n" for name, summary in COMMANDS.items()]
    return "commands (each has a --help of its own):\n" + "".join(lines) + "\n"


def _complain(sentence: str, status: int) -> int:
    """One line on standard error, whatever the sentence quotes."""
    line = " ".join("".join(c if c.isprintable() else " " for c in sentence).split())
    print(f"optiscope: {line}", file=sys.stderr)
    return status


def _write_any_character() -> None:
    """A terminal that lacks a character shows a question mark in its place."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _discard_output() -> None:
    """Give the interpreter something that it can flush at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
