"""All numbers of one optimizer and its schedules: the opened part of its row."""

from collections.abc import Mapping

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from app.forms.catalogue_form import CatalogueForm
from app.forms.controls import message_label, role
from app.forms.form import Form
from app.forms.schedule_form import momentum_schedule_form, rate_schedule_form
from app.language import tr
from app.theme import Theme
from core.choice import Choice
from core.hyperparameter import Value
from core.optimizer import Optimizer


class OptimizerDetails(QFrame):
    """Its forms, whose signals whoever makes it listens to.

    Attributes
    ----------
    explanation
        What its run came to, in sentences.
    form, schedule, momentum_schedule
        Its numbers; the learning rate's schedule; the momentum's, or None where it has no momentum.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        super().__init__()
        self.explanation = message_label("muted")
        self.form = Form(optimizer.others)
        self.schedule = rate_schedule_form()
        self.momentum_schedule: CatalogueForm | None = None
        if optimizer.momentum_name:
            self.momentum_schedule = momentum_schedule_form()
        formula = role(QLabel(optimizer.formula), "formula")
        formula.setWordWrap(True)
        formula.setToolTip(f"{tr(optimizer.convention)}\n{tr(optimizer.source)}")
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 2, 4, 8)
        column.setSpacing(4)
        for part in (self.explanation, formula, self.form, self.schedule, self.momentum_schedule):
            if part is not None:
                column.addWidget(part)

    def set_values(self, values: Mapping[str, Value], schedule: Choice, momentum_schedule: Choice) -> None:
        """Show other numbers and schedules."""
        self.form.set_values(values)
        self.schedule.set_choice(schedule)
        if self.momentum_schedule is not None:
            self.momentum_schedule.set_choice(momentum_schedule)

    def set_explanation(self, text: str) -> None:
        """Say what the run came to; nothing is said with ""."""
        self.explanation.setText(tr(text))
        self.explanation.setVisible(bool(text))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.schedule.set_theme(theme)
        if self.momentum_schedule is not None:
            self.momentum_schedule.set_theme(theme)
