"""Widgets painted as pictures, at any number of pixels or as lines, on a screen or without one."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPoint, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget

from app.language import tr
from app.theme import Theme

SCALE = 2.0
"""Pixels of a picture for each pixel of a window: sharp in print and on a projector."""
TITLE_HEIGHT = 34
_KEYS_HEIGHT = 20
_TITLE_PIXELS, _KEY_PIXELS = 14, 12
_DOTS_PER_INCH = 96
"""Of pages: with it a page has as many units as the window has pixels, and texts their sizes."""
_POINTS = 72 / _DOTS_PER_INCH
"""Of a page, for each of its units."""

Key = tuple[str, QColor]

_application: list[QApplication] = []
"""Keeps the application of a command alive: Qt ends with the last reference to it."""


def start_qt() -> None:
    """Start Qt unless a window has started it already."""
    if QApplication.instance() is None:
        _application.append(QApplication(["optiscope"]))


class Canvas(ABC):
    """Something that can be painted, of any kind and at any scale.

    Attributes
    ----------
    size
        Width and height in units, which are a window's pixels.
    """

    size: tuple[int, int]

    @abstractmethod
    def paint(self, painter: QPainter, transparent: bool = False) -> None:
        """Paint everything, one unit for each pixel of the size."""

    def image(self, scale: float, transparent: bool = False) -> QImage:
        """The picture with `scale` times as many pixels as its size; `transparent` is all but the plots."""
        size = QSize(round(self.size[0] * scale), round(self.size[1] * scale))
        kind = QImage.Format.Format_ARGB32_Premultiplied if transparent else QImage.Format.Format_RGB32
        image = QImage(size, kind)
        if image.isNull():
            raise MemoryError
        image.setDevicePixelRatio(scale)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        try:
            self.paint(painter, transparent)
        finally:
            painter.end()  # an image must not go before its painter
        return image


class LiveView(Canvas):
    """A part of a window as it is on the screen; it stays as it is."""

    def __init__(self, widgets: Sequence[QWidget], ground: QColor) -> None:
        """`widgets` stand side by side; `ground` is behind them."""
        self._widgets, self._ground = list(widgets), ground
        width = sum(widget.width() for widget in widgets)
        self.size = width, max(widget.height() for widget in widgets)

    def paint(self, painter: QPainter, transparent: bool = False) -> None:
        """Paint it as it is."""
        if not transparent:
            painter.fillRect(QRect(0, 0, *self.size), self._ground)
        left = 0
        for widget in self._widgets:
            _paint_widget(painter, widget, QRect(QPoint(left, 0), widget.size()), transparent, whole=True)
            left += widget.width()


class Easel(Canvas):
    """Widgets, one above the other under a title, ready to be painted.

    Parameters
    ----------
    widgets
        They have their look already. They are laid out, never seen, and `close` ends them.
    title
        Above them; "" leaves no room for one.
    theme
        Of the title and of what is behind it all.
    size
        Of the whole, with its title.
    keys
        Names and their colours, in a line below the title.
    whole
        Whether the widgets' own ground is painted too.
    zoom
        How many of the widgets' pixels are a unit: for those that need more room than the picture has.

    Attributes
    ----------
    title
        The one that is painted; another one, when it is set.
    """

    def __init__(
        self,
        widgets: Sequence[QWidget],
        title: str,
        theme: Theme,
        size: tuple[int, int],
        keys: Sequence[Key] = (),
        whole: bool = False,
        zoom: float = 1.0,
    ) -> None:
        self.widgets, self.size = list(widgets), size
        self._zoom, self._room = zoom, QSize(round(size[0] * zoom), round(size[1] * zoom))
        self.title, self._theme, self._keys, self._whole = title, theme, keys, whole
        self._top = (TITLE_HEIGHT if title else 0) + (_KEYS_HEIGHT if keys else 0)
        for widget, place in zip(self.widgets, self._places(), strict=True):
            widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            widget.resize(place.size())
            widget.show()
            widget.grab()  # has everything laid out

    def _places(self) -> list[QRect]:
        """One above the other: those of a fixed height have it, the others equal shares of the rest."""
        fixed = [
            each.minimumHeight() * (each.minimumHeight() == each.maximumHeight()) for each in self.widgets
        ]
        rest, sharing = self._room.height() - self._top - sum(fixed), fixed.count(0)
        places, top, shared = [], self._top, 0
        for height in fixed:
            if not height:
                height = rest * (shared + 1) // sharing - rest * shared // sharing
                shared += 1
            places.append(QRect(0, top, self._room.width(), height))
            top += height
        return places

    def paint(self, painter: QPainter, transparent: bool = False) -> None:
        """Paint everything, one unit for each pixel of the size."""
        hints = QPainter.RenderHint
        painter.setRenderHints(hints.Antialiasing | hints.TextAntialiasing)
        if not transparent:
            painter.fillRect(QRect(0, 0, *self.size), QColor(self._theme.panel))
        painter.scale(1.0 / self._zoom, 1.0 / self._zoom)
        width = self._room.width()
        if self.title:
            _paint_title(painter, self.title, width, QColor(self._theme.text))
        if self._keys:
            _paint_keys(painter, self._keys, QRect(0, self._top - _KEYS_HEIGHT, width, _KEYS_HEIGHT))
        for widget, place in zip(self.widgets, self._places(), strict=True):
            _paint_widget(painter, widget, place, transparent, self._whole)

    def close(self) -> None:
        """Be done with the widgets."""
        for widget in self.widgets:
            widget.close()
            widget.deleteLater()


class SteppedEasel(Easel):
    """What moves: a run, at any of its steps."""

    @abstractmethod
    def set_step(self, step: int) -> None:
        """Show another step."""


def save_png(image: QImage, path: Path) -> None:
    """Save an image; raises OSError when the file cannot be written."""
    if not image.save(str(path), "PNG"):  # type: ignore[call-overload]  # its stub wants bytes
        raise OSError(f"Qt could not write {path.name}")


def save_svg(easel: Canvas, path: Path, transparent: bool = False) -> None:
    """Save as lines and texts, in as many units as the easel's size; raises OSError."""
    page = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # the version that can cut off what reaches beyond
    page.setResolution(_DOTS_PER_INCH)
    page.setSize(QSize(*easel.size))
    page.setViewBox(QRect(0, 0, *easel.size))
    page.setTitle("")
    page.setFileName(str(path))
    _paint_page(QPainter(), page, easel, path, transparent)


def save_pdf(easel: Canvas, path: Path, transparent: bool = False) -> None:
    """Save as one page of lines and texts, as large as the easel at 96 dots per inch; raises OSError."""
    page = QPdfWriter(str(path))
    page.setResolution(_DOTS_PER_INCH)
    size = QSizeF(easel.size[0] * _POINTS, easel.size[1] * _POINTS)
    page.setPageSize(QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    page.setPageMargins(QMarginsF(0, 0, 0, 0))
    page.setCreator("Optiscope")
    _paint_page(QPainter(), page, easel, path, transparent)


def _paint_page(
    painter: QPainter, page: QSvgGenerator | QPdfWriter, easel: Canvas, path: Path, transparent: bool
) -> None:
    if not painter.begin(page):
        raise OSError(f"Qt could not write {path.name}")
    try:
        easel.paint(painter, transparent)
    finally:
        ended = painter.end()
    if not ended:
        raise OSError(f"Qt could not write all of {path.name}")


def _paint_title(painter: QPainter, title: str, width: int, colour: QColor) -> None:
    font = QFont(QApplication.font())
    font.setPixelSize(_TITLE_PIXELS)
    painter.setFont(font)
    painter.setPen(colour)
    shown = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, width - 24)
    painter.drawText(QRect(0, 0, width, TITLE_HEIGHT), Qt.AlignmentFlag.AlignCenter, shown)


def _paint_keys(painter: QPainter, keys: Sequence[Key], place: QRect) -> None:
    """Names in their colours; those that there is no room for are left out."""
    font = QFont(QApplication.font())
    font.setPixelSize(_KEY_PIXELS)
    font.setBold(True)
    painter.setFont(font)
    widths = [painter.fontMetrics().horizontalAdvance(tr(name)) + 18 for name, _ in keys]
    while len(widths) > 1 and sum(widths) > place.width():
        widths.pop()
    left = place.left() + max(place.width() - sum(widths), 0) // 2
    for (name, colour), width in zip(keys, widths, strict=False):
        painter.setPen(colour)
        box = QRect(left, place.top(), width, place.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tr(name))
        left += width


def _paint_widget(painter: QPainter, widget: QWidget, place: QRect, transparent: bool, whole: bool) -> None:
    painter.save()
    try:
        if isinstance(widget, QGraphicsView):
            _paint_view(painter, widget, place, transparent)
            return
        flags = QWidget.RenderFlag.DrawChildren
        if whole:
            flags |= QWidget.RenderFlag.DrawWindowBackground
        painter.translate(place.topLeft())
        widget.render(painter, QPoint(), renderFlags=flags)
    finally:
        painter.restore()


def _paint_view(painter: QPainter, view: QGraphicsView, place: QRect, transparent: bool) -> None:
    """Through itself, so that its items see the picture's scale, not the screen's."""
    paper = view.backgroundBrush()
    if transparent:
        view.setBackgroundBrush(Qt.BrushStyle.NoBrush)
    try:
        view.render(painter, QRectF(place), view.viewport().rect())
    finally:
        view.setBackgroundBrush(paper)
