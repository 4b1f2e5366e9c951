"""An optimizer's row: switch, learning rate, how its run went, and all its numbers below."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QPointF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.forms.controls import (
    ElidedLabel,
    expander,
    flat_button,
    message_label,
    plain_tip,
    restyle,
    role,
    show_expanded,
    tab_after,
    tint_icons,
)
from app.forms.fields import NumberField
from app.forms.number_box import number_text
from app.language import tr
from app.plots.trail_layer import draw_head
from app.theme import Theme
from app.views.optimizer_details import OptimizerDetails
from core.choice import Choice
from core.hyperparameter import Value
from core.optimizer import Optimizer

SURFACES_ONLY = "On surfaces only: it couples x and y, so networks do not offer it."


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
        self.switch.setToolTip("\n".join([*lines, tr(SURFACES_ONLY)] if optimizer.surfaces_only else lines))
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
        self.expander = expander(f"All numbers of {optimizer.name}, and its schedule.")
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
            tint_icons(details, self.key.theme)
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
        show_expanded(self.expander, is_open, self.key.theme)
        if is_open or self.has_details:
            self.details.setVisible(is_open)

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
