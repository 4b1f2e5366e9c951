"""What is installed here and where things are: for a person who looks for a fault, or reports one."""

import ctypes
import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from app import __version__, screen
from app.exporters.ffmpeg import find_ffmpeg

_PACKAGES = ("PySide6-Essentials", "pyqtgraph", "numpy", "sympy", "contourpy", "msgspec")
_EXTRAS = {"numba": "maps and training are slower", "torch": "only comparisons in `make bench` need it"}


@dataclass(frozen=True)
class Finding:
    """A line of the report.

    Attributes
    ----------
    name, text
        What was looked at, and what was found.
    wrong
        Whether the program, or a part of it, cannot work like that.
    """

    name: str
    text: str
    wrong: bool = False


def findings() -> list[Finding]:
    """Everything, in the order in which one reads it. Takes some seconds: OpenGL is tried out."""
    return [*_program(), *_packages(), *_libraries(), *_screen(), *_paths()]


def as_text(found: list[Finding]) -> str:
    """The findings as lines of aligned columns; what is wrong has a mark."""
    width = max(len(each.name) for each in found)
    return "\n".join(f"{'!' if each.wrong else ' '} {each.name:<{width}}  {each.text}" for each in found)


def _program() -> Iterator[Finding]:
    yield Finding("Optiscope", __version__)
    yield Finding("Python", f"{platform.python_version()} ({sys.executable})")
    yield Finding("System", f"{platform.platform()}, {os.cpu_count()} processors")


def _packages() -> Iterator[Finding]:
    for name in _PACKAGES:
        version = _version(name)
        yield Finding(name, version or "missing; run `make run` once", not version)
    for name, without in _EXTRAS.items():
        yield Finding(name, _version(name) or f"not installed: {without}")
    yield Finding("ffmpeg", find_ffmpeg() or "not installed: no MP4 videos (GIF, APNG and WebP need nothing)")


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _libraries() -> Iterator[Finding]:
    """The system's libraries that Qt needs, on Linux."""
    if sys.platform != "linux":
        return
    missing = [name for name in screen.PACKAGES if not _loads(name)]
    packages = " ".join(dict.fromkeys(screen.PACKAGES[name] for name in missing))
    text = f"missing: {', '.join(missing)}; on Debian and Ubuntu: sudo apt-get install {packages}"
    yield Finding("System libraries", text if missing else "all there", bool(missing))


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _screen() -> Iterator[Finding]:
    problem = screen.problem(os.environ)
    yield Finding("Screen", problem or "a window can be opened", problem is not None)
    yield Finding("Fonts", *_of_process(_FONTS))
    if problem is None:
        trouble, wrong = _of_process(_GRAPHICS)
        yield Finding("OpenGL", trouble or "works: the 3-D view is there", wrong or bool(trouble))
    else:
        yield Finding("OpenGL", "not tried, without a screen")


_FONTS = """
import os
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtGui import QFontDatabase, QGuiApplication
application = QGuiApplication([])
families = QFontDatabase.families()
general = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
print(f"{len(families)} families; text is written in {general.family()}")
raise SystemExit(not families)
"""
_GRAPHICS = """
from app.plots.space_trial import try_graphics
print(try_graphics())
"""


def _of_process(script: str) -> tuple[str, bool]:
    """What a script prints, and whether it failed: what a driver breaks does not end this process."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"could not be tried: {error}", True
    lines = (done.stdout.strip() or done.stderr.strip()).splitlines()
    return (lines[-1] if lines else "", done.returncode != 0)


def _paths() -> Iterator[Finding]:
    try:
        from PySide6.QtCore import QCoreApplication, QSettings
    except ImportError as error:
        yield Finding("Qt", screen.missing_library(error), True)
        return
    from app.code_keeper import cache_folder
    from app.log_file import log_path
    from app.recovery import recovery_folder

    QCoreApplication.setApplicationName("Optiscope")
    QCoreApplication.setOrganizationName("Optiscope")
    yield Finding("Settings", QSettings("Optiscope", "Optiscope").fileName())
    yield Finding("Unsaved work", str(recovery_folder()))
    yield Finding("Log", str(log_path()))
    yield Finding("Cache", str(cache_folder()))
