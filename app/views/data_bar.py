"""The line below the header of a surface made of data: batch size, what curves go by, condition number."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.forms.controls import KeyCombo, message_label, role
from app.forms.fields import NumberField
from app.language import tr
from core.batches import BATCH_SIZE
from core.effort import MEASURES, Measure
from core.hyperparameter import Hyperparameter

_MEASURE_TIPS: dict[Measure, str] = {
    "steps": "Updates of the parameters.",
    "epochs": "How often all samples were gone through: a small batch makes many steps in one.",
    "evaluations": "Gradients of single samples: what has been computed, whatever the batch size.",
    "seconds": "Time of the gradients and of the updates, as measured on this machine when they are computed"
    " one sample at a time.",
}
_CONDITION_TIP = (
    "Steepest curvature over flattest, at the minimum: 1 is a round bowl; SGD needs about as many steps as"
    " this number. Standardized features bring it down."
)


class DataBar(QWidget):
    """Controls that only data gives a meaning.

    Signals
    -------
    batch_size_edited(object)
        From 1 to all samples.
    measure_chosen(str)
        What loss and gradient norm are drawn against.
    """

    batch_size_edited = Signal(object)
    measure_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.batch_size = NumberField(BATCH_SIZE)
        self.batch_size.slider.setMaximumWidth(240)
        self.batch_size.edited.connect(self.batch_size_edited)
        self.batch_size.refused.connect(self.set_error)
        self._of = role(QLabel(), "muted")
        self.measure = KeyCombo("Curves against", "What loss and gradient norm are drawn against.")
        for key, name in MEASURES.items():
            self.measure.add(key, name, _MEASURE_TIPS[key])
        self.measure.chosen.connect(self.measure_chosen)
        self.condition = role(QLabel(), "muted")
        self.condition.setToolTip(f"<p>{tr(_CONDITION_TIP)}</p>")
        self.error = message_label("error")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 6)
        row.setSpacing(8)
        for text, control in (("Batch size", self.batch_size), ("Curves by", self.measure)):
            label = role(QLabel(tr(text)), "muted")
            label.setToolTip(control.toolTip() or tr(BATCH_SIZE.help))
            label.setBuddy(control)
            row.addWidget(label)
            row.addWidget(control)
            if control is self.batch_size:
                row.addWidget(self._of)
                row.addSpacing(8)
        row.addWidget(self.error, 1)
        row.addStretch(1)
        row.addWidget(self.condition, 0, Qt.AlignmentFlag.AlignRight)

    def set_samples(self, count: int, condition_number: float | None) -> None:
        """Show another surface's samples."""
        self.batch_size.set_hyperparameter(batch_size(count))
        self._of.setText(tr(f"of {count:,}"))
        self.condition.setText(
            "" if condition_number is None else tr(f"condition number {condition_number:,.4g}")
        )
        self.condition.setAccessibleName(self.condition.text())

    def set_batch_size(self, size: int) -> None:
        """Show another batch size."""
        self.batch_size.set_value(size)
        self.set_error("")

    def set_measure(self, measure: Measure) -> None:
        """Show what the curves are drawn against."""
        self.measure.set_value(measure)

    def set_error(self, sentence: str) -> None:
        """Say what is wrong with the batch size, or nothing."""
        self.error.setText(tr(sentence))
        self.error.setVisible(bool(sentence))


def batch_size(count: int) -> Hyperparameter:
    """From 1 to all of so many samples."""
    return Hyperparameter(
        name=BATCH_SIZE.name, default=count, low=1, high=count, minimum=1, maximum=count,
        scale=BATCH_SIZE.scale, unit=BATCH_SIZE.unit,
        help="Samples in each step's gradient. Few: cheap, noisy steps, many in an epoch. All: one steady"
        " step. The order changes with every epoch.",
    )  # fmt: skip
