"""What tests ask of a window's widgets: which there are, and whether each is seen whole with its text."""

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from app.forms.controls import ElidedLabel


def inside_a_scroll_area(widget, window):
    while widget is not None and widget is not window:
        widget = widget.parentWidget()
        if isinstance(widget, QScrollArea):
            return True
    return False


def visible_rect(widget, window):
    """The part of a widget that no parent cuts off, in the window's pixels."""
    rect = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
    parent = widget.parentWidget()
    while parent is not None:
        rect &= QRect(parent.mapTo(window, QPoint(0, 0)), parent.size())
        if parent is window:
            break
        parent = parent.parentWidget()
    return rect


def text_width(widget, text):
    return max(QFontMetrics(widget.font()).horizontalAdvance(line) for line in text.split("\n"))


def controls(window, kinds):
    """What is visible of some kinds, without the parts that Qt makes for itself."""
    for widget in window.findChildren(QWidget):
        own = not widget.objectName().startswith("qt_") and not isinstance(widget, QScrollBar)
        if own and isinstance(widget, kinds) and widget.isVisible() and not widget.size().isEmpty():
            yield widget


def cut_off(window):
    """Sentences on every control that is not seen whole, or whose text does not fit."""
    complaints = []
    for widget in controls(window, QLabel | QAbstractButton | QLineEdit | QComboBox | QAbstractSlider):
        name = f"{type(widget).__name__} {widget.accessibleName() or getattr(widget, 'text', str)()!r}"
        if not inside_a_scroll_area(widget, window):
            seen = visible_rect(widget, window)
            if seen.size() != widget.size():
                complaints.append(f"{name} is cut off: {widget.size()} but only {seen.size()} seen")
        if missing_room(widget) > 0:
            complaints.append(f"{name} has no room for its text")
    return complaints


def missing_room(widget):
    """Pixels that the text of a control would need beyond those that it has."""
    room = widget.contentsRect().width()
    if isinstance(widget, QLabel):
        free = isinstance(widget, ElidedLabel) or widget.wordWrap()
        return 0 if free else text_width(widget, widget.text()) - room - 1
    if isinstance(widget, QLineEdit):
        return text_width(widget, widget.text()) - room + 6
    if isinstance(widget, QComboBox):
        return text_width(widget, widget.currentText()) - room + 20
    if isinstance(widget, QAbstractButton) and widget.text():
        return widget.sizeHint().width() - widget.width() - 1
    return 0


def actions(lab):
    for top in lab.window.menuBar().actions():
        for item in top.menu().actions():
            if item.menu() is not None:
                yield from item.menu().actions()
            elif not item.isSeparator():
                yield item


def action(lab, text):
    return next(a for a in actions(lab) if a.text().replace("&", "") == text)
