"""A form for any set of hyperparameters: label, control, reset, and a place for what is wrong."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from app.forms.controls import flat_button, message_label, role
from app.forms.fields import Field, field_for
from app.language import tr
from core.hyperparameter import Hyperparameter, Value


class Form(QWidget):
    """Rows of controls, one for each hyperparameter, under `headings` by the name that each stands above.

    Signals
    -------
    edited(str, object)
        Name and new value.
    reset(str)
        A person wants that hyperparameter's default back.
    """

    edited = Signal(str, object)
    reset = Signal(str)

    def __init__(
        self,
        hyperparameters: Iterable[Hyperparameter],
        resettable: bool = True,
        headings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.fields: dict[str, Field] = {}
        self.resets: dict[str, QToolButton] = {}
        self._errors: dict[str, QLabel] = {}
        for hyperparameter in hyperparameters:
            if headings and hyperparameter.name in headings:
                self._add_heading(headings[hyperparameter.name])
            self._add(hyperparameter, resettable)

    def _add_heading(self, text: str) -> None:
        heading = role(QLabel(tr(text)), "title")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setContentsMargins(0, 6 if self.fields else 0, 0, 0)
        self._grid.addWidget(heading, self._grid.rowCount(), 0, 1, 3)

    def _add(self, hyperparameter: Hyperparameter, resettable: bool) -> None:
        name, row = hyperparameter.name, self._grid.rowCount()
        label = role(QLabel(tr(hyperparameter.title)), "muted")
        label.setToolTip(tr(hyperparameter.help))
        field = field_for(hyperparameter)
        label.setBuddy(field)
        error = message_label("error")
        field.edited.connect(lambda value: self.edited.emit(name, value))
        field.refused.connect(lambda sentence: self.set_error(name, sentence, mark=False))
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(field, row, 1)
        if resettable:
            button = flat_button("reset", f"Set {hyperparameter.title} back to its default.")
            button.clicked.connect(lambda: self.reset.emit(name))
            self.resets[name] = button
            self._grid.addWidget(button, row, 2)
        self._grid.addWidget(error, row + 1, 0, 1, 3)
        self.fields[name], self._errors[name] = field, error

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Show the values of these names."""
        for name, value in values.items():
            if name in self.fields:
                self.fields[name].set_value(value)

    def set_error(self, name: str, sentence: str, mark: bool = True) -> None:
        """Say below a control what is wrong with it; "" takes it back."""
        if name in self.fields:
            self._errors[name].setText(tr(sentence))
            self._errors[name].setVisible(bool(sentence))
            if mark:
                self.fields[name].set_error(sentence)

    def error_label(self, name: str) -> QLabel:
        """Where what is wrong with a control is said."""
        return self._errors[name]

    def error(self, name: str) -> str:
        """What is said to be wrong with a control."""
        return self._errors[name].text()
