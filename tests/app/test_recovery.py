"""Unsaved work survives a crash or a kill, and windows leave each other's alone."""

import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.document import Document
from app.history import History
from app.recovery import Recovery
from core.experiment import default_experiment
from core.experiment_file import Saved, View

START = default_experiment()
pytestmark = pytest.mark.usefixtures("qapp")


class Window:
    """As much of a window as keeps its work."""

    def __init__(self, folder: Path | None, path: str = "") -> None:
        self.document = Document(START)
        self.history = History(self.document, held=lambda: False)
        self.recovery = Recovery(folder, self.history, lambda: self.history.modified, self.current)
        self.path = path

    def current(self) -> tuple[Saved, str]:
        return Saved(self.document.experiment, View(step=5)), self.path

    def edit(self, **changes: object) -> None:
        self.document.replace(replace(self.document.experiment, **changes))

    def close(self) -> None:
        self.recovery.close()
        self.history.end_run()


def folders(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


EDIT_AND_DIE = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
app = QCoreApplication([])
from tests.app.test_recovery import Window
window = Window(Path(sys.argv[1]), "/somewhere/mine.optiscope")
window.edit(noise=0.25)
window.recovery.keep()
print("kept", flush=True)
sys.stdin.read()
os.kill(os.getpid(), 9)
"""


def start_another(folder: Path) -> subprocess.Popen[bytes]:
    """A window in another process that has kept something; it dies when its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", EDIT_AND_DIE, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"kept\n"
    return process


def test_what_a_killed_window_had_not_saved_is_found(tmp_path: Path) -> None:
    window = Window(tmp_path / "recovery")
    with start_another(tmp_path / "recovery") as other:
        assert window.recovery.left() == [], "it lives: nobody takes its work away"
        other.communicate()
        assert other.returncode != 0
    (left,) = window.recovery.left()
    assert left.saved == Saved(replace(START, noise=0.25), View(step=5))
    assert left.path == "/somewhere/mine.optiscope"
    assert window.recovery.left() == [left], "it stays until it is taken or dropped"
    second = Window(tmp_path / "recovery")
    assert second.recovery.left() == [], "one window alone offers it"
    second.close()
    window.recovery.drop(left)
    assert window.recovery.left() == []
    window.close()
    assert folders(tmp_path / "recovery") == []


def test_a_window_that_ends_in_good_order_leaves_nothing(tmp_path: Path) -> None:
    window = Window(tmp_path)
    window.edit(noise=0.1)
    window.recovery.keep()
    assert len(folders(tmp_path)) == 1
    window.close()
    assert folders(tmp_path) == []


def test_nothing_is_kept_of_what_is_saved(tmp_path: Path) -> None:
    window = Window(tmp_path)
    window.recovery.keep()
    assert folders(tmp_path) == [], "nothing has been done yet"
    window.edit(noise=0.1)
    window.recovery.keep()
    assert any(tmp_path.rglob("kept.optiscope"))
    window.history.mark_saved()
    window.recovery.keep()
    assert not any(tmp_path.rglob("kept.optiscope"))
    window.edit(noise=0.2)
    window.recovery.keep()
    assert any(tmp_path.rglob("kept.optiscope"))
    window.close()


def test_a_choice_is_kept_soon_and_a_slider_at_the_next_look(tmp_path: Path, qtbot) -> None:
    window = Window(tmp_path)
    window.recovery.begin()
    window.edit(noise=0.1)
    assert not window.recovery._soon.isActive(), "a slider may be on its way"
    window.document.replace(window.document.experiment.with_overlay("gradient", True))
    assert window.recovery._soon.isActive()
    qtbot.waitUntil(lambda: any(tmp_path.rglob("kept.optiscope")))
    window.close()
    assert not window.recovery._timer.isActive()


def test_two_windows_keep_their_own(tmp_path: Path) -> None:
    one, other = Window(tmp_path), Window(tmp_path)
    one.edit(noise=0.1)
    other.edit(noise=0.2)
    for window in (one, other):
        window.recovery.keep()
    assert len(folders(tmp_path)) == 2
    assert one.recovery.left() == other.recovery.left() == []
    one.close()
    assert len(folders(tmp_path)) == 1
    other.close()


def test_damaged_work_is_dropped(tmp_path: Path, caplog) -> None:
    folder = tmp_path / "20260101-000000-abcd"
    folder.mkdir()
    (folder / "about.json").write_text("{}")
    (folder / "kept.optiscope").write_text("{")
    window = Window(tmp_path)
    assert window.recovery.left() == []
    assert folders(tmp_path) == []
    assert "cannot be read" in caplog.text
    window.close()


def test_without_a_folder_nothing_is_kept() -> None:
    window = Window(None)
    window.recovery.begin()
    window.edit(noise=0.1)
    window.recovery.keep()
    assert window.recovery.left() == []
    window.close()


def test_a_folder_that_takes_nothing_is_logged_once(tmp_path: Path, caplog) -> None:
    (tmp_path / "recovery").write_text("a file is in the way")
    window = Window(tmp_path / "recovery")
    for noise in (0.1, 0.2):
        window.edit(noise=noise)
        window.recovery.keep()
    assert caplog.text.count("cannot be kept") == 1
    window.close()
