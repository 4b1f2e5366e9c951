"""Trials of reliability: the window ends well at any moment, and in a bad place."""

import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.app.cli_runner import environment
from tests.app.window_run import MOMENT
from tests.leftovers import PATIENCE
from tests.trials import Trial

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
SEED = 30
LONGEST = 2.0
"""Seconds from closing to the end of the process."""


@dataclass(frozen=True)
class End:
    """How a window ended: its exit status, seconds from its closing, processes left, what it said."""

    status: int
    seconds: float
    orphans: list[str]
    said: str


def run_window(folder: Path, moment: int, **variables: str) -> End:
    done = subprocess.Popen(
        [sys.executable, "-m", "tests.app.window_run"],
        cwd=folder,
        env=environment(**{"QT_QPA_PLATFORM": "offscreen", MOMENT: str(moment), **variables}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.stdout is not None
    assert done.stderr is not None
    out = done.stdout.readline().split()
    done.stdout.read()  # a table, where there is no window
    status = done.wait(60)
    ended = time.monotonic()
    closed = out[:1] == ["closing"]
    orphans = _alive([int(word) for word in out[2:]]) if closed else []
    said = done.stderr.read()
    for pipe in (done.stdout, done.stderr):
        pipe.close()
    return End(status, ended - float(out[1]) if closed else 0.0, orphans, said)


def _alive(pids: list[int]) -> list[str]:
    """Commands of those that do not end in a moment of their own."""
    deadline = time.monotonic() + PATIENCE
    found = [pid for pid in pids if _command(pid)]
    while found and time.monotonic() < deadline:
        time.sleep(0.01)
        found = [pid for pid in found if _command(pid)]
    return [_command(pid) for pid in found]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def complaints(said: str) -> list[str]:
    return [line for line in said.splitlines() if line and "This plugin does not support" not in line]


@pytest.mark.trial
@pytest.mark.timeout(3600)
def test_a_window_that_closes_at_any_moment_ends_at_once_and_leaves_nothing(
    tmp_path: Path, trial: Trial
) -> None:
    times, draw, slowest = trial.times(2, 100), random.Random(SEED), 0.0
    for number in range(times):
        moment = draw.randrange(trial.times(2000, 6000))
        end = run_window(tmp_path, moment)
        where = f"closing {number + 1} of the seed {SEED}, {moment} ms after the first frame"
        assert end.status == 0, f"{where}: exit status {end.status}\n{end.said}"
        assert not end.orphans, f"{where}: {end.orphans}"
        assert not complaints(end.said), f"{where}: {end.said}"
        assert end.seconds <= LONGEST, f"{where}: {end.seconds:.2f} s"
        slowest = max(slowest, end.seconds)
        assert not list(tmp_path.glob(".optiscope-*")), f"{where}: a part of a film is left"
    trial.tell(f"{times} times from the seed {SEED}, at most {slowest:.2f} s, exit status always 0")


SETTINGS = {
    "wrong types": b"[General]\ngeometry=7\nstate=@Invalid()\nlook=12, 13\nown_formulas=1, 2\n"
    b"recent_files=@Variant(\\0\\0\\0\\x7f)\nsurface_split=nonsense\n",
    "wrong formulas": b'[General]\nown_formulas="[{\\"formula\\": 7}]"\nrecent_files={}\nlook=@ByteArray(x)\n'
    b"geometry=@ByteArray(\\x1\\xd9\\xd0\\xcb\\0\\x3\\0\\0)\nstate=@ByteArray(\\0\\0\\0\\xff)\n",
    "no settings": b"[General\n\x00\xff=\xfe\n[[[",
    "a folder": b"",
    "read-only": b"[General]\nlook=dark\n",
}


def _spoil(folder: Path, kind: str) -> None:
    file = folder / "Optiscope" / "Optiscope.conf"
    if kind == "a folder":
        file.mkdir(parents=True)
        return
    file.parent.mkdir(parents=True)
    file.write_bytes(SETTINGS[kind])
    if kind == "read-only":
        file.chmod(0o400)
        file.parent.chmod(0o500)


@pytest.mark.trial
@pytest.mark.timeout(600)
def test_settings_that_are_damaged_do_not_keep_the_window_from_opening(tmp_path: Path, trial: Trial) -> None:
    kinds = list(SETTINGS)[: trial.times(1, len(SETTINGS))]
    for kind in kinds:
        home = tmp_path / kind
        home.mkdir()
        _spoil(home, kind)
        end = run_window(tmp_path, 200, XDG_CONFIG_HOME=str(home))
        (home / "Optiscope").chmod(0o700)
        assert (end.status, end.orphans) == (0, []), f"{kind}: {end.said}"
        assert "Traceback" not in end.said
    trial.tell(f"{len(kinds)} kinds of damage, exit status always 0")


BAD_PLACES = {
    "no plugins": {"QT_PLUGIN_PATH": "/nowhere", "QT_QPA_PLATFORM": "nonsense"},
    "no screen": {"QT_QPA_PLATFORM": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""},
    "a screen that is not there": {"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":987"},
    "an unknown platform": {"QT_QPA_PLATFORM": "nonsense"},
    "no plugins of its own": {"QT_QPA_PLATFORM": "offscreen", "QT_QPA_PLATFORM_PLUGIN_PATH": "/nowhere"},
    "a style that is none": {"QT_STYLE_OVERRIDE": "nonsense"},
    "an odd scale": {"QT_SCALE_FACTOR": "nonsense", "QT_FONT_DPI": "0"},
    "no home": {"HOME": "/proc/nowhere", "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": "", "XDG_CACHE_HOME": ""},
}


@pytest.mark.trial
@pytest.mark.timeout(600)
def test_in_a_bad_place_it_never_aborts(tmp_path: Path, trial: Trial) -> None:
    places = list(BAD_PLACES)[: trial.times(1, len(BAD_PLACES))]
    for place in places:
        end = run_window(tmp_path, 200, **BAD_PLACES[place])
        assert end.status in (0, 1, 2), f"{place}: exit status {end.status}\n{end.said}"
        assert "Traceback" not in end.said
        assert not end.orphans
    trial.tell(f"{len(places)} places, exit status never 134 nor 139")
