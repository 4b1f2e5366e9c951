"""Document and training reports -> network panel; its signals -> document and training."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from app.document import Document
from app.presenters.distribution_presenter import DistributionPresenter
from app.presenters.training_history import TrainingHistory
from app.theme import Theme
from app.training_job import TrainingJob
from app.training_messages import Report
from app.views.network_panel import NetworkPanel
from app.views.training_plot import TrainingPlot
from core.choice import Choice
from core.experiment import Experiment
from core.hyperparameter import Value
from core.network.initializer import INITIALIZERS
from core.training import (
    MOST_VARIANTS,
    NETWORK_HYPERPARAMETERS,
    TRAINING_HYPERPARAMETERS,
    VARIANT_HYPERPARAMETERS,
    NetworkFrame,
    TrainingFrame,
    TrainingSpec,
    Variant,
)

_DEFAULTS = {
    h.name: h.default for h in (*NETWORK_HYPERPARAMETERS, *VARIANT_HYPERPARAMETERS, *TRAINING_HYPERPARAMETERS)
}


_BACK = "Training on from here drops the later steps and makes them again: the numbers are the same."


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
        self._history = TrainingHistory()
        self._average = "10"
        document.changed.connect(self._changed)
        job.reported.connect(self._take)
        job.refused.connect(self._refuse)
        job.died.connect(self._died)
        panel.train_asked.connect(lambda: job.train())
        panel.again_asked.connect(self._train_again)
        panel.pause_asked.connect(job.pause)
        panel.epoch_asked.connect(lambda: job.train(epochs=1))
        panel.reset_asked.connect(job.reset)
        panel.scrubbed.connect(self._rewind)
        panel.pointed.connect(self._rewind_to_epoch)
        for plot in panel.plots:
            plot.kind_chosen.connect(lambda kind, plot=plot: self._choose_curves(plot, kind))
            plot.average_chosen.connect(self._choose_average)
        self._distributions = DistributionPresenter(document, panel.distributions)
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
    def report(self) -> Report | None:
        """The latest."""
        return self._report

    @property
    def _spec(self) -> TrainingSpec:
        return self._document.experiment.training

    def start(self) -> None:
        """Show the document as it is; the networks are initialized in their own process."""
        self._show_setup()
        self._job.load(self._spec)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self._panel.set_theme(theme)
        self._distributions.set_theme(theme)
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

    def _take(self, report: Report) -> None:
        if report.generation != self._generation:
            self._generation, self._history = report.generation, TrainingHistory()
            self._distributions.clear()
            if self._refused:
                self._refused = False
                self._panel.setup.clear_errors()
        self._history.take(report)
        if self._job.sought is None or not report.running:  # what trained on until the bar was taken is late
            self._report = report
            self._distributions.take(report.frame)
            self._show()
            self._show_progress(report)

    # The step that is shown

    def _rewind(self, step: int) -> None:
        """Go to a step; the bar and the cursors are there at once, the rest follows."""
        self._job.rewind(step)
        if self._report is not None and self._job.sought is not None:
            self._show_progress(self._report)
        self._show_step()

    def _rewind_to_epoch(self, epoch: float) -> None:
        if self._report is not None:
            step = round(epoch * self._report.frame.steps_per_epoch)
            self._rewind(max(0, min(step, self._history.recorded)))

    def _step(self, report: Report) -> int:
        """Where a person wants to be, or where the run is."""
        return report.frame.step if self._job.sought is None else self._job.sought

    def shown_step(self) -> int:
        """The step of the training that is seen."""
        return 0 if self._report is None else self._step(self._report)

    def _show_step(self) -> None:
        report = self._report
        if report is not None:
            resting = self._history.recorded > 0 and not self._job.running
            self._panel.set_cursor(self._step(report) / report.frame.steps_per_epoch if resting else None)

    @property
    def curves(self) -> tuple[str, str]:
        """What the left and the right plot show, by key."""
        left, right = self._panel.plots
        return left.kind, right.kind

    @property
    def average(self) -> str:
        """Over how many steps they average values of single batches, "" for none of these."""
        return self._average

    def show_curves(self, kinds: tuple[str, str], average: str) -> None:
        """Show these in the two plots."""
        self._average = average
        for plot, kind in zip(self._panel.plots, kinds, strict=True):
            plot.set_kind(kind, average)
        self._show()

    def _choose_curves(self, plot: TrainingPlot, kind: str) -> None:
        plot.set_kind(kind, self._average)
        self._show()

    def _choose_average(self, average: str) -> None:
        self.show_curves(self.curves, average)

    def _refuse(self, field: str, sentence: str) -> None:
        if self._refused:
            self._panel.setup.clear_errors()
        self._refused = True
        self._panel.setup.set_error(field, sentence)
        self._panel.set_running(False, finished=True, usable=False)

    def _died(self, sentence: str) -> None:
        self._panel.set_message(sentence)
        self._panel.set_running(False, finished=False)
        self._panel.progress.setEnabled(False)

    def _show(self) -> None:
        """Draw the latest report; what was said since then about the run stays."""
        report, theme = self._report, self._theme
        if report is None or theme is None:
            return
        frame = report.frame
        colours = theme.networks([network.variant.initializer.id for network in frame.networks])
        shown = list(zip(frame.networks, colours, strict=True))
        self._show_curves(shown, max(1.0, frame.steps / frame.steps_per_epoch))

    def _show_progress(self, report: Report) -> None:
        frame, step, recorded = report.frame, self._step(report), self._history.recorded
        back, running = step < recorded, report.running and self._job.sought is None
        self._panel.set_running(running, frame.finished and not back, back=back and not running)
        self._panel.progress.set_run(frame.steps, frame.steps_per_epoch)
        self._panel.set_progress(_progress(report, step, running), step, recorded)
        self._show_step()
        troubles = "\n".join(filter(None, (_troubles(frame.networks), report.note)))
        tip = _BACK if back and not running else _tip(frame)
        self._panel.set_message(troubles or tip, "warning" if troubles else "muted")

    def _show_curves(self, networks: list[tuple[NetworkFrame, QColor]], epochs: float) -> None:
        shown = [(network.name, colour) for network, colour in networks]
        for place, plot in enumerate(self._panel.plots):
            curves = self._history.curves(plot.kind, shown)
            behind = self._history.curves_of_batches(plot.kind, shown, self._average)
            self._panel.set_curves(place, curves, behind, epochs)

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


def _troubles(networks: tuple[NetworkFrame, ...]) -> str:
    return "\n".join(f"{n.label}: {n.message}" for n in networks if n.outcome == "diverged")


def _tip(frame: TrainingFrame) -> str:
    """What to try first: with batch norm all initializations look alike."""
    normed = all(network.variant.network.batch_norm != "off" for network in frame.networks)
    if frame.step or not normed or len(frame.networks) < 2:
        return ""
    return "Batch norm makes the rows alike: switch it off to compare."


def _progress(report: Report, step: int, running: bool) -> str:
    frame = report.frame
    parts = [f"epoch {step // frame.steps_per_epoch} / {frame.steps // frame.steps_per_epoch}"]
    if running and report.steps_per_second > 0:
        left = (frame.steps - frame.step) / report.steps_per_second
        parts += [f"{report.steps_per_second:.0f} steps/s", f"{_duration(left)} left"]
    elif frame.finished and step == frame.step:
        parts.append("finished")
    else:
        parts.append(f"step {step:,} of {frame.steps:,}")
    return "  ·  ".join(parts)


def _duration(seconds: float) -> str:
    whole = int(seconds + 0.5)
    return (
        f"{whole // 60}:{whole % 60:02d}" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"
    )
