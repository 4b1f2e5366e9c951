"""Paints the frames of films, each as an array."""

from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QImage

from app.exporters.experiment_files import Results
from app.exporters.film import Film, Frame
from app.exporters.scenes import scene


class FilmPainter:
    """The frames of a film of what an experiment comes to; `attend` is that of `scene`."""

    def __init__(self, film: Film, results: Results, attend: Callable[[], object] = lambda: None) -> None:
        self._sheet, self._steps = film.sheet, film.steps(results.steps)
        self._easel = scene(results, film.sheet, attend)

    def frame(self, index: int) -> Frame:
        """One of them, (height, width, 3), or 4 where it is transparent."""
        self._easel.set_step(self._steps[index])
        sheet = self._sheet
        image = self._easel.image(sheet.scale, sheet.transparent)
        kind = QImage.Format.Format_RGBA8888 if sheet.transparent else QImage.Format.Format_RGB888
        image = image.convertToFormat(kind)
        depth = 4 if sheet.transparent else 3
        raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return raw[:, : depth * image.width()].reshape(image.height(), image.width(), depth).copy()

    def close(self) -> None:
        """Be done."""
        self._easel.close()
