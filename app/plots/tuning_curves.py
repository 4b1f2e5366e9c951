"""A search as curves: final loss against learning rate, in the optimizers' colours."""

import numpy as np

from app.choices import method_labels
from app.language import tr
from app.plots.sensitivity_plot import Sensitivity, SensitivityPlot
from app.theme import Theme
from core.optimizer import OPTIMIZERS
from core.search import FLOOR, RATE, Trial, TuneResult, Tuning, said


def tuning_plot(result: TuneResult, theme: Theme) -> SensitivityPlot:
    """A plot of the search of every optimizer."""
    plot = SensitivityPlot()
    plot.set_theme(theme)
    plot.set_curves(sensitivities(result, theme))
    return plot


def sensitivities(result: TuneResult, theme: Theme) -> list[Sensitivity]:
    """The curve of every optimizer as the plot takes it."""
    labels = method_labels([tuning.method for tuning in result.tunings])
    pairs = zip(labels, result.tunings, strict=True)
    return [_sensitivity(label, tuning, row, result, theme) for row, (label, tuning) in enumerate(pairs)]


def _sensitivity(label: str, tuning: Tuning, row: int, result: TuneResult, theme: Theme) -> Sensitivity:
    key, best = tuning.method.optimizer.id, tuning.best
    own = label == key and len(result.tunings) <= len(OPTIMIZERS)
    curve = tuning.curve()
    values = ", ".join(said(value) for value in best.values.values())
    return Sensitivity(
        name=tr(OPTIMIZERS[key].name) if label == key else label,
        note=values if not best.diverged else tr("diverged"),
        colour=theme.optimizer(key),
        shape=list(OPTIMIZERS).index(key) if own else row,
        rates=np.array([float(trial.values[RATE]) for trial in curve]),
        excess=np.array([_excess(trial, result.lowest) for trial in curve]),
        best=None if best.diverged else (float(best.values[RATE]), _excess(best, result.lowest)),
    )


def _excess(trial: Trial, lowest: float) -> float:
    """What the score stands for; infinite where a run diverged."""
    return max(trial.loss - lowest, FLOOR * max(1.0, abs(lowest)))
