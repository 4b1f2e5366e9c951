"""Laboratories for the tests of the window: each with settings of its own, each closed cleanly."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.collector import collector_waits
from tests.app.cli_runner import Optiscope


@pytest.fixture(autouse=True)
def _collected_between_tests() -> Iterator[None]:
    """As in a window that runs: no garbage is collected inside Qt's calls."""
    with collector_waits():
        yield
        gc.collect(0)  # all that the test made is young


@pytest.fixture
def optiscope(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Optiscope:
    """The command line, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Optiscope(capsys)


@pytest.fixture
def open_laboratory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open laboratories; every one is closed and deleted after the test."""
    qtbot = request.getfixturevalue("qtbot")
    import pyqtgraph
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from app.channels import InlineChannel as InlineServer
    from app.event_collector import EventCollector
    from app.main import Laboratory
    from app.map_server import MapServer
    from app.training_job import InlineChannel
    from tests.app.inline_executor import InlineExecutor
    from tests.app.laboratory_driver import Driver, small_experiment

    opened: list[Driver] = []
    rate = pyqtgraph.getConfigOption("mouseRateLimit")
    pyqtgraph.setConfigOption("mouseRateLimit", -1)
    application = QApplication.instance()
    application.setStyle("Fusion")

    def open_one(
        experiment: Any = None,
        channel: Any = InlineChannel,
        size: tuple[int, int] = (1280, 720),
        look: str = "light",
        playing: bool = False,
        executor: Any = InlineExecutor,
        open_maps: Any = lambda: InlineServer(MapServer()),
        cache: Path | None = None,
        recovery: Path | None = None,
    ) -> Driver:
        settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
        if not settings.contains("look"):
            settings.setValue("look", look)
        laboratory = Laboratory(
            experiment or small_experiment(), settings, channel, executor, open_maps=open_maps, cache=cache,
            recovery=recovery,
        )  # fmt: skip
        driver = Driver(laboratory, qtbot, settings)
        opened.append(driver)
        laboratory.window.resize(*size)
        laboratory.start()
        EventCollector(laboratory).start()
        if not playing:
            laboratory.playback.pause()
            laboratory.playback.go(0)
        qtbot.waitUntil(laboratory.window.isVisible)
        laboratory.window.activateWindow()
        application.processEvents()
        return driver

    yield open_one
    for driver in opened:
        close(driver)
    pyqtgraph.setConfigOption("mouseRateLimit", rate)
    application.setStyleSheet("")


def close(driver: Any) -> None:
    """Close the window as its user does, and let Qt delete it."""
    from PySide6.QtCore import QCoreApplication, QEvent

    laboratory = driver.laboratory
    laboratory.history.mark_saved()  # else the window asks first
    laboratory.window.close()
    laboratory.close()
    for thing in (laboratory.window, laboratory):
        thing.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def lab(open_laboratory: Callable[..., Any]) -> Any:
    """A laboratory with a small network, paused at the first step."""
    return open_laboratory()


@pytest.fixture
def clock(qapp: Any) -> Iterator[Any]:
    """A clock that rests again after the test."""
    from app.playback import Clock

    clock = Clock()
    yield clock
    clock.stop()
