"""The whole window as it would show an experiment, without being seen."""

import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

from msgspec import structs
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QSettings,
    Qt,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from app.channels import Channel
from app.exporters.canvas import SteppedEasel
from app.exporters.sheet import Sheet
from app.main import Laboratory
from app.theme import theme_of
from app.training_job import InlineChannel
from core.experiment_file import Saved

T = TypeVar("T")
_LONGEST = 60.0
"""Seconds to wait for what the window computes."""


class _AtOnce(Executor):
    """Computes in this process: nothing is left running."""

    def submit(self, function: Callable[..., T], /, *arguments: Any, **named: Any) -> Future[T]:
        """The result, or how it failed."""
        future: Future[T] = Future()
        try:
            future.set_result(function(*arguments, **named))
        except Exception as error:  # told as a worker process tells it
            future.set_exception(error)
        return future


class _WindowEasel(SteppedEasel):
    """A window that is closed with its laboratory; all else is as it was before then."""

    def __init__(self, laboratory: Laboratory, sheet: Sheet, put_back: ExitStack) -> None:
        self._laboratory, self._put_back = laboratory, put_back
        super().__init__([laboratory.window], "", theme_of(sheet.look, sheet.colours), sheet.size, whole=True)

    def set_step(self, step: int) -> None:
        """Show the paths up to a step."""
        self._laboratory.playback.go(step)
        QApplication.processEvents()

    def close(self) -> None:
        self._laboratory.history.mark_saved()  # else the window asks first
        self._laboratory.window.close()
        self._laboratory.close()
        self._laboratory.window.deleteLater()
        self._laboratory.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self._put_back.close()


def window_easel(saved: Saved, sheet: Sheet) -> SteppedEasel:
    """A laboratory with the experiment, paused."""
    with ExitStack() as put_back:
        folder = put_back.enter_context(tempfile.TemporaryDirectory())
        put_back.callback(qInstallMessageHandler, qInstallMessageHandler(_complain))
        _keep_style(put_back)
        laboratory = _laboratory(saved, sheet, Path(folder))
        return _WindowEasel(laboratory, sheet, put_back.pop_all())


def _keep_style(put_back: ExitStack) -> None:
    """Plots that are painted after a window look as they did before it."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    put_back.callback(application.setPalette, application.palette())
    put_back.callback(application.setStyleSheet, application.styleSheet())


def _laboratory(saved: Saved, sheet: Sheet, folder: Path) -> Laboratory:
    """With settings of its own, seen by nobody."""
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    settings.setValue("look", sheet.look)
    settings.setValue("surface_colours", sheet.colours)
    QApplication.setStyle("Fusion")
    laboratory = Laboratory(saved.experiment, settings, _inline_training, _AtOnce)
    laboratory.window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    laboratory.window.resize(*sheet.size)
    laboratory.start()
    laboratory.window.resize(*sheet.size)
    laboratory.window.arrange()
    laboratory.viewpoint.show(structs.replace(saved.view, playing=False))
    _settle(laboratory)
    return laboratory


def _complain(_: QtMsgType, __: QMessageLogContext, text: str) -> None:
    """What Qt says, but for what a platform without a screen says of every window."""
    if not text.startswith("This plugin does not support"):
        print(text, file=sys.stderr)


def _settle(laboratory: Laboratory) -> None:
    """Let it compute what it shows."""
    end = time.monotonic() + _LONGEST
    while laboratory.clock.needed and time.monotonic() < end:
        QApplication.processEvents()


def _inline_training() -> Channel:
    """The networks train here: nothing is left running."""
    return InlineChannel()
