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
from app.plots.space_plot import SpacePlot
from app.theme import theme_of
from app.training_job import InlineChannel
from core.errors import InputError
from core.experiment_file import Saved

T = TypeVar("T")
_LONGEST = 600.0
"""Seconds to wait for what the window computes."""
_LEAST = (1280, 720)
"""Width and height into which all of the window fits."""


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
        theme = theme_of(sheet.look, sheet.colours)
        super().__init__([laboratory.window], "", theme, sheet.size, whole=True, zoom=_zoom(sheet))
        for plot in laboratory.window.findChildren(SpacePlot):
            plot.settle()

    def set_step(self, step: int) -> None:
        """Show the paths up to a step."""
        window = self._laboratory.window
        window.setUpdatesEnabled(False)  # it is painted in the picture, nowhere else
        self._laboratory.playback.go(step)
        QApplication.processEvents()
        window.setUpdatesEnabled(True)

    def close(self) -> None:
        self._put_back.close()


def window_easel(saved: Saved, sheet: Sheet, attend: Callable[[], object]) -> SteppedEasel:
    """A laboratory with the experiment, paused, as soon as it rests; until then `attend` is called.

    Raises
    ------
    InputError
        When what it shows is not computed within ten minutes.
    """
    with ExitStack() as put_back:
        folder = put_back.enter_context(tempfile.TemporaryDirectory())
        put_back.callback(qInstallMessageHandler, qInstallMessageHandler(_complain))
        _keep_style(put_back)
        laboratory = _laboratory(saved, sheet, Path(folder))
        put_back.callback(_end, laboratory)
        _settle(laboratory, attend)
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
    size = [round(side * _zoom(sheet)) for side in sheet.size]
    laboratory.window.resize(*size)
    laboratory.start()
    laboratory.window.resize(*size)
    laboratory.window.arrange()
    laboratory.viewpoint.show(structs.replace(saved.view, playing=False))
    laboratory.survey.begin()
    return laboratory


def _zoom(sheet: Sheet) -> float:
    """What the window must be larger than the sheet, so that nothing of it is cut off."""
    return max(*(least / side for least, side in zip(_LEAST, sheet.size, strict=True)), 1.0)


def _end(laboratory: Laboratory) -> None:
    laboratory.history.mark_saved()  # else the window asks first
    laboratory.window.close()
    laboratory.close()
    laboratory.window.deleteLater()
    laboratory.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _complain(_: QtMsgType, __: QMessageLogContext, text: str) -> None:
    """What Qt says, but for what a platform without a screen says of every window."""
    if not text.startswith("This plugin does not support"):
        print(text, file=sys.stderr)


def _settle(laboratory: Laboratory, attend: Callable[[], object]) -> None:
    """Let it compute what it shows."""
    end = time.monotonic() + _LONGEST
    while laboratory.clock.needed:
        attend()
        QApplication.processEvents()
        if time.monotonic() > end:
            raise InputError("What the window shows takes over ten minutes; train fewer epochs.", "view")
    for _ in range(2):  # widgets that have changed are laid out once more
        QApplication.processEvents()


def _inline_training() -> Channel:
    """The networks train here: nothing is left running."""
    return InlineChannel()
