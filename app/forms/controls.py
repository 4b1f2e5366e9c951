"""Small pieces that every panel uses: buttons with icons, segmented switches, combo boxes of a catalogue."""

import html
from collections.abc import Iterable
from typing import TypeVar

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app import theme as themes
from app.asked_keys import take_key
from app.language import tr

W = TypeVar("W", bound=QWidget)
Option = tuple[str, str, str]
"""Key, text and tooltip of something to choose."""
_HEADING = Qt.ItemDataRole.UserRole + 2
"""Under which a heading in a list keeps what it is called."""


def role(widget: W, name: str) -> W:
    """Give a widget the look that the style sheet has for a role."""
    widget.setProperty("role", name)
    return widget


def restyle(widget: QWidget, name: str) -> None:
    """Give a widget that is shown already another role."""
    if widget.property("role") != name:
        widget.setProperty("role", name)
        widget.style().polish(widget)


def plain_tip(text: str) -> str:
    """A sentence as a tooltip that wraps: tooltips do so only with rich text, so it is escaped."""
    return f"<p>{html.escape(tr(text))}</p>" if text else ""


def message_label(name: str) -> QLabel:
    """A hidden label for a sentence, as plain text: it may quote what a person typed."""
    label = role(QLabel(), name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.hide()
    return label


def icon_button(icon: str, tip: str, checkable: bool = False) -> QToolButton:
    """A button with an icon and a tooltip that is also its accessible name."""
    button = QToolButton()
    button.setProperty("icon_name", icon)
    button.setIconSize(QSize(themes.ICON_SIZE, themes.ICON_SIZE))
    button.setCheckable(checkable)
    tip = tr(tip)
    button.setToolTip(tip)
    button.setAccessibleName(tip.split(".")[0].split("(")[0].strip())
    return button


def flat_button(icon: str, tip: str) -> QToolButton:
    """An icon button without a frame."""
    return role(icon_button(icon, tip), "flat")


def expander(tip: str) -> QToolButton:
    """A flat button that opens what follows it, and closes it again."""
    button = flat_button("expand", tip)
    button.setCheckable(True)
    return button


def show_expanded(button: QToolButton, is_open: bool, theme: themes.Theme | None) -> None:
    """Let an expander show whether what follows it is open, in the colours of a theme that is known."""
    button.setChecked(is_open)
    button.setProperty("icon_name", "collapse" if is_open else "expand")
    if theme is not None:
        _tint(button, theme)


def tint_icons(root: QWidget, theme: themes.Theme) -> None:
    """Draw every icon below `root` in a theme's colours."""
    for button in root.findChildren(QToolButton):
        if button.property("icon_name"):
            _tint(button, theme)


def _tint(button: QToolButton, theme: themes.Theme) -> None:
    button.setIcon(themes.icon(button.property("icon_name"), theme.text, theme.border))


def reveal(area: QScrollArea, part: QWidget) -> None:
    """Scroll a resizable area to a part of its content that has only now been shown or grown."""
    content = area.widget()
    layout = content.layout() if content is not None else None
    if content is None or layout is None:
        return
    layout.activate()
    width = area.viewport().width()
    height = (
        layout.totalHeightForWidth(width)
        if layout.hasHeightForWidth()
        else layout.totalMinimumSize().height()
    )
    content.resize(width, max(height, area.viewport().height()))
    layout.activate()
    if part.height() > area.viewport().height():
        area.verticalScrollBar().setValue(part.mapTo(content, QPoint(0, 0)).y())
    else:
        area.ensureWidgetVisible(part, 0, 6)


def tab_after(previous: QWidget, content: QWidget) -> None:
    """Have Tab go from a control to those in something that was made later: Qt puts them at the very end."""
    for part in content.findChildren(QWidget):
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.window() is previous.window():  # no popup
            QWidget.setTabOrder(previous, part)
            previous = part


class _Segment(QToolButton):
    """Arrow keys go from segment to segment before they are the window's."""

    def event(self, event: QEvent) -> bool:
        return take_key(event, _SIDEWAYS) or bool(super().event(event))


_SIDEWAYS = (Qt.Key.Key_Left, Qt.Key.Key_Right)


class Segments(QWidget):
    """Buttons in a row of which one is down.

    Signals
    -------
    chosen(str)
        Key of the button that a person pressed.
    """

    chosen = Signal(str)

    def __init__(self, options: Iterable[Option], name: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.setAccessibleName(tr(name))
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QToolButton] = {}
        options = list(options)
        for index, (key, text, tip) in enumerate(options):
            button = role(_Segment(), "segment")
            place = "first" if index == 0 else "last" if index == len(options) - 1 else "middle"
            button.setProperty("place", place)
            button.setText(tr(text))
            button.setToolTip(tr(tip))
            button.setAccessibleName(f"{tr(name)}: {tr(text)}")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._group.addButton(button)
            self.buttons[key] = button
            row.addWidget(button)

    def set_value(self, key: str) -> None:
        """Press a button down."""
        if key in self.buttons:
            self.buttons[key].setChecked(True)

    def value(self) -> str:
        """Key of the button that is down."""
        return next((key for key, button in self.buttons.items() if button.isChecked()), "")


class KeyCombo(QComboBox):
    """A combo box of named keys.

    Signals
    -------
    chosen(str)
        Key that a person chose.
    """

    chosen = Signal(str)

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__()
        self.setAccessibleName(tr(name))
        self.setToolTip(tr(tip))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.activated.connect(self._choose)

    def _choose(self, index: int) -> None:
        key = self.itemData(index)
        if key is not None:  # a heading is nothing that one can choose
            self.chosen.emit(key)

    def add(self, key: str, text: str, tip: str = "", own: bool = False) -> None:
        """Append an entry; the words of one that is a person's `own` are shown as they are."""
        self.addItem(text if own else tr(text), key)
        self.setItemData(self.count() - 1, tip if own else tr(tip), Qt.ItemDataRole.ToolTipRole)

    def set_section(self, heading: str, own: Iterable[Option], others: Iterable[Option]) -> None:
        """Replace the entries under a heading, which stands last: a person's own, then the others."""
        current = self.currentData()
        first = self.findData(heading, _HEADING)
        while 0 < first <= self.count():  # its separator too
            self.removeItem(self.count() - 1)
        self.insertSeparator(self.count())
        self.addItem(tr(heading))
        self.setItemData(self.count() - 1, heading, _HEADING)
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        model.item(self.count() - 1).setEnabled(False)
        for option in own:
            self.add(*option, own=True)
        for option in others:
            self.add(*option)
        self.set_value(current)

    def set_value(self, key: str) -> None:
        """Show an entry."""
        self.setCurrentIndex(self.findData(key))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel that scrolls."""
        event.ignore()


class ElidedLabel(QLabel):
    """A line of plain text that ends in "…" where it has no room."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(self.rect(), int(align), text)
