"""Checks of networks as JSON."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from app.exporters.tables import write_csv
from core.checks import CheckReport
from core.training import TrainingSpec

RATE_COLUMNS = ("rates", "losses", "smoothed")


def check_json(spec: TrainingSpec, found: Sequence[CheckReport]) -> bytes:
    """`{"training": spec, "networks": [...]}`, each with its name and an object for every check.

    A number that is not finite is null.
    """
    networks = [
        {"name": each.name, **{check.key: _plain(result) for check, result in each.results()}}
        for each in found
    ]
    return msgspec.json.encode({"training": msgspec.to_builtins(spec), "networks": networks})


def write_check_json(spec: TrainingSpec, found: Sequence[CheckReport], path: Path) -> None:
    """What `optiscope check --json` prints."""
    path.write_bytes(check_json(spec, found))


def write_rates_csv(found: Sequence[CheckReport], path: Path) -> None:
    """A row for every step of every network's range test; a loss that is not finite is inf."""
    rows = (
        (each.name, step, *numbers)
        for each in found
        for step, numbers in enumerate(
            zip(*(getattr(each.rate_range, name).tolist() for name in RATE_COLUMNS), strict=True)
        )
    )
    write_csv(path, ("network", "step", "learning_rate", "loss", "smoothed_loss"), rows)


def _plain(result: Any) -> dict[str, Any]:
    pairs = dataclasses.asdict(result).items()
    return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in pairs}
