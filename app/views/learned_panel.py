"""The panel of what a network has learned: boundary or weights, confusion matrix, worst mistakes, the gap."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.forms.controls import Segments, message_label, role
from app.language import tr
from app.plots.before_after_plot import BeforeAfterPlot
from app.plots.boundary_plot import BoundaryPlot, Plane
from app.plots.confusion_plot import ConfusionPlot
from app.plots.image_grid import ImageGrid, Images
from app.theme import Theme
from app.views.network_combo import NetworkCombo
from core.data.before_after import BeforeAfter

_TALL = 1.05
"""Times its width that the panel is high where the pictures stand one above the other."""
_WEIGHTS_TIP = (
    "<p>What each unit of the first layer looks for: its weights, one picture a unit, blue negative and"
    " orange positive, on one scale. Weights that stay noise have learned little.</p>"
)

_PARTS = (
    ("network", "Learned", "What the network has learned."),
    ("data", "Data", "The training data before and after preprocessing."),
)
_DATA_TIP = (
    "<p>Training samples in their classes' colours, before and after preprocessing: the two features, or of"
    " more features the coordinates along the first two principal axes. The dotted cross is the origin.</p>"
)


class LearnedPanel(QWidget):
    """Pictures of one network, live.

    Attributes
    ----------
    network
        Which of the networks is looked at.
    boundary, weights, confusion, mistakes, gap
        The pictures, and the sentence below them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.network = NetworkCombo("Network", "Which of the networks in training to look at.")
        self.status = role(QLabel(), "muted")
        self.what = Segments(_PARTS, "Pictures")
        self.what.set_value("network")
        self.what.chosen.connect(lambda _: self._show_part())
        self.data, self.data_words = BeforeAfterPlot(), message_label("muted")
        self.data.setToolTip(tr(_DATA_TIP))
        self.boundary, self.weights = BoundaryPlot(), ImageGrid("Weights of the first layer")
        self.weights.setToolTip(tr(_WEIGHTS_TIP))
        self.confusion, self.mistakes = ConfusionPlot(), ImageGrid("Most confidently wrong")
        self.mistakes.setMinimumHeight(58)
        self.mistakes.setMaximumHeight(120)
        self.mistakes.setToolTip(
            tr(
                "<p>Validation samples that the network gets wrong and is most sure of. Below each: its"
                " class, what it is taken for, and how probable the network finds that.</p>"
            )
        )
        self.listed = message_label("muted")
        self._titles = {name: role(QLabel(), "muted") for name in ("left", "right", "bottom")}
        self.left = QStackedWidget()
        self.left.addWidget(self.boundary)
        self.left.addWidget(self.weights)
        self.gap = message_label("muted")
        self.gap.setToolTip(
            tr(
                "<p>How much better the network is on what it has trained on. A difference below two standard"
                " errors of the validation accuracy may be luck.</p>"
            )
        )
        self.error = message_label("error")
        self._lay_out()
        self.set_message("The networks are being initialized …")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        label = role(QLabel(tr("Network")), "muted")
        label.setBuddy(self.network)
        for widget in (label, self.network, self.what):
            top.addWidget(widget)
        top.addWidget(self.status, 1)
        self._body, self._data = QWidget(), QWidget()
        column = QVBoxLayout(self._data)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.data, 1)
        column.addWidget(self.data_words)
        grid = self._grid = QGridLayout(self._body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        self._arrange(tall=False)
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(10, 8, 10, 8)
        column_box.setSpacing(6)
        column_box.addLayout(top)
        column_box.addWidget(self.error)
        column_box.addWidget(self._body, 1)
        column_box.addWidget(self._data, 1)
        column_box.addWidget(self.gap)

    def _arrange(self, tall: bool) -> None:
        """The two pictures side by side, or one above the other where the panel is tall."""
        grid, second = self._grid, (2, 0) if tall else (0, 1)
        grid.addWidget(self._titles["left"], 0, 0)
        grid.addWidget(self.left, 1, 0)
        grid.addWidget(self._titles["right"], *second)
        grid.addWidget(self.confusion, second[0] + 1, second[1])
        for row, widget in enumerate((self._titles["bottom"], self.mistakes, self.listed), 4):
            grid.addWidget(widget, row, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 0 if tall else 1)
        grid.setRowStretch(1, 3)
        grid.setRowStretch(3, 3 if tall else 0)
        self._tall = tall

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Room for two large pictures, whichever way the panel is longer."""
        super().resizeEvent(event)
        tall = self.height() > _TALL * self.width()
        if tall != self._tall:
            self._arrange(tall)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        for plot in (self.boundary, self.weights, self.confusion, self.mistakes, self.data):
            plot.set_theme(theme)

    def set_plane(self, plane: Plane) -> None:
        """Show a decision boundary; mistakes are on it."""
        self._titles["left"].setText(tr("Decision boundary"))
        self.left.setCurrentWidget(self.boundary)
        self.boundary.set_plane(plane)
        self._show_mistakes(images=False, text="")

    def set_weights(self, weights: Images) -> None:
        """Show the first layer's weights."""
        self._titles["left"].setText(tr("Weights of the first layer"))
        self.left.setCurrentWidget(self.weights)
        self.weights.set_images(weights)

    def set_mistakes(self, images: Images | None, text: str = "") -> None:
        """Show the most confident mistakes as images, or in words."""
        if images is not None:
            self.mistakes.set_images(images)
        self._show_mistakes(images is not None, text)

    def _show_mistakes(self, images: bool, text: str) -> None:
        self._titles["bottom"].setText(tr("Most confidently wrong"))
        self._titles["bottom"].setVisible(images or bool(text))
        self.mistakes.setVisible(images)
        self._grid.setRowStretch(5, 1 if images else 0)
        self.listed.setText(tr(text))
        self.listed.setVisible(bool(text))

    def set_confusion(
        self, title: str, counts: NDArray[np.intp], names: tuple[str, ...], colours: Sequence[QColor] = ()
    ) -> None:
        """Show the confusion matrix."""
        self._titles["right"].setText(tr(title))
        self.confusion.set_counts(counts, names, colours)

    def set_words(self, status: str, gap: str) -> None:
        """Say how far the run is, and read the gap between training and validation."""
        self.set_message("")
        self.status.setText(tr(status))
        self.gap.setText(tr(gap))
        self._show_part()

    def set_message(self, sentence: str) -> None:
        """Say why there is nothing to show, or nothing."""
        self.error.setText(tr(sentence))
        self.error.setVisible(bool(sentence))
        self._show_part()

    def set_data(self, picture: BeforeAfter, colours: Sequence[QColor], words: str) -> None:
        """Show the data before and after preprocessing, and say what it did."""
        self.data.set_picture(picture, colours)
        self.data_words.setText(tr(words))
        self.data_words.show()

    def _show_part(self) -> None:
        """The network's pictures or the data's; neither where there is nothing to show."""
        usable, data = not self.error.text(), self.what.value() == "data"
        self._body.setVisible(usable and not data)
        self._data.setVisible(usable and data)
        self.gap.setVisible(usable and not data and bool(self.gap.text()))
