"""A result's plot as a picture of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.exporters.canvas import SCALE, Easel, save_png, start_qt
from app.theme import LIGHT, Theme


@dataclass(frozen=True)
class Picture:
    """What is shown, once it is saved.

    Attributes
    ----------
    draw
        Makes the plot in a look; Qt runs by then, and the plot is done with when it is saved.
    title
        Above it; "" leaves no room for one.
    size
        Of the whole with its title, unless another is asked for.
    """

    draw: Callable[[Theme], QWidget]
    title: str
    size: tuple[int, int]

    def save(
        self,
        path: Path,
        theme: Theme = LIGHT,
        size: tuple[int, int] | None = None,
        scale: float = SCALE,
    ) -> None:
        """Save as PNG of the size times `scale` pixels.

        Raises
        ------
        OSError
            When the file cannot be written.
        """
        start_qt()
        easel = Easel([self.draw(theme)], self.title, theme, size or self.size)
        try:
            save_png(easel.image(scale), path)
        finally:
            easel.close()
