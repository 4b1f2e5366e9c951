"""Acts at random, from a seed, on everything that a window shows: what nobody would think of trying."""

import random
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from sys import _current_frames
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDockWidget,
    QGraphicsView,
    QLabel,
    QLineEdit,
    QMenu,
    QSplitter,
    QTabBar,
    QWidget,
)

from tests.app.laboratory_driver import Driver, wheel

KEYS = [
    *(Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Up),
    *(Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Tab, Qt.Key.Key_Backtab),
    *(Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Plus),
    *(Qt.Key.Key_Minus, Qt.Key.Key_F, Qt.Key.Key_T, Qt.Key.Key_E, Qt.Key.Key_C, Qt.Key.Key_M, Qt.Key.Key_N),
    *(Qt.Key.Key_D, Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_K, Qt.Key.Key_R, Qt.Key.Key_A, Qt.Key.Key_S),
    *(Qt.Key.Key_V, Qt.Key.Key_G, Qt.Key.Key_F1, Qt.Key.Key_1, Qt.Key.Key_5, Qt.Key.Key_9, Qt.Key.Key_0),
]
HELD = [
    *[Qt.KeyboardModifier.NoModifier] * 5,
    *[
        Qt.KeyboardModifier.ShiftModifier,
        Qt.KeyboardModifier.ControlModifier,
        Qt.KeyboardModifier.AltModifier,
    ],
    Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier,
]
TEXTS = [
    "",
    "0",
    "1",
    "-1",
    "0.01",
    "1e308",
    "1e-308",
    "nan",
    "x^2+y^2",
    "(",
    "∞",
    "7 7",
    "−3",
    "12",
    "2**2**9",
]
LEFT, RIGHT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
SIZES = [(640, 480), (800, 600), (1280, 720), (1440, 900), (1920, 1080), (2560, 1440), (300, 200)]
TOUCHED = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QTabBar,
           QAbstractItemView, QGraphicsView)  # fmt: skip


class Watch:
    """How long the thread that made it was kept busy, or waited, by what it does; and where.

    Time in which another process had the processor does not count, where the system tells it.
    """

    def __init__(self, limit: float) -> None:
        self._limit, self._main = limit, threading.get_ident()
        self._schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._begun: float | None = None
        self._over = threading.Event()
        self.worst = 0.0
        self.place = ""
        self._thread = threading.Thread(target=self._look, name="watch")
        self._thread.start()

    def measure(self, do: Callable[[], object]) -> float:
        """Seconds of what is done."""
        self.place, self._begun = "", self._now()
        try:
            do()
        finally:
            took, self._begun = self._now() - self._begun, None
        self.worst = max(self.worst, took)
        return took

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _now(self) -> float:
        try:
            stolen = int(self._schedule.read_text().split()[1]) / 1e9
        except OSError:
            stolen = 0.0
        return time.monotonic() - stolen

    def _look(self) -> None:
        while not self._over.wait(0.1):
            begun = self._begun
            if begun is not None and self._now() - begun > self._limit and not self.place:
                self.place = "".join(traceback.format_stack(_current_frames()[self._main])[-12:])


class Monkey:
    """One who clicks, drags, types, turns the wheel and resizes without a plan."""

    def __init__(self, lab: Driver, seed: int) -> None:
        self._lab, self._random = lab, random.Random(seed)
        self.last: deque[str] = deque(maxlen=20)
        self._kinds: list[tuple[int, Callable[[], None]]] = [
            (30, self._click_control), (8, self._click_anywhere), (8, self._drag), (3, self._double_click),
            (5, self._wheel), (14, self._key), (6, self._type), (2, self._resize), (2, self._split),
            (2, self._dock), (8, self._menu), (4, self._choose), (4, self._panel), (2, self._palette),
            (3, self._history), (2, self._wait),
        ]  # fmt: skip

    def act(self) -> None:
        """Do one thing, and let the window answer."""
        weights, kinds = zip(*self._kinds, strict=True)
        self._random.choices(kinds, weights)[0]()
        self._put_things_right()
        QApplication.processEvents()
        # Outside Qt's own loop nothing else deletes what is done with: widgets would be a thousand too many.
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _say(self, *words: object) -> None:
        self.last.append(" ".join(map(str, words)))

    # What there is to act on

    def _tops(self) -> list[QWidget]:
        found = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
        modal = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if modal is not None and self._random.random() < 0.8:
            return [modal]
        return sorted(found, key=lambda each: (type(each).__name__, each.objectName(), each.windowTitle()))

    def _widget(self, kinds: Any = QWidget) -> QWidget | None:
        tops = self._tops()
        if not tops:
            return None
        top = self._random.choice(tops) if self._random.random() < 0.3 else tops[-1]
        if self._random.random() < 0.5:
            top = self._lab.window if QApplication.activeModalWidget() is None else top
        found = [each for each in top.findChildren(QWidget) if isinstance(each, kinds) and each.isVisible()]
        found = [each for each in found if each.isEnabled() and each.width() > 2 and each.height() > 2]
        return self._random.choice(found) if found else top

    def _place(self, widget: QWidget, outside: bool = False) -> QPoint:
        more = 60 if outside else 0
        return QPoint(
            self._random.randint(-more, max(widget.width() - 1, 0) + more),
            self._random.randint(-more, max(widget.height() - 1, 0) + more),
        )

    @staticmethod
    def _name(widget: QWidget) -> str:
        text = getattr(widget, "text", None)
        words = text() if callable(text) else widget.accessibleName() or widget.objectName()
        return f"{type(widget).__name__} '{str(words)[:40]}' in {type(widget.window()).__name__}"

    # What is done

    def _click_control(self) -> None:
        widget = self._widget(TOUCHED)
        if widget is not None:
            self._click(self._inside(widget))

    def _click_anywhere(self) -> None:
        widget = self._widget()
        if widget is not None:
            self._click(widget)

    def _click(self, widget: QWidget) -> None:
        place, held = self._place(widget), self._random.choice(HELD)
        button = RIGHT if self._random.random() < 0.08 else LEFT
        self._say("click", self._name(widget), place.toTuple(), button.name, held)
        QTest.mouseClick(widget, button, held, place)

    @staticmethod
    def _inside(widget: QWidget) -> QWidget:
        """What of a list or a picture takes the mouse."""
        inner = getattr(widget, "viewport", None)
        return inner() if callable(inner) else widget

    def _drag(self) -> None:
        widget = self._widget((QGraphicsView, QAbstractSlider, QSplitter, QAbstractItemView, QTabBar))
        if widget is None or isinstance(widget, QLineEdit | QLabel):
            return
        widget = self._inside(widget)
        places = [self._place(widget)] + [self._place(widget, outside=True) for _ in range(3)]
        if isinstance(widget.parent(), QGraphicsView) and self._random.random() < 0.4:
            widget, places[0] = self._lab.plot.viewport(), self._lab.ring()
        let_go = self._random.random() < 0.9
        held = self._random.choice(HELD)
        self._say("drag", self._name(widget), [place.toTuple() for place in places], held, let_go)
        self._mouse(widget, QEvent.Type.MouseMove, places[0], False, held)
        self._mouse(widget, QEvent.Type.MouseButtonPress, places[0], True, held)
        for place in places[1:]:
            self._mouse(widget, QEvent.Type.MouseMove, place, True, held)
            QApplication.processEvents()
        if let_go:
            self._mouse(widget, QEvent.Type.MouseButtonRelease, places[-1], False, held)

    @staticmethod
    def _mouse(
        widget: QWidget, kind: QEvent.Type, place: QPoint, pressed: bool, held: Qt.KeyboardModifier
    ) -> None:
        button = NONE if kind == QEvent.Type.MouseMove else LEFT
        event = QMouseEvent(
            kind, QPointF(place), QPointF(widget.mapToGlobal(place)), button, LEFT if pressed else NONE, held
        )
        QApplication.sendEvent(widget, event)

    def _double_click(self) -> None:
        widget = self._widget()
        if widget is not None:
            place = self._place(widget)
            self._say("double click", self._name(widget), place.toTuple())
            QTest.mouseDClick(widget, LEFT, Qt.KeyboardModifier.NoModifier, place)

    def _wheel(self) -> None:
        widget = self._widget()
        if widget is not None:
            widget = self._inside(widget)
            place, notches = self._place(widget), self._random.choice([-20, -3, -1, 1, 3, 20])
            self._say("wheel", self._name(widget), place.toTuple(), notches)
            wheel(widget, place, notches)

    def _key(self) -> None:
        widget = QApplication.activePopupWidget() or QApplication.focusWidget() or self._lab.window
        key, held = self._random.choice(KEYS), self._random.choice(HELD)
        self._say("key", key.name, held, self._name(widget))
        QTest.keyClick(widget, key, held)

    def _type(self) -> None:
        widget = self._widget((QLineEdit, QAbstractSpinBox))
        if isinstance(widget, QLineEdit | QAbstractSpinBox):
            text, enter = self._random.choice(TEXTS), self._random.random() < 0.8
            self._say("type", repr(text), self._name(widget), enter)
            widget.setFocus(Qt.FocusReason.MouseFocusReason)
            QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
            QTest.keyClick(widget, Qt.Key.Key_Delete)
            for character in text:
                QTest.keyClick(widget, character) if character.isascii() else None
            if enter:
                QTest.keyClick(widget, Qt.Key.Key_Return)

    def _resize(self) -> None:
        size = self._random.choice(SIZES)
        self._say("resize", size)
        self._lab.window.resize(*size)

    def _split(self) -> None:
        splitters = [each for each in self._lab.window.findChildren(QSplitter) if each.isVisible()]
        if splitters:
            splitter = self._random.choice(splitters)
            sizes = [self._random.randint(0, 900) for _ in splitter.sizes()]
            self._say("split", splitter.objectName(), sizes)
            splitter.setSizes(sizes)

    def _dock(self) -> None:
        dock = self._random.choice(self._lab.window.findChildren(QDockWidget))
        do = self._random.choice(["float", "close", "show", "resize"])
        self._say("dock", dock.objectName(), do)
        if do == "float":
            dock.setFloating(not dock.isFloating())
        elif do == "close":
            dock.close()
        elif do == "show":
            dock.show()
            dock.raise_()
        elif dock.isFloating():
            dock.resize(self._random.randint(50, 1200), self._random.randint(50, 900))

    def _menu(self) -> None:
        ways = [(way, action) for way, action in self._lab.laboratory.menus.ways() if action.isEnabled()]
        way, action = self._random.choice(ways)
        self._say("menu", way)
        action.trigger()

    def _choose(self) -> None:
        widget = self._widget(QComboBox)
        if isinstance(widget, QComboBox) and widget.count():
            index = self._random.randrange(widget.count())
            self._say("choose", self._name(widget), widget.itemText(index))
            widget.setCurrentIndex(index)
            widget.activated.emit(index)

    def _panel(self) -> None:
        name = self._random.choice(["network", *self._lab.window.panel_docks])
        self._say("panel", name)
        self._lab.window.bring_to_front(name)

    def _palette(self) -> None:
        commands = self._lab.laboratory.help.commands()
        command = self._random.choice(commands)
        self._say("command", command.text)
        command.do()

    def _history(self) -> None:
        history = self._lab.laboratory.history
        do = self._random.choice([history.undo, history.undo, history.redo])
        times = self._random.randint(1, 4)
        self._say(do.__name__, times)
        for _ in range(times):
            do()

    def _wait(self) -> None:
        """Time for what computes to answer."""
        self._say("wait")
        until = time.monotonic() + 0.05
        while time.monotonic() < until:
            QApplication.processEvents()

    def _put_things_right(self) -> None:
        """Nobody leaves every menu and dialog open for ever, nor lies in front of a window of one pixel."""
        popup = QApplication.activePopupWidget()
        if popup is not None and self._random.random() < (0.9 if isinstance(popup, QMenu) else 0.3):
            self._say("close", type(popup).__name__)
            popup.close()
        dialogs = [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog)]
        for dialog in dialogs:
            if dialog.isVisible() and self._random.random() < 0.3:
                self._say("close", type(dialog).__name__, dialog.windowTitle())
                dialog.close()
