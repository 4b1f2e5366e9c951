"""`optiscope open`, `validate` and `doctor`: experiments in files from the command line."""

import subprocess
import sys
import types
from pathlib import Path

import pytest

from app import __version__
from app.report import Finding, as_text
from core.experiment import default_experiment
from core.experiment_file import Saved, write_experiment
from core.surface import SurfaceSpec
from tests.app.cli_runner import Optiscope, environment


def lesson(name: str = "lesson.optiscope") -> Path:
    path = Path(name)
    path.write_bytes(write_experiment(Saved(default_experiment().with_surface(SurfaceSpec("booth")))))
    return path


def test_good_files_are_summarized(optiscope: Optiscope) -> None:
    lesson(), lesson("b.optiscope")
    result = optiscope("validate", "lesson.optiscope", "b.optiscope")
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines() == [
        f"{name}: good: Booth, 6 optimizers, 1 start; 4 networks on Digits 8x8"
        for name in ("lesson.optiscope", "b.optiscope")
    ]


def test_every_bad_file_is_named_with_what_is_wrong(optiscope: Optiscope) -> None:
    lesson()
    Path("cut.optiscope").write_bytes(lesson("x").read_bytes()[:100])
    result = optiscope("validate", "cut.optiscope", "lesson.optiscope", "none.optiscope")
    assert result.status == 2
    assert result.out.startswith("lesson.optiscope: good")
    assert "cut.optiscope: This is not an experiment" in result.err
    assert "none.optiscope cannot be opened: No such file" in result.err
    assert result.err.count("\n") == 1
    assert "Name the files to check" in optiscope("validate").complaint


@pytest.mark.parametrize("words", [("open", "lesson.optiscope"), ("lesson.optiscope",)])
def test_a_file_opens_in_the_window(optiscope: Optiscope, monkeypatch: pytest.MonkeyPatch, words) -> None:
    seen: list[object] = []
    window = types.ModuleType("app.main")
    window.run_window = lambda *arguments: seen.append(arguments)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "app.main", window)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    lesson()
    assert optiscope(*words).status == 0
    assert seen == [(["optiscope"], Path("lesson.optiscope"))]


def test_what_cannot_be_opened_is_said_before_there_is_a_window(
    optiscope: Optiscope, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "none.optiscope cannot be opened" in optiscope("open", "none.optiscope").complaint
    assert "Name the file to open" in optiscope("open").complaint
    lesson()
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert "No window can be opened. There is no screen" in optiscope("lesson.optiscope").complaint


def run_program(script: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, as a person starts it."""
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment(QT_QPA_PLATFORM="offscreen"),
        capture_output=True,
        text=True,
        timeout=60,
    )


OPEN_AND_LOOK = """
import sys
from PySide6.QtCore import QTimer
import app.main
def look(laboratory):
    print(laboratory.document.experiment.surface.id, laboratory.window.windowTitle(), flush=True)
    laboratory.window.close()
class Laboratory(app.main.Laboratory):
    def start(self):
        super().start()
        QTimer.singleShot(0, lambda: QTimer.singleShot(0, lambda: look(self)))
if __name__ == "__main__":
    app.main.Laboratory = Laboratory
    from app.cli import run
    sys.exit(run(["lesson.optiscope"]))
"""


def test_the_window_shows_the_file_and_ends_well(optiscope: Optiscope, tmp_path: Path) -> None:
    lesson()
    done = run_program(OPEN_AND_LOOK)
    assert done.stdout == "booth lesson[*] – Optiscope\n", done.stderr
    assert done.returncode == 0


OPEN_AND_HEAR = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
import app.main
def look(laboratory):
    for box in QApplication.topLevelWidgets():
        if isinstance(box, QMessageBox) and box.isVisible():
            print(box.text(), box.informativeText(), flush=True)
            box.reject()
            QTimer.singleShot(0, laboratory.window.close)
class Laboratory(app.main.Laboratory):
    def start(self):
        super().start()
        self.looking = QTimer(self)
        self.looking.timeout.connect(lambda: look(self))
        self.looking.start(50)
if __name__ == "__main__":
    app.main.Laboratory = Laboratory
    from app.cli import run
    sys.exit(run(["open", "torn.optiscope", "--in-window"]))
"""


def test_a_damaged_file_that_was_double_clicked_is_complained_of_in_the_window(
    optiscope: Optiscope, tmp_path: Path
) -> None:
    """Nobody sees a terminal there."""
    Path("torn.optiscope").write_text('{"format": "optiscope exp', encoding="utf-8")
    done = run_program(OPEN_AND_HEAR)
    assert "torn.optiscope" in done.stdout, done.stderr
    assert "What is on the screen has not been changed." in done.stdout
    assert done.returncode == 0


def test_the_doctor_looks_at_everything(optiscope: Optiscope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    result = optiscope("doctor")
    assert result.status == 0
    found = {line[2:].split("  ")[0]: line for line in result.out.splitlines()}
    for name in (
        "Python",
        "System",
        "numpy",
        "numba",
        "ffmpeg",
        "Screen",
        "Fonts",
        "OpenGL",
        "Settings",
        "Log",
    ):
        assert name in found
    assert __version__ in found["Optiscope"]
    assert "families" in found["Fonts"]
    assert "recovery" in found["Unsaved work"]


def test_what_is_wrong_is_marked() -> None:
    text = as_text([Finding("a", "fine"), Finding("long name", "gone", wrong=True)])
    assert text == "  a          fine\n! long name  gone"


def test_a_missing_library_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    import app.report

    monkeypatch.setattr(app.report.sys, "platform", "linux")
    monkeypatch.setattr(app.report, "_loads", lambda name: name != "libxcb-cursor.so.0")
    (found,) = app.report._libraries()
    assert found.wrong
    assert found.text == (
        "missing: libxcb-cursor.so.0; on Debian and Ubuntu: sudo apt-get install libxcb-cursor0"
    )
