"""Asks which columns of a table are features and target of a linear regression."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from app.forms.controls import KeyCombo, Segments, message_label, role

_NONE = ""


class OwnDataDialog(QDialog):
    """Columns and scaling of a table.

    Signals
    -------
    edited()
        A person chose something else.
    """

    edited = Signal()

    def __init__(
        self, name: str, columns: tuple[str, ...], numeric: tuple[int, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Linear regression on {name}")
        usable = list(numeric) or list(range(len(columns)))
        self.target = _columns("Target", "What the line is fitted to.", columns)
        self.first = _columns("Feature", "What it is fitted by; x is its weight.", columns)
        self.second = _columns(
            "Second feature", "With two features y is the second one's weight, and everything is measured"
            " from its mean; with one, y is the intercept.", columns, optional=True,
        )  # fmt: skip
        self.target.set_value(str(usable[-1] + 1))
        self.first.set_value(str(usable[0] + 1))
        self.scaling = Segments(
            (
                ("raw", "Raw", "The numbers as they are: features far from 0 make a narrow, slanted valley."),
                ("standardized", "Standardized", "Features shifted and stretched to mean 0 and standard"
                 " deviation 1: a rounder bowl."),
            ),
            "Features",
        )  # fmt: skip
        self.scaling.set_value("raw")
        self.summary = role(QLabel(), "muted")
        self.error = message_label("error")
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.show_button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.show_button.setText("Show the surface")
        role(self.show_button, "primary")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        for combo in (self.target, self.first, self.second):
            combo.chosen.connect(lambda _: self.edited.emit())
        self.scaling.chosen.connect(lambda _: self.edited.emit())
        self._arrange()

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows = (
            ("Target", self.target), ("Feature", self.first), ("Second feature", self.second),
            ("Features are", self.scaling),
        )  # fmt: skip
        for row, (text, control) in enumerate(rows):
            label = role(QLabel(text), "muted")
            label.setBuddy(control)
            grid.addWidget(label, row, 0)
            if control is self.scaling:
                grid.addWidget(control, row, 1, Qt.AlignmentFlag.AlignLeft)
            else:
                grid.addWidget(control, row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addLayout(grid)
        column.addWidget(self.summary)
        column.addWidget(self.error)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.setMinimumWidth(380)

    def choice(self) -> tuple[tuple[str, ...], str, bool]:
        """Numbers (from 1) of the features and of the target, and whether features are standardized."""
        features = [str(self.first.currentData())]
        if self.second.currentData() != _NONE:
            features.append(str(self.second.currentData()))
        return tuple(features), str(self.target.currentData()), self.scaling.value() == "standardized"

    def set_summary(self, text: str) -> None:
        """Say what the choice gives."""
        self.summary.setText(text)
        self.set_error("")

    def set_error(self, sentence: str) -> None:
        """Say why the choice gives no surface, or nothing."""
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))
        self.summary.setVisible(not sentence)
        self.show_button.setEnabled(not sentence)


def _columns(name: str, tip: str, columns: tuple[str, ...], optional: bool = False) -> KeyCombo:
    combo = KeyCombo(name, tip)
    if optional:
        combo.add(_NONE, "none")
    for number, column in enumerate(columns, 1):
        combo.add(str(number), column)
    return combo
