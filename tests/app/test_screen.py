"""Whether a window can be opened is known before Qt is started."""

import os
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import screen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")


@pytest.fixture
def wayland(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Wayland display that accepts connections."""
    path = tmp_path_factory.mktemp("w") / "wayland-7"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        yield path


@pytest.fixture
def x_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """An X server that admits us."""
    monkeypatch.setattr(screen, "_admits", lambda display: True)


def test_no_variables_mean_no_screen() -> None:
    assert screen.problem({}) == "There is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set."


def test_an_x_display_must_answer() -> None:
    found = screen.problem({"DISPLAY": ":987"})
    assert found == "The screen cannot be reached: the display ':987' does not answer or does not admit us."


@pytest.mark.parametrize("display", ["", "nonsense", ":", ":x", "localhost:54321.0", "a/b:0"])
def test_displays_that_cannot_be(display: str) -> None:
    assert screen.problem({"DISPLAY": display}) is not None


REASON = b"Go away!"
REFUSAL = struct.pack("<BBHHH", 0, len(REASON), 11, 0, len(REASON) // 4) + REASON
"""What an X server answers to those whom it does not admit."""


@pytest.fixture
def refusing_display() -> Iterator[str]:
    """An X server that admits nobody; its library writes the reason on standard error."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            for _ in range(2):  # the first only sees whether somebody is there
                connection, _address = server.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(REFUSAL)

        thread = threading.Thread(target=refuse)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1] - 6000}"
        thread.join()


def test_a_display_that_does_not_admit_us_is_none(
    refusing_display: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "does not admit us" in str(screen.problem({"DISPLAY": refusing_display}))
    assert capfd.readouterr() == ("", ""), "the library's own words do not reach the terminal"


def test_a_display_that_admits_us_is_a_screen(x_server: None) -> None:
    assert screen.problem({"DISPLAY": ":0"}) is None


def test_a_distant_display_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def refuse(address: tuple[str, int], timeout: float) -> None:
        seen.append((address, timeout))
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert "'far.example:10.0' does not answer" in str(screen.problem({"DISPLAY": "far.example:10.0"}))
    assert seen == [(("far.example", 6010), screen.SECONDS)]


def test_a_wayland_display_must_answer(wayland: Path) -> None:
    runtime = {"XDG_RUNTIME_DIR": str(wayland.parent)}
    assert screen.problem({"WAYLAND_DISPLAY": str(wayland)}) is None
    assert screen.problem({"WAYLAND_DISPLAY": wayland.name, **runtime}) is None
    found = screen.problem({"WAYLAND_DISPLAY": "wayland-8", **runtime})
    assert found == "The screen cannot be reached: nobody answers at the Wayland display 'wayland-8'."


def test_one_of_two_screens_is_enough(wayland: Path) -> None:
    assert screen.problem({"DISPLAY": ":987", "WAYLAND_DISPLAY": str(wayland)}) is None
    assert screen.problem({"DISPLAY": ":987", "WAYLAND_DISPLAY": "gone"}) is not None


def test_an_unknown_platform_is_named_with_those_that_exist() -> None:
    found = str(screen.problem({"QT_QPA_PLATFORM": "xbc", "DISPLAY": ":0"}))
    assert "'xbc'" in found
    assert "offscreen" in found
    assert "xcb" in found


def test_platforms_that_need_no_screen() -> None:
    for platform in ("offscreen", "minimal", "offscreen:configfile=a.json", "xbc;offscreen"):
        assert screen.problem({"QT_QPA_PLATFORM": platform}) is None


def test_a_named_platform_needs_its_screen(wayland: Path, x_server: None) -> None:
    assert screen.problem({"QT_QPA_PLATFORM": "xcb"}) == "There is no screen: DISPLAY is not set."
    assert screen.problem({"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":0"}) is None
    assert screen.problem({"QT_QPA_PLATFORM": "wayland", "WAYLAND_DISPLAY": str(wayland)}) is None
    assert screen.problem({"QT_QPA_PLATFORM": "wayland-egl", "WAYLAND_DISPLAY": "gone"}) is not None


@pytest.mark.parametrize("variable", ["QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH"])
def test_platforms_that_somebody_put_elsewhere_are_found_there(tmp_path: Path, variable: str) -> None:
    """What is not there either must not be left to Qt, which would end the program with signal 6."""
    place = {"QT_QPA_PLATFORM": "special", variable: str(tmp_path)}
    assert "which Qt does not have here" in str(screen.problem(place))
    (tmp_path / "platforms").mkdir()
    (tmp_path / "platforms" / "libqspecial.so").touch()
    assert screen.problem(place) is None


def test_a_missing_library_names_its_package() -> None:
    error = ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    assert "sudo apt-get install libegl1" in screen.missing_library(error)
    other = OSError("libother-2.so.5: cannot open shared object file: No such file or directory")
    assert "libother-2.so.5" in screen.missing_library(other)
    assert screen.missing_library(ImportError("No module named 'PySide6'")) == (
        "Qt cannot be loaded: No module named 'PySide6'"
    )


def test_a_platform_that_lacks_a_library_is_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(screen.ctypes, "CDLL", refuse)
    assert "libxcb-cursor0" in str(screen.problem({"DISPLAY": ":0"}))


@pytest.mark.window
def test_a_real_display_is_a_screen() -> None:
    assert screen.problem(os.environ) is None
