"""A bar that shows how far a run is, and takes it back: press, drag, or step with keys."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider

from app.language import tr
from app.theme import Theme

_HEIGHT, _GROOVE, _HANDLE = 12, 4.0, 5.5
"""Pixels: height of the bar, height of its groove, radius of its handle."""


class ScrubBar(QSlider):
    """The steps of a run: what was recorded stands out, and its steps can be gone to.

    Signals
    -------
    scrubbed(int)
        The step that a person went to.

    Attributes
    ----------
    recorded
        The last step that can be gone to.
    """

    scrubbed = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.recorded = 0
        self._theme: Theme | None = None
        self._setting = False
        self.setAccessibleName(tr(name))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMaximum(1)
        self.valueChanged.connect(self._moved)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def set_run(self, steps: int, page: int) -> None:
        """Number of the last step, and how many steps the Page keys go."""
        if (steps, page) != (self.maximum(), self.pageStep()):
            self._setting = True
            self.setMaximum(max(1, steps))
            self.setPageStep(max(1, page))
            self._setting = False

    def set_step(self, step: int, recorded: int) -> None:
        """Show a step of a run that is recorded up to another one."""
        self._setting = True
        if recorded != self.recorded:
            self.recorded = recorded
            self.update()
        self.setValue(step)
        self._setting = False

    def _moved(self, step: int) -> None:
        """A key or the mouse moved it: not beyond what was recorded."""
        if self._setting:
            return
        if step > self.recorded:
            self.set_step(self.recorded, self.recorded)
        self.scrubbed.emit(self.value())

    # The mouse: a press goes there, as on the bar of a film

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the step under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self.setSliderDown(False)

    def _go(self, event: QMouseEvent) -> None:
        """A press alone counts too, so that a run in training stays where it is."""
        share = (event.position().x() - _HANDLE) / max(1.0, self.width() - 2 * _HANDLE)
        step = min(round(self.maximum() * min(1.0, max(0.0, share))), self.recorded)
        self._setting = True
        self.setValue(step)
        self._setting = False
        self.scrubbed.emit(step)

    # The look

    def sizeHint(self) -> QSize:
        """Slim."""
        return QSize(120, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Slim."""
        return QSize(60, _HEIGHT)

    def place_of(self, step: int) -> float:
        """Where a step is, in pixels."""
        return _HANDLE + (self.width() - 2 * _HANDLE) * step / self.maximum()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The whole run, what of it was recorded, and what lies before the step that is shown."""
        theme = self._theme
        if theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        self._bar(painter, self.width(), QColor(theme.border))
        if self.recorded > self.value():
            self._bar(painter, self.place_of(self.recorded), _mixed(theme.border, theme.muted))
        if self.value():
            self._bar(painter, self.place_of(self.value()), QColor(theme.accent))
        if self.recorded and self.isEnabled():
            self._handle(painter, theme)
        painter.end()

    def _bar(self, painter: QPainter, end: float, colour: QColor) -> None:
        painter.setBrush(colour)
        top = (self.height() - _GROOVE) / 2
        painter.drawRoundedRect(QRectF(0.0, top, end, _GROOVE), _GROOVE / 2, _GROOVE / 2)

    def _handle(self, painter: QPainter, theme: Theme) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        hover = bool(option.state & QStyle.StateFlag.State_MouseOver)
        lit = hover or self.hasFocus() or self.isSliderDown()
        painter.setBrush(QColor(theme.accent))
        middle = QPointF(self.place_of(self.value()), self.height() / 2)
        painter.drawEllipse(middle, _HANDLE if lit else _HANDLE - 1.0, _HANDLE if lit else _HANDLE - 1.0)
        if not self.hasFocus():
            painter.setBrush(QColor(theme.panel))
            painter.drawEllipse(middle, _HANDLE - 2.5, _HANDLE - 2.5)


def _mixed(one: str, other: str) -> QColor:
    """The colour half-way."""
    a, b = QColor(one), QColor(other)
    return QColor((a.red() + b.red()) // 2, (a.green() + b.green()) // 2, (a.blue() + b.blue()) // 2)
