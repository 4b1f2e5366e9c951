"""Searches as CSV, JSON and NumPy archive: every trial, and the curves of final loss against rate."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from app.choices import method_labels
from app.exporters.tables import write_csv, write_json
from core.search import RATE, Trial, TuneResult, Tuning

COLUMNS = ("optimizer", "trial", "kind", "best", "on_curve", "final_loss", "score", "diverged")


def write_tuning_csv(result: TuneResult, path: Path) -> None:
    """A row for every trial in the order made: what was tried, and what came of it.

    A column for each tuned hyperparameter stands behind `COLUMNS`, empty for an optimizer that
    lacks it. `on_curve` is 1 where only the learning rate differs from what was set.
    """
    write_csv(path, (*COLUMNS, *result.spec.what), _rows(result))


def write_tuning_json(result: TuneResult, path: Path) -> None:
    """`{"search": spec, "lowest_known": loss, "optimizers": [...]}`, an object for every optimizer."""
    labels = method_labels(result.spec.methods)
    content = {
        "search": msgspec.to_builtins(result.spec),
        "sentence": result.sentence,
        "lowest_known": result.lowest,
        "optimizers": [_tuning(label, each) for label, each in zip(labels, result.tunings, strict=True)],
    }
    write_json(path, content)


def write_tuning_npz(result: TuneResult, path: Path) -> None:
    """Arrays with a row for each optimizer.

    `optimizers` and `best` (m,); `kind`, `score`, `final_loss`, `diverged` and each tuned
    hyperparameter (m, trials); `final_losses` (m, trials, starts), infinite where a run diverged;
    `curve_learning_rate` and `curve_final_loss` (m, longest curve), NaN behind a shorter one.
    """
    tunings = result.tunings
    arrays: dict[str, Any] = {
        "optimizers": np.array(method_labels(result.spec.methods)),
        "lowest_known": np.array(result.lowest),
        "best": np.array([tuning.trials.index(tuning.best) for tuning in tunings]),
        "kind": np.array([[trial.kind for trial in tuning.trials] for tuning in tunings]),
        "score": np.array([[trial.score for trial in tuning.trials] for tuning in tunings]),
        "final_loss": np.array([[trial.loss for trial in tuning.trials] for tuning in tunings]),
        "final_losses": np.array([[trial.losses for trial in tuning.trials] for tuning in tunings]),
        "diverged": np.array([[trial.diverged for trial in tuning.trials] for tuning in tunings]),
    }
    for name in result.spec.what:
        arrays[name] = _column([[trial.values.get(name) for trial in tuning.trials] for tuning in tunings])
    curves = [tuning.curve() for tuning in tunings]
    arrays["curve_learning_rate"] = _padded([[float(trial.values[RATE]) for trial in c] for c in curves])
    arrays["curve_final_loss"] = _padded([[trial.loss for trial in curve] for curve in curves])
    with path.open("wb") as file:  # by its name, savez would add an ending
        np.savez_compressed(file, **arrays)


def _column(values: list[list[Any]]) -> np.ndarray:
    """Numbers as floats with NaN where there is none; words as words."""
    if any(isinstance(value, str) for row in values for value in row):
        return np.array([["" if value is None else str(value) for value in row] for row in values])
    return np.array([[np.nan if value is None else float(value) for value in row] for row in values])


def _padded(rows: list[list[float]]) -> np.ndarray:
    longest = max(map(len, rows))
    return np.array([row + [np.nan] * (longest - len(row)) for row in rows])


def _rows(result: TuneResult) -> Iterator[tuple[Any, ...]]:
    for label, tuning in zip(method_labels(result.spec.methods), result.tunings, strict=True):
        best, curve = tuning.best, tuning.curve()
        for number, trial in enumerate(tuning.trials):
            values = (trial.values.get(name, "") for name in result.spec.what)
            marks = int(trial is best), int(any(trial is other for other in curve))
            yield label, number, trial.kind, *marks, trial.loss, trial.score, trial.diverged, *values


def _tuning(label: str, tuning: Tuning) -> dict[str, Any]:
    return {
        "optimizer": tuning.method.optimizer.id,
        "label": label,
        "tuned": tuning.best.values,
        "hyperparameters": tuning.tuned.values(),
        "current": _trial(tuning.current),
        "default": _trial(tuning.default),
        "best": _trial(tuning.best),
        "sentence": tuning.sentence,
        "descents": tuning.descents,
        "trials": [_trial(trial) for trial in tuning.trials],
        "curve": [{RATE: trial.values[RATE], "final_loss": trial.loss} for trial in tuning.curve()],
    }


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "kind": trial.kind,
        "values": trial.values,
        "final_loss": trial.loss,
        "final_losses": trial.losses,
        "score": trial.score,
        "diverged": trial.diverged,
    }
