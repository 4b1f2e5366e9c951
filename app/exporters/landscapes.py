"""Landscapes of trained networks as tables, JSON, NumPy archive and picture."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from app.exporters.tables import write_csv, write_json
from core.landscape import Curvature, Landscape
from core.training.variant import names

COLUMNS = ("kind", "network", "step", "x", "y", "loss")


def write_landscape_csv(found: Landscape, path: Path) -> None:
    """A row for every point of the grid, from the lowest row up, then for every point of the paths."""
    grid = (
        ("grid", "", "", x, y, loss)
        for y, row in zip(found.y.tolist(), found.losses.tolist(), strict=True)
        for x, loss in zip(found.x.tolist(), row, strict=True)
    )
    points = (
        ("path", each.name, *numbers)
        for each in found.paths
        for numbers in zip(*(getattr(each, n).tolist() for n in ("steps", "x", "y", "losses")), strict=True)
    )
    write_csv(path, COLUMNS, (*grid, *points))


def write_landscape_json(found: Landscape, figures: Sequence[Curvature], path: Path) -> None:
    """`{"landscape": spec, "x": [...], "y": [...], "losses": rows, "paths": [...], ...}`."""
    paths = [
        {"name": each.name, **{n: getattr(each, n).tolist() for n in ("steps", "x", "y", "losses")}}
        for each in found.paths
    ]
    called = names(found.plane.spec.training.variants)
    content: dict[str, Any] = {
        "landscape": msgspec.to_builtins(found.plane.spec),
        "x": found.x.tolist(),
        "y": found.y.tolist(),
        "losses": found.losses.tolist(),
        "paths": paths,
        "residual": found.plane.residual,
        "left_out": [called[place] for place, _ in found.plane.left_out],
        "curvature": [dataclasses.asdict(each) for each in figures],
    }
    write_json(path, content)


def write_landscape_npz(found: Landscape, path: Path) -> None:
    """Arrays x, y, losses, centre, directions, residual; `path_0_x` and so on for each path; spec as JSON."""
    arrays: dict[str, Any] = {
        "landscape": msgspec.json.encode(found.plane.spec).decode(),
        "x": found.x,
        "y": found.y,
        "losses": found.losses,
        "centre": found.plane.centre,
        "directions": found.plane.directions,
        "residual": found.plane.residual,
        "networks": np.array([each.name for each in found.paths]),
    }
    for place, each in enumerate(found.paths):
        arrays |= {f"path_{place}_{name}": getattr(each, name) for name in ("steps", "x", "y", "losses")}
    with path.open("wb") as file:  # by its name, savez would add an ending
        np.savez_compressed(file, **arrays)
