"""Checks of networks as JSON."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from core.checks import CheckReport
from core.training import TrainingSpec


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


def _plain(result: Any) -> dict[str, Any]:
    pairs = dataclasses.asdict(result).items()
    return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in pairs}
