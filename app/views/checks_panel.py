"""The panel of checks: a button for each, its result in words, and the curve of the range test."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.forms.controls import message_label, plain_tip, restyle, role
from app.language import tr
from app.plots.sensitivity_plot import Sensitivity, SensitivityPlot
from app.theme import Theme
from app.views.network_combo import NetworkCombo

_MARKS = {"": "", "busy": "…", "good": "✓", "doubtful": "!", "bad": "✗"}
_ROLES = {"": "muted", "busy": "muted", "good": "text", "doubtful": "warning", "bad": "error"}
_WORDS = {"busy": "under way", "good": "good", "doubtful": "look at it", "bad": "to be repaired"}


@dataclass(frozen=True)
class CheckButton:
    """A check: its key, the text of its button, and what it does."""

    key: str
    title: str
    summary: str


class _Row:
    """The parts of one check: its button, its mark, and what was found."""

    def __init__(self, check: CheckButton) -> None:
        self.title, self.summary = check.title, check.summary
        self.button = QPushButton(tr(check.title))
        self.button.setToolTip(plain_tip(check.summary))
        self.button.setAccessibleDescription(tr(check.summary))
        self.mark, self.sentence = QLabel(), QLabel()
        self.mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.mark.setFixedWidth(14)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.show("", "")

    def show(self, outcome: str, sentence: str) -> None:
        """Say what was found; what the check does before it was made."""
        self.mark.setText(_MARKS[outcome])
        self.sentence.setText(tr(sentence or self.summary))
        for label in (self.mark, self.sentence):
            restyle(label, _ROLES[outcome])
        title, word = tr(self.title), tr(_WORDS.get(outcome, "not made yet"))
        self.mark.setToolTip(f"{title}: {word}")
        self.mark.setAccessibleName(f"{title}: {word}")
        self.sentence.setAccessibleName(f"{title}: {tr(sentence or self.summary)}")


class ChecksPanel(QWidget):
    """Checks of one network of the run.

    Attributes
    ----------
    network, all, use, plot, rows
        The parts; `rows` by the checks' keys.

    Signals
    -------
    check_asked(str), all_asked(), stop_asked(), use_asked()
        The buttons: one check, all, an end to them, and "use this rate".
    landscape_asked()
        The loss around the trained network is wanted.
    """

    check_asked = Signal(str)
    all_asked = Signal()
    stop_asked = Signal()
    use_asked = Signal()
    landscape_asked = Signal()

    def __init__(self, checks: Sequence[CheckButton]) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._busy = False
        self.network = NetworkCombo("Network to check", "Which of the networks of the run is checked.")
        self.all = role(QPushButton(tr("Check all")), "primary")
        self.all.setToolTip(tr("Make all checks, one after the other, in a process of their own."))
        self.all.clicked.connect(self._press)
        self.rows = {check.key: _Row(check) for check in checks}
        for key, row in self.rows.items():
            row.button.clicked.connect(lambda _=False, key=key: self.check_asked.emit(key))
        self.error = message_label("error")
        self.use = QPushButton(tr("Use this rate"))
        self.use.clicked.connect(self.use_asked)
        self.landscape = role(QPushButton(tr("Show the landscape")), "link")
        self.landscape.setToolTip(
            tr("The loss of the trained network over a plane, with the training paths on it.")
        )
        self.landscape.clicked.connect(self.landscape_asked)
        self.plot = SensitivityPlot(legend=False, loss="loss")
        self.plot.setMinimumHeight(120)
        self.plot.setMaximumHeight(150)
        self.plot.setToolTip(
            tr(
                "Smoothed loss while the learning rate rises from step to step. The head marks the suggested"
                " rate, the wedge below the one that is set."
            )
        )
        self._lay_out()
        self.set_curve(None, "")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.network, 1)
        top.addWidget(self.all)
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(2, 1)
        for place, row in enumerate(self.rows.values()):
            grid.addWidget(row.button, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(row.mark, place, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(row.sentence, place, 2)
        inside = QWidget()
        role(inside, "panel")
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 8, 6)
        column.setSpacing(7)
        column.addLayout(top)
        column.addWidget(self.error)
        column.addLayout(grid)
        column.addWidget(self.plot, 1)
        column.addWidget(self.use, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.landscape, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(0)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.plot.set_theme(theme)

    def set_busy(self, busy: bool) -> None:
        """Whether checks are under way: then the button stops them."""
        self._busy = busy
        self.all.setText(tr("Stop" if busy else "Check all"))

    def set_result(self, key: str, outcome: str, sentence: str) -> None:
        """What a check found: "good", "doubtful", "bad"; "busy" while it is made, "" before."""
        self.rows[key].show(outcome, sentence)

    def set_error(self, sentence: str) -> None:
        """Say what went wrong, or nothing."""
        self.error.setText(tr(sentence))
        self.error.setVisible(bool(sentence))

    def set_curve(self, curve: Sensitivity | None, use: str) -> None:
        """Show the range test, and offer its rate with this text; hide what there is not."""
        self.plot.setVisible(curve is not None)
        if curve is not None:
            self.plot.set_curves([curve])
        self.use.setVisible(bool(use))
        self.use.setText(tr(use))
        self.use.setToolTip(tr("Set the suggested learning rate for this network; its schedule stays."))

    def _press(self) -> None:
        (self.stop_asked if self._busy else self.all_asked).emit()
