"""`optiscope map`: what it prints and writes is what `core.maps` computed."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.choice import Choice
from core.map_spec import MapSpec
from core.maps import MapResult, compute_map
from core.optimizer import MethodSpec
from core.surface import SurfaceSpec
from tests.app.cli_runner import Optiscope
from tests.app.test_cli_list import strict_json

SMALL = ("--size", "12", "9", "--steps", "60")


def computed() -> MapResult:
    method = MethodSpec(Choice("sgd", {"learning_rate": 0.04}))
    return compute_map(MapSpec(SurfaceSpec("himmelblau"), method, columns=12, rows=9, steps=60))


def test_csv_json_and_npz_hold_every_pixel(optiscope: Optiscope) -> None:
    words = ("--surface", "himmelblau", "--optimizer", "sgd:learning_rate=0.04", *SMALL)
    result = optiscope("map", *words, "--out", "m.csv", "m.json", "m.npz")
    assert (result.status, result.err) == (0, "")
    expected = computed()
    assert 0 < expected.share(expected.diverged) < 1
    rows = list(csv.DictReader(Path("m.csv").read_text().splitlines()))
    assert len(rows) == 108
    outcomes = {"diverged": expected.diverged, "converged": expected.converged_at >= 0}
    for name, mask in outcomes.items():
        assert [row["outcome"] == name for row in rows] == mask.ravel().tolist()
    np.testing.assert_array_equal([float(row["final_loss"]) for row in rows], expected.losses.ravel())
    assert [float(row["start_x"]) for row in rows[:12]] == expected.x.tolist()
    content = strict_json(Path("m.json").read_text())
    assert content["map"]["domain"] == [-5.0, 5.0, -5.0, 5.0]
    assert content["minimum"] == expected.minimum.tolist()
    assert content["losses"][0][0] is None or isinstance(content["losses"][0][0], float)
    with np.load("m.npz") as arrays:
        np.testing.assert_array_equal(arrays["points"], expected.points)
        assert json.loads(str(arrays["map"]))["columns"] == 12


def test_the_table_shows_the_share_of_every_outcome(optiscope: Optiscope) -> None:
    words = ("--surface", "himmelblau", "--optimizer", "sgd:learning_rate=0.04", *SMALL)
    out = optiscope("map", *words).out
    expected = computed()
    lines = {line.split("  ")[0]: line.split() for line in out.splitlines()}
    assert lines["diverged"][-2:] == [
        f"{expected.share(expected.diverged):.2%}", str(np.count_nonzero(expected.diverged)),
    ]  # fmt: skip
    for index in set(expected.minimum[expected.minimum >= 0].tolist()):
        assert int(lines[f"minimum {index}"][-1]) == np.count_nonzero(expected.minimum == index)
    assert "sgd used learning_rate=0.04" in out


def test_names_of_numbers_make_a_map_of_numbers(optiscope: Optiscope) -> None:
    words = ("--surface", "rosenbrock", "--optimizer", "momentum", *SMALL)
    axes = ("--x", "learning_rate", "1e-5", "0.01", "--y", "momentum", "0", "0.99")
    result = optiscope("map", *words, *axes, "--start", "-1.2", "1", "--out", "m.json", "m.csv")
    assert (result.status, result.err) == (0, "")
    spec = json.loads(Path("m.json").read_text())["map"]
    assert (spec["kind"], spec["start"], spec["x"]["scale"], spec["y"]["scale"]) == (
        "hyperparameters", [-1.2, 1.0], "log", "one_minus_log",
    )  # fmt: skip
    assert Path("m.csv").read_text().startswith("learning_rate,momentum,outcome,")
    assert "lowest final loss" in result.out


def test_without_axes_the_optimizer_s_first_numbers_are_taken(optiscope: Optiscope) -> None:
    assert (
        optiscope("map", "--surface", "sphere", "--kind", "hyperparameters", *SMALL, "--out", "m.json").status
        == 0
    )
    spec = json.loads(Path("m.json").read_text())["map"]
    assert (spec["x"]["name"], spec["y"]["name"]) == ("learning_rate", "beta1")


def test_the_axes_x_and_y_are_the_domain(optiscope: Optiscope) -> None:
    words = ("--formula", "x**2 + y**2", *SMALL, "--x", "x", "-100", "-50", "--out", "m.json")
    assert optiscope("map", *words).status == 0
    assert json.loads(Path("m.json").read_text())["map"]["domain"][:2] == [-100.0, -50.0]


@pytest.mark.parametrize("show", ["minimum", "steps", "loss"])
@pytest.mark.parametrize("words", [
    ("--surface", "himmelblau", "--optimizer", "sgd:learning_rate=0.04"),
    ("--surface", "rosenbrock", "--optimizer", "momentum", "--kind", "hyperparameters"),
    ("--formula", "sqrt(x) + y**2"),
    ("--formula", "3"),
])  # fmt: skip
def test_pictures_show_the_map(optiscope: Optiscope, words: tuple[str, ...], show: str) -> None:
    assert optiscope("map", *words, *SMALL, "--show", show, "--out", "m.png").status == 0
    with Image.open("m.png") as picture:
        assert picture.width > 1000
        assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 3


def test_a_long_map_says_how_far_it_is(optiscope: Optiscope, monkeypatch: pytest.MonkeyPatch) -> None:
    import app.commands.map

    monkeypatch.setattr(app.commands.map, "LONG", 1)
    monkeypatch.setattr(app.commands.map, "can_compile", lambda: False)
    result = optiscope("map", "--surface", "sphere", "--size", "200", "200", "--steps", "2")
    assert result.status == 0
    assert "40,000 of 40,000 pixels, 100 %" in result.err
