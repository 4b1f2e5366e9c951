"""All numbers of the networks and of their training, below what matters most."""

from functools import partial
from itertools import chain

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from app.forms.controls import role, tint_icons
from app.forms.form import Form
from app.forms.schedule_form import momentum_schedule_form, rate_schedule_form
from app.language import tr
from app.theme import Theme
from app.views.network_groups import network_groups
from core.catalogue import Entry
from core.choice import Choice
from core.data.dataset import DATASETS
from core.hyperparameter import Hyperparameter, values_of
from core.network.activation import ACTIVATIONS
from core.network.initializer import INITIALIZERS
from core.optimizer import OPTIMIZERS
from core.training import (
    NETWORK_HYPERPARAMETERS,
    TRAINING_HYPERPARAMETERS,
    VARIANT_HYPERPARAMETERS,
    TrainingSpec,
)


class NetworkNumbers(QFrame):
    """Forms of numbers, under headings.

    Attributes
    ----------
    run
        Numbers of the networks and of the run.
    forms
        By what is chosen ("dataset", "activation" ...), the numbers of the entry that is chosen.
    schedule, momentum_schedule
        The optimizer's.

    Signals
    -------
    number_edited(str, object), number_reset(str), entry_chosen(str, str), entry_edited(str, str, object),
    entry_reset(str, str)
        As of `app.views.network_setup.NetworkSetup`.
    """

    number_edited = Signal(str, object)
    number_reset = Signal(str)
    entry_chosen = Signal(str, str)
    entry_edited = Signal(str, str, object)
    entry_reset = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        groups = network_groups()
        self.run = Form(
            chain.from_iterable(groups.values()),
            headings={numbers[0].name: name for name, numbers in groups.items()},
        )
        self.forms: dict[str, Form] = {}
        self.schedule = rate_schedule_form()
        self.momentum_schedule = momentum_schedule_form()
        self._shown: dict[str, str] = {}
        self._theme: Theme | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 0, 0, 4)
        self._column.setSpacing(4)
        self._column.addWidget(self.run)
        self._column.addWidget(role(QLabel(tr("Schedules")), "title"))
        self._column.addWidget(self.schedule)
        self._column.addWidget(self.momentum_schedule)
        self.run.edited.connect(self.number_edited)
        self.run.reset.connect(self.number_reset)
        for which, form in (("schedule", self.schedule), ("momentum_schedule", self.momentum_schedule)):
            form.chosen.connect(partial(self.entry_chosen.emit, which))
            form.edited.connect(partial(self.entry_edited.emit, which))
            form.reset.connect(partial(self.entry_reset.emit, which))

    def set_spec(self, spec: TrainingSpec, selected: int | None = None) -> None:
        """Show what is set: of all networks (where they differ, the first one's), or of the one selected."""
        variant = spec.variants[selected or 0]
        network, method = variant.network, variant.method
        numbers = values_of(network, NETWORK_HYPERPARAMETERS) | values_of(variant, VARIANT_HYPERPARAMETERS)
        self.run.set_values(numbers | values_of(spec, TRAINING_HYPERPARAMETERS))
        self.schedule.set_choice(method.schedule)
        self.momentum_schedule.set_choice(method.momentum_schedule)
        self.momentum_schedule.setVisible(bool(OPTIMIZERS[method.optimizer.id].momentum_name))
        optimizer, dataset = OPTIMIZERS[method.optimizer.id], DATASETS[spec.dataset.id]
        activation, initializer = ACTIVATIONS[network.activation.id], INITIALIZERS[variant.initializer.id]
        shown = spec.variants if selected is None else (variant,)
        # Of several initializers each would have numbers of its own.
        alone = len({each.initializer.id for each in shown}) == 1
        self._set_form("initializer", variant.initializer, initializer, initializer.hyperparameters * alone)
        self._set_form("activation", network.activation, activation, activation.hyperparameters)
        self._set_form("optimizer", method.optimizer, optimizer, optimizer.others)
        self._set_form("dataset", spec.dataset, dataset, dataset.hyperparameters * (spec.own is None))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        tint_icons(self, theme)
        self.schedule.set_theme(theme)
        self.momentum_schedule.set_theme(theme)

    def _set_form(
        self, which: str, choice: Choice, entry: Entry, numbers: tuple[Hyperparameter, ...]
    ) -> None:
        """Show the numbers of what is chosen, in a form of their own."""
        key = choice.id if numbers else ""
        if self._shown.get(which) != key:
            self._shown[which] = key
            self._replace(which, Form(numbers, headings=_heading(which, entry, numbers)))
        self.forms[which].set_values(entry.values(choice.values))

    def _replace(self, which: str, form: Form) -> None:
        old = self.forms.get(which)
        if old is not None:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.forms[which] = form
        form.edited.connect(partial(self.entry_edited.emit, which))
        form.reset.connect(partial(self.entry_reset.emit, which))
        self._column.insertWidget(1, form)
        if self._theme is not None:
            tint_icons(form, self._theme)


def _heading(which: str, entry: Entry, numbers: tuple[Hyperparameter, ...]) -> dict[str, str]:
    """What stands above the numbers of what was chosen."""
    kind = {"dataset": "Data"}.get(which, which.capitalize())
    return {number.name: f"{kind}: {entry.name}" for number in numbers[:1]}
