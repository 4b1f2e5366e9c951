"""What holds for every test: it runs alone, touches nothing of the user's and leaves nothing behind.

Does not import Qt: tests of `core` run where Qt is not installed, with `-p no:pytest-qt`.
"""

import itertools
import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import leftovers, trials
from tests.window_process import IN_WINDOW_PROCESS, WINDOW_GROUP, WindowProcess, WindowReporter

# Before NumPy and Qt are imported: threads of linear algebra fight with each other, no screen is needed,
# and what a person has set for their own desktop must not change a test.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
for variable in [name for name in os.environ if name.startswith(("QT_", "LC_")) or name == "LANGUAGE"]:
    os.environ.pop(variable, None)
os.environ["LANG"] = "C.UTF-8"
if sys.platform == "linux" or not IN_WINDOW_PROCESS:
    os.environ["QT_QPA_PLATFORM"] = "xcb" if IN_WINDOW_PROCESS else "offscreen"

_HOMES = itertools.count()
EXPECTED_SKIPS = (
    r"could not import 'torch'", r"needs the extra 'peers'", r"needs the extra 'fast'",
    r"only on (Linux|Windows|macOS)",
)  # fmt: skip
"""The only reasons for which a test may be skipped; every other skip is a failure."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="trials of reliability in their full length")
    if "pytestqt.plugin" not in sys.modules:  # settings that would be unknown without that plugin
        for name in ("qt_api", "qt_qapp_name", "qt_log_level_fail", "qt_log_ignore"):
            parser.addini(name, "setting of pytest-qt")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if "PySide6.QtCore" in sys.modules:  # by pytest-qt, before the program could load it in its own way
        from app.qt_binding import load_binding

        load_binding()
    config.pluginmanager.register(trials, "trials")
    config.addinivalue_line("markers", "trial: a trial of reliability, with a short and a full form")
    config.addinivalue_line("markers", "logs_errors: the test makes the program log errors on purpose")
    config.addinivalue_line("markers", "xdist_group(name): tests that one of several processes runs")
    config.addinivalue_line("markers", "keeps(*kinds): kinds of leftovers that this test may leave")
    if IN_WINDOW_PROCESS:
        config.pluginmanager.register(WindowReporter(config), "window_reporter")


_LONGEST_NAME = 60
"""Characters of a parameter in a test's name, which goes through every report: some are whole files."""


def pytest_make_parametrize_id(val: object) -> str | None:
    """Names of tests quote the beginning of long texts only."""
    if not isinstance(val, str | bytes) or len(val) <= _LONGEST_NAME:
        return None
    return ascii(val[:_LONGEST_NAME]).removeprefix("b")[1:-1] + "..."


# ---------------------------------------------------------------- one test, one home


@pytest.fixture(autouse=True)
def _home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A home directory of the test's own, so that settings never reach the user's."""
    home = tmp_path_factory.getbasetemp() / f"home{next(_HOMES)}"  # Qt keeps settings by file name
    home.mkdir()
    for variable in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(home))
    for folder in ("config", "data", "cache", "state"):
        monkeypatch.setenv(f"XDG_{folder.upper()}_HOME", str(home / folder))
    if "PySide6.QtCore" in sys.modules:
        from PySide6.QtCore import QSettings, QStandardPaths

        QStandardPaths.setTestModeEnabled(True)
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        for kind in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
            QSettings.setPath(kind, QSettings.Scope.UserScope, str(home / "config"))
    yield home
    try:
        home.rmdir()  # most tests put nothing there
    except OSError:
        shutil.rmtree(home, ignore_errors=True)


# ---------------------------------------------------------------- nothing left behind


class _Errors(logging.Handler):
    """Collects what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


LATE = pytest.StashKey["_LateMessages"]()


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest, _home: Path) -> Iterator[None]:
    """Fail a test that leaves a thread, process, timer or window, logs an error or makes Qt complain."""
    kept = {kind for mark in request.node.iter_markers("keeps") for kind in mark.args}
    before = leftovers.start()
    errors = _Errors()
    logging.getLogger().addHandler(errors)
    yield
    logging.getLogger().removeHandler(errors)
    complaints = [str(found) for found in leftovers.since(before) if found.kind not in kept]
    if not request.node.get_closest_marker("logs_errors"):
        complaints += [f"logged an error: {record.getMessage()}" for record in errors.records]
    if late := request.node.stash.get(LATE, None):
        complaints += late.stop()
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


class _LateMessages:
    """Qt's warnings while a test is cleaned up, when pytest-qt no longer listens."""

    def __init__(self, ignored: Iterable[str]) -> None:
        from PySide6.QtCore import QtMsgType, qInstallMessageHandler

        self.warnings: list[str] = []
        self._ignored = tuple(ignored)
        self._harmless = (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)
        self._install = qInstallMessageHandler
        self._previous = qInstallMessageHandler(self._handle)

    def _handle(self, kind: Any, context: Any, message: str) -> None:
        if kind not in self._harmless and not any(re.search(pattern, message) for pattern in self._ignored):
            self.warnings.append(message)

    def stop(self) -> list[str]:
        self._install(self._previous)
        return [f"Qt complained while the test was cleaned up: {message}" for message in self.warnings]


# ---------------------------------------------------------------- reports


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call" and "PySide6.QtCore" in sys.modules and not item.get_closest_marker("no_qt_log"):
        item.stash[LATE] = _LateMessages(item.config.getini("qt_log_ignore"))
    _fail_unexpected_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    report = yield
    _fail_unexpected_skip(report)
    return report


def _fail_unexpected_skip(report: Any) -> None:
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not any(re.search(pattern, reason) for pattern in EXPECTED_SKIPS):
        report.outcome = "failed"
        report.longrepr = f"unexpected skip: {reason}"


# ---------------------------------------------------------------- tests in a real window


@pytest.hookimpl(optionalhook=True)
def pytest_xvfb_disable() -> bool:
    """The plugin would give every run a screen; `WindowProcess` starts one when it is needed."""
    return True


def pytest_itemcollected(item: pytest.Item) -> None:
    """Where tests are run by several processes, one of them runs all with a real window."""
    if item.get_closest_marker("window"):
        item.add_marker(pytest.mark.xdist_group(WINDOW_GROUP))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Core first, before there is a Qt application whose timers are looked for; real windows before all.

    Those take longest in one go, so that of several processes one begins with them at once.
    """
    items.sort(key=lambda item: "/tests/core/" not in item.path.as_posix())
    items.sort(key=lambda item: item.get_closest_marker("window") is None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Real windows and offscreen ones cannot live in one process: those tests get another."""
    windows = [item for item in session.items if item.get_closest_marker("window")]
    config = session.config
    if windows and not IN_WINDOW_PROCESS and not config.option.collectonly:
        folder = Path(tempfile.mkdtemp(prefix="optiscope-window-"))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        for item in windows:
            item.add_marker(pytest.mark.timeout(0), append=False)  # it has its limit in the other process
        config.pluginmanager.register(WindowProcess(config, windows, folder), "window_process")
