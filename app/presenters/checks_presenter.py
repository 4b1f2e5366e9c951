"""Document -> checks in another process -> panel; "use this rate" -> document."""

from dataclasses import replace as changed
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.jobs import CallJob
from app.plots.rate_curves import rate_curves
from app.theme import Theme
from app.views.checks_panel import CheckButton, ChecksPanel
from core.checks import CHECKS, RateRange, run_check
from core.checks.verdict import Verdict
from core.experiment import Experiment
from core.training import TrainingSpec
from core.training.variant import labels

if TYPE_CHECKING:
    from app.main import Laboratory


def make_panel(laboratory: "Laboratory") -> QWidget:
    """The panel, with a process for its checks."""
    job = CallJob(laboratory.clock, "checks", laboratory.executor, parent=laboratory)
    laboratory.window.closing.connect(job.close)
    panel = ChecksPanel([CheckButton(each.key, each.title, each.summary) for each in CHECKS.values()])
    ChecksPresenter(laboratory, job, panel).setParent(panel)
    return panel


class ChecksPresenter(QObject):
    """Which network is checked, the checks that wait, and what the others found."""

    def __init__(self, laboratory: "Laboratory", job: CallJob, panel: ChecksPanel) -> None:
        super().__init__()
        self._document, self._job, self._panel = laboratory.document, job, panel
        self._theme: Theme = laboratory.window.theme
        self._place = 0
        self._waiting: list[str] = []
        self._now = ""
        self._found: RateRange | None = None
        self._document.changed.connect(self._follow)
        laboratory.window.theme_changed.connect(self._set_theme)
        job.finished.connect(self._take)
        job.failed.connect(self._fail)
        panel.network.place_chosen.connect(self._choose)
        panel.check_asked.connect(lambda key: self._ask([key]))
        panel.all_asked.connect(lambda: self._ask(list(CHECKS)))
        panel.stop_asked.connect(self._stop)
        panel.use_asked.connect(self._use)
        panel.landscape_asked.connect(lambda: laboratory.window.show_panel("landscape"))
        panel.set_theme(self._theme)
        self._show_networks()

    @property
    def _spec(self) -> TrainingSpec:
        return self._document.experiment.training

    # Document -> panel

    def _follow(self, old: Experiment, new: Experiment) -> None:
        """Another run has other results; only a rate that was used leaves what was found."""
        if old.training != new.training:
            self._place = min(self._place, len(new.training.variants) - 1)
            self._show_networks()
            self._forget()

    def _show_networks(self) -> None:
        variants = self._spec.variants
        colours = self._theme.networks([variant.initializer.id for variant in variants])
        self._panel.network.set_networks(labels(variants), colours, self._place)

    def _choose(self, place: int) -> None:
        if place != self._place:
            self._place = place
            self._forget()

    def _forget(self) -> None:
        self._stop()
        for key in CHECKS:
            self._panel.set_result(key, "", "")
        self._panel.set_error("")
        self._found = None
        self._show_curve()

    def _set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._panel.set_theme(theme)
        self._show_networks()
        self._show_curve()

    # The checks

    def _ask(self, keys: list[str]) -> None:
        self._panel.set_error("")
        self._waiting += [key for key in keys if key not in (*self._waiting, self._now)]
        for key in self._waiting:
            self._panel.set_result(key, "busy", "")
        if not self._now:
            self._go_on()

    def _go_on(self) -> None:
        self._now = self._waiting.pop(0) if self._waiting else ""
        self._panel.set_busy(bool(self._now))
        if self._now:
            asked = object()  # its own: what a check that was stopped has found is not this one's result
            self._job.submit(asked, run_check, self._now, self._spec, self._place)

    def _stop(self) -> None:
        for key in (*self._waiting, self._now):
            if key:
                self._panel.set_result(key, "", "")
        self._waiting, self._now = [], ""
        self._job.drop()
        self._panel.set_busy(False)

    def _take(self, result: Verdict) -> None:
        self._panel.set_result(self._now, result.outcome, result.sentence.replace("e-", "e−"))
        if isinstance(result, RateRange):
            self._found = result
            self._show_curve()
        self._go_on()

    def _fail(self, sentence: str) -> None:
        self._stop()
        self._panel.set_error(sentence)

    # The range test

    def _show_curve(self) -> None:
        found, variants = self._found, self._spec.variants
        if found is None:
            self._panel.set_curve(None, "")
            return
        curve = rate_curves(variants, [found] * len(variants), self._theme)[self._place]
        offer = f"Use the rate {found.suggested:.2g}" if found.suggested is not None else ""
        self._panel.set_curve(changed(curve, name=""), offer.replace("e-", "e−"))

    def _use(self) -> None:
        """Set the suggested rate, in one edit."""
        found = self._found
        if found is None or found.suggested is None:
            return
        rate = float(f"{found.suggested:.2g}")
        training = self._spec.with_variants(
            lambda variant: variant.with_choice(
                "optimizer", variant.choice("optimizer").with_value("learning_rate", rate)
            ),
            self._place,
        )
        self._document.replace(replace(self._document.experiment, training=training))
