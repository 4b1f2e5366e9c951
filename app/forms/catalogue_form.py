"""Chooses an entry of a catalogue, and sets its numbers."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.forms.controls import KeyCombo, role, tint_icons
from app.forms.form import Form
from app.language import tr
from app.theme import Theme
from core.catalogue import Catalogue
from core.choice import Choice


class CatalogueForm(QWidget):
    """A combo box of a catalogue and the form of the chosen entry.

    Parameters
    ----------
    catalogue
        What there is to choose from.
    label, name, tip
        What stands before the combo box, its accessible name and its tooltip.

    Signals
    -------
    chosen(str)
        Id of an entry.
    edited(str, object)
        A hyperparameter of the entry.
    reset(str)
        A person wants that hyperparameter's default back.
    """

    chosen = Signal(str)
    edited = Signal(str, object)
    reset = Signal(str)

    def __init__(self, catalogue: Catalogue[Any], label: str, name: str, tip: str) -> None:
        super().__init__()
        self._catalogue = catalogue
        self.combo = KeyCombo(name, tip)
        for key, entry in catalogue.items():
            self.combo.add(key, entry.name, entry.summary)
        self.combo.chosen.connect(self.chosen)
        self._form: Form | None = None
        self._shown = ""
        self._theme: Theme | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(role(QLabel(tr(label)), "muted"))
        row.addWidget(self.combo, 1)
        self._column.addLayout(row)

    @property
    def form(self) -> Form | None:
        """The form of the entry that is shown."""
        return self._form

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons of forms to come in another look."""
        self._theme = theme

    def set_choice(self, choice: Choice) -> None:
        """Show an entry and its numbers."""
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
        self._form = Form(self._catalogue[key].hyperparameters)
        self._form.edited.connect(self.edited)
        self._form.reset.connect(self.reset)
        if self._theme is not None:
            tint_icons(self._form, self._theme)
        self._column.addWidget(self._form)
