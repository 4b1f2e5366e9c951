"""Chooses a schedule, of the learning rate or of the momentum, and sets its numbers."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.forms.controls import KeyCombo, role
from app.forms.form import Form
from core.catalogue import Catalogue
from core.choice import Choice
from core.momentum_schedule import MOMENTUM_SCHEDULES
from core.schedule import SCHEDULES


class ScheduleForm(QWidget):
    """A combo box of a catalogue and the form of the chosen schedule.

    Parameters
    ----------
    catalogue
        Of the schedules.
    label, name, tip
        What stands before the combo box, its accessible name and its tooltip.

    Signals
    -------
    chosen(str)
        Id of a schedule.
    edited(str, object)
        A hyperparameter of the schedule.
    """

    chosen = Signal(str)
    edited = Signal(str, object)

    def __init__(self, catalogue: Catalogue[Any], label: str, name: str, tip: str) -> None:
        super().__init__()
        self._catalogue = catalogue
        self.combo = KeyCombo(name, tip)
        for key, entry in catalogue.items():
            self.combo.add(key, entry.name, entry.summary)
        self.combo.chosen.connect(self.chosen)
        self._form: Form | None = None
        self._shown = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(role(QLabel(label), "muted"))
        row.addWidget(self.combo, 1)
        self._column.addLayout(row)

    @property
    def form(self) -> Form | None:
        """The form of the schedule that is shown."""
        return self._form

    def set_choice(self, choice: Choice) -> None:
        """Show a schedule and its numbers."""
        self.combo.set_value(choice.id)
        if choice.id != self._shown:
            self._rebuild(choice.id)
        assert self._form is not None
        self._form.set_values(self._catalogue[choice.id].values(choice.values))

    def _rebuild(self, key: str) -> None:
        if self._form is not None:
            self._column.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
        self._shown = key
        self._form = Form(self._catalogue[key].hyperparameters, resettable=False)
        self._form.edited.connect(self.edited)
        self._column.addWidget(self._form)


def rate_schedule_form() -> ScheduleForm:
    """The form of the learning rate's schedule."""
    return ScheduleForm(SCHEDULES, "schedule", "Schedule", "How the learning rate changes over the run.")


def momentum_schedule_form() -> ScheduleForm:
    """The form of the momentum's schedule."""
    tip = "How the momentum (beta1, where the optimizer calls it that) changes over the run."
    return ScheduleForm(MOMENTUM_SCHEDULES, "momentum schedule", "Momentum schedule", tip)
