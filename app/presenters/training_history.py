"""What a training process has sent so far, and the curves that it makes."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.plots.curve_plot import Curve
from app.training_messages import Report
from core.training.series import (
    BATCH_LOSS,
    GRADIENT_NORM,
    LEARNING_RATE,
    STEP,
    StepSeries,
    exponential_average,
)

Array = NDArray[np.float64]
_NO_RECORDS = np.zeros((0, 6))
_RECORD_STEP = 5
"""Columns: epoch, training and validation loss, training and validation accuracy, step."""
_MOST_POINTS = 4_096
"""Steps of a series that the window keeps: many times what a plot has pixels."""
_EPOCH_COLUMNS = {"loss": 1, "accuracy": 3}
_STEP_COLUMNS = {"loss": BATCH_LOSS, "gradient": GRADIENT_NORM, "rate": LEARNING_RATE}
_FAINT = 0.45
"""Opacity of the batches' curves behind those of the epochs."""

Shown = Sequence[tuple[str, QColor]]
"""Name and colour of each network."""


class TrainingHistory:
    """Evaluations and series of all networks of a run.

    Attributes
    ----------
    recorded
        The last step that can be gone to.
    """

    def __init__(self) -> None:
        self.recorded = 0
        self._steps_per_epoch = 1
        self._records: dict[str, Array] = {}
        self._series: dict[str, StepSeries] = {}

    def take(self, report: Report) -> None:
        """Add what a report says, and forget what it says is no more."""
        self.recorded = report.recorded
        self._steps_per_epoch = report.frame.steps_per_epoch
        new: dict[str, list[tuple[float, ...]]] = {}
        for r in report.records:
            row = (r.epoch, r.training_loss, r.validation_loss, r.training_accuracy, r.validation_accuracy)
            new.setdefault(r.name, []).append((*row, r.step))
        for network, rows in zip(report.frame.networks, report.series, strict=True):
            name = network.name
            before = self.records(name)
            kept = before[before[:, _RECORD_STEP] <= report.since]
            self._records[name] = np.concatenate([kept, np.array(new.get(name, _NO_RECORDS)).reshape(-1, 6)])
            series = self._series.setdefault(name, StepSeries(_MOST_POINTS))
            series.forget_after(report.since)
            series.extend(rows)

    def records(self, name: str) -> Array:
        """A row for each evaluation of a network."""
        return self._records.get(name, _NO_RECORDS)

    def curves(self, kind: str, networks: Shown) -> list[Curve]:
        """The lines of a plot, against epochs."""
        if kind in _EPOCH_COLUMNS:
            return [
                c for name, colour in networks for c in self._of_epochs(name, colour, _EPOCH_COLUMNS[kind])
            ]
        return self._of_steps(kind, networks, lambda values, _: values) if kind == "rate" else []

    def curves_of_batches(self, kind: str, networks: Shown, average: str) -> list[Curve]:
        """The faint lines: values of single batches, averaged over so many steps ("": none)."""
        if kind not in ("loss", "gradient") or not average:
            return []
        steps = float(average)
        return self._of_steps(
            kind, networks, lambda values, stride: exponential_average(values, steps, stride)
        )

    def _of_epochs(self, name: str, colour: QColor, column: int) -> list[Curve]:
        table = self.records(name)
        x = table[:, 0]
        validation = Curve(x, table[:, column + 1], colour, dotted=True, width=1.4)
        return [Curve(x, table[:, column], colour), validation]

    def _of_steps(self, kind: str, networks: Shown, smooth: Callable[[Array, int], Array]) -> list[Curve]:
        curves = []
        for name, colour in networks:
            series = self._series.get(name)
            if series is None:
                continue
            line = QColor(colour)
            if kind == "loss":
                line.setAlphaF(_FAINT)
            rows = series.rows
            y = smooth(rows[:, _STEP_COLUMNS[kind]], series.stride)
            curves.append(Curve(rows[:, STEP] / self._steps_per_epoch, y, line, width=1.0))
        return curves
