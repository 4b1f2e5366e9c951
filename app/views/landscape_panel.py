"""The panel of the landscape: a trained network's loss over a plane, and what is said of it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.forms.controls import Segments, message_label, role
from app.plots.surface_plot import SurfacePlot
from app.theme import Theme
from app.views.network_combo import NetworkCombo

_DIRECTIONS = (
    (
        "path",
        "path",
        "The plane in which the training paths move most: their first two components.",
    ),
    ("random", "random", "Random directions, scaled unit by unit like the weights themselves."),
)


class LandscapePanel(QWidget):
    """The picture, what it is of, and the button that makes it.

    Attributes
    ----------
    network, directions, show_it, plot, sentence, error
        The parts.

    Signals
    -------
    show_asked(int, str), stop_asked()
        Compute the landscape around this network, over these directions; or no longer.
    """

    show_asked = Signal(int, str)
    stop_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._busy = False
        self.network = NetworkCombo(
            "Network at the centre", "Whose loss is shown: the plane goes through its final parameters."
        )
        self.directions = Segments(_DIRECTIONS, "Directions of the plane")
        self.directions.set_value("path")
        self.show_it = role(QPushButton("Show"), "primary")
        self.show_it.setAccessibleName("Show the landscape")
        self.show_it.setToolTip(
            "Train the networks once more in a process of their own, and show the loss around where the"
            " chosen one ends. It sharpens from coarse to fine."
        )
        self.show_it.clicked.connect(self._press)
        self.plot = SurfacePlot()
        self.plot.setAccessibleName("Landscape of the training loss")
        self.plot.hide_marks()
        margins = self.plot.getPlotItem().layout  # a tick at the end has half its text beyond
        margins.setContentsMargins(0, 8, 8, 0)
        self.plot.hide()
        self.error = message_label("error")
        self.sentence = role(QLabel(), "muted")
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.network, 1)
        top.addWidget(self.directions)
        top.addWidget(self.show_it)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 6)
        column.setSpacing(5)
        column.addLayout(top)
        column.addWidget(self.error)
        column.addWidget(self.plot, 100)
        column.addWidget(self.sentence)
        column.addStretch(1)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.plot.set_theme(theme)

    def set_networks(self, names: Sequence[str], colours: Sequence[QColor]) -> None:
        """The networks of the run; the place that was chosen stays chosen while there is one."""
        place = min(max(self.network.currentIndex(), 0), len(names) - 1)
        self.network.set_networks(names, colours, place)

    def set_busy(self, busy: bool) -> None:
        """Whether a landscape is under way: then the button stops it."""
        self._busy = busy
        self.show_it.setText("Stop" if busy else "Show")
        self.show_it.setAccessibleName("Stop" if busy else "Show the landscape")

    def set_words(self, sentence: str, error: str = "") -> None:
        """What is said of the landscape, and what went wrong."""
        self.sentence.setText(sentence)
        self.error.setText(error)
        self.error.setVisible(bool(error))

    def _press(self) -> None:
        if self._busy:
            self.stop_asked.emit()
        else:
            self.show_asked.emit(self.network.currentIndex(), str(self.directions.value()))
