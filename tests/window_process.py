"""Runs the tests marked `window` in a process of their own, where the platform shows real windows.

One process has one Qt platform, and most tests are faster and steadier offscreen. So the tests marked
`window` are run by a second pytest (on Linux under Xvfb), whose reports are counted by the first like
all others: one command, one summary.
"""

import faulthandler
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPORTS = "OPTISCOPE_WINDOW_REPORTS"
IN_WINDOW_PROCESS = REPORTS in os.environ
"""Whether this is the process that shows real windows."""
WINDOW_GROUP = "window"
"""Name of the group that pytest-xdist gives to one of its processes; it hangs the name on the tests' ids."""


def _plain(nodeid: str) -> str:
    """A test's id as the process that shows windows knows it."""
    return nodeid.removesuffix(f"@{WINDOW_GROUP}")


class WindowProcess:
    """Plugin of the first process: starts the second when its first test is due, and hands on its reports."""

    def __init__(self, config: pytest.Config, items: list[pytest.Item], folder: Path) -> None:
        self.config, self.folder = config, folder
        self.items = [_plain(item.nodeid) for item in items]
        self.received: dict[str, list[pytest.TestReport]] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self.screen: Any = None
        self.position = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        if _plain(item.nodeid) not in self.items:
            return None
        faulthandler.cancel_dump_traceback_later()  # the other process watches over its time
        if self.process is None:
            self.process = self._start()
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in self._reports(item):
            report.nodeid = item.nodeid
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        item.session._setupstate.teardown_exact(nextitem)  # what the test before left to this one
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Wait for the second process, or end it when the first stops early."""
        if self.process is None:
            return
        if len(self.received) < len(self.items):
            self.process.terminate()
        self.process.wait(timeout=60)
        if self.screen is not None:
            self.screen.stop()

    def _start(self) -> subprocess.Popen[bytes]:
        self._claim()
        chosen, output = self.folder / "chosen", self.folder / "output"
        chosen.write_text("\n".join(self.items), encoding="utf-8")
        environment = os.environ | {REPORTS: str(self.folder / "reports")} | self._start_screen()
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"@{chosen}"]
        command += ["--rootdir", str(self.config.rootpath), *self._given_options()]
        with output.open("wb") as stream:
            return subprocess.Popen(
                command,
                cwd=self.config.rootpath,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )

    def _claim(self) -> None:
        """Of several processes that run tests one has those with a real window, or all would run twice."""
        if run := os.environ.get("PYTEST_XDIST_TESTRUNUID"):
            claim = Path(tempfile.gettempdir(), f"optiscope-window-{run}")
            try:
                claim.touch(exist_ok=False)
            except FileExistsError:
                pytest.exit("Two processes were given tests with real windows: loadgroup has no effect.")
            self.config.add_cleanup(lambda: claim.unlink(missing_ok=True))

    def _start_screen(self) -> dict[str, str]:
        """Start Xvfb where it is there, and name its screen; from here it can be stopped after any crash."""
        if shutil.which("Xvfb") is None:
            return {}
        from pytest_xvfb import Xvfb

        self.screen = Xvfb(self.config)
        self.screen.start()
        return {"DISPLAY": f":{self.screen.display}"}

    def _given_options(self) -> list[str]:
        """Configuration and plugins that the first process was told to use."""
        config = ["-c", str(self.config.inipath)] if self.config.inipath else []
        plugins = [word for name in self.config.option.plugins or () for word in ("-p", name)]
        overrides = [word for value in self.config.option.override_ini or () for word in ("-o", value)]
        return config + plugins + overrides

    def _reports(self, item: pytest.Item) -> Iterator[pytest.TestReport]:
        """Reports of setup, call and teardown; one that says so when the process ended before."""
        assert self.process is not None
        ended = False
        nodeid = _plain(item.nodeid)
        while not self._is_complete(nodeid) and not ended:
            ended = self.process.poll() is not None
            if not self._receive():
                time.sleep(0.01)
        yield from self.received.setdefault(nodeid, [])
        if not self._is_complete(nodeid):
            output = (self.folder / "output").read_text(encoding="utf-8", errors="replace")
            reason = f"The window process ended with status {self.process.returncode}.\n{output}"
            yield pytest.TestReport(nodeid, item.location, {}, "failed", reason, "call")
            yield pytest.TestReport(nodeid, item.location, {}, "passed", None, "teardown")

    def _is_complete(self, nodeid: str) -> bool:
        return any(report.when == "teardown" for report in self.received.get(nodeid, ()))

    def _receive(self) -> bool:
        """Read the reports that have come since the last time; whether there were any."""
        path = self.folder / "reports"
        if not path.exists():
            return False
        with path.open("rb") as stream:
            stream.seek(self.position)
            whole, _, _ = stream.read().rpartition(b"\n")
        if not whole:
            return False
        self.position += len(whole) + 1
        for line in whole.split(b"\n"):
            data = json.loads(line)
            report = self.config.hook.pytest_report_from_serializable(config=self.config, data=data)
            self.received.setdefault(report.nodeid, []).append(report)
        return True


class WindowReporter:
    """Plugin of the second process: writes down its reports for the first, one a line."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self.config.hook.pytest_report_to_serializable(config=self.config, report=report)
        with Path(os.environ[REPORTS]).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(data, default=str) + "\n")
