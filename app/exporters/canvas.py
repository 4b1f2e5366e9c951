"""Widgets painted into PNG files, at any number of pixels, on a screen or without one."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget

from app.theme import Theme

SCALE = 2.0
"""Pixels of a picture for each pixel of a window: sharp in print and on a projector."""
TITLE_HEIGHT = 34
_TITLE_PIXELS = 14

_application: list[QApplication] = []
"""Keeps the application of a command alive: Qt ends with the last reference to it."""


def start_qt() -> None:
    """Start Qt unless a window has started it already."""
    if QApplication.instance() is None:
        _application.append(QApplication(["optiscope"]))


def save_picture(
    draw: Callable[[], QWidget], path: Path, title: str, theme: Theme, size: tuple[int, int], scale: float
) -> None:
    """Save a widget as PNG, with a title above it.

    Parameters
    ----------
    draw
        Makes the widget, once Qt has been started; it is done with when it is saved.
    theme
        Of the title and of what is behind it all; the widget has been given it already.
    size
        Of the whole picture with its title; the file has `scale` times as many pixels.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    start_qt()
    widget = draw()
    image = _blank(size, scale, QColor(theme.panel))
    painter = QPainter(image)
    try:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        _paint_title(painter, title, size[0], QColor(theme.text))
        _paint_widget(painter, widget, QRect(0, TITLE_HEIGHT, size[0], size[1] - TITLE_HEIGHT))
    finally:
        painter.end()  # an image must not go before its painter
        widget.close()
        widget.deleteLater()
    if not image.save(str(path), "PNG"):  # type: ignore[call-overload]  # its stub wants bytes
        raise OSError(f"Qt could not write {path.name}")


def _blank(size: tuple[int, int], scale: float, paper: QColor) -> QImage:
    image = QImage(round(size[0] * scale), round(size[1] * scale), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(paper)
    return image


def _paint_title(painter: QPainter, title: str, width: int, colour: QColor) -> None:
    font = QFont(QApplication.font())
    font.setPixelSize(_TITLE_PIXELS)
    painter.setFont(font)
    painter.setPen(colour)
    shown = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, width - 24)
    painter.drawText(QRect(0, 0, width, TITLE_HEIGHT), Qt.AlignmentFlag.AlignCenter, shown)


def _paint_widget(painter: QPainter, widget: QWidget, place: QRect) -> None:
    widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    widget.resize(place.size())
    widget.show()
    widget.grab()  # has everything laid out
    if isinstance(widget, QGraphicsView):  # so that its items see the picture's scale, not the screen's
        widget.render(painter, QRectF(place), widget.viewport().rect())
    else:
        painter.translate(place.topLeft())
        widget.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
