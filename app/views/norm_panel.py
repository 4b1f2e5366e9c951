"""The panel of batch norm in one network: its parameters, its statistics, both modes, the noise."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.forms.controls import Segments, message_label, restyle, role
from app.language import tr
from app.plots.histogram_grid import HistogramGrid
from app.plots.noise_plot import NoisePair
from app.plots.strand_grid import StrandColumn, StrandGrid
from app.theme import Theme
from app.views.network_combo import NetworkCombo

SECTIONS = (
    ("parameters", "Parameters", "Gamma and beta of every layer over time."),
    ("statistics", "Statistics", "Running averages and the batch's statistics against the whole set's."),
    ("modes", "Modes", "The same batch in training mode and in evaluation mode."),
    ("noise", "Noise", "How much the batch statistics wander, against the batch size."),
)
_HEADER = ("statistics used", "loss", "accuracy", "val. loss", "val. acc.", "outputs differ")
_HEADER_TIPS = (
    "What the values are normalized with.",
    "Loss of the batch.",
    "Accuracy on the batch.",
    "Loss of the validation samples.",
    "Accuracy on the validation samples.",
    "Root mean square difference of the outputs from those in training mode.",
)
_ROW = 22


class NormPanel(QWidget):
    """Small multiples of batch norm at work, live.

    Attributes
    ----------
    network, section, switch_on
        Which network, which part of the story, and the button where there is no batch norm.
    parameters, statistics, histograms, table, noise, sentence
        The pictures, and what they say in words.

    Signals
    -------
    section_chosen(str)
        The part to look at.
    switch_on_asked()
        This network is to have batch norm.
    """

    section_chosen = Signal(str)
    switch_on_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.network = NetworkCombo(
            "Network with batch norm", "Which of the networks in training to look at."
        )
        self.status = role(QLabel(), "muted")
        self.section = Segments(SECTIONS, "Batch norm")
        self.section.chosen.connect(self._choose)
        self.parameters = StrandGrid(
            "Gamma and beta over time", (StrandColumn("γ", 1.0, 0.1), StrandColumn("β", 0.0, 0.1))
        )
        self.parameters.setToolTip(
            tr(
                "<p>What each layer multiplies (γ) and adds (β) after normalizing: median, middle half and"
                " range over its units, step by step. They begin at 1 and 0.</p>"
            )
        )
        self.statistics = StrandGrid(
            "Distances of the statistics over time",
            tuple(StrandColumn(name, 0.0, 0.02, positive=True) for name in ("mean", "standard deviation")),
        )
        self.statistics.setToolTip(
            tr(
                "<p>How far apart two kinds of statistics are, root mean square over a layer's units: means"
                " in standard deviations, standard deviations relative to the other's.</p>"
            )
        )
        self.histograms, self.table = HistogramGrid(), _table()
        self.histograms.setToolTip(tr("<p>Pre-activations of the batch by layer, and the outputs.</p>"))
        self.noise = NoisePair()
        self.switch_on = role(QPushButton(tr("Switch batch norm on")), "primary")
        self.switch_on.setToolTip(tr("Normalize before the activation, in the network that is chosen here."))
        self.switch_on.clicked.connect(self.switch_on_asked)
        self.off = message_label("muted")
        self.sentence = message_label("muted")
        self._lay_out()
        self.set_message("The networks are being initialized …")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        label = role(QLabel(tr("Network")), "muted")
        label.setBuddy(self.network)
        for widget in (label, self.network):
            top.addWidget(widget)
        top.addWidget(self.status, 1)
        modes = QWidget()
        both = QVBoxLayout(modes)
        both.setContentsMargins(0, 0, 0, 0)
        both.addWidget(self.histograms, 1)
        both.addWidget(self.table)
        self._pages: dict[str, QWidget] = {
            "parameters": self.parameters, "statistics": self.statistics, "modes": modes,
            "noise": self.noise, "off": self._off_page(),
        }  # fmt: skip
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        segments = QHBoxLayout()
        segments.addWidget(self.section)
        segments.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addLayout(top)
        column.addLayout(segments)
        column.addWidget(self._stack, 1)
        column.addWidget(self.sentence)
        self.section.set_value("parameters")

    def _off_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 6, 0, 0)
        column.addWidget(self.off)
        column.addWidget(self.switch_on, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return page

    def _choose(self, key: str) -> None:
        if not self.is_off:
            self._stack.setCurrentWidget(self._pages[key])
        self.section_chosen.emit(key)

    @property
    def is_off(self) -> bool:
        """Whether there is nothing to show but a sentence."""
        return self._stack.currentWidget() is self._pages["off"]

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        for plot in (self.parameters, self.statistics, self.histograms, self.noise):
            plot.set_theme(theme)

    def set_table(self, rows: Sequence[tuple[tuple[str, ...], QColor]]) -> None:
        """Show the losses by kind of statistics."""
        for place, (texts, colour) in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text if column else tr(text))
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                if column == 0:
                    item.setForeground(colour)
                item.setToolTip(tr(_HEADER_TIPS[column]))
                self.table.setItem(place, column, item)

    def set_words(self, status: str, sentence: str, bad: bool = False) -> None:
        """Say how far the run is, and what is seen; the section that is chosen is shown."""
        self._stack.setCurrentWidget(self._pages[self.section.value()])
        self.section.setVisible(True)
        self.status.setText(tr(status))
        restyle(self.sentence, "error" if bad else "muted")
        self.sentence.setText(tr(sentence))
        self.sentence.setVisible(bool(sentence))

    def set_off(self, sentence: str, status: str = "") -> None:
        """Say that this network has no batch norm, with the button that changes it."""
        self.set_message(sentence)
        self.status.setText(tr(status))
        self.switch_on.show()

    def set_message(self, sentence: str) -> None:
        """Say why there is nothing to show."""
        self.off.setText(tr(sentence))
        self.off.show()
        self.switch_on.hide()
        self.section.hide()
        self.sentence.hide()
        self._stack.setCurrentWidget(self._pages["off"])


def _table() -> QTableWidget:
    table = QTableWidget(3, len(_HEADER))
    table.setAccessibleName(tr("Losses by kind of statistics"))
    table.setToolTip(
        tr("<p>The same network on the same samples, normalized with three kinds of statistics.</p>")
    )
    for column, (text, tip) in enumerate(zip(_HEADER, _HEADER_TIPS, strict=True)):
        item = QTableWidgetItem(tr(text))
        item.setToolTip(tr(tip))
        side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
        item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        table.setHorizontalHeaderItem(column, item)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setMinimumSectionSize(_ROW)
    table.verticalHeader().setDefaultSectionSize(_ROW)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setMinimumSectionSize(20)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setFixedHeight(header.sizeHint().height() + 3 * _ROW + 4)
    return table
