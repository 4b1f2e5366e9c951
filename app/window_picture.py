"""A picture of the whole window, as README shows it: `python -m app.window_picture FILE`."""

import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QSettings

from app.main import Laboratory, application
from app.training_job import InlineChannel

SIZE = (1440, 900)
EPOCHS = 4
STEP = 0.45
"""Share of the run at which the heads are shown."""


def save_window_picture(path: Path, look: str = "dark") -> None:
    """Train the default networks for some epochs without batch norm, stop on the way, and save the window."""
    qt = application(["optiscope"])
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder, "settings.ini")), QSettings.Format.IniFormat)
        settings.setValue("look", look)
        laboratory = Laboratory(settings=settings, open_channel=InlineChannel)
        window = laboratory.window
        window.resize(*SIZE)
        laboratory.start()
        window.resize(*SIZE)
        window.arrange()
        laboratory.playback.pause()
        laboratory.playback.go(round(STEP * laboratory.playback.steps))
        window.network.setup.batch_norm.buttons["off"].click()
        laboratory.training.train(EPOCHS)
        while laboratory.clock.needed:
            qt.processEvents()
        window.grab().save(str(path))
        window.close()


if __name__ == "__main__":
    save_window_picture(Path(sys.argv[1]))
