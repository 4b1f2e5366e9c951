"""The panel of the landscape: of which network, over which plane, and how round the loss is around each."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.forms.controls import Segments, message_label, role
from app.language import tr
from app.views.curvature_table import CurvatureRow, CurvatureTable
from app.views.network_combo import NetworkCombo

_DIRECTIONS = (
    (
        "own",
        "own path",
        "The plane in which this network's path moves most: its first two principal components. Networks that"
        " begin at the same weights, as with another optimizer, have their paths on it too.",
    ),
    (
        "path",
        "all paths",
        "The plane in which all networks lie and move most. Those that begin at other weights lie far apart.",
    ),
    ("random", "random", "Random directions, scaled unit by unit like the weights themselves."),
)


class LandscapePanel(QWidget):
    """What a landscape is to be of, the button that shows it, and what is found out about the networks.

    Attributes
    ----------
    network, directions, show_it, table, sentence, error
        The parts.

    Signals
    -------
    show_asked(int, str), stop_asked()
        Show the landscape around this network, over these directions; or compute no more of it.
    """

    show_asked = Signal(int, str)
    stop_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._busy = False
        self.network = NetworkCombo(
            "Network at the centre",
            "Whose loss is shown: the plane goes through its parameters at the step that is shown.",
        )
        self.network.setSizeAdjustPolicy(NetworkCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.network.setMinimumContentsLength(10)  # names may be long
        self.directions = Segments(_DIRECTIONS, "Directions of the plane")
        self.directions.set_value("own")
        self.show_it = role(QPushButton(), "primary")
        self.show_it.clicked.connect(self._press)
        self.error = message_label("error")
        self.sentence = role(QLabel(), "muted")
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.table = CurvatureTable()
        self.table.hide()
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.network, 1)
        top.addWidget(self.directions)
        top.addWidget(self.show_it)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 6)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.error)
        column.addWidget(self.sentence)
        column.addWidget(self.table, 100)
        column.addStretch(1)
        self.set_busy(False)

    def set_networks(self, names: Sequence[str], colours: Sequence[QColor]) -> None:
        """The networks of the run; the place that was chosen stays chosen while there is one."""
        place = min(max(self.network.currentIndex(), 0), len(names) - 1)
        self.network.set_networks(names, colours, place)

    def set_busy(self, busy: bool) -> None:
        """Whether a landscape is under way: then the button stops it."""
        self._busy = busy
        self.show_it.setText(tr("Stop" if busy else "Show"))
        self.show_it.setAccessibleName(tr("Stop" if busy else "Show the landscape in the surface view"))
        self.show_it.setToolTip(
            tr(
                "Compute no more of it; what is there stays."
                if busy
                else "Show the loss around the chosen network in the surface view, with the recorded paths of"
                " all networks on it. It sharpens from coarse to fine."
            )
        )

    def set_words(self, sentence: str, error: str = "") -> None:
        """What is said of the landscape, and what went wrong."""
        self.sentence.setText(tr(sentence))
        self.error.setText(tr(error))
        self.error.setVisible(bool(error))

    def set_curvature(self, rows: Sequence[CurvatureRow]) -> None:
        """How round the loss is around each network; no table without any."""
        self.table.set_rows(rows)
        self.table.setVisible(bool(rows))

    def _press(self) -> None:
        if self._busy:
            self.stop_asked.emit()
        else:
            self.show_asked.emit(self.network.currentIndex(), str(self.directions.value()))
