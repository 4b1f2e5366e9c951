"""What a person sets about the network: data, shape, initializers, optimizer and the rest."""

from collections.abc import Mapping
from functools import cached_property, partial

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.forms.controls import (
    KeyCombo,
    Segments,
    expander,
    flat_button,
    message_label,
    role,
    show_expanded,
    tab_after,
)
from app.forms.fields import NumberField
from app.forms.flow_layout import FlowLayout
from app.language import tr
from app.theme import Theme
from app.views.network_groups import network_groups
from app.views.network_numbers import NetworkNumbers
from app.views.samples_report import SamplesReport
from app.views.variant_bar import VariantBar
from core.catalogue import Entry
from core.data.dataset import DATASETS
from core.network.activation import ACTIVATIONS
from core.network.initializer import INITIALIZERS
from core.optimizer import OPTIMIZERS, network_optimizers
from core.training import (
    MOST_VARIANTS,
    NETWORK_HYPERPARAMETERS,
    TrainingSpec,
    Variant,
)
from core.training.variant import labels

_OWN = "own:"
"""Begins the keys of samples of one's own in the list of data sets."""
_PLACES = (
    ("off", "off", "No batch norm."),
    ("before", "before", "Batch norm on the pre-activation, before the activation function."),
    ("after", "after", "Batch norm on the activation, after the activation function."),
)


_NUMBERS = frozenset(number.name for numbers in network_groups().values() for number in numbers)
"""Names of the numbers that are below "More"."""


class Tick(QToolButton):
    """An initializer to tick, with its colour."""

    def __init__(self, key: str) -> None:
        super().__init__()
        entry = INITIALIZERS[key]
        self.key = key
        role(self, "flat")
        self.setCheckable(True)
        self.setText("   " + tr(entry.label(entry.values({}))))
        self.setToolTip(f"{tr(entry.name)}: {tr(entry.summary)}")
        self.setAccessibleName(tr(entry.name))
        self._theme: Theme | None = None

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A dot in the initializer's colour, full when ticked."""
        super().paintEvent(event)
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.initializer(self.key)
        painter.setPen(colour)
        painter.setBrush(colour if self.isChecked() else QColor(0, 0, 0, 0))
        painter.drawEllipse(QPointF(9.5, self.height() / 2), 4.0, 4.0)


class NetworkSetup(QWidget):
    """The controls; what they mean is in `core.training.TrainingSpec`.

    Signals
    -------
    number_edited(str, object), number_reset(str)
        A number of the networks or of their training.
    entry_chosen(str, str)
        What is chosen ("dataset" or one of `core.training.variant.CHOICES`), and the id of an entry.
    entry_edited(str, str, object), entry_reset(str, str)
        What is chosen, and a hyperparameter of it.
    initializer_ticked(str, bool)
        Id, on or off.
    own_asked(), own_chosen(str), file_dropped(str)
        A person wants to choose a file of samples; name of one that was read; path of one let fall here.
    attention(QWidget)
        A part of the set-up that should be seen now.
    """

    number_edited = Signal(str, object)
    number_reset = Signal(str)
    entry_chosen = Signal(str, str)
    entry_edited = Signal(str, str, object)
    entry_reset = Signal(str, str)
    initializer_ticked = Signal(str, bool)
    own_asked = Signal()
    own_chosen = Signal(str)
    file_dropped = Signal(str)
    attention = Signal(QWidget)

    def __init__(self) -> None:
        super().__init__()
        self.dataset = _combo("Data set", "What the network learns to tell apart.", DATASETS)
        self.open_data = flat_button(
            "open",
            "Own data for the network (Ctrl+Shift+D). A CSV file: columns of numbers, and in the last one the"
            " class.",
        )
        self.samples = SamplesReport()
        self.activation = _combo("Activation", "The activation function of every hidden layer.", ACTIVATIONS)
        self.optimizer = _combo(
            "Network's optimizer", "The same rules as on the surface.", network_optimizers()
        )
        self.batch_norm = Segments(_PLACES, "Batch norm")
        self._norm = role(QLabel(tr("norm")), "muted")
        self._norm.setToolTip(tr("Batch norm: each unit normalized over the batch."))
        self._numbers = {h.name: h for h in NETWORK_HYPERPARAMETERS}
        self.variants = VariantBar()
        self.shape = {name: NumberField(self._numbers[name]) for name in ("layers", "units")}
        self.ticks = {key: Tick(key) for key in INITIALIZERS}
        self.error = message_label("error")
        self.expander = expander(
            "More: batch size, epochs, regularization, preprocessing, residual blocks, schedules."
        )
        self.expander.toggled.connect(self.set_open)
        self.rate = NumberField(next(iter(OPTIMIZERS.values())).rate)
        self.reset_rate = flat_button("reset", "Set the network's learning rate back to its default.")
        self._spec: tuple[TrainingSpec, int | None] | None = None
        self._theme: Theme | None = None
        self._variants: tuple[tuple[Variant, ...], int | None] | None = None
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.variants)
        column.addLayout(
            _row(
                self.dataset, self.open_data, self.activation, self._norm, self.batch_norm, None,
            )
        )  # fmt: skip
        column.addWidget(self.samples)
        shape = QHBoxLayout()
        shape.setSpacing(8)
        for name, control in self.shape.items():
            shape.addWidget(role(QLabel(tr(name)), "muted"))
            shape.addWidget(control, 1)
        column.addLayout(shape)
        self._method_row = QHBoxLayout()
        self._method_row.setSpacing(8)
        self._method_row.addWidget(self.optimizer)
        self._method_row.addWidget(role(QLabel(tr("rate")), "muted"))
        self._method_row.addWidget(self.rate, 1)
        self._method_row.addWidget(self.reset_rate)
        self._method_row.addWidget(self.expander)
        column.addLayout(self._method_row)
        flow = FlowLayout(spacing=2)
        for tick in self.ticks.values():
            flow.addWidget(tick)
        column.addLayout(flow)
        column.addWidget(self.error)
        self._column = column

    def _connect(self) -> None:
        self.dataset.chosen.connect(self._choose_data)
        self.open_data.clicked.connect(self.own_asked)
        for which, combo in (("activation", self.activation), ("optimizer", self.optimizer)):
            combo.chosen.connect(partial(self.entry_chosen.emit, which))
        self.batch_norm.chosen.connect(lambda key: self.number_edited.emit("batch_norm", key))
        for name, control in self.shape.items():
            control.edited.connect(lambda value, name=name: self.number_edited.emit(name, value))
            control.refused.connect(self.set_message)
        for tick in self.ticks.values():
            tick.clicked.connect(lambda on, key=tick.key: self.initializer_ticked.emit(key, on))
        self.rate.edited.connect(partial(self.entry_edited.emit, "optimizer", "learning_rate"))
        self.rate.refused.connect(self.set_message)
        self.reset_rate.clicked.connect(lambda: self.entry_reset.emit("optimizer", "learning_rate"))

    def set_spec(self, spec: TrainingSpec, selected: int | None = None) -> None:
        """Show what is set: of all networks (where they differ, the first one's), or of the one selected."""
        variant = spec.variants[selected or 0]
        network, method = variant.network, variant.method
        self.activation.set_value(network.activation.id)
        self.optimizer.set_value(method.optimizer.id)
        self.batch_norm.set_value(network.batch_norm)
        self.shape["layers"].set_value(network.layers)
        self.shape["units"].set_value(network.units)
        shown = spec.variants if selected is None else (variant,)
        ticked = {each.initializer.id for each in shown}
        for key, tick in self.ticks.items():
            tick.setChecked(key in ticked)
        self.rate.set_value(float(method.values()["learning_rate"]))
        self._spec = spec, selected
        if self.has_numbers:
            self.numbers.set_spec(spec, selected)
        self._set_own(spec)
        self._variants = spec.variants, selected
        self._show_variants()

    def _show_variants(self) -> None:
        if self._theme is not None and self._variants is not None:
            variants, selected = self._variants
            colours = self._theme.networks([variant.initializer.id for variant in variants])
            self.variants.set_variants(labels(variants), colours, selected, MOST_VARIANTS)

    def _set_own(self, spec: TrainingSpec) -> None:
        """Samples of one's own stand in the list below the data sets."""
        own = spec.own
        key = spec.dataset.id if own is None else f"{_OWN}{own.name}"
        if own is not None and self.dataset.findData(key) < 0:
            tip = tr(f"Samples of your own, from {own.name}.")
            self.dataset.add(key, _short(own.name), tip, own=True)
        self.dataset.set_value(key)
        self.samples.set_samples(own)

    def _choose_data(self, key: str) -> None:
        if key.startswith(_OWN):
            self.own_chosen.emit(key.removeprefix(_OWN))
        else:
            self.entry_chosen.emit("dataset", key)

    @cached_property
    def numbers(self) -> NetworkNumbers:
        """All numbers, made when they are first asked for: many never open them."""
        numbers = NetworkNumbers()
        numbers.number_edited.connect(self.number_edited)
        numbers.number_reset.connect(self.number_reset)
        numbers.entry_chosen.connect(self.entry_chosen)
        numbers.entry_edited.connect(self.entry_edited)
        numbers.entry_reset.connect(self.entry_reset)
        if self._spec is not None:
            numbers.set_spec(*self._spec)
        if self._theme is not None:
            numbers.set_theme(self._theme)
        numbers.hide()
        self._column.insertWidget(self._column.indexOf(self.error), numbers)
        tab_after(self.expander, numbers)
        return numbers

    @property
    def has_numbers(self) -> bool:
        """Whether they have been made."""
        return "numbers" in vars(self)

    def set_open(self, is_open: bool) -> None:
        """Show all numbers, or the few that matter most."""
        show_expanded(self.expander, is_open, self._theme)
        if is_open or self.has_numbers:
            self.numbers.setVisible(is_open)
        if is_open:
            self.attention.emit(self.numbers.run)

    def set_error(self, field: str, sentence: str) -> None:
        """Say what is wrong, and mark the control that it is about."""
        if field in _NUMBERS:
            self._set_number_error(field, sentence)
        else:
            self.set_message(sentence)
        if field in self.shape:
            self.shape[field].set_error(sentence)

    def _set_number_error(self, field: str, sentence: str) -> None:
        if sentence:
            self.set_open(True)
        if self.has_numbers:
            self.numbers.run.set_error(field, sentence)
        if sentence:
            self.attention.emit(self.numbers.run.error_label(field))

    def clear_errors(self) -> None:
        """Nothing is wrong any more."""
        for name in _NUMBERS:
            self._set_number_error(name, "")
        for control in self.shape.values():
            control.set_error("")
        self.set_message("")

    def set_message(self, sentence: str) -> None:
        """Say something below the controls, or nothing."""
        self.error.setText(tr(sentence))
        self.error.setVisible(bool(sentence))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        for tick in self.ticks.values():
            tick.set_theme(theme)
        self._show_variants()
        if self.has_numbers:
            self.numbers.set_theme(theme)


def _short(file: str) -> str:
    """A file's name as it fits into the list."""
    stem = file.rsplit(".", 1)[0] or file
    return stem if len(stem) <= 10 else f"{stem[:9]}…"


def _combo(name: str, tip: str, entries: Mapping[str, Entry]) -> KeyCombo:
    combo = KeyCombo(name, tip)
    for key, entry in entries.items():
        combo.add(key, entry.name, entry.summary)
    return combo


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addStretch(1) if widget is None else row.addWidget(widget)
    return row
