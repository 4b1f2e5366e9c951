"""The window: where the parts are, menus and shortcuts, look and layout."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QByteArray, QChildEvent, QEvent, QObject, QSettings, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QIcon,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDockWidget,
    QLabel,
    QMainWindow,
    QSizePolicy,
    QSplitter,
    QTabBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app import SUFFIX
from app import theme as themes
from app.asked_keys import leave_to_focus
from app.forms.controls import ElidedLabel, plain_tip, role, tint_icons
from app.language import tr
from app.preferences import Preferences
from app.views.curves_view import CurvesView
from app.views.network_panel import NetworkPanel
from app.views.optimizer_panel import OptimizerPanel
from app.views.panel_host import PanelHost
from app.views.playback_bar import PlaybackBar
from app.views.readout import Readout
from app.views.story_bar import StoryBar
from app.views.surface_view import SurfaceView
from core.resource import resource_path

_LAYOUT = 2
"""Number of the arrangement: saved layouts of another one are not restored."""


_SIZE = (1440, 900)
"""Pixels of the first start's window, where the screen has them."""
_TITLE_TIPS = {
    "qt_dockwidget_floatbutton": "Take the panel out of the window, or put it back.",
    "qt_dockwidget_closebutton": "Close the panel; View > Panels brings it back.",
}


def _title_when_floating(dock: QDockWidget, floating: bool) -> None:
    """A dock has a title bar only where no tab names it."""
    if floating == (dock.titleBarWidget() is not None):
        bar = dock.titleBarWidget()
        dock.setTitleBarWidget(None if floating else QWidget())  # type: ignore[arg-type]  # None is its own
        if bar is not None:
            bar.deleteLater()


def _dragged_file(event: QDropEvent) -> str:
    """Path of the one file that is dragged, or ""."""
    urls = event.mimeData().urls()
    return urls[0].toLocalFile() if len(urls) == 1 else ""


class MainWindow(QMainWindow):
    """Places the views and owns what belongs to the window alone: layout and look.

    Signals
    -------
    theme_changed(object)
        The look to draw in.
    closing()
        The window is about to close.
    experiment_dropped(str)
        Path of an experiment that was let fall here.

    Attributes
    ----------
    may_close
        Whether the window can close now; what is asked first is asked by it.
    """

    theme_changed = Signal(object)
    closing = Signal()
    experiment_dropped = Signal(str)

    def __init__(
        self,
        surface: SurfaceView,
        curves: CurvesView,
        playback: PlaybackBar,
        optimizers: OptimizerPanel,
        network: NetworkPanel,
        settings: QSettings,
    ) -> None:
        super().__init__()
        self.setObjectName("optiscope")
        self.setWindowTitle("Optiscope")
        self.setWindowIcon(QIcon(str(resource_path("icons/app.svg"))))
        self.surface, self.curves, self.playback = surface, curves, playback
        self.optimizers, self.network = optimizers, network
        self._settings = settings
        self.preferences = Preferences(settings)
        self.theme = themes.LIGHT
        self._dressed: themes.Theme | None = None
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setObjectName("surface_split")
        self._build()
        self.readout = Readout()
        self.statusBar().addWidget(self.readout)
        self._status = role(ElidedLabel(), "muted")
        self.statusBar().addWidget(self._status, 1)
        self._fault = role(QLabel(), "error")
        self._fault.setTextFormat(Qt.TextFormat.PlainText)
        self._fault.hide()
        self.statusBar().addPermanentWidget(self._fault)
        self.statusBar().setSizeGripEnabled(False)
        self._arranged = False
        self.may_close: Callable[[], bool] = lambda: True
        self.setAcceptDrops(True)
        self.resize(*_SIZE)

    def _build(self) -> None:
        self._split.addWidget(self.surface)
        self._split.addWidget(self.curves)
        self._split.setChildrenCollapsible(False)
        self._split.setStretchFactor(0, 1)
        self._split.setStretchFactor(1, 0)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(0)
        self.story = StoryBar()
        column.addWidget(self.story)
        column.addWidget(self._split, 1)
        role(self.playback, "panel")
        self.playback.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column.addWidget(self.playback)
        centre.setMinimumWidth(420)
        self.setCentralWidget(centre)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.optimizer_dock = self._dock("Optimizers", "optimizer_dock", self.optimizers)
        self.network_dock = self._dock("Network", "network_dock", self.network)
        self.panel_docks: dict[str, QDockWidget] = {}
        self._put_away: list[QDockWidget] = []

    def _dock(self, title: str, name: str, content: QWidget) -> QDockWidget:
        dock = QDockWidget(tr(title))
        dock.setObjectName(name)
        content.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        dock.setWidget(content)
        dock.topLevelChanged.connect(partial(self._hear_keys, dock))
        for button, tip in _TITLE_TIPS.items():
            found = dock.findChild(QAbstractButton, button)
            assert isinstance(found, QAbstractButton)
            found.setToolTip(tr(tip))
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        return dock

    def _hear_keys(self, dock: QDockWidget, floating: bool) -> None:
        """A floating dock is a window of its own, whose keys do not come by the main window."""
        if floating:
            dock.installEventFilter(self)
        else:
            dock.removeEventFilter(self)

    def add_panel(
        self, name: str, title: str, tip: str, make: Callable[[], QWidget], at_start: bool = True
    ) -> None:
        """A tab beside the network; its content is made when it is first shown."""
        host = PanelHost(make)
        host.made.connect(self._dress_panel)
        dock = self._dock(title, f"{name}_dock", host)
        dock.setToolTip(tr(tip))
        dock.visibilityChanged.connect(host.set_seen)
        for tabbed in (dock,) if self.panel_docks else (dock, self.network_dock):
            tabbed.setTitleBarWidget(QWidget())  # its tab is its title
            tabbed.topLevelChanged.connect(partial(_title_when_floating, tabbed))
        self.panel_docks[name] = dock
        if not at_start:
            self._put_away.append(dock)

    def panel_host(self, name: str) -> PanelHost:
        """The inside of a panel, which says whether it is seen."""
        host = self.panel_docks[name].widget()
        assert isinstance(host, PanelHost)
        return host

    def show_panel(self, name: str) -> QWidget:
        """Bring a panel to the front; returns its content."""
        dock = self.panel_docks[name]
        dock.show()
        dock.raise_()
        return self.panel_host(name).ensure()

    def front_panel(self) -> str:
        """Name of the panel that is in front beside the surface."""
        seen = (name for name in self.panel_docks if self.panel_host(name).is_seen)
        return next(seen, "network")

    def bring_to_front(self, name: str) -> None:
        """Show a panel; a name that there is no more, or is not yet, changes nothing."""
        if name == "network":
            self.network_dock.show()
            self.network_dock.raise_()
        elif name in self.panel_docks:
            self.show_panel(name)

    def _dress_panel(self, content: QWidget) -> None:
        tint_icons(content, self.theme)

    def arrange(self) -> None:
        """The layout of the first start."""
        docks = (self.optimizer_dock, self.network_dock, *self.panel_docks.values())
        for dock in docks:  # placed while hidden: Qt leaves the tabs of every step on the way in the window
            dock.setFloating(False)
            self.removeDockWidget(dock)
        for dock in docks:
            self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        self.splitDockWidget(self.optimizer_dock, self.network_dock, Qt.Orientation.Vertical)
        for dock in self.panel_docks.values():
            self.tabifyDockWidget(self.network_dock, dock)
        for dock in docks:
            dock.setVisible(dock not in self._put_away)
        self.network_dock.raise_()
        self._share_out()

    def _share_out(self) -> None:
        """Give every part the room that it has at the first start."""
        width = min(max(self.width() * 37 // 100, 490), 800)
        self.resizeDocks([self.optimizer_dock, self.network_dock], [width, width], Qt.Orientation.Horizontal)
        rows = self.optimizers.sizeHint().height()
        height = max(self.height() - rows - 120, 200)
        self.resizeDocks([self.optimizer_dock, self.network_dock], [rows, height], Qt.Orientation.Vertical)
        curves = max(self.height() * 18 // 100, 96)
        self._split.setSizes([self.height() - curves - 80, curves])
        self.network.split.setSizes([300, 100])

    @property
    def player(self) -> PlaybackBar:
        """The playback bar that is in sight."""
        page = self.surface.page
        return self.playback if page is None else page.playback

    def show_runs(self, shown: bool) -> None:
        """Show what belongs to the optimizers' runs below the surface, or leave the room to it."""
        self.curves.setVisible(shown)
        self.playback.setVisible(shown)

    @property
    def wanted_look(self) -> str:
        """The look that was chosen: "light", "dark" or "system"."""
        return self.preferences.get("look")

    def choose_look(self, key: str) -> None:
        """Draw in "light", "dark" or as the "system" asks, now and at the next start."""
        self.preferences.set("look", key)
        self.restore_look()

    def restore_look(self) -> None:
        """Draw as is preferred."""
        theme = themes.theme_of(self.wanted_look, self.preferences.get("surface_colours"))
        scale = self.theme.scale  # of a presentation
        self.set_theme(theme if scale == theme.scale else replace(theme, scale=scale))

    def set_theme(self, theme: themes.Theme) -> None:
        """Draw in a look."""
        if self._dressed is theme:
            return  # Qt would dress every widget anew
        self.theme = self._dressed = theme
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        # A style sheet in place of another is compared for every widget, which takes three times as
        # long (half a second with all panels open) as none in between, which nobody sees.
        application.setStyleSheet("")
        application.setPalette(themes.palette(theme))
        application.setStyleSheet(themes.style_sheet(theme))
        tint_icons(self, theme)
        self.theme_changed.emit(theme)

    def refresh_icons(self) -> None:
        """Draw icons again whose meaning has changed."""
        tint_icons(self.player, self.theme)

    def restore_layout(self) -> None:
        """The layout of the last session, or that of the first start."""
        geometry, state = self._saved("geometry"), self._saved("state")
        if geometry:
            self.restoreGeometry(geometry)
        self.arrange()
        if state and self.restoreState(state, _LAYOUT):
            for split in self.findChildren(QSplitter):
                split.restoreState(self._saved(split.objectName()))
            self._arranged = True

    def showEvent(self, event: QShowEvent) -> None:
        """Share out the room of a first start once more: only what is shown knows its size in this look."""
        super().showEvent(event)
        if not self._arranged:
            self._arranged = True
            self._share_out()

    def _saved(self, key: str) -> QByteArray:
        value = self._settings.value(key, QByteArray(), type=QByteArray)
        return value if isinstance(value, QByteArray) else QByteArray()

    def reset_layout(self) -> None:
        """The layout of the first start."""
        for key in ("geometry", "state", *(split.objectName() for split in self.findChildren(QSplitter))):
            self._settings.remove(key)
        self.arrange()

    def say(self, text: str) -> None:
        """Show a line in the status bar."""
        self._status.setText(tr(text))
        self._status.setToolTip(plain_tip(text))

    def say_fault(self, text: str) -> None:
        """Say what went wrong in the program, beside the status; it stays."""
        self._fault.setText(tr(text))
        self._fault.setVisible(True)

    def status(self) -> str:
        """What the status bar says."""
        return self._status.text()

    def childEvent(self, event: QChildEvent) -> None:
        """Names on tabs stay whole: where there are too many, arrows scroll them."""
        super().childEvent(event)
        tabs = event.child()
        if event.polished() and isinstance(tabs, QTabBar):
            tabs.setElideMode(Qt.TextElideMode.ElideNone)
            tabs.setUsesScrollButtons(True)

    def event(self, event: QEvent) -> bool:
        """Leave a key to the control that has the focus where it means something there."""
        return leave_to_focus(event) or super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The same in a floating dock."""
        return leave_to_focus(event) or super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file that is dragged here."""
        if _dragged_file(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """An experiment is opened; a table becomes a surface or, on the network's panel, what it learns."""
        event.acceptProposedAction()
        if (path := _dragged_file(event)).endswith(SUFFIX):
            self.experiment_dropped.emit(path)
            return
        place = self.network.mapFrom(self, event.position().toPoint())
        on_network = self.network.isVisible() and self.network.rect().contains(place)
        target = self.network.setup if on_network else self.surface
        target.file_dropped.emit(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout, unless something is to be asked first."""
        if not self.may_close():
            event.ignore()
            return
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("state", self.saveState(_LAYOUT))
        for split in self.findChildren(QSplitter):
            self._settings.setValue(split.objectName(), split.saveState())
        self.closing.emit()
        super().closeEvent(event)
