"""Document and training reports -> network panel; its signals -> document and training."""

from collections.abc import Callable
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from PySide6.QtCore import QObject

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
from core.optimizer import MethodSpec
from core.training import (
    NETWORK_HYPERPARAMETERS,
    TRAINING_HYPERPARAMETERS,
    EpochRecord,
    NetworkFrame,
    TrainingFrame,
    TrainingSpec,
)

Array = NDArray[np.float64]
_NO_HISTORY = np.zeros((0, 5))
"""Epoch, training and validation loss, training and validation accuracy; a row for each evaluation."""
_DEFAULTS = {h.name: h.default for h in (*NETWORK_HYPERPARAMETERS, *TRAINING_HYPERPARAMETERS)}


class NetworkPresenter(QObject):
    """The network half of the window."""

    def __init__(self, document: Document, job: TrainingJob, panel: NetworkPanel) -> None:
        super().__init__()
        self._document, self._job, self._panel = document, job, panel
        self._theme: Theme | None = None
        self._report: Report | None = None
        self._refused = False
        self._generation = -1
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
        setup.dataset_chosen.connect(lambda key: self._train_with(dataset=Choice(key), own=None))
        setup.dataset_edited.connect(
            lambda name, value: self._train_with(dataset=self._spec.dataset.with_value(name, value))
        )
        setup.activation_chosen.connect(
            lambda key: self._train_with(network=replace(self._spec.network, activation=Choice(key)))
        )
        setup.initializer_ticked.connect(self._tick)
        setup.optimizer_chosen.connect(lambda key: self._method(lambda m: m.with_optimizer(Choice(key))))
        setup.optimizer_edited.connect(
            lambda name, value: self._method(
                lambda m: replace(m, optimizer=m.optimizer.with_value(name, value))
            )
        )
        setup.optimizer_reset.connect(
            lambda name: self._method(lambda m: replace(m, optimizer=m.optimizer.without_value(name)))
        )
        setup.schedule_chosen.connect(lambda key: self._method(lambda m: replace(m, schedule=Choice(key))))
        setup.dataset_reset.connect(
            lambda name: self._train_with(dataset=self._spec.dataset.without_value(name))
        )
        setup.schedule_reset.connect(
            lambda name: self._method(lambda m: replace(m, schedule=m.schedule.without_value(name)))
        )
        setup.schedule_edited.connect(
            lambda name, value: self._method(
                lambda m: replace(m, schedule=m.schedule.with_value(name, value))
            )
        )
        setup.momentum_schedule_chosen.connect(
            lambda key: self._method(lambda m: replace(m, momentum_schedule=Choice(key)))
        )
        setup.momentum_schedule_reset.connect(
            lambda name: self._method(
                lambda m: replace(m, momentum_schedule=m.momentum_schedule.without_value(name))
            )
        )
        setup.momentum_schedule_edited.connect(
            lambda name, value: self._method(
                lambda m: replace(m, momentum_schedule=m.momentum_schedule.with_value(name, value))
            )
        )

    @property
    def _spec(self) -> TrainingSpec:
        return self._document.experiment.training

    def start(self) -> None:
        """Show the document as it is; the networks are initialized in their own process."""
        experiment = self._document.experiment
        self._panel.setup.set_spec(experiment.training)
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
            self._panel.setup.set_spec(new.training)
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
            new.setdefault(r.initializer, []).append(row)
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
        self._panel.set_rows([_row(network, kind, theme) for network in frame.networks])
        self._show_curves(theme, frame.networks, max(1.0, frame.steps / frame.steps_per_epoch))

    def _show_progress(self, report: Report) -> None:
        frame = report.frame
        self._panel.set_running(report.running, frame.finished)
        done = frame.step / frame.steps if frame.steps else 1.0
        self._panel.set_progress(_progress(report), done)
        troubles = _troubles(frame.networks)
        self._panel.set_message(troubles or _tip(frame, self._spec), "warning" if troubles else "muted")

    def _show_curves(self, theme: Theme, networks: tuple[NetworkFrame, ...], epochs: float) -> None:
        losses: list[Curve] = []
        accuracies: list[Curve] = []
        for network in networks:
            table = self._history.get(network.name, _NO_HISTORY)
            colour = theme.initializer(network.initializer.id)
            for target, first in ((losses, 1), (accuracies, 3)):
                target.append(Curve(table[:, 0], table[:, first], colour))
                target.append(Curve(table[:, 0], table[:, first + 1], colour, dotted=True, width=1.4))
        self._panel.set_curves(losses, accuracies, epochs)

    # View -> document

    def _set(self, **values: Any) -> None:
        self._document.replace(replace(self._document.experiment, **values))

    def _train_with(self, **values: Any) -> None:
        self._set(training=replace(self._spec, **values))

    def _edit_number(self, name: str, value: Value) -> None:
        if name in (h.name for h in NETWORK_HYPERPARAMETERS):
            self._train_with(network=replace(self._spec.network, **{name: value}))
        else:
            self._train_with(**{name: value})

    def _method(self, change: Callable[[MethodSpec], MethodSpec]) -> None:
        self._train_with(method=change(self._spec.method))

    def _tick(self, key: str, on: bool) -> None:
        """Rows stay in the catalogue's order; the last one ticked stays ticked."""
        chosen = {choice.id: choice for choice in self._spec.initializers}
        if on:
            chosen[key] = Choice(key)
        else:
            chosen.pop(key, None)
        if not chosen:
            self._panel.setup.set_spec(self._spec)
            self._panel.setup.set_message(
                "At least one initializer stays ticked: there must be something to train."
            )
            return
        self._panel.setup.set_message("")
        self._train_with(initializers=tuple(chosen[name] for name in INITIALIZERS if name in chosen))


def _row(network: NetworkFrame, kind: str, theme: Theme) -> HistogramRow:
    cells = tuple(cell for cell in network.statistics if cell.kind == kind)
    note = "diverged" if network.outcome == "diverged" else ""
    return HistogramRow(
        network.label, theme.initializer(network.initializer.id), note, network.message, cells
    )


def _troubles(networks: tuple[NetworkFrame, ...]) -> str:
    return "\n".join(f"{n.label}: {n.message}" for n in networks if n.outcome == "diverged")


def _tip(frame: TrainingFrame, spec: TrainingSpec) -> str:
    """What to try first: with batch norm all initializations look alike."""
    if frame.step or spec.network.batch_norm == "off" or len(frame.networks) < 2:
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
