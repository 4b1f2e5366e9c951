"""Presentation: the whole screen for the surface and its curves, with texts and lines for the last row."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import QByteArray, QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QDockWidget, QWidget

from app.main_window import MainWindow

SCALE = 1.6
"""Of texts and lines."""


class Presentation(QObject):
    """Enters and leaves it.

    Attributes
    ----------
    on
        Whether something is being presented.
    """

    def __init__(self, window: MainWindow, actions: Callable[[], Iterable[QAction]]) -> None:
        """`actions` are those of the menus, whose keys work while the menus are hidden."""
        super().__init__(window)
        self._window, self._actions = window, actions
        self.on = False
        self._hidden: list[QWidget] = []
        self._lent: list[QAction] = []
        self._front = ""
        self._state = Qt.WindowState.WindowNoState
        self._size, self._layout = QSize(), QByteArray()
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), window)
        self._escape.activated.connect(self.leave)
        self._escape.setEnabled(False)
        window.closing.connect(self.leave)  # the layout that is kept is that of the work

    def toggle(self) -> None:
        """Enter, or leave."""
        if self.on:
            self.leave()
        else:
            self.enter()

    def enter(self) -> None:
        """Hide what distracts, enlarge what is left, and take the whole screen."""
        window = self._window
        self.on = True
        self._front, self._state = window.front_panel(), window.windowState()
        self._size, self._layout = window.size(), window.saveState()
        docks = window.findChildren(QDockWidget)
        distracting = (window.menuBar(), window.statusBar(), window.surface.tools, *docks)
        self._hidden = [widget for widget in distracting if not widget.isHidden()]
        for widget in self._hidden:
            widget.hide()
        self._lent = [action for action in self._actions() if action.shortcut()]
        window.addActions(self._lent)
        self._escape.setEnabled(True)
        window.set_theme(replace(window.theme, scale=SCALE))
        window.showFullScreen()

    def leave(self) -> None:
        """Back to the window as it was."""
        if not self.on:
            return
        window = self._window
        self.on = False
        for action in self._lent:
            window.removeAction(action)
        self._escape.setEnabled(False)
        window.setWindowState(self._state)
        for widget in self._hidden:
            widget.show()
        window.theme = replace(window.theme, scale=1.0)
        window.restore_look()
        if self._state == Qt.WindowState.WindowNoState:
            window.resize(self._size)
        window.restoreState(self._layout)
        window.bring_to_front(self._front)
