"""Runs the command line in this process, or in one of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.__main__ import main

PROJECT = Path(__file__).parents[2]
SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM")


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line on standard error that bad input gets, and nothing else."""
        assert self.status == 2, self
        assert self.out == "", "bad input is noticed before anything is printed"
        assert self.err.startswith("optiscope: ")
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        return self.err


class Optiscope:
    """Calls `main`, as the program does."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Result:
        self._capsys.readouterr()
        status = main(arguments)
        return Result(status, *self._capsys.readouterr())


def environment(**changes: str) -> dict[str, str]:
    """This process' variables without a screen, and with some others."""
    kept = {name: value for name, value in os.environ.items() if name not in SCREEN}
    return {**kept, "PYTHONPATH": str(PROJECT), **changes}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "app", *arguments]


def in_process(folder: Path, *arguments: str, **changes: str) -> Result:
    """Run the program in `folder` in a process of its own."""
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(**changes),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    return Result(done.returncode, done.stdout, done.stderr)
