"""The step that is shown, explained: every optimizer's rule as formulas with their numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.forms.controls import ElidedLabel, expander, flat_button, reveal, role, show_expanded, tint_icons
from app.language import tr
from app.plots.typeset import Room
from app.theme import Theme
from app.views.figure_strip import FigureStrip
from app.views.formula_label import FormulaLabel
from app.views.optimizer_row import HeadKey
from core.notation import Node


@dataclass(frozen=True)
class StepCardEntry:
    """An optimizer in the panel: its id, name, head's shape, and what it equals elsewhere."""

    key: str
    name: str
    shape: int
    convention: str
    source: str


class _Brief(QWidget):
    """A short text at the right of a card's title; it changes without a new layout."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._theme: Theme | None = None
        self.setFixedSize(QSize(148, 18))

    def set_text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.update()

    def text(self) -> str:
        return self._text

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._theme is not None:
            painter = QPainter(self)
            painter.setPen(QColor(self._theme.text))
            align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(QRectF(self.rect()), int(align), tr(self._text))


class _Title(QWidget):
    """The line of a card that is always seen; a click anywhere on it opens the card."""

    clicked = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()


class StepCard(QWidget):
    """One optimizer: a line, and below it, when open, its rule with numbers.

    Attributes
    ----------
    is_open
        Whether its rule is shown.

    Signals
    -------
    toggled(bool)
        A person opened or closed it.
    """

    toggled = Signal(bool)

    def __init__(self, entry: StepCardEntry) -> None:
        super().__init__()
        self.entry = entry
        self.is_open = False
        self.key = HeadKey(entry.key, entry.shape)
        self.name = QLabel(tr(entry.name))
        font = QFont(self.name.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.name.setFont(font)
        self.brief = _Brief()
        self.brief.setToolTip(
            tr(
                "Length of the step, and the angle between it and the negative gradient:"
                " 0° goes straight down, above 90° goes up."
            )
        )
        self.convention = role(ElidedLabel(), "muted")
        convention, source = tr(entry.convention), tr(entry.source)
        self.convention.setText(convention)
        self.convention.setToolTip(f"{convention}\n{source}")
        self.expander = expander(f"{entry.name}: its rule with the numbers of this step.")
        self.expander.clicked.connect(lambda: self.toggled.emit(not self.is_open))
        self.formula = FormulaLabel(17, columns=True)
        self.figures = FigureStrip()
        self.note = role(QLabel(), "muted")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.whole_convention = role(QLabel(f"{convention} {source}."), "muted")
        self.whole_convention.setTextFormat(Qt.TextFormat.PlainText)
        self.whole_convention.setWordWrap(True)
        self._theme: Theme | None = None
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 4, 0)
        column.setSpacing(4)
        title = _Title()
        title.clicked.connect(lambda: self.toggled.emit(not self.is_open))
        row = QHBoxLayout(title)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget, stretch in (
            (self.key, 0),
            (self.name, 0),
            (self.convention, 1),
            (self.brief, 0),
            (self.expander, 0),
        ):
            row.addWidget(widget, stretch)
        column.addWidget(title)
        self.details = QFrame()
        inner = QVBoxLayout(self.details)
        inner.setContentsMargins(4, 4, 4, 10)
        inner.setSpacing(8)
        for part in (self.formula, self.figures, self.note, self.whole_convention):
            inner.addWidget(part)
        self.details.hide()
        column.addWidget(self.details)

    def set_open(self, is_open: bool) -> None:
        """Show its rule, or only its line."""
        self.is_open = is_open
        show_expanded(self.expander, is_open, self._theme)
        self.details.setVisible(is_open)
        self.convention.setText("" if is_open else tr(self.entry.convention))

    def set_formulas(self, nodes: Sequence[Node], rooms: Mapping[str, Room]) -> None:
        """Show other formulas, with room for the numbers of some keys."""
        self.formula.set_formula(*nodes, rooms=rooms)
        self.formula.setVisible(bool(nodes))

    def set_note(self, sentence: str) -> None:
        """Say how its run ended, or nothing."""
        self.note.setText(tr(sentence))
        self.note.setVisible(bool(sentence))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        colour = theme.optimizer(self.entry.key).name()
        self.name.setStyleSheet(f"color: {colour}")
        for part in (self.key, self.brief, self.formula, self.figures):
            part.set_theme(theme)
        tint_icons(self, theme)


class StepPanel(QWidget):
    """A card for every optimizer that is on.

    Signals
    -------
    opened(str, bool)
        A person opened or closed an optimizer's card.
    overlay_toggled(str, bool)
        A person switched arrows on the surface on or off.
    """

    opened = Signal(str, bool)
    overlay_toggled = Signal(str, bool)

    def __init__(self, overlays: Iterable[tuple[str, str, str]]) -> None:
        """`overlays` are name, icon and tooltip of the switches for what is drawn on the surface."""
        super().__init__()
        self.setAccessibleName(tr("Step"))
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = role(QLabel(), "title")
        self._title.setAccessibleName(tr("The step that is explained"))
        self.switches: dict[str, QToolButton] = {}
        self._cards: dict[str, StepCard] = {}
        self._theme: Theme | None = None
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 8, 2)
        head.setSpacing(2)
        head.addWidget(self._title, 1)
        for name, icon, tip in overlays:
            self._add_switch(head, name, icon, tip)
        self._legend = role(
            QLabel(tr("Below a letter: its number for x, and under it the one for y.")), "muted"
        )
        self._legend.setContentsMargins(12, 0, 8, 4)
        self._legend.setWordWrap(True)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = role(QWidget(), "panel")
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(4, 0, 4, 4)
        self._list.setSpacing(1)
        self._list.addStretch(1)
        self.area.setWidget(inner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._legend)
        column.addWidget(self.area, 1)

    def _add_switch(self, row: QHBoxLayout, name: str, icon: str, tip: str) -> None:
        button = flat_button(icon, tip)
        button.setCheckable(True)
        button.clicked.connect(lambda on: self.overlay_toggled.emit(name, on))
        self.switches[name] = button
        row.addWidget(button)

    def set_overlays(self, names: Iterable[str]) -> None:
        """Show which arrows are drawn on the surface."""
        names = set(names)
        for name, button in self.switches.items():
            button.setChecked(name in names)

    def set_title(self, text: str) -> None:
        """Say which step is explained."""
        self._title.setText(tr(text))

    def title(self) -> str:
        """Which step is explained."""
        return self._title.text()

    def set_cards(self, entries: Sequence[StepCardEntry]) -> None:
        """Show these optimizers, in this order; a card is made when it is first needed."""
        for place, entry in enumerate(entries):
            card = self._cards.get(entry.key) or self._make(entry)
            if self._list.indexOf(card) != place:
                self._list.insertWidget(place, card)
        shown = {entry.key for entry in entries}
        for key, card in self._cards.items():
            card.setVisible(key in shown)

    def _make(self, entry: StepCardEntry) -> StepCard:
        card = self._cards[entry.key] = StepCard(entry)
        card.toggled.connect(lambda is_open: self.opened.emit(entry.key, is_open))
        if self._theme is not None:
            card.set_theme(self._theme)
        return card

    def card(self, key: str) -> StepCard:
        """The card of an optimizer that has been shown."""
        return self._cards[key]

    def set_open(self, keys: Iterable[str]) -> None:
        """Open these cards and close the others."""
        keys = set(keys)
        for key, card in self._cards.items():
            if card.is_open != (key in keys):
                card.set_open(key in keys)

    def reveal(self, key: str) -> None:
        """Scroll to a card."""
        reveal(self.area, self._cards[key])

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        for card in self._cards.values():
            card.set_theme(theme)
        tint_icons(self, theme)
