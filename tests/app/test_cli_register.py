"""`optiscope register`: what is written for each kind of desktop, and files that come as events."""

import os
import plistlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent

from app.desktops import linux
from app.opened_files import OpenedFiles
from tests.app.cli_runner import Optiscope


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_the_desktop_opens_experiments_with_this_program(
    optiscope: Optiscope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    result = optiscope("register")
    assert (result.status, result.err) == (0, "")
    assert "opens it in Optiscope" in result.out
    entry = (tmp_path / "share" / "applications" / "optiscope.desktop").read_text(encoding="utf-8")
    (line,) = [line for line in entry.splitlines() if line.startswith("Exec=")]
    assert line.endswith('"open" "--in-window" %f')
    assert "application/x-optiscope" in entry
    assert '"*.optiscope"' in (tmp_path / "share" / "mime" / "packages" / "optiscope.xml").read_text()
    assert (tmp_path / "share" / "icons" / "hicolor" / "scalable" / "apps" / "optiscope.svg").is_file()
    assert optiscope("register", "--remove").status == 0
    left = [path.name for path in (tmp_path / "share").rglob("optiscope.*") if path.is_file()]
    assert left == []


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_where_the_desktop_s_files_cannot_be_written_that_is_said(
    optiscope: Optiscope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "share").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert "cannot be written: Not a directory" in optiscope("register").complaint


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("/usr/bin/optiscope", '"/usr/bin/optiscope"'),
        ("/home/a b/x", '"/home/a b/x"'),
        ("100%", '"100%%"'),
        ("$x", r'"\\$x"'),  # the string unescapes to \$x, the quotes then to $x
        ('a"b', r'"a\\"b"'),
    ],
)
def test_words_are_quoted_as_desktops_read_them(word: str, expected: str) -> None:
    assert linux._quoted(word) == expected


def test_elsewhere_it_says_what_to_do(optiscope: Optiscope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    assert "Open with" in optiscope("register").complaint


class Registry:
    """The registry of Windows, as far as `winreg` is used."""

    HKEY_CURRENT_USER, REG_SZ = "person", "text"

    def __init__(self) -> None:
        self.keys: dict[str, str] = {r"Software\Classes": ""}

    @contextmanager
    def CreateKey(self, root: str, path: str) -> Iterator[str]:
        assert root == self.HKEY_CURRENT_USER
        parts = path.split("\\")
        for end in range(1, len(parts) + 1):
            self.keys.setdefault("\\".join(parts[:end]), "")
        yield path

    def SetValueEx(self, key: str, name: str, _reserved: int, kind: str, value: str) -> None:
        assert (name, kind) == ("", self.REG_SZ)
        self.keys[key] = value

    def QueryValue(self, root: str, path: str) -> str:
        assert root == self.HKEY_CURRENT_USER
        if path not in self.keys:
            raise FileNotFoundError(path)
        return self.keys[path]

    def SetValue(self, root: str, path: str, kind: str, value: str) -> None:
        assert (root, kind) == (self.HKEY_CURRENT_USER, self.REG_SZ)
        self.keys[path] = value

    def DeleteKey(self, root: str, path: str) -> None:
        assert root == self.HKEY_CURRENT_USER
        if path not in self.keys:
            raise FileNotFoundError(path)
        assert not any(key.startswith(path + "\\") for key in self.keys), (
            "Windows keeps keys that have others"
        )
        del self.keys[path]


def test_windows_opens_experiments_with_this_program(
    optiscope: Optiscope, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry()
    monkeypatch.setitem(sys.modules, "winreg", cast(Any, registry))
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "executable", r"C:\Program Files\Python\python.exe")
    assert optiscope("register").status == 0
    kind = registry.keys[r"Software\Classes\.optiscope"]
    command = registry.keys[rf"Software\Classes\{kind}\shell\open\command"]
    assert command == '"C:\\Program Files\\Python\\python.exe" -P -m app open --in-window "%1"'
    registry.keys[r"Software\Classes\.optiscope\OpenWithProgids"] = ""  # another program's
    for _ in range(2):  # what is gone already is no fault
        assert optiscope("register", "--remove").status == 0
        assert not [key for key in registry.keys if "Optiscope" in key]
        assert registry.keys[r"Software\Classes\.optiscope"] == ""
    registry.keys[r"Software\Classes\.optiscope"] = "Another.Program"
    assert optiscope("register", "--remove").status == 0
    assert registry.keys[r"Software\Classes\.optiscope"] == "Another.Program"


def test_macos_opens_experiments_with_this_program(
    optiscope: Optiscope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert optiscope("register").status == 0
    application = tmp_path / "Applications" / "Optiscope.app"
    told = plistlib.loads((application / "Contents" / "Info.plist").read_bytes())
    (kind,) = told["UTExportedTypeDeclarations"]
    assert kind["UTTypeTagSpecification"] == {"public.filename-extension": ["optiscope"]}
    assert told["CFBundleDocumentTypes"][0]["LSItemContentTypes"] == [kind["UTTypeIdentifier"]]
    start = application / "Contents" / "MacOS" / told["CFBundleExecutable"]
    assert os.access(start, os.X_OK)
    version = subprocess.run([start, "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("Optiscope")
    assert optiscope("register", "--remove").status == 0
    assert not application.exists()


def test_a_file_that_the_desktop_hands_over_is_opened(qapp: Any, qtbot: Any, tmp_path: Path) -> None:
    files = OpenedFiles(qapp)
    path = tmp_path / "lesson.optiscope"
    with qtbot.waitSignal(files.opened) as heard:
        qapp.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(path))))
    assert heard.args == [str(path)]
    qapp.removeEventFilter(files)
    files.deleteLater()
