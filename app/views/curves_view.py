"""Loss and gradient norm against step, with a cursor that is the scrub bar's."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.forms.controls import role
from app.plots.curve_plot import Curve, CurvePlot
from app.theme import Theme


class CurvesView(QWidget):
    """Two plots side by side.

    Signals
    -------
    scrubbed(int)
        Step where a person pressed or dragged.
    """

    scrubbed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.loss = CurvePlot("loss", log=True)
        self.gradient = CurvePlot("gradient norm", log=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 8, 2)
        row.setSpacing(4)
        for plot in (self.loss, self.gradient):
            plot.pointed.connect(lambda x: self.scrubbed.emit(round(x)))
            plot.setToolTip("Press or drag to move through the run.")
            row.addWidget(plot)
        self.setMinimumHeight(80)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.loss.set_theme(theme)
        self.gradient.set_theme(theme)

    def set_curves(self, title: str, losses: list[Curve], norms: list[Curve], steps: int) -> None:
        """Show other runs; `title` says what the loss is measured from."""
        self.loss.set_title(title)
        self.loss.set_curves(losses, steps)
        self.gradient.set_curves(norms, steps)

    def set_step(self, step: int) -> None:
        """Move both cursors."""
        self.loss.set_cursor(step)
        self.gradient.set_cursor(step)
