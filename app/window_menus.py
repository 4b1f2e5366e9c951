"""The window's menus: what stands in them, in one table, with the keys that do the same."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QDockWidget, QMenu, QMenuBar, QToolButton

from app.language import tr

if TYPE_CHECKING:
    from app.main_window import MainWindow

Do = Callable[[], object]


_LOOKS = (("system", "As the &system"), ("light", "&Light"), ("dark", "&Dark"))


@dataclass(frozen=True)
class Entry:
    """An entry of a menu: what it says, its keys (with blanks between), and the name of what it does."""

    text: str
    keys: str
    name: str


@dataclass(frozen=True)
class Submenu:
    """A menu in a menu, which somebody else fills: once, or each time before it is shown (`late`)."""

    text: str
    name: str
    late: bool = False


@dataclass(frozen=True)
class Place:
    """Where others add entries of their own."""

    name: str


LINE = None
"""A line between groups."""

MENUS: tuple[tuple[str, tuple[Entry | Submenu | Place | None, ...]], ...] = (
    ("&File", (
        Entry("&New", "Ctrl+N", "new"),
        Entry("&Open…", "Ctrl+O", "open"),
        Submenu("Open &recent", "recent", late=True),
        Entry("&Examples…", "Ctrl+G", "examples"),
        LINE,
        Entry("&Save", "Ctrl+S", "save"),
        Entry("Save &as…", "Ctrl+Shift+S", "save_as"),
        Entry("Descri&be…", "", "describe"),
        LINE,
        Entry("&Export a picture…", "Ctrl+E", "export_picture"),
        Entry("Export an &animation…", "Ctrl+Shift+E", "export_film"),
        Submenu("Export a &table", "tables"),
        Submenu("Export a Py&Torch script", "scripts"),
        LINE,
        Entry("Own &formula…", "Ctrl+F", "formula"),
        Entry("Own &data from CSV…", "Ctrl+D", "own_data"),
        Entry("Own data for the &network…", "Ctrl+Shift+D", "own_samples"),
        LINE,
        Entry("&Quit", "Ctrl+Q", "quit"),
    )),
    ("&Edit", (
        Entry("&Undo", "Ctrl+Z", "undo"),
        Entry("&Redo", "Ctrl+Shift+Z Ctrl+Y", "redo"),
        LINE,
        Entry("Copy as p&icture", "Ctrl+Alt+C", "copy_picture"),
        Entry("&Copy the experiment", "Ctrl+Shift+C", "copy"),
        Entry("&Paste an experiment", "Ctrl+Shift+V", "paste"),
        LINE,
        Entry("P&references…", "Ctrl+,", "preferences"),
    )),
    ("&View", (
        Submenu("&Panels", "panels"),
        LINE,
        Place("overlays"),
        LINE,
        Submenu("&Look", "look"),
        Entry("P&resentation", "F11", "present"),
        LINE,
        Entry("Show the &whole surface", "F", "fit"),
        Entry("Zoom &in", "+ =", "zoom_in"),
        Entry("Zoom &out", "-", "zoom_out"),
        LINE,
        Entry("&Reset layout", "", "reset_layout"),
    )),
    ("&Run", (
        Entry("&Play or pause", "Space", "toggle"),
        Entry("Step &forward", "Right", "forward"),
        Entry("Step &back", "Left", "back"),
        Entry("&First step", "Home", "first"),
        Entry("&Last step", "End", "last"),
        LINE,
        Entry("&Train or pause", "T", "train"),
        Entry("One &epoch", "E", "epoch"),
        Entry("&Reset the networks", "Ctrl+R", "reset"),
    )),
    ("&Help", (
        Entry("&Find a command…", "Ctrl+K", "palette"),
        Entry("&What's this?", "Shift+F1", "whats_this"),
        Entry("&Keys and mouse", "F1", "help"),
        LINE,
        Entry("Open the &log", "", "log"),
        Entry("&Copy a report", "", "report"),
        LINE,
        Entry("&About Optiscope", "", "about"),
    )),
)  # fmt: skip


_EXPORTS: dict[str, tuple[Entry, ...]] = {
    "tables": (
        Entry("&Paths of the optimizers…", "", "export_paths"),
        Entry("&Histograms of the networks…", "", "export_histograms"),
        Entry("&Losses and accuracies of the networks…", "", "export_training"),
    ),
    "scripts": (
        Entry("&Paths of the optimizers…", "", "script_surface"),
        Entry("&Training of the networks…", "", "script_network"),
    ),
}
"""Entries of the submenus of exports."""


class Menus(QObject):
    """The entries of a menu bar, by name.

    Parameters
    ----------
    bar
        Where they stand.
    actions
        What each entry does, by its name.

    Attributes
    ----------
    entries, submenus
        By name.
    """

    def __init__(self, bar: QMenuBar, actions: Mapping[str, Do]) -> None:
        super().__init__(bar)
        self.entries: dict[str, QAction] = {}
        self.submenus: dict[str, QMenu] = {}
        self._bar = bar
        self._places: dict[str, tuple[QMenu, QAction]] = {}
        for title, rows in MENUS:
            menu = bar.addMenu(tr(title))
            menu.setToolTipsVisible(True)
            for row in rows:
                self._add(menu, row, actions)

    def _add(self, menu: QMenu, row: Entry | Submenu | Place | None, actions: Mapping[str, Do]) -> None:
        if isinstance(row, Entry):
            self.entries[row.name] = add_entry(menu, tr(row.text), row.keys, actions[row.name])
        elif isinstance(row, Submenu):
            self.submenus[row.name] = menu.addMenu(tr(row.text))
            self.submenus[row.name].setToolTipsVisible(True)
            self.submenus[row.name].menuAction().setData(row.late)
        elif isinstance(row, Place):
            mark = menu.addSeparator()
            mark.setVisible(False)
            self._places[row.name] = menu, mark
        else:
            menu.addSeparator()

    def insert(self, place: str, actions: list[QAction]) -> None:
        """Add entries where a `Place` is."""
        menu, mark = self._places[place]
        menu.insertActions(mark, actions)

    def set_history(self, undo: str, redo: str) -> None:
        """Name what would be undone and redone; "" where there is nothing."""
        entries = self.entries
        for action, word, name in ((entries["undo"], "&Undo", undo), (entries["redo"], "&Redo", redo)):
            shown = tr(name).replace("&", "&&")
            action.setText(f"{tr(word)}: {shown}" if name else tr(word))
            action.setEnabled(bool(name))

    def ways(self) -> list[tuple[str, QAction]]:
        """Every entry with the way to it, "View › Panels › Step"; without those that are filled in late."""
        return [pair for action in self._bar.actions() for pair in _leaves(action, "")]


def add_entry(menu: QMenu, text: str, keys: str, do: Do) -> QAction:
    """An entry with its keys, which work in the whole window; `text` is in the chosen language."""
    action = QAction(text, menu)
    if keys:
        action.setShortcuts([QKeySequence(key) for key in keys.split()])
    action.triggered.connect(lambda: do())
    menu.addAction(action)
    return action


def plain(text: str) -> str:
    """An entry's text without the marks of its access key."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def _leaves(action: QAction, way: str) -> list[tuple[str, QAction]]:
    if action.isSeparator() or not action.isVisible() or action.data() is True:
        return []
    path = f"{way} › {plain(action.text())}" if way else plain(action.text())
    menu = QMenu.menuInAction(action)  # `action.menu()` would take it from who holds it already
    if isinstance(menu, QMenu):
        return [pair for each in menu.actions() for pair in _leaves(each, path)]
    return [(path, action)]


def build_menus(window: "MainWindow", do: Mapping[str, Do], overlays: Iterable[QAction]) -> Menus:
    """Menus and shortcuts; `do` has by name what the window itself cannot."""
    surface = window.surface
    own: dict[str, Do] = {
        "quit": window.close, "fit": surface.fit, "reset_layout": window.reset_layout,
        "zoom_in": lambda: surface.zoom(0.7), "zoom_out": lambda: surface.zoom(1 / 0.7),
    }  # fmt: skip
    menus = Menus(window.menuBar(), {**own, **do})
    docks = window.optimizer_dock, window.network_dock, *window.panel_docks.values()
    for number, dock in enumerate(docks, 1):
        _add_panel(menus.submenus["panels"], dock, f"Ctrl+{number}" if number < 10 else "")
    menus.insert("overlays", list(overlays))
    for name, entries in _EXPORTS.items():
        for entry in entries:
            add_entry(menus.submenus[name], tr(entry.text), entry.keys, do[entry.name])
    _build_looks(window, menus.submenus["look"])
    return menus


def _build_looks(window: "MainWindow", menu: QMenu) -> None:
    group = QActionGroup(window)
    for key, text in _LOOKS:
        action = add_entry(menu, tr(text), "", partial(window.choose_look, key))
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

    add_entry(menu, dock.windowTitle(), keys, bring)


def overlay_action(window: "MainWindow", tip: str, key: str, switch: QToolButton) -> QAction:
    """An entry of the view menu that presses an overlay's button."""
    action = QAction(tr(tip.split(".")[0].split(":")[0]), window)
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
