"""A row for each optimizer: switch, learning rate, and all its numbers below."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.forms.controls import (
    ElidedLabel,
    flat_button,
    message_label,
    plain_tip,
    restyle,
    reveal,
    role,
    tab_after,
    tint_icons,
)
from app.forms.fields import NumberField
from app.forms.form import Form
from app.forms.number_box import number_text
from app.language import tr
from app.plots.trail_layer import draw_head
from app.theme import Theme
from app.views.optimizer_details import OptimizerDetails
from core.choice import Choice
from core.hyperparameter import Hyperparameter, Value
from core.optimizer import OPTIMIZERS, Optimizer

_MORE = tuple(entry for entry in OPTIMIZERS.values() if not entry.basic)
_SURFACES_ONLY = "On surfaces only: it couples x and y, so networks do not offer it."


class HeadKey(QWidget):
    """The head of an optimizer's trail, as a key to the plot."""

    def __init__(self, optimizer: str, shape: int) -> None:
        super().__init__()
        self._optimizer, self._shape = optimizer, shape
        self.theme: Theme | None = None
        self.setFixedSize(QSize(18, 18))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the head."""
        if self.theme is not None:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = self.theme.optimizer(self._optimizer)
            draw_head(painter, QPointF(9, 9), colour, self._shape, self.theme, 12.0)


@dataclass(frozen=True)
class Verdict:
    """What an optimizer's run did.

    Attributes
    ----------
    sentence
        In full; "" while it is not known.
    short
        What is said in the closed row in one line: "" for what needs no words.
    grave
        Whether something went wrong rather than slowly.
    rate
        A learning rate that would mend it, offered as a button, or None.
    """

    sentence: str = ""
    short: str = ""
    grave: bool = False
    rate: float | None = None


class OptimizerRow(QWidget):
    """One optimizer.

    Attributes
    ----------
    details
        All its numbers; made when the row is first opened.

    Signals
    -------
    toggled(bool)
        Switched on or off.
    edited(str, object), reset(str)
        A hyperparameter of the optimizer.
    schedule_chosen(str), schedule_edited(str, object), schedule_reset(str)
        The schedule, and a hyperparameter of it.
    momentum_schedule_chosen(str), momentum_schedule_edited(str, object), momentum_schedule_reset(str)
        The same of the momentum, where the optimizer has one.
    attention()
        Something in the row is wrong and should be seen.
    """

    toggled = Signal(bool)
    edited = Signal(str, object)
    reset = Signal(str)
    schedule_chosen = Signal(str)
    schedule_edited = Signal(str, object)
    schedule_reset = Signal(str)
    momentum_schedule_chosen = Signal(str)
    momentum_schedule_edited = Signal(str, object)
    momentum_schedule_reset = Signal(str)
    attention = Signal()

    def __init__(self, optimizer: Optimizer, shape: int) -> None:
        super().__init__()
        self.optimizer = optimizer
        self.key = HeadKey(optimizer.id, shape)
        self.switch = QCheckBox(tr(optimizer.name))
        lines = [tr(optimizer.summary), optimizer.formula, tr(optimizer.convention)]
        self.switch.setToolTip("\n".join([*lines, tr(_SURFACES_ONLY)] if optimizer.surfaces_only else lines))
        self.switch.clicked.connect(self.toggled)
        first = optimizer.rate
        self.rate = NumberField(first)
        self.rate.edited.connect(lambda value: self.edited.emit(first.name, value))
        self.rate.refused.connect(self._say_rate)
        self.rate.slider.setAccessibleName(f"{tr(optimizer.name)}: {tr(first.title)}, {tr('slider')}")
        self.rate.box.setAccessibleName(f"{tr(optimizer.name)}: {tr(first.title)}")
        self.reset_rate = flat_button(
            "reset", f"Set {optimizer.name}'s learning rate back to one that suits the surface."
        )
        self.reset_rate.clicked.connect(lambda: self.reset.emit(first.name))
        self.expander = flat_button("expand", f"All numbers of {optimizer.name}, and its schedule.")
        self.expander.setCheckable(True)
        self.expander.toggled.connect(self.set_open)
        self.message = message_label("error")
        self.verdict = role(ElidedLabel(), "muted")
        self._mending = 0.0
        self.mend = role(QPushButton(), "link")
        self.mend.clicked.connect(lambda: self.edited.emit(first.name, self._mending))
        self.verdict_line = QWidget()
        self._shown: tuple[Mapping[str, Value], Choice, Choice] | None = None
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 4, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(4)
        self.switch.setMinimumWidth(self.switch.fontMetrics().horizontalAdvance(tr("Momentum")) + 34)
        for widget, stretch in (
            (self.key, 0),
            (self.switch, 0),
            (self.rate, 1),
            (self.reset_rate, 0),
            (self.expander, 0),
        ):
            row.addWidget(widget, stretch)
        column.addLayout(row)
        column.addWidget(self.message)
        line = QHBoxLayout(self.verdict_line)
        line.setContentsMargins(28, 0, 4, 2)
        line.setSpacing(8)
        line.addWidget(self.verdict, 1)
        line.addWidget(self.mend)
        self.verdict_line.hide()
        column.addWidget(self.verdict_line)
        self._column = column

    @cached_property
    def details(self) -> OptimizerDetails:
        """All its numbers, made when they are first asked for: most rows are never opened."""
        details = OptimizerDetails(self.optimizer)
        details.form.edited.connect(self.edited)
        details.form.reset.connect(self.reset)
        details.schedule.chosen.connect(self.schedule_chosen)
        details.schedule.edited.connect(self.schedule_edited)
        details.schedule.reset.connect(self.schedule_reset)
        if details.momentum_schedule is not None:
            details.momentum_schedule.chosen.connect(self.momentum_schedule_chosen)
            details.momentum_schedule.edited.connect(self.momentum_schedule_edited)
            details.momentum_schedule.reset.connect(self.momentum_schedule_reset)
        if self._shown is not None:
            details.set_values(*self._shown)
        details.set_explanation(self._verdict.sentence)
        if self.key.theme is not None:
            details.set_theme(self.key.theme)
        details.hide()
        self._column.addWidget(details)
        tab_after(self.expander, details)
        return details

    @property
    def has_details(self) -> bool:
        """Whether its numbers have been made."""
        return "details" in vars(self)

    def set_open(self, is_open: bool) -> None:
        """Show all numbers, or only the rate."""
        self.expander.setChecked(is_open)
        self.expander.setProperty("icon_name", "collapse" if is_open else "expand")
        if is_open or self.has_details:
            self.details.setVisible(is_open)
        if self.key.theme is not None:
            tint_icons(self, self.key.theme)

    def set_values(
        self, enabled: bool, values: Mapping[str, Value], schedule: Choice, momentum_schedule: Choice
    ) -> None:
        """Show whether it is on, its numbers and its schedules."""
        self.switch.setChecked(enabled)
        self.rate.set_value(values[self.rate.hyperparameter.name])
        self._shown = values, schedule, momentum_schedule
        if self.has_details:
            self.details.set_values(*self._shown)

    def set_verdict(self, verdict: Verdict | None) -> None:
        """Say how its run went; None when there is no run.

        While it is not known a line that is there stays, empty: rows do not jump while one drags.
        """
        known = verdict is not None and bool(verdict.sentence)
        if verdict is None or known:
            self.verdict_line.setVisible(verdict is not None and bool(verdict.short))
        verdict = verdict or Verdict()
        if verdict == self._verdict:
            return
        self._verdict = verdict
        self.verdict.setText(tr(verdict.short))
        restyle(self.verdict, "warning" if verdict.grave else "muted")
        if self.has_details:
            self.details.set_explanation(verdict.sentence)
        for part in (self.verdict, self.key):
            part.setToolTip(plain_tip(verdict.sentence))
        self._offer(verdict.rate)

    def _offer(self, rate: float | None) -> None:
        self.mend.setVisible(rate is not None)
        if rate is not None:
            self._mending = rate
            number = number_text(rate).replace("-", "−")
            self.mend.setText(tr(f"Set {number}"))
            self.mend.setToolTip(
                tr(f"Set {self.optimizer.name}'s learning rate to one that was tried and holds.")
            )
            self.mend.setAccessibleName(tr(f"{self.optimizer.name}: set a learning rate that holds"))

    def set_error(self, field: str, sentence: str) -> None:
        """Say beside a control what is wrong with it."""
        if field == self.rate.hyperparameter.name:
            self.rate.set_error(sentence)
        else:
            self.details.form.set_error(field, sentence)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.key.set_theme(theme)
        if self.has_details:
            self.details.set_theme(theme)

    _verdict = Verdict()

    def _say_rate(self, sentence: str) -> None:
        self.message.setText(tr(sentence))
        self.message.setVisible(bool(sentence))
        if sentence:
            self.attention.emit()


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
        self.run_expander = flat_button("expand", "Steps, noise, seed and tolerance of every run.")
        self.run_expander.setCheckable(True)
        self.run_expander.toggled.connect(self.set_run_open)
        self.more = QWidget()
        self.more_expander = flat_button(
            "expand", f"More optimizers: {', '.join(entry.name for entry in _MORE)}."
        )
        self.more_expander.setCheckable(True)
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

    def _set_section_open(self, expander: QToolButton, content: QWidget, is_open: bool) -> None:
        expander.setChecked(is_open)
        expander.setProperty("icon_name", "collapse" if is_open else "expand")
        if self._theme is not None:
            tint_icons(self, self._theme)
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
    for index, (title, expander) in enumerate(sections):
        if index:
            row.addStretch(1)
        title.setToolTip(expander.toolTip())
        row.addWidget(title)
        row.addWidget(expander)
    return row


def _caption() -> QLabel:
    caption = role(QLabel(tr("On surfaces only")), "muted")
    caption.setToolTip(tr(_SURFACES_ONLY))
    caption.setContentsMargins(12, 4, 0, 0)
    return caption
