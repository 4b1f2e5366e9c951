"""One of the plots of a training run; what it shows is chosen in its corner."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton

from app.forms.controls import plain_tip, role
from app.language import tr
from app.plots.curve_plot import CurvePlot


@dataclass(frozen=True)
class Kind:
    """What a plot can show: its name, what its lines mean, and its axis."""

    name: str
    title: str
    help: str
    log: bool = False
    y_range: tuple[float, float] | None = None
    from_zero: bool = False
    averaged: bool = False


KINDS = {
    "loss": Kind(
        "loss", "loss  (dotted: validation)",
        "Mean loss over all training data (full) and over the validation data (dotted) after each epoch;"
        " faint: the loss of the batches, averaged over the latest of them.",
        log=True, averaged=True,
    ),
    "accuracy": Kind(
        "accuracy", "accuracy  (dotted: validation)",
        "Share of samples whose class is found, of the training data (full) and of the validation data"
        " (dotted). A growing gap between them is overfitting.",
        y_range=(0.0, 1.0),
    ),
    "rate": Kind(
        "learning rate", "learning rate",
        "The learning rate of each step: what the schedule makes of it.",
        from_zero=True,
    ),
    "gradient": Kind(
        "gradient norm", "gradient norm",
        "Length of the loss's gradient over all parameters, batch by batch. It falls to nothing where"
        " training stands still, and grows without bound where it explodes.",
        log=True, averaged=True,
    ),
}  # fmt: skip
AVERAGES = {
    "": ("no batch values", "Only what is measured after each epoch."),
    "1": ("every batch", "The value of each batch: noisy where batches are small."),
    "10": ("average of 10 batches", "Exponential average that remembers about 10 batches."),
    "50": ("average of 50 batches", "Exponential average that remembers about 50 batches."),
    "200": ("average of 200 batches", "Exponential average that remembers about 200 batches."),
}
"""How values of single batches are smoothed: over how many steps, or not shown."""


_STRIP = 16
"""Pixels above the curves for what they are called: on them it would hide some."""


class TrainingPlot(CurvePlot):
    """Curves of one kind.

    Signals
    -------
    kind_chosen(str), average_chosen(str)
        Keys of `KINDS` and of `AVERAGES`.

    Attributes
    ----------
    choice
        The button that opens the choice.
    """

    kind_chosen = Signal(str)
    average_chosen = Signal(str)

    def __init__(self, kind: str, place: str) -> None:
        self._place = place
        super().__init__("", log=KINDS[kind].log, y_range=KINDS[kind].y_range)
        self.choice = role(QToolButton(self), "corner")
        self.choice.clicked.connect(self._open)
        self.setMinimumHeight(58 + _STRIP)
        self.set_margins(1, _STRIP, 1, 1)
        self.kind, self.average = "", ""
        self.set_kind(kind, "10")

    def set_kind(self, kind: str, average: str) -> None:
        """Show another kind of curves, with values of single batches averaged like this."""
        if (kind, average) == (self.kind, self.average):
            return
        self.kind, self.average = kind, average
        entry = KINDS[kind]
        self.set_axis(entry.log, entry.y_range, entry.from_zero)
        self.choice.setText(f"{tr(entry.title)} ▾")
        self.choice.setAccessibleName(f"{tr(f'{self._place} curves')}: {tr(entry.name)}")
        averaged = f" Shown: {AVERAGES[average][0]}." if entry.averaged else ""
        self.choice.setToolTip(plain_tip(f"{entry.help}{averaged} Press to show other curves."))
        self.setToolTip(plain_tip("Press or drag to go to a step of the run."))
        self.setAccessibleName(tr(entry.title))
        self._place_choice()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button keeps its corner."""
        super().resizeEvent(event)
        self._place_choice()

    def _place_choice(self) -> None:
        choice = getattr(self, "choice", None)  # Qt resizes before the constructor is through
        if choice is None:
            return
        size: QSize = choice.sizeHint()
        size.setWidth(min(size.width(), self.width() - 46))
        size.setHeight(_STRIP)
        choice.resize(size)
        choice.move(QPoint(self.width() - size.width() - 1, 0))

    def menu(self) -> QMenu:
        """What can be shown, made anew each time."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        kinds = QActionGroup(menu)
        for key, kind in KINDS.items():
            name = tr(kind.name)
            action = menu.addAction(name[0].upper() + name[1:])
            action.setToolTip(plain_tip(kind.help))
            action.setCheckable(True)
            action.setChecked(key == self.kind)
            action.triggered.connect(lambda _=False, key=key: self.kind_chosen.emit(key))
            kinds.addAction(action)
        if KINDS[self.kind].averaged:
            menu.addSeparator()
            self._add_averages(menu)
        return menu

    def _add_averages(self, menu: QMenu) -> None:
        averages = QActionGroup(menu)
        for key, (text, tip) in AVERAGES.items():
            text = tr(text)
            action = menu.addAction(text[0].upper() + text[1:])
            action.setToolTip(plain_tip(tip))
            action.setCheckable(True)
            action.setChecked(key == self.average)
            action.triggered.connect(lambda _=False, key=key: self.average_chosen.emit(key))
            averages.addAction(action)

    def _open(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.choice.mapToGlobal(QPoint(0, self.choice.height())))
