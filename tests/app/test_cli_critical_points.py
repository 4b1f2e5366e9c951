"""`optiscope critical-points`: what it prints and writes is what `core.critical_points` found."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.exporters.tables import CRITICAL_COLUMNS
from core.critical_points import critical_points
from core.surface import SurfaceSpec, surface, surfaces
from tests.app.cli_runner import Optiscope
from tests.app.test_cli_list import strict_json

FORMULAS = ("7", "x", "x**2", "abs(x) + abs(y)", "1/x", "sqrt(x)", "exp(exp(x))", "log(x*y)", "-x**2 + y**2")


def points(optiscope: Optiscope, *arguments: str) -> list[dict[str, Any]]:
    result = optiscope("critical-points", *arguments, "--json")
    assert (result.status, result.err) == (0, "")
    content = strict_json(result.out)
    assert list(content) == ["points"]
    return content["points"]


def test_json_is_as_promised(optiscope: Optiscope) -> None:
    expected = critical_points(surface(SurfaceSpec("himmelblau"))).points
    assert points(optiscope, "--surface", "himmelblau") == [
        {"x": p.x, "y": p.y, "loss": p.loss, "kind": p.kind, "eigenvalues": list(p.eigenvalues or ())}
        for p in expected
    ]


@pytest.mark.parametrize("formula", FORMULAS)
def test_json_is_strict_whatever_the_formula(optiscope: Optiscope, formula: str) -> None:
    for point in points(optiscope, "--formula", formula):
        assert list(point) == ["x", "y", "loss", "kind", "eigenvalues"]
        assert point["kind"] in ("minimum", "maximum", "saddle", "degenerate")
        assert len(point["eigenvalues"]) == 2
    assert optiscope("critical-points", "--formula", formula).status == 0


@pytest.mark.parametrize("key", surfaces())
def test_the_table_has_a_line_for_every_point(optiscope: Optiscope, key: str) -> None:
    found = critical_points(surface(SurfaceSpec(key)))
    out = optiscope("critical-points", "--surface", key).out
    lines = out.partition("\n\n")[0].splitlines()
    assert lines[0].split() == ["kind", "x", "y", "loss", "eigenvalues"]
    assert [line.split()[0] for line in lines[1:]] == [point.kind for point in found.points]
    assert found.message in out


def test_what_is_not_found_is_said(optiscope: Optiscope) -> None:
    result = optiscope("critical-points", "--formula", "x + y")
    assert result.out == "There is no critical point in the domain.\n"


def test_the_domain_limits_the_search(optiscope: Optiscope) -> None:
    found = points(optiscope, "--surface", "himmelblau", "--domain", "-5", "0", "-5", "0")
    assert len(found) == 4
    assert all(point["x"] < 0 and point["y"] < 0 for point in found)
    assert len(points(optiscope, "--formula", "sin(x) + y**2", "--domain", "-20", "20", "-1", "1")) == 12


def test_files_hold_what_was_found(optiscope: Optiscope) -> None:
    names = ("p.csv", "p.json", "p.npz")
    printed = optiscope("critical-points", "--surface", "ackley", "--json", "--out", *names).out
    found = critical_points(surface(SurfaceSpec("ackley"))).points
    assert json.loads(Path("p.json").read_text()) == json.loads(printed)
    rows = list(csv.reader(Path("p.csv").read_text().splitlines()))
    assert tuple(rows.pop(0)) == CRITICAL_COLUMNS
    assert [(row[0], float(row[1]), float(row[2]), float(row[3])) for row in rows] == [
        (p.kind, p.x, p.y, p.loss) for p in found
    ]
    with np.load("p.npz") as arrays:
        assert arrays["x"].tolist() == [p.x for p in found]
        assert arrays["kind"].tolist() == [p.kind for p in found]
        assert arrays["eigenvalues"].shape == arrays["way_out"].shape == (len(found), 2)
        assert np.isnan(arrays["eigenvalues"][0]).all()


def test_files_without_points_can_be_read(optiscope: Optiscope) -> None:
    names = ("p.csv", "p.json", "p.npz")
    assert optiscope("critical-points", "--formula", "x", "--out", *names).status == 0
    with np.load("p.npz") as arrays:
        assert arrays["eigenvalues"].shape == (0, 2)
    assert len(Path("p.csv").read_text().splitlines()) == 1


def test_the_picture_shows_the_domain(optiscope: Optiscope, qapp: object) -> None:
    words = ("critical-points", "--surface", "himmelblau", "--domain", "0", "5", "0", "5", "--out", "p.png")
    assert optiscope(*words).status == 0
    with Image.open("p.png") as picture:
        assert picture.width > 1000
