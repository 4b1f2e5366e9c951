"""Which of the networks the controls below it are about, and the buttons that make one more or one less."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.forms.controls import flat_button, role
from app.language import tr
from app.views.network_combo import NetworkCombo


class VariantBar(QWidget):
    """The networks of the run: all of them, or the one to change.

    Signals
    -------
    chosen(object)
        Place of the network that the controls are to be about, or None for all.
    duplicate_asked(), remove_asked()
        The buttons.
    """

    chosen = Signal(object)
    duplicate_asked = Signal()
    remove_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.combo = NetworkCombo(
            "Network to change",
            "What the controls below change: all networks, or one of them. To compare two choices,"
            " duplicate a network and change one thing.",
        )
        self.combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.combo.setMinimumContentsLength(12)
        self.duplicate = flat_button(
            "duplicate", "Duplicate: one network more, like this one; then change one thing about it."
        )
        self.remove = flat_button("remove", "Remove this network; choose which one first.")
        self.combo.place_chosen.connect(self.chosen)
        self.duplicate.clicked.connect(self.duplicate_asked)
        self.remove.clicked.connect(self.remove_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        label = role(QLabel(tr("change")), "muted")
        label.setBuddy(self.combo)
        row.addWidget(label)
        row.addWidget(self.combo, 1)
        row.addWidget(self.duplicate)
        row.addWidget(self.remove)

    def set_variants(
        self, labels: Sequence[str], colours: Sequence[QColor], selected: int | None, most: int
    ) -> None:
        """Show the networks; `most` is how many there may be."""
        every = f"all {len(labels)} networks" if len(labels) > 1 else "the network"
        self.combo.set_networks(labels, colours, selected, every)
        self.duplicate.setEnabled(len(labels) < most)
        self.remove.setEnabled(selected is not None and len(labels) > 1)
