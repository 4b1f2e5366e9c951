"""The window's menus, and every shortcut that is in one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QDockWidget, QMenu, QToolButton

from app.window_help import show_about, show_help

if TYPE_CHECKING:
    from app.main_window import MainWindow

Do = Callable[[], object]
_FILES = (("&New", "Ctrl+N", "new"), ("&Open…", "Ctrl+O", "open"))
_SAVES = (("&Save", "Ctrl+S", "save"), ("Save &as…", "Ctrl+Shift+S", "save_as"))
_COPIES = (
    ("&Copy the experiment", "Ctrl+Shift+C", "copy"),
    ("&Paste an experiment", "Ctrl+Shift+V", "paste"),
)
_OWN = (
    ("Own &formula…", "Ctrl+F", "formula"),
    ("Own &data from CSV…", "Ctrl+D", "own_data"),
    ("Own data for the &network…", "Ctrl+Shift+D", "own_samples"),
)
_PLAY = (
    ("&Play or pause", "Space", "toggle"),
    ("Step &forward", "Right", "forward"),
    ("Step &back", "Left", "back"),
    ("&First step", "Home", "first"),
    ("&Last step", "End", "last"),
)
_TRAIN = (
    ("&Train or pause", "T", "train"),
    ("One &epoch", "E", "epoch"),
    ("&Reset the networks", "Ctrl+R", "reset"),
)
_LOOKS = (("system", "As the &system"), ("light", "&Light"), ("dark", "&Dark"))


def overlay_action(window: "MainWindow", tip: str, key: str, switch: QToolButton) -> QAction:
    """An entry of the view menu that presses an overlay's button."""
    action = QAction(tip.split(".")[0].split(":")[0], window)
    action.setCheckable(True)
    if key:
        action.setShortcut(QKeySequence(key))
    switch.toggled.connect(action.setChecked)
    action.triggered.connect(lambda: _press(switch, action))
    return action


def _press(switch: QToolButton, action: QAction) -> None:
    """Press a button for its menu entry; where it cannot be pressed the entry's tick goes back too."""
    switch.click()
    action.setChecked(switch.isChecked())


@dataclass(frozen=True)
class Menus:
    """Entries that change while the window is open.

    Attributes
    ----------
    recent
        The menu of files that were open, filled when it is shown.
    undo, redo
        What would be undone and redone.
    """

    recent: QMenu
    undo: QAction
    redo: QAction

    def set_history(self, undo: str, redo: str) -> None:
        """Name what would be undone and redone; "" where there is nothing."""
        for action, word, name in ((self.undo, "&Undo", undo), (self.redo, "&Redo", redo)):
            action.setText(f"{word}: {name.replace('&', '&&')}" if name else word)
            action.setEnabled(bool(name))


def build_menus(window: "MainWindow", do: Mapping[str, Do], overlays: Iterable[QAction]) -> Menus:
    """Menus and shortcuts; `do` has by name what the window itself cannot."""
    recent = _build_file(window, window.menuBar().addMenu("&File"), do)
    edit = window.menuBar().addMenu("&Edit")
    undo = _add(edit, "&Undo", "Ctrl+Z", do["undo"])
    redo = _add(edit, "&Redo", "Ctrl+Shift+Z Ctrl+Y", do["redo"])
    edit.addSeparator()
    _add_all(edit, _COPIES, do)
    _build_view(window, window.menuBar().addMenu("&View"), list(overlays))
    run = window.menuBar().addMenu("&Run")
    _add_all(run, _PLAY, do)
    run.addSeparator()
    _add_all(run, _TRAIN, do)
    menu = window.menuBar().addMenu("&Help")
    _add(menu, "&Keys and mouse", "F1", lambda: show_help(window))
    _add(menu, "&About Optiscope", "", lambda: show_about(window))
    return Menus(recent, undo, redo)


def _build_file(window: "MainWindow", menu: QMenu, do: Mapping[str, Do]) -> QMenu:
    _add_all(menu, _FILES, do)
    recent = menu.addMenu("Open &recent")
    recent.setToolTipsVisible(True)
    for entries in (_SAVES, _OWN):
        menu.addSeparator()
        _add_all(menu, entries, do)
    menu.addSeparator()
    _add(menu, "&Quit", "Ctrl+Q", window.close)
    return recent


def _build_view(window: "MainWindow", menu: QMenu, overlays: list[QAction]) -> None:
    panels = menu.addMenu("&Panels")
    docks = (window.optimizer_dock, window.network_dock, *window.panel_docks.values())
    for number, dock in enumerate(docks, 1):
        _add_panel(panels, dock, f"Ctrl+{number}" if number < 10 else "")
    if overlays:
        menu.addSeparator()
        menu.addActions(overlays)
    menu.addSeparator()
    _build_looks(window, menu.addMenu("&Look"))
    menu.addSeparator()
    surface = window.surface
    _add(menu, "Show the &whole surface", "F", surface.fit)
    _add(menu, "Zoom &in", "+ =", lambda: surface.zoom(0.7))
    _add(menu, "Zoom &out", "-", lambda: surface.zoom(1 / 0.7))
    menu.addSeparator()
    _add(menu, "&Reset layout", "", window.reset_layout)


def _build_looks(window: "MainWindow", menu: QMenu) -> None:
    group = QActionGroup(window)
    for key, text in _LOOKS:
        action = _add(menu, text, "", partial(window.choose_look, key))
        action.setCheckable(True)
        action.setChecked(key == window.wanted_look)
        group.addAction(action)


def _add_panel(menu: QMenu, dock: QDockWidget, keys: str) -> None:
    """An entry that brings a panel to the front, with the keyboard in it."""

    def bring() -> None:
        dock.show()
        dock.raise_()
        content = dock.widget()
        assert content is not None
        content.setFocus(Qt.FocusReason.ShortcutFocusReason)
        content.focusNextChild()

    _add(menu, dock.windowTitle(), keys, bring)


def _add_all(menu: QMenu, entries: Iterable[tuple[str, str, str]], do: Mapping[str, Do]) -> None:
    for text, keys, name in entries:
        _add(menu, text, keys, do[name])


def _add(menu: QMenu, text: str, keys: str, slot: Do) -> QAction:
    action = QAction(text, menu)
    if keys:
        action.setShortcuts([QKeySequence(key) for key in keys.split()])
    action.triggered.connect(lambda: slot())
    menu.addAction(action)
    return action
