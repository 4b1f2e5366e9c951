"""The program in a real window, with the platform's own plugin: on Linux under Xvfb."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.jobs import ProcessChannel
from core.experiment import default_experiment
from core.optimizer import basic_optimizers
from tests.app.laboratory_driver import as_array, handle_position

PROJECT = Path(__file__).parents[2]
LEFT = Qt.MouseButton.LeftButton
pytestmark = pytest.mark.window


def screenshot(window):
    """What the screen shows where the window is."""
    return as_array(QGuiApplication.primaryScreen().grabWindow(window.winId()).toImage())


def drag(widget, start, stop):
    """Press, move and let go, by way of the platform's own events."""
    handle = widget.window().windowHandle()

    def at(position):
        return widget.mapTo(widget.window(), position)

    QTest.mouseMove(handle, at(start))
    QTest.mousePress(handle, LEFT, Qt.KeyboardModifier.NoModifier, at(start))
    for part in (0.25, 0.5, 0.75, 1.0):
        QTest.mouseMove(handle, at(start + (stop - start) * part))
    QTest.mouseRelease(handle, LEFT, Qt.KeyboardModifier.NoModifier, at(stop))


def click(widget):
    drag(widget, widget.rect().center(), widget.rect().center())


@pytest.fixture
def lab(open_laboratory):
    lab = open_laboratory()
    lab.qtbot.waitExposed(lab.window)
    lab.until_initialized()
    return lab


def test_the_screen_shows_surface_trails_and_distributions(open_laboratory):
    lab = open_laboratory(default_experiment(), playing=True)
    lab.until_initialized()
    lab.until(lambda: lab.laboratory.playback.step > 20)
    lab.pause()
    lab.process_events()
    pixels = screenshot(lab.window)
    assert pixels.shape == (720, 1280, 3)
    theme = lab.window.theme
    for part, colours in (
        (lab.plot, [theme.optimizer(key) for key in basic_optimizers()]),
        (lab.network.grid, [row.colour for row in lab.rows().values()]),
    ):
        corner = part.mapTo(lab.window, QPoint(0, 0))
        seen = pixels[corner.y() : corner.y() + part.height(), corner.x() : corner.x() + part.width()].astype(
            int
        )
        for colour in colours:
            wanted = np.array(colour.getRgb()[:3])
            assert (np.abs(seen - wanted).max(axis=2) <= 8).sum() >= 20, f"{colour.name()} is on the screen"


def test_the_ring_is_dragged_on_the_screen(lab):
    before = screenshot(lab.window)
    start = lab.ring()
    drag(lab.plot.viewport(), start, start + QPoint(80, -60))
    lab.until(lambda: (lab.ring() - start - QPoint(80, -60)).manhattanLength() <= 3)
    assert all(path[0] == lab.experiment.starts[0] for path in lab.paths())
    lab.process_events()
    assert (screenshot(lab.window) != before).any()


def test_switching_scrubbing_and_playing_on_the_screen(lab):
    click(lab.window.optimizers.rows["momentum"].switch)
    lab.until(lambda: "Momentum" not in lab.legend())
    bar = lab.window.playback.bar
    drag(bar, handle_position(bar, 0.0), handle_position(bar, 0.5))
    lab.until(lambda: 90 <= lab.laboratory.playback.step <= 110)
    click(lab.window.playback.toggle)
    lab.until(lambda: lab.laboratory.playback.step > 115)
    QTest.keyClick(lab.window.windowHandle(), Qt.Key.Key_Space)
    lab.until(lambda: not lab.laboratory.playback.playing)


def test_training_pausing_and_resetting_on_the_screen(open_laboratory):
    experiment = default_experiment()
    training = replace(experiment.training, epochs=10_000)
    lab = open_laboratory(replace(experiment, training=training), ProcessChannel)
    lab.until(lambda: lab.network.grid.rows(), 30)
    click(lab.network.train)
    lab.until(lambda: min(len(curve.x) for curve in lab.network.loss.curves()) >= 2, 30)
    assert lab.network.train.text() == "Pause"
    click(lab.network.train)
    lab.until(lambda: lab.network.train.text() == "Train")
    assert "epoch " in lab.network.status.text()
    click(lab.network.reset)
    lab.until(lambda: "step 0" in lab.network.status.text())


def test_references_to_none_are_kept(lab):
    import shiboken6

    assert shiboken6.isValid(lab.window)
    before = sys.getrefcount(None)
    for _ in range(1000):
        lab.window.update()
    assert sys.getrefcount(None) > before - 200, "the binding would end the program after a while"


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_the_program_starts_shows_its_window_and_ends_with_it(tmp_path):
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    environment.pop("QT_QPA_PLATFORM", None)
    # Ends as a session's end does: the last window is closed from outside Python's own code.
    script = (
        "import sys\n"
        "from PySide6.QtCore import QTimer\n"
        "import app.main as program\n"
        "start = program.Laboratory.start\n"
        "def watched(lab):\n"
        "    start(lab)\n"
        "    def look():\n"
        "        rows = len(lab.window.network.grid.rows())\n"
        "        if rows and lab.playback.step > 5:\n"
        "            print(lab.window.isVisible(), rows, flush=True)\n"
        "            lab.window.close()\n"
        "        else:\n"
        "            QTimer.singleShot(20, look)\n"
        "    look()\n"
        "program.Laboratory.start = watched\n"
        "if __name__ == '__main__':\n"
        "    from app.__main__ import main\n"
        "    sys.exit(main([]))\n"
    )
    path = tmp_path / "watched.py"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(path)], cwd=PROJECT, env={**environment, "PYTHONPATH": str(PROJECT)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "4"]
    assert done.stderr == ""


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_a_window_that_is_killed_takes_its_training_process_along(tmp_path):
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    environment.pop("QT_QPA_PLATFORM", None)
    window = subprocess.Popen([sys.executable, "-m", "app"], cwd=PROJECT, env=environment)
    try:
        workers = wait_for(lambda: children(window.pid), 30)
    finally:
        window.send_signal(signal.SIGKILL)
        window.wait(10)
    wait_for(lambda: not [pid for pid in workers if alive(pid)], 20)


def children(pid):
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
