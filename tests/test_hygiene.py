"""The traps that keep the suite clean really catch, and what the program's health depends on holds."""

import contextlib
import os
import subprocess
import sys
import textwrap
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

import pytest

PROJECT = Path(__file__).parent.parent

SOILED = """
import logging, multiprocessing, subprocess, sys, threading, time, warnings
import pytest

def test_thread():
    threading.Thread(target=time.sleep, args=(8,), daemon=True, name="forgotten").start()

def test_daemonic_process():
    spawn = multiprocessing.get_context("spawn")
    spawn.Process(target=time.sleep, args=(8,), daemon=True, name="worker-7").start()

def test_other_program():
    test_other_program.kept = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(8)"])

def test_log():
    logging.getLogger("app").error("the file is gone")

def test_warning():
    warnings.warn("old", DeprecationWarning)

def test_exception_in_thread():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()

def test_skip():
    pytest.skip("not today")

@pytest.mark.skipif(True, reason="never")
def test_skip_by_mark():
    pass

@pytest.mark.xfail
def test_passes_against_expectation():
    pass

@pytest.fixture
def broken_cleanup():
    yield
    from PySide6.QtCore import qWarning
    qWarning("too late")

def test_qt_warning_in_cleanup(broken_cleanup):
    import PySide6.QtCore

def test_qt_warning():
    from PySide6.QtCore import qWarning
    qWarning("parent is in another thread")

def test_exception_in_slot(qtbot):
    from PySide6.QtCore import QTimer
    QTimer.singleShot(0, lambda: 1 / 0)
    qtbot.wait(20)

def test_timer(qapp):
    from PySide6.QtCore import QTimer
    test_timer.kept = QTimer(interval=5000)
    test_timer.kept.start()

def test_timer_of_a_child(qtbot):
    from PySide6.QtCore import QObject, QTimer
    test_timer_of_a_child.kept = QObject()
    QTimer(test_timer_of_a_child.kept).start(4000)

def test_window(qapp):
    from PySide6.QtWidgets import QLabel
    test_window.kept = QLabel(windowTitle="Forgotten")
    test_window.kept.show()

def test_qthread(qapp):
    from PySide6.QtCore import QThread
    test_qthread.kept = QThread()
    test_qthread.kept.start()

def test_pool(qapp):
    from PySide6.QtCore import QThreadPool
    QThreadPool.globalInstance().start(lambda: time.sleep(5))
"""

CAUGHT = {
    "test_thread": "left a thread behind: forgotten",
    "test_daemonic_process": "left a process behind: worker-7",
    "test_other_program": "import time; time.sleep(8)",
    "test_log": "logged an error: the file is gone",
    "test_warning": "DeprecationWarning: old",
    "test_exception_in_thread": "ZeroDivisionError",
    "test_skip": "unexpected skip: Skipped: not today",
    "test_skip_by_mark": "unexpected skip: Skipped: never",
    "test_passes_against_expectation": "XPASS(strict)",
    "test_qt_warning_in_cleanup": "Qt complained while the test was cleaned up: too late",
    "test_qt_warning": "parent is in another thread",
    "test_exception_in_slot": "ZeroDivisionError",
    "test_timer": "left a running timer behind: of NoneType, every 5000 ms",
    "test_timer_of_a_child": "left a running timer behind: of QObject, every 4000 ms",
    "test_window": "left a visible window behind: QLabel 'Forgotten'",
    "test_qthread": "left a thread behind: QThread",
    "test_pool": "left a task in Qt's thread pool behind: 1 running",
}

CLEAN = """
import logging, multiprocessing, subprocess, sys, threading
import pytest

def test_thread_that_ends():
    threading.Timer(0.05, lambda: None).start()

def test_process_that_ends():
    process = multiprocessing.get_context("spawn").Process(target=print)
    process.start()
    process.join()

def test_program_that_ends():
    subprocess.run([sys.executable, "-c", ""], check=True)

@pytest.mark.logs_errors
def test_errors_on_purpose():
    logging.error("on purpose")

def test_missing_judge():
    pytest.importorskip("torch_that_nobody_has", reason="needs the extra 'peers'")

def test_window_that_closes(qtbot):
    from PySide6.QtCore import QThread, QTimer
    from PySide6.QtWidgets import QLabel
    label = QLabel()
    qtbot.addWidget(label)
    QTimer(label).start(10)
    label.show()
    thread = QThread()
    thread.start()
    thread.quit()
    thread.wait()

@pytest.mark.keeps("running timer")
def test_timer_that_may_stay(qapp):
    from PySide6.QtCore import QTimer
    test_timer_that_may_stay.kept = QTimer()
    test_timer_that_may_stay.kept.start(5000)
"""

HOMES = """
import os
from pathlib import Path
from PySide6.QtCore import QSettings, QStandardPaths

seen = []

def write_and_read():
    settings = QSettings("Optiscope", "Optiscope")
    before = settings.value("look", "none", type=str)
    settings.setValue("look", "dark")
    settings.sync()
    seen.append(settings.fileName())
    assert Path(seen[-1]).is_relative_to(os.environ["HOME"])
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
    assert Path(folder).is_relative_to(os.environ["HOME"])
    assert before == "none"

def test_first():
    write_and_read()

def test_second():
    write_and_read()
    assert seen[0] != seen[1]
"""


def run_pytest(folder: Path, text: str, *options: str, **environment: str) -> dict[str, str]:
    """What went wrong in each test of a file that is run under this suite's rules; "" where nothing did."""
    (folder / "test_it.py").write_text(textwrap.dedent(text))
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-c", PROJECT / "pyproject.toml", "--rootdir", folder, "-q"]
    command += [
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
        *options,
        "test_it.py",
    ]
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("OPTISCOPE", "PYTEST"))
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env=clean | {"PYTHONPATH": str(PROJECT)} | environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert report.exists(), done.stdout + done.stderr
    wrong: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        found = [
            f"{part.get('message')}\n{part.text}"
            for tag in ("failure", "error")
            for part in case.findall(tag)
        ]
        wrong[str(case.get("name"))] = wrong.get(str(case.get("name")), "") + "\n".join(found)
    return wrong


of_one_run = pytest.mark.xdist_group("soiled")


@pytest.fixture(scope="module")
def soiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return run_pytest(
        tmp_path_factory.mktemp("soiled"), SOILED, OPTISCOPE_TEST_PATIENCE="0.3", OPTISCOPE_TEST_SLOW="0"
    )


@of_one_run
def test_every_trap_has_a_test(soiled: dict[str, str]) -> None:
    assert set(soiled) == set(CAUGHT)


@of_one_run
@pytest.mark.parametrize("name", CAUGHT)
def test_what_is_left_behind_is_caught(soiled: dict[str, str], name: str) -> None:
    assert CAUGHT[name] in soiled[name]


def test_what_is_clean_passes(tmp_path: Path) -> None:
    wrong = run_pytest(tmp_path, CLEAN)
    assert wrong
    assert not any(wrong.values()), wrong


def test_an_unexpected_skip_of_a_whole_file_is_caught(tmp_path: Path) -> None:
    wrong = run_pytest(tmp_path, "import pytest\npytest.importorskip('nobody_has_this')\n")
    assert "unexpected skip" in "".join(wrong.values())


def test_each_test_has_settings_of_its_own(tmp_path: Path) -> None:
    wrong = run_pytest(tmp_path, HOMES)
    assert wrong == {"test_first": "", "test_second": ""}


def test_failures_and_crashes_in_the_window_process_are_reported(tmp_path: Path) -> None:
    text = """
    import ctypes, pytest
    pytestmark = pytest.mark.window

    def test_good(): pass
    def test_bad(): assert 1 == 2, "seen"
    def test_crash(): ctypes.string_at(0)
    def test_after(): pass
    """
    wrong = run_pytest(tmp_path, text)
    assert wrong["test_good"] == ""
    assert "seen" in wrong["test_bad"]
    assert "The window process ended with status" in wrong["test_crash"]
    assert "The window process ended with status" in wrong["test_after"]


def test_no_screen_outlives_a_crash(tmp_path: Path) -> None:
    crash = "import os, pytest\n@pytest.mark.window\ndef test_crash(qapp): os.kill(os.getpid(), 9)"
    wrong = run_pytest(tmp_path, crash)
    assert "The window process ended with status -9" in wrong["test_crash"]
    assert tmp_path not in _working_folders()


def test_one_of_several_processes_has_all_real_windows(tmp_path: Path) -> None:
    text = """
    import os, pathlib, pytest

    @pytest.mark.window
    @pytest.mark.parametrize("number", range(4))
    def test_window(number):
        with pathlib.Path("processes").open("a") as file:
            print(os.getpid(), file=file)
    """
    wrong = run_pytest(tmp_path, text, "-n", "2", "--dist", "loadgroup")
    assert len(wrong) == 4, wrong
    assert not any(wrong.values())
    processes = Path(tmp_path, "processes").read_text().split()
    assert len(processes) == 4
    assert len(set(processes)) == 1


def _working_folders() -> set[Path]:
    """Those of all processes that can be asked."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found.add((process / "cwd").readlink())
    return found


def test_a_test_that_hangs_in_qt_ends_with_a_picture_of_where(tmp_path: Path) -> None:
    text = """
    import pytest
    from PySide6.QtCore import QEventLoop

    @pytest.mark.window
    @pytest.mark.timeout(1)
    def test_hangs(qapp):
        QEventLoop().exec()
    """
    wrong = run_pytest(tmp_path, text, "-o", "faulthandler_timeout=3")
    assert "The window process ended with status 1" in wrong["test_hangs"]
    assert "in test_hangs" in wrong["test_hangs"]


def test_core_and_its_tests_need_no_qt(tmp_path: Path) -> None:
    """Every module of `core` is imported where Qt, plotting and `app` cannot be."""
    text = """
    import importlib, pkgutil, sys

    BLOCKED = {"PySide6", "shiboken6", "pyqtgraph", "app"}

    class Absent:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in BLOCKED:
                raise ModuleNotFoundError(name)

    def test_core():
        assert not BLOCKED & set(sys.modules)
        sys.meta_path.insert(0, Absent())
        import core
        names = [info.name for info in pkgutil.walk_packages(core.__path__, "core.")]
        assert len(names) > 5
        for name in names:
            importlib.import_module(name)
    """
    assert run_pytest(tmp_path, text, "-p", "no:pytest-qt") == {"test_core": ""}


def test_qt_is_of_the_series_that_counts_references_to_none_rightly() -> None:
    assert version("PySide6-Essentials").startswith("6.10.")


def test_updates_do_not_lose_references_to_none(qtbot) -> None:
    """From Python 3.12 on None is immortal and its count stands still by itself."""
    from PySide6.QtWidgets import QWidget

    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(1000):
        widget.update()
    assert sys.getrefcount(None) >= before - 20


@pytest.mark.window
def test_tests_marked_window_see_a_real_window(qtbot) -> None:
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QWidget

    widget = QWidget()
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    assert QGuiApplication.platformName() != "offscreen"
