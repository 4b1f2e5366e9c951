"""The side panel: a network in training, once for each initialization."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.forms.controls import message_label, plain_tip, reveal, role
from app.language import tr
from app.plots.curve_plot import Curve
from app.theme import Theme
from app.views.distribution_view import DistributionView
from app.views.network_setup import NetworkSetup
from app.views.scrub_bar import ScrubBar
from app.views.training_plot import TrainingPlot

_SCRUB_TIP = (
    "The step that is shown. Press, drag, or use Left, Right and the Page keys to go back to any step made so"
    " far: distributions and health are those of that step exactly. Train goes on from there, with the same"
    " numbers."
)
_TRAIN_TIP = "Train all networks on the same batches, or pause. (T)"
_TRAIN_TIP_BACK = "Train on from the step that is shown: the later steps are dropped and made again. (T)"
_ALWAYS = 176
"""Pixels of the set-up's rows down to the initializers; what opens below is scrolled to."""
_ROOM_FOR_TIPS = 480
"""Pixels of height from which the panel shows tips."""


class NetworkPanel(QWidget):
    """Set-up, distributions, curves and the buttons that train.

    Attributes
    ----------
    setup, distributions, grid, loss, accuracy, progress, split
        The parts (`grid` is one of the distributions'; `loss` and `accuracy` are what the two plots show
        at first), and what divides distributions from curves.

    Signals
    -------
    train_asked(), again_asked(), pause_asked(), epoch_asked(), reset_asked()
        The buttons.
    scrubbed(int), pointed(float)
        The step of the bar, or the epoch in a plot, that a person went to.
    """

    train_asked = Signal()
    again_asked = Signal()
    pause_asked = Signal()
    epoch_asked = Signal()
    reset_asked = Signal()
    scrubbed = Signal(int)
    pointed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setup = NetworkSetup()
        self.distributions = DistributionView()
        self.grid = self.distributions.grid
        self.distributions.set_message("The networks are being initialized …")
        self.loss = TrainingPlot("loss", "Left")
        self.accuracy = TrainingPlot("accuracy", "Right")
        self.plots = (self.loss, self.accuracy)
        for plot in self.plots:
            plot.pointed.connect(self.pointed)
        self.train = role(QPushButton(tr("Train")), "primary")
        self.train.setToolTip(tr(_TRAIN_TIP))
        self.epoch = QPushButton(tr("One epoch"))
        self.epoch.setToolTip(tr("Train through the training set once. (E)"))
        self.reset = QPushButton(tr("Reset"))
        self.reset.setToolTip(tr("Back to the initial weights. (Ctrl+R)"))
        self.status = role(QLabel(), "muted")
        self.status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.message = message_label("warning")
        self.progress = ScrubBar("Step of the training")
        self.progress.setToolTip(plain_tip(_SCRUB_TIP))
        self.progress.scrubbed.connect(self.scrubbed)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self._running = self._finished = False
        self.train.clicked.connect(self._press)
        self.epoch.clicked.connect(self.epoch_asked)
        self.reset.clicked.connect(self.reset_asked)
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        scroll = _Scroll(self.setup)
        self.setup.attention.connect(lambda part: reveal(scroll, part))
        column.addWidget(scroll)
        column.addWidget(self.distributions.controls)
        curves = QWidget()
        row = QHBoxLayout(curves)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.loss)
        row.addWidget(self.accuracy)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.distributions.stack)
        self.split.addWidget(curves)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 1)
        self.split.setObjectName("network_split")
        column.addWidget(self.split, 1)
        column.addWidget(self.message)
        column.addWidget(self.progress)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.train, self.epoch, self.reset):
            buttons.addWidget(button)
        buttons.addWidget(self.status, 1)
        column.addLayout(buttons)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.setup.set_theme(theme)
        self.progress.set_theme(theme)
        for plot in self.plots:
            plot.set_theme(theme)

    def set_curves(self, place: int, curves: list[Curve], behind: list[Curve], epochs: float) -> None:
        """Show the curves so far in one of the two plots, against epochs."""
        self.plots[place].set_curves(curves, epochs, behind)

    def set_cursor(self, epoch: float | None) -> None:
        """Mark the step that is shown in the curves, or none."""
        for plot in self.plots:
            plot.set_cursor(epoch)

    def set_progress(self, text: str, step: int, recorded: int) -> None:
        """Say how far the run is, and show it in the bar."""
        self.status.setText(tr(text))
        self.progress.setEnabled(True)
        self.progress.set_step(step, recorded)

    def set_running(self, running: bool, finished: bool, usable: bool = True, back: bool = False) -> None:
        """Show whether training goes on; not `usable` is what cannot be trained at all.

        `back` says that the run was taken back: training on drops what was recorded later.
        """
        self._running, self._finished = running, finished
        on = "Train from here" if back else "Train"
        self.train.setText(tr("Pause" if running else "Train again" if finished and usable else on))
        self.train.setToolTip(tr(_TRAIN_TIP_BACK if back else _TRAIN_TIP))
        self.train.setEnabled(usable)
        self.epoch.setEnabled(usable and not finished)
        self.reset.setEnabled(usable)
        if not usable:
            self.distributions.set_message("There is nothing to show: see what is said above.")

    def set_message(self, text: str, look: str = "warning") -> None:
        """Say something about the run above the buttons, or nothing; `look` is "warning" or "muted"."""
        if self.message.property("role") != look:
            self.message.style().polish(role(self.message, look))
        self.message.setText(tr(text))
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A low panel has no room for tips."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        tip = self.message.property("role") == "muted"
        self.message.setVisible(bool(self.message.text()) and not (tip and self.height() < _ROOM_FOR_TIPS))

    def _press(self) -> None:
        if self._running:
            self.pause_asked.emit()
        elif self._finished:
            self.again_asked.emit()
        else:
            self.train_asked.emit()


class _Scroll(QScrollArea):
    """Holds the set-up: as high as it, unless the panel is too low for that."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        content.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the content's height."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show):
            self._follow()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrower panel needs more rows of ticks."""
        super().resizeEvent(event)
        self._follow()

    def sizeHint(self) -> QSize:
        """As high as the content at this width."""
        layout = self._content.layout()
        height = layout.totalHeightForWidth(self.viewport().width()) if layout is not None else 0
        return QSize(self._content.sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:
        """As wide as the content with a scroll bar beside it, and as high as what is always there."""
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self._content.minimumSizeHint().width() + bar, min(_ALWAYS, self.sizeHint().height()))

    def _follow(self) -> None:
        height = self.sizeHint().height()
        if height != self.maximumHeight():
            self.setMaximumHeight(height)
            self.updateGeometry()
