"""The side panel: a network in training, once for each initialization."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.forms.controls import message_label, reveal, role
from app.plots.curve_plot import Curve, CurvePlot
from app.theme import Theme
from app.views.distribution_view import DistributionView
from app.views.network_setup import NetworkSetup

_PARTS = 200
"""Steps of the progress bar: it paints itself at every change, at once."""


_ROOM_FOR_TIPS = 480
"""Pixels of height from which the panel shows tips."""


class NetworkPanel(QWidget):
    """Set-up, distributions, curves and the buttons that train.

    Attributes
    ----------
    setup, distributions, grid, loss, accuracy, split
        The parts (`grid` is one of the distributions'), and what divides distributions from curves.

    Signals
    -------
    train_asked(), again_asked(), pause_asked(), epoch_asked(), reset_asked()
        The buttons.
    """

    train_asked = Signal()
    again_asked = Signal()
    pause_asked = Signal()
    epoch_asked = Signal()
    reset_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setup = NetworkSetup()
        self.distributions = DistributionView()
        self.grid = self.distributions.grid
        self.distributions.set_message("The networks are being initialized …")
        self.loss = CurvePlot("loss  (dotted: validation)", log=True)
        self.accuracy = CurvePlot(
            "accuracy  (dotted: validation)", log=False, y_range=(0.0, 1.0), title_at_top=False
        )
        self.train = role(QPushButton("Train"), "primary")
        self.train.setToolTip("Train all networks on the same batches, or pause. (T)")
        self.epoch = QPushButton("One epoch")
        self.epoch.setToolTip("Train through the training set once. (E)")
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("Back to the initial weights. (Ctrl+R)")
        self.status = role(QLabel(), "muted")
        self.status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.message = message_label("warning")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMaximum(_PARTS)
        self.progress.setAccessibleName("Progress of the training")
        self.split = QSplitter(Qt.Orientation.Vertical)
        self._running = self._finished = False
        self.train.clicked.connect(self._press)
        self.epoch.clicked.connect(self.epoch_asked)
        self.reset.clicked.connect(self.reset_asked)
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(5)
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
        self.loss.set_theme(theme)
        self.accuracy.set_theme(theme)

    def set_curves(self, losses: list[Curve], accuracies: list[Curve], epochs: float) -> None:
        """Show the curves so far, against epochs."""
        self.loss.set_curves(losses, epochs)
        self.accuracy.set_curves(accuracies, epochs)

    def set_progress(self, text: str, done: float) -> None:
        """Say how far the run is, and show it as a bar from 0 to 1."""
        self.status.setText(text)
        self.progress.setValue(round(_PARTS * done))

    def set_running(self, running: bool, finished: bool, usable: bool = True) -> None:
        """Show whether training goes on; not `usable` is what cannot be trained at all."""
        self._running, self._finished = running, finished
        self.train.setText("Pause" if running else "Train again" if finished and usable else "Train")
        self.train.setEnabled(usable)
        self.epoch.setEnabled(usable and not finished)
        self.reset.setEnabled(usable)
        if not usable:
            self.distributions.set_message("There is nothing to show: see what is said above.")

    def set_message(self, text: str, look: str = "warning") -> None:
        """Say something about the run above the buttons, or nothing; `look` is "warning" or "muted"."""
        if self.message.property("role") != look:
            self.message.style().polish(role(self.message, look))
        self.message.setText(text)
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
        return False

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
        """As wide as the content with a scroll bar beside it, and a few rows high."""
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self._content.minimumSizeHint().width() + bar, min(110, self.sizeHint().height()))

    def _follow(self) -> None:
        height = self.sizeHint().height()
        if height != self.maximumHeight():
            self.setMaximumHeight(height)
            self.updateGeometry()
