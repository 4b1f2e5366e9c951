"""What a person prefers: each takes effect at once, where it can."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from app.forms.controls import KeyCombo, role
from app.language import tr
from app.preferences import Preference


class PreferencesDialog(QDialog):
    """A list of choices.

    Attributes
    ----------
    combos
        By the preferences' names.

    Signals
    -------
    chosen(str, str)
        Name of a preference, and its new value.
    """

    chosen = Signal(str, str)

    def __init__(
        self, preferences: Sequence[Preference], values: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Preferences"))
        self.combos: dict[str, KeyCombo] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, preference in enumerate(preferences):
            combo = self.combos[preference.name] = KeyCombo(preference.title, preference.help)
            for key, text in preference.choices:
                combo.add(key, text)
            combo.set_value(values[preference.name])
            combo.chosen.connect(lambda key, name=preference.name: self.chosen.emit(name, key))
            label = role(QLabel(tr(preference.title)), "muted")
            label.setBuddy(combo)
            label.setToolTip(tr(preference.help))
            grid.addWidget(label, row, 0)
            grid.addWidget(combo, row, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(14)
        column.addLayout(grid)
        column.addWidget(buttons)
        self.setMinimumWidth(380)
