"""Many starts: the list of them, patterns to place them in, and the minima that are reached from them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.forms.catalogue_form import CatalogueForm
from app.forms.controls import message_label, role
from app.language import tr
from app.plots.shares_plot import SharesPlot
from app.theme import Theme
from app.views.starts_table import Point, StartsTable
from core.start_pattern import MOST_STARTS, START_PATTERNS


class StartsPanel(QScrollArea):
    """A panel beside the network.

    Attributes
    ----------
    table, pattern, shares
        The list, the chosen pattern with its numbers, and the bars of the minima reached.

    Signals
    -------
    add_asked(), remove_asked(), only_asked(), place_asked()
        The four buttons.
    """

    add_asked = Signal()
    remove_asked = Signal()
    only_asked = Signal()
    place_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.count = QLabel()
        self.add = _button(
            "Add", "Add a start near the selected one. On the surface: Shift+double-click, or A."
        )
        self.remove = _button("Remove", "Remove the selected start. On the surface: Delete.")
        self.only = _button("Only this", "Remove all starts but the selected one.")
        self.add.clicked.connect(self.add_asked)
        self.remove.clicked.connect(self.remove_asked)
        self.only.clicked.connect(self.only_asked)
        self.table = StartsTable()
        tip = "How start points are placed. Grids and random points fill the part of the surface in view."
        self.pattern = CatalogueForm(START_PATTERNS, "pattern", "Pattern", tip)
        self.place = role(
            _button(
                "Place", f"Put start points in this pattern in place of all others, at most {MOST_STARTS:,}."
            ),
            "primary",
        )
        self.place.clicked.connect(self.place_asked)
        self.message = message_label("error")
        self.shares = SharesPlot()
        self._lay_out()

    def _lay_out(self) -> None:
        inner = role(QWidget(), "panel")
        inner.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.count, 1)
        for button in (self.add, self.remove, self.only):
            top.addWidget(button)
        column.addLayout(top)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        self.table.setFixedSize(196, 146)
        middle.addWidget(self.table)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self.pattern)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.place)
        right.addLayout(buttons)
        right.addStretch(1)
        middle.addLayout(right, 1)
        column.addLayout(middle)
        column.addWidget(self.message)
        title = role(QLabel(tr("Minima reached, share of the starts")), "muted")
        title.setToolTip(
            tr("Where the runs of each optimizer end, from all starts. Point at a bar for the numbers.")
        )
        column.addWidget(title)
        column.addWidget(self.shares)
        column.addStretch(1)
        self.setWidget(inner)

    def set_points(self, points: Sequence[Point], selected: int) -> None:
        """Show the start points, one of them selected."""
        several = len(points) > 1
        self.count.setText(tr(f"{len(points):,} starts" if several else "One start"))
        self.remove.setEnabled(several)
        self.only.setEnabled(several)
        self.table.set_points(points, selected)

    def set_message(self, sentence: str, is_error: bool) -> None:
        """Say what is wrong, or what was left out; "" says nothing."""
        self.message.setProperty("role", "error" if is_error else "warning")
        self.message.style().polish(self.message)
        self.message.setText(tr(sentence))
        self.message.setVisible(bool(sentence))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.pattern.set_theme(theme)
        self.shares.set_theme(theme)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(tr(text))
    button.setToolTip(tr(tip))
    button.setAccessibleName(f"{tr(text)}: {tr('starts')}")
    return button
