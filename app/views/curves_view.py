"""Loss and gradient norm against steps, or what they cost, with a cursor that is the scrub bar's."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.forms.controls import role
from app.language import tr
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
        self._places: NDArray[np.float64] = np.zeros(1)
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.loss = CurvePlot("loss", log=True)
        self.gradient = CurvePlot("gradient norm", log=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 8, 2)
        row.setSpacing(4)
        for plot in (self.loss, self.gradient):
            plot.pointed.connect(self._point)
            plot.setToolTip(tr("Press or drag to move through the run."))
            row.addWidget(plot)
        self.setMinimumHeight(80)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.loss.set_theme(theme)
        self.gradient.set_theme(theme)

    def set_curves(
        self,
        titles: tuple[str, str],
        losses: list[Curve],
        norms: list[Curve],
        places: NDArray[np.float64],
    ) -> None:
        """Show other runs.

        Parameters
        ----------
        titles
            What the plots show, and against what.
        places
            (steps + 1,): where each step is on the axis.
        """
        self._places = places
        for plot, title, curves in ((self.loss, titles[0], losses), (self.gradient, titles[1], norms)):
            plot.set_title(title)
            plot.set_curves(curves, float(places[-1]))

    def set_step(self, step: int) -> None:
        """Move both cursors."""
        at = float(self._places[min(step, len(self._places) - 1)])
        self.loss.set_cursor(at)
        self.gradient.set_cursor(at)

    def _point(self, x: float) -> None:
        """The step nearest to a place on the axis."""
        self.scrubbed.emit(int(np.abs(self._places - x).argmin()))
