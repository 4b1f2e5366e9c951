"""Fair mode: document -> search in another process -> document, in one edit that can be taken back."""

from dataclasses import replace as changed
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.plots.sensitivity_plot import Sensitivity
from app.plots.tuning_curves import sensitivities
from app.theme import Theme
from app.tune_job import TuneJob
from app.views.tune_panel import TunedRow, TunePanel
from core.errors import InputError
from core.experiment import Contender, Experiment
from core.hyperparameter import Hyperparameter, Scale
from core.optimizer import OPTIMIZERS
from core.search import RATE, Trial, TuneResult, TuneSpec, Tuning, said, said_loss

if TYPE_CHECKING:
    from app.main import Laboratory

_CHANGED = "Stopped: what was being tuned has changed. Press Tune to begin again."
_IDLE = (
    "Every optimizer gets the same number of trials on this surface, from these starts. What is set now and"
    " the defaults are always among them, so that the result is never worse than either."
)


def make_panel(laboratory: "Laboratory") -> QWidget:
    """The panel that tunes."""
    panel = TunePanel()
    job = laboratory.helper(TuneJob, lambda: TuneJob(laboratory.clock, laboratory.open_tuning, laboratory))
    TunePresenter(laboratory, job, panel).setParent(panel)
    return panel


class TunePresenter(QObject):
    """The panel, its search, and the contenders from before that the button brings back."""

    def __init__(self, laboratory: "Laboratory", job: TuneJob, panel: TunePanel) -> None:
        super().__init__()
        self._document, self._job, self._panel = laboratory.document, job, panel
        self._theme = laboratory.window.theme
        self._asked: TuneSpec | None = None
        self._before: tuple[Contender, ...] | None = None
        self._result: TuneResult | None = None
        self._document.changed.connect(self._follow)
        laboratory.window.theme_changed.connect(self._set_theme)
        job.moved.connect(self._show_progress)
        job.done.connect(self._take)
        job.failed.connect(self._fail)
        panel.tune_asked.connect(self._begin)
        panel.stop_asked.connect(job.stop)
        panel.undo_asked.connect(self._undo)
        panel.what_chosen.connect(self._choose)
        panel.budget_edited.connect(lambda trials: self._edit(budget=trials))
        panel.set_sentence(_IDLE)
        panel.set_theme(self._theme)
        panel.set_result((), [], [])
        self._show_settings(self._document.experiment)

    # Document -> panel

    def _follow(self, old: Experiment, new: Experiment) -> None:
        if self._asked is not None and new.tune() != self._asked:
            self._asked = None
            self._job.drop()
            self._panel.set_busy(False)
            self._panel.set_sentence("", _CHANGED)
        if old.surface != new.surface:
            self._forget()
        if old.contenders != new.contenders or old.tuning != new.tuning:
            self._show_settings(new)
            self._show_curves()

    def _forget(self) -> None:
        """On another surface what was found means nothing."""
        self._before = self._result = None
        self._panel.set_undo(False)
        self._panel.set_result((), [], [])
        if self._job.busy is False and self._panel.error.isHidden():
            self._panel.set_sentence(_IDLE)

    def _show_settings(self, experiment: Experiment) -> None:
        self._panel.set_choices(_tunable(experiment), experiment.tuning.what)
        self._panel.set_budget(experiment.tuning.budget)
        self._panel.set_usable(any(contender.enabled for contender in experiment.contenders))

    # The search

    def _begin(self) -> None:
        spec = self._document.experiment.tune()
        try:
            spec.checked()
        except InputError as error:
            self._panel.set_sentence("", str(error))
            return
        self._asked = spec
        self._panel.set_busy(True)
        self._panel.set_sentence(f"Trying {spec.budget:,} settings of each of {_count(len(spec.methods))} …")
        self._job.begin(spec)

    def _show_progress(self, done: int, total: int, optimizer: str) -> None:
        self._panel.set_progress(done / total)
        self._panel.set_sentence(f"Trial {done:,} of {total:,}: {OPTIMIZERS[optimizer].name} …")

    def _take(self, result: TuneResult) -> None:
        """Set what was found, in one edit."""
        self._asked = None
        self._panel.set_busy(False)
        experiment = self._document.experiment
        self._result, self._before = result, experiment.contenders
        self._panel.set_sentence(result.sentence)
        self._document.replace(experiment.with_methods(result.methods))
        self._panel.set_undo(self._document.experiment.contenders != self._before)
        self._show_result()

    def _fail(self, sentence: str) -> None:
        self._asked = None
        self._panel.set_busy(False)
        self._panel.set_sentence("", sentence)

    def _undo(self) -> None:
        """Bring back exactly the contenders from before."""
        before, self._before = self._before, None
        self._panel.set_undo(False)
        if before is not None:
            self._document.replace(replace(self._document.experiment, contenders=before))
            self._panel.set_sentence("What was set before is set again.")

    # What was found

    def _show_result(self) -> None:
        if self._result is not None:
            rows = [self._row(tuning) for tuning in self._result.tunings]
            self._panel.set_result(_header(self._result.spec), rows, self._curves(self._result))

    def _show_curves(self) -> None:
        if self._result is not None:
            self._panel.plot.set_curves(self._curves(self._result))

    def _curves(self, result: TuneResult) -> list[Sensitivity]:
        """The curves, with the rates that are set now."""
        now = {
            c.method.optimizer.id: float(c.method.values()[RATE])
            for c in self._document.experiment.contenders
        }
        pairs = zip(sensitivities(result, self._theme), result.tunings, strict=True)
        return [changed(curve, current=now.get(t.method.optimizer.id)) for curve, t in pairs]

    def _row(self, tuning: Tuning) -> TunedRow:
        key, best, current = tuning.method.optimizer.id, tuning.best, tuning.current
        numbers = (
            _values(current.values), _values(best.values),
            _loss(current), _loss(best), f"{len(tuning.trials):,}",
        )  # fmt: skip
        texts = (OPTIMIZERS[key].name, *(text.replace("-", "−") for text in numbers))
        return TunedRow(texts, self._theme.optimizer(key), tuning.sentence)

    def _set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._panel.set_theme(theme)
        self._show_result()

    # Panel -> document

    def _choose(self, name: str, on: bool) -> None:
        others = tuple(each for each in self._document.experiment.tuning.what if each != name)
        self._edit(what=(*others, name) if on else others)

    def _edit(self, **changes: Any) -> None:
        experiment = self._document.experiment
        self._document.replace(replace(experiment, tuning=replace(experiment.tuning, **changes)))


def _tunable(experiment: Experiment) -> tuple[Hyperparameter, ...]:
    """The numbers of the optimizers that are switched on, each once, the learning rate first."""
    enabled = [c.method.optimizer.id for c in experiment.contenders if c.enabled] or ["sgd"]
    found: dict[str, Hyperparameter] = {}
    for key in enabled:
        for each in OPTIMIZERS[key].hyperparameters:
            if each.scale is not Scale.INTEGER:
                found.setdefault(each.name, each)
    return tuple(sorted(found.values(), key=lambda each: each.name != RATE))


def _header(spec: TuneSpec) -> tuple[str, ...]:
    before = "before" if len(spec.what) > 1 else "rate before"
    return "optimizer", before, "after", "loss before", "after", "trials"


def _values(values: dict[str, Any]) -> str:
    """The numbers in a row; the tooltip of the line names each."""
    return " · ".join(said(value) for value in values.values())


def _loss(trial: Trial) -> str:
    return said_loss(trial) if trial.diverged else f"{trial.loss:.3g}"


def _count(number: int) -> str:
    return f"{number} optimizer{'s' * (number != 1)}"
