"""The surface in space with its few choices, or the reason why it cannot be shown."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.forms.controls import Segments, flat_button, role
from app.language import tr
from app.plots.space_plot import SpacePlot
from app.plots.space_trial import needed

ADVICE = (
    "Everything else works without it. On Debian and Ubuntu, “sudo apt-get install libgl1-mesa-dri” brings an"
    " OpenGL that needs no graphics card; elsewhere a newer graphics driver does. Then start Optiscope again."
)


class SpaceView(QWidget):
    """A row of choices above the plot.

    Attributes
    ----------
    plot
        The surface itself.

    Signals
    -------
    place_chosen(str), height_chosen(str)
        "beside" or "alone"; "log" or "loss".
    """

    place_chosen = Signal(str)
    height_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = Segments(
            [("beside", "Beside", "Show the surface from above and in 3-D side by side."),
             ("alone", "Alone", "Show the surface in 3-D only.")],
            "Place",
        )  # fmt: skip
        self.height_scale = Segments(
            [("log", "Log",
              "Height grows like the logarithm of the loss, as the colours do: every valley shows."),
             ("loss", "Loss",
              "Height is the loss itself: slopes are true, small valleys may not show.")],
            "Height",
        )  # fmt: skip
        self._height = role(QLabel(tr("Height")), "muted")
        self.plot = SpacePlot()
        self.first_view = flat_button("reset", "Go back to the first view (Home, or a double click)")
        self.first_view.clicked.connect(self.plot.reset_camera)
        self.place.chosen.connect(self.place_chosen)
        self.height_scale.chosen.connect(self.height_chosen)
        self.plot.failed.connect(self.refuse)
        self.reason = role(QLabel(), "muted")
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.reason.setWordWrap(True)
        self.reason.setContentsMargins(24, 0, 24, 0)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.reason)
        self._stack.addWidget(self.plot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._row())
        column.addWidget(self._stack, 1)
        self.setMinimumWidth(240)

    def _row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 4)
        row.setSpacing(6)
        row.addWidget(self.place)
        row.addStretch(1)
        row.addWidget(self._height)
        row.addWidget(self.height_scale)
        row.addWidget(self.first_view)
        return row

    def set_choices(self, alone: bool, by_loss: bool) -> None:
        """Show what is chosen."""
        self.place.set_value("alone" if alone else "beside")
        self.height_scale.set_value("loss" if by_loss else "log")
        self.plot.set_by_loss(by_loss)

    def wait(self) -> None:
        """Say that the graphics driver is being tried."""
        self._say("Starting OpenGL …")

    def show_plot(self) -> None:
        """Show the surface: OpenGL works."""
        self._stack.setCurrentWidget(self.plot)
        self._allow(True)

    def refuse(self, reason: str) -> None:
        """Say why there is no view in space, and what helps."""
        self._say(f"{needed(reason)}\n\n{ADVICE}")

    def _say(self, text: str) -> None:
        self.reason.setText(tr(text))
        self._stack.setCurrentWidget(self.reason)
        self._allow(False)

    def _allow(self, drawn: bool) -> None:
        """Without a picture there is nothing to choose about it."""
        for control in (self.place, self._height, self.height_scale, self.first_view):
            control.setVisible(drawn)
