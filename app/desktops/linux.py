"""Desktops by the standards of freedesktop.org: three files in the person's own folder of applications."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from app import SUFFIX
from app.desktops import OPEN
from core.resource import resource_path

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
_ENTRY = f"""\
[Desktop Entry]
Type=Application
Name=Optiscope
Comment=A laboratory that shows how optimizers behave
Exec={{command}} %f
Icon=optiscope
Categories=Education;Science;
MimeType={MIME};
"""


def register(command: list[str]) -> None:
    """Write the files, and have the desktop look at them."""
    for path, content in _contents(command).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    _tell_desktop()


def remove() -> None:
    """Take the files away."""
    for path in _contents([]):
        path.unlink(missing_ok=True)
    _tell_desktop()


def _folder() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def _contents(command: list[str]) -> dict[Path, bytes]:
    folder = _folder()
    words = " ".join(map(_quoted, (*command, *OPEN)))
    return {
        folder / "mime" / "packages" / "optiscope.xml": _TYPE.encode(),
        folder / "applications" / "optiscope.desktop": _ENTRY.format(command=words).encode(),
        folder / "icons" / "hicolor" / "scalable" / "apps" / "optiscope.svg": resource_path(
            "icons/app.svg"
        ).read_bytes(),
    }


def _quoted(word: str) -> str:
    """A word of a command by the Desktop Entry Specification: strings are unescaped, then quotes."""
    for special in '\\"`$':
        word = word.replace(special, "\\" + special)
    return '"' + word.replace("\\", "\\\\").replace("%", "%%") + '"'


def _tell_desktop() -> None:
    """Have the desktop look at its folders again, where it has the programs for that."""
    folder = _folder()
    for program, part in (("update-mime-database", "mime"), ("update-desktop-database", "applications")):
        if found := shutil.which(program):
            with contextlib.suppress(subprocess.SubprocessError):
                subprocess.run([found, str(folder / part)], check=False, capture_output=True, timeout=30)
