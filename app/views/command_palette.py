"""Finds a command by its words: everything the menus do, and what else can be chosen by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.language import tr

_MOST, _ROW = 200, 24
_MOVING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True)
class Command:
    """What can be done.

    Attributes
    ----------
    text, keys
        What it is called ("View › Look › Dark"), and its shortcut or "".
    do
        Does it.
    """

    text: str
    keys: str
    do: Callable[[], object]


def matching(commands: Sequence[Command], words: str) -> list[Command]:
    """Commands that have all the words in them; those that begin with the first one come first."""
    wanted = words.lower().split()
    found = [each for each in commands if all(word in each.text.lower() for word in wanted)]
    if not wanted:
        return found[:_MOST]

    def rank(command: Command) -> tuple[bool, int]:
        parts = command.text.lower().replace("›", " ").split()
        return not any(part.startswith(wanted[0]) for part in parts), len(command.text)

    return sorted(found, key=rank)[:_MOST]


class CommandPalette(QDialog):
    """A line to type in, and the commands that fit.

    Attributes
    ----------
    line, list
        Where one types, and what fits.
    """

    def __init__(self, commands: Sequence[Command], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Find a command"))
        self._commands, self._shown = commands, list(commands)
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Find a command, a surface, an example …"))
        self.line.setAccessibleName(tr("Find a command"))
        self.line.setToolTip(tr("Type some of its words; Up and Down choose, Return does it, Escape closes."))
        self.line.textChanged.connect(self._filter)
        self.line.installEventFilter(self)
        self.list = QTreeWidget()
        self.list.setColumnCount(2)
        self.list.setRootIsDecorated(False)
        self.list.header().hide()
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.setAccessibleName(tr("Commands"))
        self.list.setToolTip(tr("A click does it."))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformRowHeights(True)
        self.list.itemClicked.connect(lambda *_: self._do())
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self._filter("")
        self.resize(560, 380)

    def open_over(self, window: QWidget) -> None:
        """Show it in the upper middle of a window."""
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - self.width()) // 2, corner.y() + window.height() // 8)
        self.show()
        self.line.setFocus()

    def shown(self) -> list[str]:
        """The texts of the commands that fit."""
        return [command.text for command in self._shown]

    def _filter(self, words: str) -> None:
        self._shown = matching(self._commands, words)
        self.list.clear()
        rows = [self._row(command.text, command.keys) for command in self._shown]
        if not rows:
            rows = [self._row(tr("Nothing is called like that."), "")]
            rows[0].setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.setCurrentItem(rows[0])

    def _row(self, text: str, keys: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self.list, [text, f"{keys} "])
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setSizeHint(0, QSize(0, _ROW))
        return item

    def _do(self) -> None:
        place = self.list.indexOfTopLevelItem(self.list.currentItem())
        if 0 <= place < len(self._shown):
            command = self._shown[place]
            self.close()
            command.do()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that move in the list go there from the line."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _MOVING:
                self.list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._do()
                return True
        return super().eventFilter(watched, event)
