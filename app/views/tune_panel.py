"""The side panel that tunes: one button, what it tried and found, and the curves of loss against rate."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.forms.controls import message_label, role
from app.forms.fields import NumberField
from app.forms.flow_layout import FlowLayout
from app.language import tr
from app.plots.sensitivity_plot import Sensitivity, SensitivityPlot
from app.theme import Theme
from core.hyperparameter import Hyperparameter
from core.search import BUDGET, RATE

_PARTS = 200
"""Steps of the progress bar: it paints itself at every change, at once."""
_ROW = 22


@dataclass(frozen=True)
class TunedRow:
    """A line of the table: texts in the order of its header, the optimizer's colour, and a sentence."""

    texts: tuple[str, ...]
    colour: QColor
    sentence: str


class TunePanel(QWidget):
    """What to tune, the button, and what came of it.

    Attributes
    ----------
    tune, undo, budget, what, table, plot, progress, sentence
        The parts; `what` holds the check box of each number.

    Signals
    -------
    tune_asked(), stop_asked(), undo_asked()
        The buttons.
    what_chosen(str, bool), budget_edited(int)
        A number is to be tuned or not; trials for every optimizer.
    """

    tune_asked = Signal()
    stop_asked = Signal()
    undo_asked = Signal()
    what_chosen = Signal(str, bool)
    budget_edited = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._busy = False
        self._chosen = ""
        self._make_buttons()
        self._make_choices()
        self._make_news()
        self._lay_out()

    def _make_buttons(self) -> None:
        """What begins a search and takes it back, and how long one is."""
        self.tune = role(QPushButton(tr("Tune all fairly")), "primary")
        self.tune.setToolTip(
            tr(
                "Tries as many settings for every optimizer that is switched on, from all start points, and"
                " sets the best. What is set now is among them, so that nothing gets worse."
            )
        )
        self.tune.clicked.connect(self._press)
        self.undo = QPushButton(tr("Undo"))
        self.undo.setToolTip(tr("Set all numbers of the optimizers back to what they were before."))
        self.undo.setAccessibleName(tr("Undo the tuning"))
        self.undo.setEnabled(False)
        self.undo.clicked.connect(self.undo_asked)
        self.budget = NumberField(BUDGET)
        self.budget.edited.connect(lambda value: self.budget_edited.emit(int(value)))
        self.budget.refused.connect(self._refuse)

    def _make_choices(self) -> None:
        """Which numbers are tuned, folded away until they are asked for."""
        self.what: dict[str, QCheckBox] = {}
        self.more = role(QToolButton(), "flat")
        self.more.setCheckable(True)
        self.more.setToolTip(tr("Choose which numbers are tuned beside the learning rate."))
        self.more.setAccessibleName(tr("What to tune"))
        self.more.toggled.connect(self._unfold)
        self._choices = QWidget()
        self._choices.hide()
        self._flow = FlowLayout(4)
        self._choices.setLayout(self._flow)

    def _make_news(self) -> None:
        """How far a search is, and what it has found."""
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMaximum(_PARTS)
        self.progress.setAccessibleName(tr("Progress of the tuning"))
        self.sentence = role(QLabel(), "muted")
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.error = message_label("error")
        self.table = _table()
        self.plot = SensitivityPlot(legend=False)
        self.plot.setMinimumHeight(120)
        self.plot.setToolTip(
            tr(
                "Final loss at every learning rate that was tried, with all else as it was set. The heads"
                " mark the best, the wedges below what is set now, the crosses above rates that diverge."
            )
        )

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 6)
        column.setSpacing(5)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.tune)
        buttons.addWidget(self.undo)
        buttons.addSpacing(6)
        label = role(QLabel(tr(BUDGET.unit)), "muted")
        label.setToolTip(tr(BUDGET.help))
        buttons.addWidget(label)
        buttons.addWidget(self.budget, 1)
        column.addLayout(buttons)
        what = QHBoxLayout()
        label = role(QLabel(tr("what to tune")), "muted")
        what.addWidget(label)
        what.addWidget(self.more)
        what.addStretch(1)
        column.addLayout(what)
        column.addWidget(self._choices)
        column.addWidget(self.progress)
        column.addWidget(self.error)
        column.addWidget(self.sentence)
        column.addWidget(self.table)
        column.addWidget(self.plot, 100)
        column.addStretch(1)  # before there is anything to show

    def set_choices(self, numbers: tuple[Hyperparameter, ...], chosen: tuple[str, ...]) -> None:
        """Offer these numbers to tune; the learning rate always is."""
        if list(self.what) != [each.name for each in numbers]:
            for box in self.what.values():
                self._flow.removeWidget(box)
                box.hide()
                box.deleteLater()
            self.what = {each.name: self._choice(each) for each in numbers}
        for name, box in self.what.items():
            box.setChecked(name in chosen or name == RATE)
        self._chosen = ", ".join(box.text() for box in self.what.values() if box.isChecked())
        self._unfold(self.more.isChecked())

    def _unfold(self, on: bool) -> None:
        self._choices.setVisible(on)
        self.more.setText(f"{self._chosen}  {'▴' if on else '▾'}")

    def _choice(self, number: Hyperparameter) -> QCheckBox:
        box = QCheckBox(tr(number.title))
        always = number.name == RATE
        box.setEnabled(not always)
        first, then = number.help, "It is always tuned."
        if not always:
            first, then = "Tune it too, by random draws.", number.help
        box.setToolTip(f"{tr(first)} {tr(then)}")
        box.setAccessibleName(tr(f"Tune {number.title}"))
        box.clicked.connect(lambda on: self.what_chosen.emit(number.name, on))
        self._flow.addWidget(box)
        return box

    def set_budget(self, trials: int) -> None:
        """Show how many trials every optimizer gets."""
        self.budget.set_value(trials)

    def set_usable(self, usable: bool) -> None:
        """Whether there is anything to tune."""
        self.tune.setEnabled(usable or self._busy)

    def set_busy(self, busy: bool) -> None:
        """Show that a search is under way, or no longer."""
        self._busy = busy
        self.tune.setText(tr("Stop" if busy else "Tune all fairly"))
        if not busy:
            self.progress.setValue(0)

    def set_undo(self, possible: bool) -> None:
        """Whether there is something to take back."""
        self.undo.setEnabled(possible)

    def set_progress(self, share: float) -> None:
        """Show how far the search is."""
        self.progress.setValue(round(_PARTS * share))

    def set_sentence(self, sentence: str, error: str = "") -> None:
        """Say what is going on or what was found, and what is wrong."""
        self.sentence.setText(tr(sentence))
        self.sentence.setVisible(bool(sentence))
        self._refuse(error)

    def set_result(self, header: tuple[str, ...], rows: list[TunedRow], curves: list[Sensitivity]) -> None:
        """Show what was tried and found; nothing, before the first search."""
        self.table.setVisible(bool(rows))
        self.table.setColumnCount(len(header))
        self.table.setRowCount(len(rows))
        for column, text in enumerate(header):
            title = QTableWidgetItem(tr(text))
            title.setTextAlignment(_side(column))
            self.table.setHorizontalHeaderItem(column, title)
        for place, row in enumerate(rows):
            for column, text in enumerate(row.texts):
                self.table.setItem(place, column, _cell(text, row, column))
        self.table.resizeColumnsToContents()
        self.table.resizeRowsToContents()
        heights = [self.table.rowHeight(place) for place in range(len(rows))]
        top = self.table.horizontalHeader().sizeHint().height() + 2
        self.table.setMaximumHeight(top + sum(heights))
        self.table.setMinimumHeight(top + min(sum(heights), 3 * _ROW))
        self.plot.setVisible(bool(curves))
        self.plot.set_curves(curves)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self.plot.set_theme(theme)

    def _refuse(self, sentence: str) -> None:
        self.error.setText(tr(sentence))
        self.error.setVisible(bool(sentence))

    def _press(self) -> None:
        (self.stop_asked if self._busy else self.tune_asked).emit()


def _table() -> QTableWidget:
    table = QTableWidget()
    table.setAccessibleName(tr("What was tried and found"))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setMinimumSectionSize(_ROW)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setMinimumSectionSize(20)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return table


def _side(column: int) -> Qt.AlignmentFlag:
    """Names stand left, numbers right."""
    side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


def _cell(text: str, row: TunedRow, column: int) -> QTableWidgetItem:
    item = QTableWidgetItem(tr(text))
    item.setToolTip(tr(row.sentence))
    item.setTextAlignment(_side(column))
    if column == 0:
        item.setForeground(row.colour)
    return item
