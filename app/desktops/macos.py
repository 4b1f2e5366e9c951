"""macOS: a small application in the person's own folder that hands on to this program.

Only applications open documents there. The files that are opened come as events, see `app.opened_files`.
Source: Apple, "Information Property List".
"""

import contextlib
import plistlib
import shlex
import shutil
import subprocess
from pathlib import Path

from app import SUFFIX

_TYPE = "org.optiscope.experiment"
_REGISTER = (
    "/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework/Support/lsregister"
)


def register(command: list[str]) -> None:
    """Write the application, and have the system look at it."""
    contents = _application() / "Contents"
    start = contents / "MacOS" / "optiscope"
    start.parent.mkdir(parents=True, exist_ok=True)
    (contents / "Info.plist").write_bytes(plistlib.dumps(_PROPERTIES))
    start.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    start.chmod(0o755)
    if Path(_REGISTER).exists():
        with contextlib.suppress(subprocess.SubprocessError):
            subprocess.run([_REGISTER, str(_application())], check=False, capture_output=True, timeout=30)


def remove() -> None:
    """Take the application away."""
    if _application().exists():
        shutil.rmtree(_application())


def _application() -> Path:
    return Path.home() / "Applications" / "Optiscope.app"


_PROPERTIES = {
    "CFBundleName": "Optiscope",
    "CFBundleIdentifier": "org.optiscope.window",
    "CFBundleExecutable": "optiscope",
    "CFBundlePackageType": "APPL",
    "UTExportedTypeDeclarations": [
        {
            "UTTypeIdentifier": _TYPE,
            "UTTypeDescription": "Optiscope experiment",
            "UTTypeConformsTo": ["public.json"],
            "UTTypeTagSpecification": {"public.filename-extension": [SUFFIX.removeprefix(".")]},
        }
    ],
    "CFBundleDocumentTypes": [
        {
            "CFBundleTypeName": "Optiscope experiment",
            "CFBundleTypeRole": "Editor",
            "LSItemContentTypes": [_TYPE],
        }
    ],
}
