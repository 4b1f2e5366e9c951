"""Asks which columns of a table are features and target of a linear regression."""

from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QWidget

from app.forms.controls import KeyCombo, Segments
from app.language import tr
from app.views.asking_dialog import AskingDialog

_NONE = ""


class OwnDataDialog(AskingDialog):
    """Columns and scaling of a table."""

    def __init__(
        self, name: str, columns: tuple[str, ...], numeric: tuple[int, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(f"Linear regression on {name}", QPushButton(tr("Show the surface")), parent)
        self.setMinimumWidth(380)
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
        self.buttons.addButton(self.go_on, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        combos = self.target, self.first, self.second
        for combo in combos:
            combo.chosen.connect(lambda _: self.edited.emit())
        self.scaling.chosen.connect(lambda _: self.edited.emit())
        names = "Target", "Feature", "Second feature", "Features are"
        rows = tuple(zip(names, (*combos, self.scaling), strict=True))
        self.arrange(rows, wide=combos)

    def choice(self) -> tuple[tuple[str, ...], str, bool]:
        """Numbers (from 1) of the features and of the target, and whether features are standardized."""
        features = [str(self.first.currentData())]
        if self.second.currentData() != _NONE:
            features.append(str(self.second.currentData()))
        return tuple(features), str(self.target.currentData()), self.scaling.value() == "standardized"


def _columns(name: str, tip: str, columns: tuple[str, ...], optional: bool = False) -> KeyCombo:
    combo = KeyCombo(name, tip)
    if optional:
        combo.add(_NONE, "none")
    for number, column in enumerate(columns, 1):
        combo.add(str(number), column, own=True)
    return combo
