"""Whether a window can be opened here: Qt itself would end the program without a word of help."""

import contextlib
import ctypes
import importlib.util
import os
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

Environment = Mapping[str, str]

WITHOUT_SCREEN = ("offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "vkkhrdisplay")
SECONDS = 3.0
"""How long a display on another machine may take to answer."""

PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
"""The libraries that Qt loads from the system, and the Debian package that holds each."""


def problem(environment: Environment) -> str | None:
    """Say in a sentence why no window can be opened here, or return None when one can.

    Parameters
    ----------
    environment
        The variables that Qt will look at.
    """
    wanted = [name.split(":")[0] for name in environment.get("QT_QPA_PLATFORM", "").split(";") if name]
    known = _platforms(environment)
    usable = [name for name in wanted if name in known or name.split("-")[0] in known]
    if wanted and known and not usable:
        names = ", ".join(sorted(known))
        return (
            f"QT_QPA_PLATFORM names the platform '{wanted[0]}', which Qt does not have here; it has {names}."
        )
    if sys.platform in ("win32", "darwin", "cygwin"):
        return None
    troubles = [_trouble(name, environment) for name in usable or wanted or _preferred(environment)]
    if not troubles:
        return "There is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set."
    return None if None in troubles else troubles[0]


def missing_library(error: Exception) -> str:
    """Say which package is missing when something of Qt could not be loaded."""
    found = re.search(r"(lib[\w.+-]+\.so[.\d]*): cannot open shared object", str(error))
    if not found:
        return f"Qt cannot be loaded: {error}"
    library = found.group(1)
    package = PACKAGES.get(library)
    advice = f"on Debian and Ubuntu: sudo apt-get install {package}" if package else "install its package"
    return f"Qt needs the system library {library}, which is missing; {advice}."


def _preferred(environment: Environment) -> list[str]:
    """The platforms that Qt tries when nobody names one."""
    session = environment.get("XDG_SESSION_TYPE") == "wayland"
    wayland = session or "WAYLAND_DISPLAY" in environment
    return ["xcb"] * bool(environment.get("DISPLAY")) + ["wayland"] * wayland


def _trouble(platform: str, environment: Environment) -> str | None:
    if platform in WITHOUT_SCREEN:
        return None
    if platform.startswith("wayland"):
        return _wayland_trouble(environment)
    return _x_trouble(environment.get("DISPLAY", "")) if platform == "xcb" else None


def _wayland_trouble(environment: Environment) -> str | None:
    if "WAYLAND_SOCKET" in environment:
        return None
    name = environment.get("WAYLAND_DISPLAY") or "wayland-0"
    path = Path(environment.get("XDG_RUNTIME_DIR", "/nowhere"), name)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
    except OSError:
        return f"The screen cannot be reached: nobody answers at the Wayland display '{name}'."
    return None


def _x_trouble(display: str) -> str | None:
    if not display:
        return "There is no screen: DISPLAY is not set."
    try:
        ctypes.CDLL(str(_plugin_folder() / "libqxcb.so"))
    except OSError as error:
        return missing_library(error)
    if not (_answers(display) and _admits(display)):
        return f"The screen cannot be reached: the display '{display}' does not answer or does not admit us."
    return None


def _answers(display: str) -> bool:
    """Whether somebody listens, asked with a limit of time; only needed where a network is between."""
    host, _, number = display.rpartition(":")
    if not host or "/" in host or not number.split(".")[0].isdigit():
        return True
    try:
        socket.create_connection((host, 6000 + int(number.split(".")[0])), SECONDS).close()
    except (OSError, OverflowError):
        return False
    return True


def _admits(display: str) -> bool:
    """Whether the X server lets us in, asked with the very library that Qt uses."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    with _silenced_errors():
        connection = xcb.xcb_connect(os.fsencode(display), None)
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)


@contextlib.contextmanager
def _silenced_errors() -> Iterator[None]:
    """Keep what a C library writes on standard error away: we say it better."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _platforms(environment: Environment) -> set[str]:
    """The platforms that the installed Qt has, and those where somebody has put more of them."""
    more = environment.get("QT_PLUGIN_PATH", "").split(os.pathsep)
    folders = [_plugin_folder(), *(Path(each, "platforms") for each in more if each)]
    if place := environment.get("QT_QPA_PLATFORM_PLUGIN_PATH"):
        folders += [Path(place), Path(place, "platforms")]
    paths = (path for folder in folders if folder.is_dir() for path in folder.iterdir())
    found = (re.fullmatch(r"(?:lib)?q(\w+?)\.(?:so|dylib|dll)", path.name) for path in paths)
    return {match.group(1) for match in found if match}


def _plugin_folder() -> Path:
    spec = importlib.util.find_spec("PySide6")
    home = Path(spec.origin).parent if spec and spec.origin else Path("nowhere")
    inside = "plugins" if sys.platform == "win32" else "Qt/plugins"
    return home / inside / "platforms"
