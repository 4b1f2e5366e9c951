"""`optiscope landscape`: what it prints and writes is what `core.landscape` computed."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.landscape import Landscape, LandscapeSpec, compute_landscape
from tests.app.cli_runner import Optiscope
from tests.app.test_cli_list import strict_json
from tests.app.test_cli_train import SMALL, SMALL_SPEC

ARGUMENTS = ("landscape", *SMALL[1:], "--epochs", "3", "--resolution", "9")


@pytest.fixture(scope="module")
def expected() -> Landscape:
    return compute_landscape(LandscapeSpec(SMALL_SPEC, place=1, resolution=9))


def test_every_file_holds_the_landscape(optiscope: Optiscope, expected: Landscape) -> None:
    files = ("plane.npz", "plane.json", "plane.csv", "plane.png")
    result = optiscope(*ARGUMENTS, "--centre", "xavier_normal", "--out", *files)
    assert result.status == 0
    with np.load("plane.npz") as arrays:
        np.testing.assert_array_equal(arrays["losses"], expected.losses)
        np.testing.assert_array_equal(arrays["directions"], expected.plane.directions)
        np.testing.assert_array_equal(arrays["path_0_x"], expected.paths[0].x)
        assert arrays["networks"].tolist() == ["small_normal", "xavier_normal"]
    content = strict_json(Path("plane.json").read_text(encoding="utf-8"))
    assert content["losses"] == expected.losses.tolist()
    assert content["residual"] == expected.plane.residual
    assert content["landscape"]["place"] == 1
    assert [each["name"] for each in content["curvature"]] == ["small_normal", "xavier_normal"]
    with Path("plane.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    grid = [float(row["loss"]) for row in rows if row["kind"] == "grid"]
    assert grid == expected.losses.ravel().tolist()
    assert len(rows) == 81 + sum(len(path.steps) for path in expected.paths)
    with Image.open("plane.png") as image:
        assert image.size == (2400, 1668)
        assert len(image.getcolors(1 << 24) or []) > 100


def test_the_table_says_what_is_on_the_plane_and_how_it_is_curved(optiscope: Optiscope) -> None:
    result = optiscope(*ARGUMENTS, "--variant", "batch_norm=before")
    assert result.status == 0
    lines = result.out.splitlines()
    assert [line.split("  ")[0] for line in lines[1:4]] == [
        "small_normal batch_norm=off", "xavier_normal batch_norm=off", "small_normal batch_norm=before",
    ]  # fmt: skip
    assert [" yes " in line for line in lines[1:4]] == [True, True, False]
    assert lines[4].startswith("The plane holds ")
    assert lines[5] == "Not on the plane, of another shape or data: small_normal batch_norm=before."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--centre", "he_normal"), "no network 'he_normal'"),
        (("--directions", "up"), "directions"),
        (("--epochs", "0"), "trained network"),
        (("--out", "plane.gif"), "ends in"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    optiscope: Optiscope, arguments: tuple[str, ...], sentence: str
) -> None:
    result = optiscope(*ARGUMENTS, *arguments)
    assert (result.status, result.out) == (2, "")
    assert sentence in result.err
    assert result.err.count("\n") == 1
