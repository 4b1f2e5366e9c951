"""What is painted on: a screen or a picture made of pixels, or a page made of lines."""

from PySide6.QtGui import QPaintEngine, QPainter

_VECTOR = (QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf, QPaintEngine.Type.Picture)
_PAGE_RATIO = 3.0
"""Pixels for each unit of a page, of what goes on it as pixels: 288 dots per inch."""


def is_vector(painter: QPainter) -> bool:
    """Whether lines stay lines: then nothing is kept as a picture first."""
    engine = painter.paintEngine()
    return engine is not None and engine.type() in _VECTOR


def pixel_ratio(painter: QPainter) -> float:
    """Pixels for each unit, of what is painted as pixels even on a page.

    A widget that is rendered into a picture is still its painter's device: only the engine knows the picture.
    """
    engine = painter.paintEngine()
    if engine is None or is_vector(painter):
        return _PAGE_RATIO
    return float(engine.paintDevice().devicePixelRatioF())
