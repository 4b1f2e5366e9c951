"""Takes the pictures of the gallery from the window itself: `make pictures` after an example has changed."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QEventLoop, QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from app.main import Laboratory, application
from app.views.gallery_dialog import PICTURE
from core.examples import Example, examples

WINDOW = QSize(1280, 800)
_PATIENCE, _COLOURS = 60_000, 200


def main(keys: list[str]) -> None:
    """Take the pictures of these examples, or of all."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    qt = application(["pictures"])
    for example in examples().values():
        for look in ("light", "dark"):
            if not keys or example.id in keys:
                take(example, look)
                print(example.id, look, example.picture(look).stat().st_size)
    qt.quit()


def take(example: Example, look: str) -> None:
    """Open an example, wait until it shows what it is about, and keep a picture of that part."""
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        settings.setValue("look", look)
        saved = example.saved
        laboratory = Laboratory(saved.experiment, settings)
        laboratory.window.resize(WINDOW)
        laboratory.start()
        laboratory.viewpoint.show(saved.view)
        trains = bool(saved.view.trained)
        networks = laboratory.network_presenter
        wait(lambda: networks.report is not None and networks.shown_step() >= saved.view.trained, 500)
        for _ in range(3):  # one thing that is found out may begin another
            wait(lambda: rests(laboratory), 1500)
            laboratory.playback.pause()
            laboratory.playback.go(laboratory.playback.steps)
        window = laboratory.window
        part: QWidget = window.surface.plot
        detail = 3.5
        if trains or saved.view.panel in ("network", "health", "norm", "learned"):
            part = window.network.distributions.stack
            if saved.view.panel not in ("", "network"):
                part = window.panel_host(saved.view.panel)
            detail = 2.0
        set_apart(part, PICTURE * detail)
        keep(fit(part.grab()), example.picture(look))
        laboratory.window.close()
        laboratory.close()


def rests(laboratory: Laboratory) -> bool:
    """Whether everything that is shown has been computed."""
    at_work = laboratory.descents, laboratory.survey, *laboratory._jobs, *laboratory._helpers.values()
    return laboratory.training.is_settled and not any(getattr(each, "busy", False) for each in at_work)


def set_apart(part: QWidget, size: QSize) -> None:
    """Lay out a part anew in the gallery's proportions, so that nothing of it is cut off."""
    part.setParent(None)
    part.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    part.setFixedSize(size)
    part.show()
    wait(lambda: True, 500)


def fit(picture: QPixmap) -> QPixmap:
    """A picture of the gallery's proportions, half as large again as it is shown."""
    mode = Qt.TransformationMode.SmoothTransformation
    return picture.scaled(PICTURE * 1.5, Qt.AspectRatioMode.IgnoreAspectRatio, mode)


def keep(picture: QPixmap, path: Path) -> None:
    """Save it in few colours, which no one sees and which take a third of the room."""
    picture.save(str(path), "PNG")
    with Image.open(path) as image:
        image.convert("RGB").quantize(_COLOURS, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)


def wait(done: Callable[[], bool], after: int) -> None:
    """Let the window work until something is so, and some milliseconds longer."""
    loop, look = QEventLoop(), QTimer()
    look.timeout.connect(lambda: loop.quit() if done() else None)
    look.start(20)
    QTimer.singleShot(_PATIENCE, loop, loop.quit)
    loop.exec()
    look.stop()
    QTimer.singleShot(after, loop, loop.quit)
    loop.exec()


if __name__ == "__main__":
    main(sys.argv[1:])
