"""Keys that are a control's own where it has the focus, and the window's shortcuts elsewhere."""

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


def leave_to_focus(event: QEvent) -> bool:
    """Keep a key from being a shortcut where the control with the focus uses it."""
    if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
        focus = QApplication.focusWidget()
        for kind, keys in _OWN_KEYS:
            if isinstance(focus, kind) and event.key() in keys:
                event.accept()
                return True
        if isinstance(focus, QComboBox) and event.text().isalnum():  # typing finds an entry
            event.accept()
            return True
    return False
