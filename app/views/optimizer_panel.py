"""All optimizers, a row for each, and the numbers of the run."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.forms.controls import expander, reveal, role, show_expanded, tab_after, tint_icons
from app.forms.form import Form
from app.language import tr
from app.theme import Theme
from app.views.optimizer_row import SURFACES_ONLY, OptimizerRow
from core.hyperparameter import Hyperparameter
from core.optimizer import OPTIMIZERS

_MORE = tuple(entry for entry in OPTIMIZERS.values() if not entry.basic)


class OptimizerPanel(QScrollArea):
    """All optimizers of the catalogue, the basic ones first, and the numbers of the run.

    Attributes
    ----------
    rows
        By the optimizer's id: those of the basic ones; of the others once they are made.
    more, more_expander
        The rows of those that are not basic, closed at first, and what opens them.
    run
        The form of the run's own numbers.

    Signals
    -------
    rows_made()
        The others have theirs now.
    """

    rows_made = Signal()

    def __init__(self, run_hyperparameters: tuple[Hyperparameter, ...]) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows: dict[str, OptimizerRow] = {}
        self.setMinimumWidth(430)
        self.run = Form(run_hyperparameters)
        self.run_expander = expander("Steps, noise, seed and tolerance of every run.")
        self.run_expander.toggled.connect(self.set_run_open)
        self.more = QWidget()
        self.more_expander = expander(f"More optimizers: {', '.join(entry.name for entry in _MORE)}.")
        self.more_expander.toggled.connect(self.set_more_open)
        self._theme: Theme | None = None
        self._inner = inner = role(QWidget(), "panel")
        inner.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(inner)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(0)
        self._make_rows(column, basic=True)
        self._more_title = role(QLabel(tr("More methods")), "muted")
        run_title = role(QLabel(tr("Run: steps, noise, seed")), "muted")
        column.addLayout(_titles((self._more_title, self.more_expander), (run_title, self.run_expander)))
        for content in (self.more, self.run):
            content.hide()
            column.addWidget(content)
        column.addStretch(1)
        self.setWidget(inner)

    def _make_rows(self, column: QVBoxLayout, basic: bool) -> None:
        for shape, (key, entry) in enumerate(OPTIMIZERS.items()):
            if entry.basic != basic:
                continue
            if entry.surfaces_only and not any(row.optimizer.surfaces_only for row in self.rows.values()):
                column.addWidget(_caption())
            row = self.rows[key] = OptimizerRow(entry, shape)
            row.attention.connect(lambda row=row: reveal(self, row))
            row.expander.toggled.connect(lambda is_open, row=row: reveal(self, row) if is_open else None)
            column.addWidget(row)
            if self._theme is not None:
                row.set_theme(self._theme)
                tint_icons(row, self._theme)

    def _make_more(self) -> None:
        """The rows that few people open, when they are first opened."""
        if self.more.layout() is None:
            below = QVBoxLayout(self.more)
            below.setContentsMargins(0, 0, 0, 0)
            below.setSpacing(1)
            self._make_rows(below, basic=False)
            tab_after(self.run_expander, self.more)
            self.rows_made.emit()

    def set_run_open(self, is_open: bool) -> None:
        """Show the run's numbers, or hide them."""
        self._set_section_open(self.run_expander, self.run, is_open)

    def set_more_open(self, is_open: bool) -> None:
        """Show the optimizers that are not basic, or hide them."""
        if is_open:
            self._make_more()
        self._set_section_open(self.more_expander, self.more, is_open)

    def _set_section_open(self, button: QToolButton, content: QWidget, is_open: bool) -> None:
        show_expanded(button, is_open, self._theme)
        content.setVisible(is_open)
        if is_open:
            reveal(self, content)

    def show_count(self, count: int) -> None:
        """Say at the closed section how many of the optimizers in it are on."""
        self._more_title.setText(tr(f"More methods: {count} on" if count else "More methods"))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        for row in self.rows.values():
            row.set_theme(theme)

    def sizeHint(self) -> QSize:
        """Every row, closed."""
        return QSize(440, self._inner.sizeHint().height() + 4)


def _titles(*sections: tuple[QLabel, QToolButton]) -> QHBoxLayout:
    """Titles of closed sections side by side, each with what opens it."""
    row = QHBoxLayout()
    row.setContentsMargins(12, 0, 0, 0)
    for index, (title, button) in enumerate(sections):
        if index:
            row.addStretch(1)
        title.setToolTip(button.toolTip())
        row.addWidget(title)
        row.addWidget(button)
    return row


def _caption() -> QLabel:
    caption = role(QLabel(tr("On surfaces only")), "muted")
    caption.setToolTip(tr(SURFACES_ONLY))
    caption.setContentsMargins(12, 4, 0, 0)
    return caption
