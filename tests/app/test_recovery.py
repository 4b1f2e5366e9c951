"""Unsaved work survives a crash or a kill, and windows leave each other's alone."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from app import recovery as recovery_module
from app.document import Document
from app.experiment_store import load
from app.history import History
from app.recovery import Recovery
from core.data.own_samples import OwnSamples
from core.experiment import default_experiment
from core.experiment_file import Saved, View
from tests.trials import Trial

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
window.recovery.keep_now()
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
    window.recovery.keep_now()
    assert len(folders(tmp_path)) == 1
    window.close()
    assert folders(tmp_path) == []


def test_nothing_is_kept_of_what_is_saved(tmp_path: Path) -> None:
    window = Window(tmp_path)
    window.recovery.keep_now()
    assert folders(tmp_path) == [], "nothing has been done yet"
    window.edit(noise=0.1)
    window.recovery.keep_now()
    assert any(tmp_path.rglob("kept.optiscope"))
    window.history.mark_saved()
    window.recovery.keep_now()
    assert not any(tmp_path.rglob("kept.optiscope"))
    window.edit(noise=0.2)
    window.recovery.keep_now()
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
        window.recovery.keep_now()
    assert len(folders(tmp_path)) == 2
    assert one.recovery.left() == other.recovery.left() == []
    one.close()
    assert len(folders(tmp_path)) == 1
    other.close()


def test_a_hundred_thousand_rows_do_not_hold_up_the_window(tmp_path: Path) -> None:
    """Only the begin of it is the window's work: what a thread does besides is not in this thread's time."""
    window = Window(tmp_path)
    window.edit(training=START.training.with_own(many_samples()))
    spent = []
    for noise in (0.1, 0.2, 0.3):
        window.edit(noise=noise)
        begun = time.thread_time()
        window.recovery.keep()
        spent.append(time.thread_time() - begun)
        assert window.recovery.keep_now()
    (kept,) = tmp_path.rglob("kept.optiscope")
    assert load(kept).experiment == window.document.experiment
    assert max(spent) < 0.016, "a frame"
    window.close()


def many_samples() -> OwnSamples:
    inputs = np.random.default_rng(0).standard_normal((100_000, 10))
    names = tuple(f"x{place}" for place in range(10))
    return OwnSamples("large.csv", names, ("a", "b"), inputs.astype("<f8").tobytes(), bytes([0, 1] * 50_000))


def test_what_comes_while_it_is_written_is_kept_next(tmp_path: Path, qtbot, monkeypatch) -> None:
    """The disk is slow: the newest of what came meanwhile follows, and nothing waits for it."""
    go_on, write = threading.Event(), recovery_module._keep
    written = []

    def slow(folder: Path, saved: Saved, path: str) -> None:
        go_on.wait()
        written.append(saved.experiment.noise)
        write(folder, saved, path)

    monkeypatch.setattr(recovery_module, "_keep", slow)
    window = Window(tmp_path)
    for noise in (0.1, 0.2, 0.3):
        window.edit(noise=noise)
        window.recovery.keep()
    assert window.recovery._soon.isActive(), "it is tried again"
    go_on.set()
    qtbot.waitUntil(lambda: len(written) == 2)
    assert written == [0.1, 0.3]
    assert window.recovery.keep_now()
    window.close()
    assert folders(tmp_path) == []


def test_what_could_not_be_written_is_tried_again(tmp_path: Path, monkeypatch, caplog) -> None:
    window = Window(tmp_path)
    window.edit(noise=0.1)
    with monkeypatch.context() as patch:
        patch.setattr(recovery_module, "experiment_pieces", fail)
        assert not window.recovery.keep_now()
        assert not window.recovery.keep_now()
    assert caplog.text.count("unsaved work cannot be kept: the disk is full") == 1
    assert window.recovery.keep_now()
    (kept,) = tmp_path.rglob("kept.optiscope")
    assert load(kept).experiment.noise == 0.1
    window.close()


def fail(_: Saved) -> Iterator[bytes]:
    yield b"{"
    raise OSError("the disk is full")


KEEP_AND_DIE = """
import os, random, signal, sys, time
from pathlib import Path
from msgspec.structs import replace
from app.recovery import _keep, _read
from core.experiment import default_experiment
from core.experiment_file import Saved
folder, times, chance = Path(sys.argv[1]), int(sys.argv[2]), random.Random(0)
both = [Saved(replace(default_experiment(), noise=noise)) for noise in (0.1, 0.2)]
_keep(folder, both[0], "")
seen = [0, 0]
for turn in range(times):
    begun, begins = os.pipe()
    child = os.fork()
    while not child:
        for each in both:
            _keep(folder, each, "")
        os.write(begins, b".")
    os.read(begun, 1)
    os.close(begun), os.close(begins)
    time.sleep(chance.uniform(0.0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    seen[both.index(_read(folder).saved)] += 1
print(*seen)
"""


@pytest.mark.trial
@pytest.mark.skipif(sys.platform == "win32", reason="only on Linux")
def test_killed_while_it_is_kept_the_old_or_the_new_is_there(tmp_path: Path, trial: Trial) -> None:
    times = trial.times(40, 500)
    command = [sys.executable, "-c", KEEP_AND_DIE, str(tmp_path), str(times)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    seen = [int(each) for each in done.stdout.split()]
    assert sum(seen) == times, "neither torn nor lost"
    assert min(seen) > 0, "it was killed at different moments"
    trial.tell(f"{times} kills, {seen[0]} times one state and {seen[1]} times the other")


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
    window.recovery.keep_now()
    assert window.recovery.left() == []
    window.close()


def test_a_folder_that_takes_nothing_is_logged_once(tmp_path: Path, caplog) -> None:
    (tmp_path / "recovery").write_text("a file is in the way")
    window = Window(tmp_path / "recovery")
    for noise in (0.1, 0.2):
        window.edit(noise=noise)
        window.recovery.keep_now()
    assert caplog.text.count("cannot be kept") == 1
    window.close()
