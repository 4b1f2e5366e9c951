"""Document and training reports -> network panel; its signals -> document and training."""

from collections.abc import Callable
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from app.document import Document
from app.plots.curve_plot import Curve
from app.plots.histogram_grid import HistogramRow
from app.theme import Theme
from app.training_job import TrainingJob
from app.training_server import Report
from app.views.network_panel import NetworkPanel
from core.choice import Choice
from core.experiment import Experiment
from core.hyperparameter import Value
from core.network.initializer import INITIALIZERS
from core.training import (
    MOST_VARIANTS,
    NETWORK_HYPERPARAMETERS,
    TRAINING_HYPERPARAMETERS,
    VARIANT_HYPERPARAMETERS,
    EpochRecord,
    NetworkFrame,
    TrainingFrame,
    TrainingSpec,
    Variant,
)

Array = NDArray[np.float64]
_NO_HISTORY = np.zeros((0, 5))
"""Epoch, training and validation loss, training and validation accuracy; a row for each evaluation."""
_DEFAULTS = {
    h.name: h.default for h in (*NETWORK_HYPERPARAMETERS, *VARIANT_HYPERPARAMETERS, *TRAINING_HYPERPARAMETERS)
}


class NetworkPresenter(QObject):
    """The network half of the window."""

    def __init__(self, document: Document, job: TrainingJob, panel: NetworkPanel) -> None:
        super().__init__()
        self._document, self._job, self._panel = document, job, panel
        self._theme: Theme | None = None
        self._report: Report | None = None
        self._refused = False
        self._generation = -1
        self._selected: int | None = None
        self._history: dict[str, Array] = {}
        document.changed.connect(self._changed)
        job.reported.connect(self._take)
        job.refused.connect(self._refuse)
        job.died.connect(self._died)
        panel.train_asked.connect(lambda: job.train())
        panel.again_asked.connect(self._train_again)
        panel.pause_asked.connect(job.pause)
        panel.epoch_asked.connect(lambda: job.train(epochs=1))
        panel.reset_asked.connect(job.reset)
        panel.shown_chosen.connect(lambda kind: self._set(shown=kind))
        self._connect_setup()

    def _connect_setup(self) -> None:
        setup = self._panel.setup
        setup.number_edited.connect(self._edit_number)
        setup.number_reset.connect(lambda name: self._edit_number(name, _DEFAULTS[name]))
        setup.entry_chosen.connect(lambda which, key: self._choose(which, lambda _: Choice(key)))
        setup.entry_edited.connect(
            lambda which, name, value: self._choose_number(which, name, lambda c: c.with_value(name, value))
        )
        setup.entry_reset.connect(
            lambda which, name: self._choose_number(which, name, lambda c: c.without_value(name))
        )
        setup.initializer_ticked.connect(self._tick)
        setup.variants.chosen.connect(self._select)
        setup.variants.duplicate_asked.connect(self._duplicate)
        setup.variants.remove_asked.connect(self._remove)

    @property
    def _spec(self) -> TrainingSpec:
        return self._document.experiment.training

    def start(self) -> None:
        """Show the document as it is; the networks are initialized in their own process."""
        experiment = self._document.experiment
        self._show_setup()
        self._panel.shown.set_value(experiment.shown)
        self._job.load(experiment.training)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self._panel.set_theme(theme)
        self._show()

    def _train_again(self) -> None:
        self._job.reset()
        self._job.train()

    # Document -> view and training

    def _changed(self, old: Experiment, new: Experiment) -> None:
        if old.training != new.training:
            if self._selected is not None and self._selected >= len(new.training.variants):
                self._selected = None
            self._show_setup()
            self._job.load(new.training)
        if old.shown != new.shown:
            self._panel.shown.set_value(new.shown)
            self._show()

    def _take(self, report: Report) -> None:
        if report.generation != self._generation:
            self._generation, self._history = report.generation, {}
            if self._refused:
                self._refused = False
                self._panel.setup.clear_errors()
        self._report = report
        self._remember(report.records)
        self._show()
        self._show_progress(report)

    def _remember(self, records: tuple[EpochRecord, ...]) -> None:
        """Append evaluations to the tables of their networks."""
        new: dict[str, list[tuple[float, ...]]] = {}
        for r in records:
            row = (r.epoch, r.training_loss, r.validation_loss, r.training_accuracy, r.validation_accuracy)
            new.setdefault(r.name, []).append(row)
        for name, rows in new.items():
            before = self._history.get(name, _NO_HISTORY)
            self._history[name] = np.concatenate([before, np.array(rows)])

    def _refuse(self, field: str, sentence: str) -> None:
        if self._refused:
            self._panel.setup.clear_errors()
        self._refused = True
        self._panel.setup.set_error(field, sentence)
        self._panel.set_running(False, finished=True, usable=False)

    def _died(self, sentence: str) -> None:
        self._panel.set_message(sentence)
        self._panel.set_running(False, finished=False)

    def _show(self) -> None:
        """Draw the latest report; what was said since then about the run stays."""
        report, theme = self._report, self._theme
        if report is None or theme is None:
            return
        frame, kind = report.frame, self._document.experiment.shown
        colours = theme.networks([network.variant.initializer.id for network in frame.networks])
        shown = list(zip(frame.networks, colours, strict=True))
        self._panel.set_rows([_row(network, colour, kind) for network, colour in shown])
        self._show_curves(shown, max(1.0, frame.steps / frame.steps_per_epoch))

    def _show_progress(self, report: Report) -> None:
        frame = report.frame
        self._panel.set_running(report.running, frame.finished)
        done = frame.step / frame.steps if frame.steps else 1.0
        self._panel.set_progress(_progress(report), done)
        troubles = _troubles(frame.networks)
        self._panel.set_message(troubles or _tip(frame), "warning" if troubles else "muted")

    def _show_curves(self, networks: list[tuple[NetworkFrame, QColor]], epochs: float) -> None:
        losses: list[Curve] = []
        accuracies: list[Curve] = []
        for network, colour in networks:
            table = self._history.get(network.name, _NO_HISTORY)
            for target, first in ((losses, 1), (accuracies, 3)):
                target.append(Curve(table[:, 0], table[:, first], colour))
                target.append(Curve(table[:, 0], table[:, first + 1], colour, dotted=True, width=1.4))
        self._panel.set_curves(losses, accuracies, epochs)

    # View -> document

    def _set(self, **values: Any) -> None:
        self._document.replace(replace(self._document.experiment, **values))

    def _train_with(self, **values: Any) -> None:
        self._set(training=replace(self._spec, **values))

    def _variants(self, change: Callable[[Variant], Variant]) -> None:
        """Change the network that is selected, or all."""
        self._set(training=self._spec.with_variants(change, self._selected))

    def _choose(self, which: str, change: Callable[[Choice], Choice]) -> None:
        """Change what is chosen from a catalogue."""
        if which == "dataset":
            self._train_with(dataset=change(self._spec.dataset), own=None)
        else:
            self._variants(lambda variant: variant.with_choice(which, change(variant.choice(which))))

    def _choose_number(self, which: str, name: str, change: Callable[[Choice], Choice]) -> None:
        """Change a number of the entry that is shown, in all networks that have chosen that entry."""
        if which == "dataset" or name == "learning_rate":
            self._choose(which, change)
        else:
            shown = self._spec.variants[self._selected or 0].choice(which).id
            self._choose(which, lambda choice: change(choice) if choice.id == shown else choice)

    def _edit_number(self, name: str, value: Value) -> None:
        if name in (h.name for h in TRAINING_HYPERPARAMETERS):
            self._train_with(**{name: value})
        else:
            self._variants(lambda variant: variant.with_number(name, value))

    # The networks

    def _show_setup(self) -> None:
        self._panel.setup.set_spec(self._spec, self._selected)

    def _select(self, place: int | None) -> None:
        self._selected = place
        self._panel.setup.set_message("")
        self._show_setup()

    def _duplicate(self) -> None:
        """One network more beside the selected one (the last where all are); it is selected."""
        variants = self._spec.variants
        place = len(variants) - 1 if self._selected is None else self._selected
        self._selected = place + 1
        self._train_with(variants=(*variants[: place + 1], *variants[place:]))

    def _remove(self) -> None:
        place, variants = self._selected, self._spec.variants
        if place is not None and len(variants) > 1:
            self._selected = None
            self._train_with(variants=variants[:place] + variants[place + 1 :])

    def _tick(self, key: str, on: bool) -> None:
        """Choose the selected network's initializer; with all selected add its networks, or take them off."""
        self._panel.setup.set_message("")
        if self._selected is not None:
            self._variants(lambda variant: replace(variant, initializer=Choice(key)))
            self._show_setup()
        elif on:
            self._add(replace(self._spec.variants[0], initializer=Choice(key)))
        else:
            self._keep([variant for variant in self._spec.variants if variant.initializer.id != key])

    def _add(self, variant: Variant) -> None:
        """Rows stay in the catalogue's order of initializers."""
        variants = (*self._spec.variants, variant)
        if len(variants) > MOST_VARIANTS:
            self._refuse_tick(f"{MOST_VARIANTS} networks are as many as can be told apart: remove one first.")
            return
        order = list(INITIALIZERS)
        self._train_with(variants=tuple(sorted(variants, key=lambda v: order.index(v.initializer.id))))

    def _keep(self, variants: list[Variant]) -> None:
        """The last one ticked stays ticked."""
        if not variants:
            self._refuse_tick("At least one initializer stays ticked: there must be something to train.")
            return
        self._train_with(variants=tuple(variants))

    def _refuse_tick(self, sentence: str) -> None:
        self._show_setup()
        self._panel.setup.set_message(sentence)


def _row(network: NetworkFrame, colour: QColor, kind: str) -> HistogramRow:
    cells = tuple(cell for cell in network.statistics if cell.kind == kind)
    note = "diverged" if network.outcome == "diverged" else ""
    return HistogramRow(network.label, colour, note, network.message, cells)


def _troubles(networks: tuple[NetworkFrame, ...]) -> str:
    return "\n".join(f"{n.label}: {n.message}" for n in networks if n.outcome == "diverged")


def _tip(frame: TrainingFrame) -> str:
    """What to try first: with batch norm all initializations look alike."""
    normed = all(network.variant.network.batch_norm != "off" for network in frame.networks)
    if frame.step or not normed or len(frame.networks) < 2:
        return ""
    return "Batch norm makes the rows alike: switch it off to compare."


def _progress(report: Report) -> str:
    frame = report.frame
    parts = [f"epoch {frame.epoch} / {frame.steps // frame.steps_per_epoch}"]
    if report.running and report.steps_per_second > 0:
        left = (frame.steps - frame.step) / report.steps_per_second
        parts += [f"{report.steps_per_second:.0f} steps/s", f"{_duration(left)} left"]
    else:
        parts.append("finished" if frame.finished else f"step {frame.step:,}")
    return "  ·  ".join(parts)


def _duration(seconds: float) -> str:
    whole = int(seconds + 0.5)
    return (
        f"{whole // 60}:{whole % 60:02d}" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"
    )
