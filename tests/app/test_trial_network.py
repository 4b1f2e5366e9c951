"""A trial of reliability: the program talks to nobody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.experiment import default_experiment
from core.experiment_file import Saved, write_experiment
from tests.app.cli_runner import environment
from tests.app.window_run import MOMENT

LISTENING = """
import socket, sys

def hook(event, arguments):
    network = event in ("socket.getaddrinfo", "socket.gethostbyname", "urllib.Request", "ftplib.connect")
    if event in ("socket.connect", "socket.bind", "socket.sendto"):
        network = arguments[0].family in (socket.AF_INET, socket.AF_INET6)
    if network:
        sys.stderr.write(f"NETWORK {event} {arguments}\\n")
        raise OSError(f"the network was asked for: {event}")

sys.addaudithook(hook)
"""
"""What every Python begins with that finds it: it reports whatever is asked of the network."""


@pytest.fixture
def listening(tmp_path: Path) -> dict[str, str]:
    """Variables with which the program, and each of its processes, is listened to."""
    place = tmp_path / "listening"
    place.mkdir()
    (place / "sitecustomize.py").write_text(LISTENING)
    variables = environment(QT_QPA_PLATFORM="offscreen", **{MOMENT: "2500"})
    variables["PYTHONPATH"] = os.pathsep.join([str(place), variables["PYTHONPATH"]])
    return variables


@pytest.mark.trial
@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_a_window_with_an_experiment_asks_nothing_of_the_network(
    tmp_path: Path, listening: dict[str, str]
) -> None:
    path = tmp_path / "lesson.optiscope"
    path.write_bytes(write_experiment(Saved(default_experiment())))
    done = subprocess.run(
        [sys.executable, "-m", "tests.app.window_run", "open", str(path)],
        env=listening,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "NETWORK" not in done.stderr
    assert done.stdout.startswith("closing"), "the window was open, and closed itself"


def test_what_listens_hears_processes_too(listening: dict[str, str]) -> None:
    script = "import socket; socket.create_connection(('127.0.0.1', 9))"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {script!r}])"
    done = subprocess.run(
        [sys.executable, "-c", script], env=listening, capture_output=True, text=True, check=False
    )
    assert "NETWORK socket.getaddrinfo" in done.stderr
