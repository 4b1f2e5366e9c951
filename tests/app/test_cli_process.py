"""What only shows in a process of its own: what is imported, pipes, signals, screens."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.app.cli_runner import Result, command, environment, in_process

COMMANDS = {
    "descend": ("descend", "--surface", "sphere", "--steps", "3", "--out", "a.csv", "--out", "a.json"),
    "map": ("map", "--surface", "sphere", "--size", "4", "4", "--out", "a.csv", "--out", "a.npz"),
    "train": ("train", "--dataset", "xor", "--epochs", "1", "--out", "a.csv", "--out", "a.json"),
    "critical-points": (
        "critical-points",
        "--surface",
        "beale",
        "--out",
        "a.csv",
        "a.json",
        "a.npz",
        "--json",
    ),
    "list": ("list", "surfaces", "--json"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_qt_is_loaded_without_a_picture(tmp_path: Path, name: str) -> None:
    code = f"""
import sys
from app.__main__ import main
assert main({COMMANDS[name]!r}) == 0
print(sorted({{"PySide6", "shiboken6", "pyqtgraph"}} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == "[]"


def test_bad_input_ends_with_status_2(tmp_path: Path) -> None:
    assert "did you mean 'rosenbrock'?" in in_process(tmp_path, "descend", "--surface", "rosenbrok").complaint
    assert list(tmp_path.iterdir()) == []


def test_a_diverged_run_ends_with_status_0(tmp_path: Path) -> None:
    result = in_process(tmp_path, "descend", "--surface", "rosenbrock", "--optimizer", "sgd:learning_rate=9")
    assert (result.status, result.err) == (0, "")
    assert "diverged" in result.out


@pytest.mark.skipif(sys.platform == "win32", reason="only on Linux and macOS")
@pytest.mark.parametrize("unbuffered", ["1", ""])
@pytest.mark.parametrize("starts", [1, 80])
def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path, starts: int, unbuffered: str) -> None:
    many = [word for x in range(starts) for word in ("--start", str(x / 20), "1")]
    program = subprocess.Popen(
        command("descend", "--surface", "sphere", "--steps", "1", *many),
        cwd=tmp_path,
        env=environment(PYTHONUNBUFFERED=unbuffered),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    complaint = program.stderr.read()
    program.stderr.close()
    assert (program.wait(60), complaint) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only on Linux")
def test_output_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command("list", "surfaces"),
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr == "optiscope: The output cannot be written: No space left on device.\n"


TELLING = """
import signal
import sys
from app.__main__ import main
from core.training import TrainingRun

step = TrainingRun.step

def tell(run):
    TrainingRun.step = step
    print("training", file=sys.stderr, flush=True)
    step(run)

signal.signal(signal.SIGINT, signal.default_int_handler)
TrainingRun.step = tell
sys.exit(main(sys.argv[1:]))
"""
"""The program, which says when it makes its first step of training.

It heeds Ctrl-C as in a terminal, where it is ignored by what a shell has put into the background too.
"""


@pytest.mark.skipif(sys.platform == "win32", reason="only on Linux and macOS")
def test_an_interrupted_run_ends_quietly_and_leaves_no_half_file(tmp_path: Path) -> None:
    words = ("train", "--dataset", "xor", "--epochs", "10000", "--out", "curves.csv")
    program = subprocess.Popen(
        [sys.executable, "-c", TELLING, *words],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stderr is not None
    try:
        assert program.stderr.readline() == "training\n"
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=60)
    finally:
        program.kill()
        program.communicate()
    assert program.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def check_rendered(folder: Path, result, reason: str) -> None:
    assert result.status == 0
    assert result.err.count("\n") == 1
    assert reason in result.err
    assert "; the first experiment is in optiscope.png and optiscope.csv instead." in result.err
    assert result.out.startswith("optimizer  start")
    assert (folder / "optiscope.csv").read_text().startswith("optimizer,start,step,")
    with Image.open(folder / "optiscope.png") as picture:
        assert picture.width > 1000
        assert len(picture.convert("RGB").resize((120, 80)).getcolors(9600) or ()) > 100
    assert sorted(path.name for path in folder.iterdir()) == ["optiscope.csv", "optiscope.png"]


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({}, "There is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set"),
        ({"DISPLAY": ":987"}, "the display ':987' does not answer"),
        ({"WAYLAND_DISPLAY": "wayland-987"}, "nobody answers at the Wayland display 'wayland-987'"),
        ({"QT_QPA_PLATFORM": "xbc"}, "QT_QPA_PLATFORM names the platform 'xbc'"),
    ],
)
def test_without_a_screen_the_first_experiment_is_a_picture_and_a_table(
    tmp_path: Path, variables: dict[str, str], reason: str
) -> None:
    check_rendered(tmp_path, in_process(tmp_path, **variables), reason)


def test_without_a_screen_where_nothing_can_be_written_the_table_is_printed(tmp_path: Path) -> None:
    (tmp_path / "optiscope.png").mkdir()
    result = in_process(tmp_path)
    assert result.status == 0
    assert "There is no screen" in result.err
    assert "himmelblau" in result.out or "adam" in result.out
    assert [path.name for path in tmp_path.iterdir()] == ["optiscope.png"]


def test_pictures_need_no_screen(tmp_path: Path) -> None:
    result = in_process(tmp_path, "descend", "--surface", "sphere", "--out", "a.png", QT_QPA_PLATFORM="xbc")
    assert (result.status, result.err) == (0, "")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise {error}

sys.meta_path.insert(0, Blocked())
from app.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def without(module: str, error: str, folder: Path, *arguments: str) -> Result:
    """The program where a module cannot be imported."""
    code = BLOCKED.format(module=module, error=error)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    return Result(done.returncode, done.stdout, done.stderr)


NO_EGL = "ImportError('libEGL.so.1: cannot open shared object file: No such file or directory')"


def test_a_picture_without_the_libraries_of_qt_names_the_package(tmp_path: Path) -> None:
    words = ("descend", "--surface", "sphere", "--out", "a.csv", "a.png")
    assert "apt-get install libegl1" in without("PySide6.QtGui", NO_EGL, tmp_path, *words).complaint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_without_a_screen_and_without_qt_there_is_a_table(tmp_path: Path) -> None:
    result = without("PySide6.QtGui", NO_EGL, tmp_path)
    assert result.status == 0
    assert result.err.count("\n") == 1
    assert "the first experiment is in optiscope.csv instead." in result.err
    assert "apt-get install libegl1" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["optiscope.csv"]


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    result = without(
        "sympy", "ModuleNotFoundError('gone', name='sympy')", tmp_path, "descend", "--surface", "sphere"
    )
    assert (result.status, result.out) == (1, "")
    assert result.err == "optiscope: The package sympy is missing; run `make run` once.\n"
