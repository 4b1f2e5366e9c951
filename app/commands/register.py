"""`optiscope register`: a double click on an experiment opens it here, on a desktop of Linux."""

import os
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

from app import SUFFIX
from app.options import Parser
from core.errors import InputError
from core.resource import resource_path

EXAMPLES = """\
Three small files are written to your own folder of applications; `--remove` takes them away.

examples:
  optiscope register
  optiscope register --remove
"""

MIME = "application/x-optiscope"
_TYPE = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{MIME}">
    <comment>Optiscope experiment</comment>
    <sub-class-of type="application/json"/>
    <glob pattern="*{SUFFIX}"/>
  </mime-type>
</mime-info>
"""
_ENTRY = """\
[Desktop Entry]
Type=Application
Name=Optiscope
Comment=A laboratory that shows how optimizers behave
Exec={command} %f
Icon=optiscope
Categories=Education;Science;
MimeType={mime};
"""


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
    if sys.platform != "linux":
        raise InputError(
            "Only desktops of Linux can be told by this command; elsewhere choose Optiscope once under"
            " 'Open with'."
        )
    folder = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    try:
        if options.remove:
            for path in _contents(folder):
                path.unlink(missing_ok=True)
        else:
            for path, content in _contents(folder).items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    except OSError as error:
        raise InputError(f"The desktop's files cannot be written: {error.strerror or error}.") from None
    _tell_desktop(folder)
    print(
        f"A double click on an experiment {'no longer opens' if options.remove else 'opens'} it in Optiscope."
    )


def _contents(folder: Path) -> dict[Path, bytes]:
    """The files, and what is in them."""
    beside = Path(sys.executable).parent / "optiscope"
    command = f'"{beside}"' if beside.exists() else f'"{sys.executable}" -m app'
    return {
        folder / "mime" / "packages" / "optiscope.xml": _TYPE.encode(),
        folder / "applications" / "optiscope.desktop": _ENTRY.format(command=command, mime=MIME).encode(),
        folder / "icons" / "hicolor" / "scalable" / "apps" / "optiscope.svg": resource_path(
            "icons/app.svg"
        ).read_bytes(),
    }


def _tell_desktop(folder: Path) -> None:
    """Have the desktop look at its folders again, where it has the programs for that."""
    for program, part in (("update-mime-database", "mime"), ("update-desktop-database", "applications")):
        if found := shutil.which(program):
            subprocess.run([found, str(folder / part)], check=False, capture_output=True, timeout=30)
