"""Keys that are a control's own where it has the focus, and the window's shortcuts elsewhere."""

from collections.abc import Container

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QWidget

_MOVING = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)
_OWN_KEYS: tuple[tuple[type[QWidget], tuple[Qt.Key, ...]], ...] = (
    (QAbstractSlider, _MOVING),
    (QAbstractButton, (Qt.Key.Key_Space,)),
    (QComboBox, (Qt.Key.Key_Space, *_MOVING)),
)
"""Keys that controls use themselves and that are shortcuts elsewhere."""


def asked_key(event: QEvent) -> QKeyEvent | None:
    """The key that Qt asks for before it becomes a shortcut; whoever accepts the event gets it.

    Made for `QEvent` handlers, which see thousands of others: the class is looked at first, because
    to ask for the type takes several times as long.
    """
    if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
        return event
    return None


def take_key(event: QEvent, keys: Container[int]) -> bool:
    """Accept one of these keys, whatever is held down with it, if it is asked for."""
    asked = asked_key(event)
    if asked is None or asked.key() not in keys:
        return False
    event.accept()
    return True


def leave_to_focus(event: QEvent) -> bool:
    """Keep a key from being a shortcut where the control with the focus uses it."""
    asked = asked_key(event)
    if asked is None:
        return False
    focus = QApplication.focusWidget()
    finds = isinstance(focus, QComboBox) and asked.text().isalnum()  # typing finds an entry
    if finds or any(isinstance(focus, kind) and asked.key() in keys for kind, keys in _OWN_KEYS):
        event.accept()
        return True
    return False
