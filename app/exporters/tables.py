"""Results as CSV, JSON and NumPy arrays, every number at full precision."""

import csv
import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from app.choices import method_labels
from core.choice import Choice
from core.clouds import shares
from core.critical_points import CriticalPoint, CriticalPoints
from core.descent import Trajectories, Trajectory
from core.diagnosis import diagnose
from core.effort import evaluations
from core.maps import MapResult
from core.network.health import examine
from core.network.statistics import LayerStatistics
from core.training import EpochRecord, NetworkFrame, TrainingFrame, TrainingSpec
from core.training.series import COLUMNS, StepSeries

Series = Mapping[str, StepSeries]
"""By name of the network: what was noted at its steps."""

DESCENT_COLUMNS = ("optimizer", "start", "step", "x", "y", "loss", "gradient_norm")
CRITICAL_COLUMNS = (
    "kind", "x", "y", "loss", "gradient_norm", "eigenvalue_low", "eigenvalue_high", "way_out_x", "way_out_y",
    "note",
)  # fmt: skip
MAP_COLUMNS = ("outcome", "final_x", "final_y", "final_loss", "converged_at", "minimum")
HISTOGRAM_COLUMNS = ("network", "layer", "kind", "low", "high", "count")
TRAINING_COLUMNS = (
    "network", "epoch", "step",
    "training_loss", "training_accuracy", "validation_loss", "validation_accuracy",
)  # fmt: skip


def write_descent_csv(trajectories: Trajectories, path: Path) -> None:
    """A row for every step of every run, from step 0; `start` is the start's place in the list, from 0."""
    write_csv(path, DESCENT_COLUMNS, _descent_rows(trajectories))


def write_descent_json(trajectories: Trajectories, path: Path) -> None:
    """`{"minima": [...], "runs": [...]}`: minima that are known or found, and an object for every run."""
    found = shares(trajectories)
    runs = [
        {**_run(run), "minimum": index if index >= 0 else None}
        for run, index in zip(trajectories.runs, found.minimum, strict=True)
    ]
    write_json(path, {"minima": found.minima, "runs": runs})


def write_descent_npz(trajectories: Trajectories, path: Path) -> None:
    """The same columns as in CSV, an array for each."""
    write_npz(path, DESCENT_COLUMNS, _descent_rows(trajectories))


def write_training_csv(frames: Sequence[TrainingFrame], path: Path) -> None:
    """A row for every evaluation of every network, from the one before the first step."""
    write_csv(path, TRAINING_COLUMNS, _training_rows(frames))


def write_training_npz(frames: Sequence[TrainingFrame], path: Path) -> None:
    """The same columns as in CSV, an array for each."""
    write_npz(path, TRAINING_COLUMNS, _training_rows(frames))


def write_histograms_csv(frame: TrainingFrame, path: Path) -> None:
    """A row for every bin of every histogram: its network, layer and kind, from where to where, its count."""
    write_csv(path, HISTOGRAM_COLUMNS, _histogram_rows(frame))


def write_histograms_npz(frame: TrainingFrame, path: Path) -> None:
    """The same columns as in CSV, an array for each."""
    write_npz(path, HISTOGRAM_COLUMNS, _histogram_rows(frame))


def _training_rows(frames: Sequence[TrainingFrame]) -> Iterator[tuple[Any, ...]]:
    for record in _records(frames):
        yield record.name, *(getattr(record, column) for column in TRAINING_COLUMNS[1:])


def _histogram_rows(frame: TrainingFrame) -> Iterator[tuple[Any, ...]]:
    for network in frame.networks:
        for cell in network.statistics:
            edges = cell.edges.tolist()
            for low, high, count in zip(edges, edges[1:], cell.counts.tolist(), strict=False):
                yield network.name, cell.layer, cell.kind, low, high, count


def write_training_json(
    spec: TrainingSpec, frames: Sequence[TrainingFrame], series: Series, path: Path
) -> None:
    """`{"training": spec, "runs": [...]}`, an object for every network with its epochs and their layers.

    Its `steps` are lists over the steps (every 2nd, 4th ... of them, where a run is very long).
    """
    runs = [
        {**_network(network, frames, place), "steps": _steps(series[network.name])}
        for place, network in enumerate(frames[-1].networks)
    ]
    write_json(path, {"training": msgspec.to_builtins(spec), "runs": runs})


def write_critical_csv(found: CriticalPoints, path: Path) -> None:
    """A row for every point; what a point does not have is empty."""
    write_csv(path, CRITICAL_COLUMNS, (_critical_row(point) for point in found.points))


def write_critical_json(found: CriticalPoints, path: Path) -> None:
    """What `optiscope critical-points --json` prints."""
    path.write_bytes(critical_json(found))


def critical_json(found: CriticalPoints) -> bytes:
    """`{"points": [...]}`, an object for every point; eigenvalues that do not exist are null."""
    points = [
        {"x": point.x, "y": point.y, "loss": point.loss, "kind": point.kind,
         "eigenvalues": point.eigenvalues or (None, None)}
        for point in found.points
    ]  # fmt: skip
    return msgspec.json.encode({"points": points})


def write_critical_npz(found: CriticalPoints, path: Path) -> None:
    """Arrays over the points; NaN is what a point does not have.

    x, y, loss and gradient_norm (n,), kind and note (n,) text, eigenvalues (n, 2), way_out (n, 2).
    """
    rows = [_critical_row(point) for point in found.points]
    columns: dict[str, list[Any]] = {
        name: [row[place] for row in rows] for place, name in enumerate(CRITICAL_COLUMNS)
    }
    arrays: dict[str, Any] = {name: np.array(columns[name], str) for name in ("kind", "note")}
    arrays |= {name: np.array(columns[name], float) for name in ("x", "y", "loss", "gradient_norm")}
    arrays |= {
        name: np.array([columns[first], columns[second]], float).T
        for name, first, second in (
            ("eigenvalues", "eigenvalue_low", "eigenvalue_high"),
            ("way_out", "way_out_x", "way_out_y"),
        )
    }
    with path.open("wb") as file:  # by its name, NumPy would add an ending
        np.savez(file, **arrays)


def _critical_row(point: CriticalPoint) -> tuple[Any, ...]:
    nothing = (None, None)
    values, way_out = point.eigenvalues or nothing, point.way_out or nothing
    return point.kind, point.x, point.y, point.loss, point.gradient_norm, *values, *way_out, point.note


def _records(frames: Sequence[TrainingFrame]) -> Iterator[EpochRecord]:
    """Every evaluation in the frames, network by network."""
    for place in range(len(frames[-1].networks)):
        for frame in _evaluated(frames, place):
            yield frame.networks[place].record


def _evaluated(frames: Iterable[TrainingFrame], place: int) -> Iterator[TrainingFrame]:
    """The frames at whose step the network was evaluated; a diverged one no longer is."""
    return (frame for frame in frames if frame.networks[place].record.step == frame.step)


def _descent_rows(trajectories: Trajectories) -> Iterator[tuple[Any, ...]]:
    labels, starts = method_labels(trajectories.spec.methods), len(trajectories.spec.starts)
    for place, run in enumerate(trajectories.runs):
        numbers = zip(run.points.tolist(), run.losses.tolist(), run.gradient_norms.tolist(), strict=True)
        for step, (point, loss, norm) in enumerate(numbers):
            yield labels[place // starts], place % starts, step, *point, loss, norm


def _run(run: Trajectory) -> dict[str, Any]:
    return {
        "optimizer": run.method.optimizer.id,
        "hyperparameters": run.values,
        "schedule": _choice(run.method.schedule),
        "momentum_schedule": _choice(run.method.momentum_schedule),
        "start": run.start,
        "batch_size": run.spec.batch_size,
        "outcome": run.outcome,
        "converged_at": run.step if run.outcome == "converged" else None,
        "diverged_at": run.step if run.outcome == "diverged" else None,
        "message": run.message,
        "diagnosis": dataclasses.asdict(diagnose(run)),
        "points": run.points.tolist(),
        "losses": run.losses.tolist(),
        "gradient_norms": run.gradient_norms.tolist(),
        "gradient_evaluations": evaluations(run).tolist(),
    }


def _network(network: NetworkFrame, frames: Sequence[TrainingFrame], place: int) -> dict[str, Any]:
    return {
        "name": network.name,
        "variant": msgspec.to_builtins(network.variant),
        "outcome": network.outcome,
        "diverged_at": network.diverged_at,
        "message": network.message,
        "epochs": [_epoch(frame.networks[place]) for frame in _evaluated(frames, place)],
    }


def _steps(series: StepSeries) -> dict[str, list[float]]:
    columns = dict(zip(COLUMNS, series.rows.T.tolist(), strict=True))
    return {**columns, "step": [int(step) for step in columns["step"]]}


def _epoch(network: NetworkFrame) -> dict[str, Any]:
    figures = {column: getattr(network.record, column) for column in TRAINING_COLUMNS[1:]}
    health = examine(network.statistics, network.variant.network, network.variant.initializer)
    return {
        **figures,
        "verdicts": [verdict.sentence for verdict in health.verdicts],
        "layers": [_layer(cell) for cell in network.statistics],
    }


def _layer(cell: LayerStatistics) -> dict[str, Any]:
    figures = (
        "mean", "std", "minimum", "maximum", "dead", "saturated",
        "gradient_norm", "weight_norm", "update_ratio",
    )  # fmt: skip
    return {
        "layer": cell.layer,
        "kind": cell.kind,
        **{name: float(getattr(cell, name)) for name in figures},
        "non_finite": cell.non_finite,
        "counts": cell.counts.tolist(),
        "edges": cell.edges.tolist(),
    }


def _choice(choice: Choice) -> dict[str, Any]:
    return {"id": choice.id, "values": choice.values}


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A header and rows, every number at full precision."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def write_npz(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """An array for each column."""
    arrays: dict[str, Any] = {
        name: np.array(values) for name, values in zip(columns, zip(*rows, strict=True), strict=True)
    }
    with path.open("wb") as file:  # by its name, NumPy would add an ending
        np.savez_compressed(file, **arrays)


def write_json(path: Path, content: Any) -> None:
    """Strict JSON: a number that is not finite becomes null."""
    path.write_bytes(msgspec.json.encode(content))


def write_map_csv(result: MapResult, path: Path) -> None:
    """A row for every pixel, from the lowest row up; what a run that diverged has no value of is nan."""
    x, y = result.spec.axes
    names = ("start_x", "start_y") if result.spec.kind == "starts" else (x.name, y.name)
    write_csv(path, (*names, *MAP_COLUMNS), _map_rows(result))


def write_map_json(result: MapResult, path: Path) -> None:
    """`{"map": spec, "minima": [...], ...}`, every array as rows of columns; what is not finite is null."""
    arrays = {name: values.tolist() for name, values in _map_arrays(result).items()}
    write_json(path, {"map": msgspec.to_builtins(result.spec), **arrays})


def write_map_npz(result: MapResult, path: Path) -> None:
    """The same arrays for NumPy, and the spec as JSON in `map`."""
    with path.open("wb") as file:
        np.savez_compressed(file, map=msgspec.json.encode(result.spec).decode(), **_map_arrays(result))


def _map_arrays(result: MapResult) -> dict[str, Any]:
    return {
        "x": result.x,
        "y": result.y,
        "minima": np.array(result.minima).reshape(-1, 2),
        "minimum": result.minimum,
        "converged_at": result.converged_at,
        "losses": result.losses,
        "points": result.points,
        "diverged": result.diverged,
        "undefined": result.undefined,
    }


def _map_rows(result: MapResult) -> Iterator[tuple[Any, ...]]:
    for row, y in enumerate(result.y.tolist()):
        outcomes = zip(
            result.x.tolist(), result.diverged[row].tolist(), result.undefined[row].tolist(),
            result.converged_at[row].tolist(), result.minimum[row].tolist(),
            result.points[row].tolist(), result.losses[row].tolist(), strict=True,
        )  # fmt: skip
        for x, diverged, undefined, converged_at, minimum, point, loss in outcomes:
            outcome = "undefined" if undefined else "diverged" if diverged else (
                "converged" if converged_at >= 0 else "completed"
            )  # fmt: skip
            yield x, y, outcome, *point, loss, converged_at, minimum
