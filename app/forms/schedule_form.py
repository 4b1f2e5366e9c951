"""Chooses a schedule and sets its numbers."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.forms.controls import KeyCombo, role, tint_icons
from app.forms.form import Form
from app.theme import Theme
from core.choice import Choice
from core.schedule import SCHEDULES


class ScheduleForm(QWidget):
    """A combo box of the catalogue and the form of the chosen schedule.

    Signals
    -------
    chosen(str)
        Id of a schedule.
    edited(str, object)
        A hyperparameter of the schedule.
    reset(str)
        A person wants that hyperparameter's default back.
    """

    chosen = Signal(str)
    edited = Signal(str, object)
    reset = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.combo = KeyCombo("Schedule", "How the learning rate changes over the run.")
        for key, entry in SCHEDULES.items():
            self.combo.add(key, entry.name, entry.summary)
        self.combo.chosen.connect(self.chosen)
        self._form: Form | None = None
        self._shown = ""
        self._theme: Theme | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(role(QLabel("schedule"), "muted"))
        row.addWidget(self.combo, 1)
        self._column.addLayout(row)

    @property
    def form(self) -> Form | None:
        """The form of the schedule that is shown."""
        return self._form

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons of schedules to come in another look."""
        self._theme = theme

    def set_choice(self, choice: Choice) -> None:
        """Show a schedule and its numbers."""
        self.combo.set_value(choice.id)
        if choice.id != self._shown:
            self._rebuild(choice.id)
        assert self._form is not None
        self._form.set_values(SCHEDULES[choice.id].values(choice.values))

    def _rebuild(self, key: str) -> None:
        if self._form is not None:
            self._column.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
        self._shown = key
        self._form = Form(SCHEDULES[key].hyperparameters)
        self._form.edited.connect(self.edited)
        self._form.reset.connect(self.reset)
        if self._theme is not None:
            tint_icons(self._form, self._theme)
        self._column.addWidget(self._form)
