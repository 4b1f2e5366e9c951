"""`optiscope register`: a double click on an experiment opens it here."""

import importlib
import sys
from argparse import Namespace
from pathlib import Path

from app.options import Parser
from core.errors import InputError

EXAMPLES = """\
What is written is your own: a few files in your folder of applications, on Windows keys of your
part of the registry. `--remove` takes it away.

examples:
  optiscope register
  optiscope register --remove
"""
_DESKTOPS = {"linux": "linux", "win32": "windows", "darwin": "macos"}
"""Modules of `app.desktops` by `sys.platform`."""
_MODULE = ("-P", "-m", "app")
"""`-P`: what lies beside the file that is opened is never taken for a part of the program."""


def parser() -> Parser:
    """The options of `optiscope register`."""
    result = Parser(
        "optiscope register",
        usage="optiscope register [--remove]",
        summary="Let the desktop open experiments with this program, by a double click.",
        epilog=EXAMPLES,
    )
    result.option("--remove", action="store_true", help="take that back")
    return result


def run(options: Namespace) -> None:
    """Carry out `optiscope register`."""
    if sys.platform not in _DESKTOPS:
        raise InputError(
            f"It is not known how desktops of this system ({sys.platform}) are told; choose Optiscope once"
            " under 'Open with'."
        )
    desktop = importlib.import_module(f"app.desktops.{_DESKTOPS[sys.platform]}")
    try:
        if options.remove:
            desktop.remove()
        else:
            desktop.register(_command())
    except OSError as error:
        raise InputError(f"The desktop's files cannot be written: {error.strerror or error}.") from None
    print(
        f"A double click on an experiment {'no longer opens' if options.remove else 'opens'} it in Optiscope."
    )


def _command() -> list[str]:
    """What starts this program: on Windows without a console."""
    suffix = ".exe" if sys.platform == "win32" else ""
    folder = Path(sys.executable).parent
    beside = folder / f"optiscope{suffix}"
    if sys.platform == "win32" and (folder / "pythonw.exe").exists():
        return [str(folder / "pythonw.exe"), *_MODULE]
    return [str(beside)] if beside.exists() else [sys.executable, *_MODULE]
