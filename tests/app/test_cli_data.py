"""Surfaces made of data on the command line: mini-batches, and tables of one's own."""

import json
from pathlib import Path

import pytest

from core.surface import surfaces
from tests.app.cli_runner import Optiscope

CARS = "speed;dist\n4,0;2\n7,5;4\n8,0;16\n9,25;10\n10;18\n12;30\n"


@pytest.fixture
def cars(tmp_path: Path) -> str:
    path = tmp_path / "cars.csv"
    path.write_text(CARS, encoding="utf-8")
    return str(path)


def test_batches_change_the_path_and_are_written_down(optiscope: Optiscope, tmp_path: Path) -> None:
    losses = []
    for size in ("4", "0"):
        path = tmp_path / f"{size}.json"
        done = optiscope(
            "descend", "--surface", "logistic_regression", "--optimizer", "sgd", "--steps", "12",
            "--batch-size", size, "--out", str(path),
        )  # fmt: skip
        assert done.status == 0, done.err
        (run,) = json.loads(path.read_text())["runs"]
        assert run["batch_size"] == int(size)
        losses.append(run["losses"])
        seen = run["gradient_evaluations"]
        assert seen[:8] == ([0, 4, 8, 12, 16, 20, 23, 27] if size == "4" else [23 * i for i in range(8)])
    assert losses[0][0] == losses[1][0]
    assert losses[0][1:] != losses[1][1:]


def test_a_table_of_one_s_own_is_a_surface_for_every_command(
    optiscope: Optiscope, cars: str, tmp_path: Path
) -> None:
    path = tmp_path / "runs.csv"
    done = optiscope("descend", "--csv", cars, "--optimizer", "adam", "--batch-size", "2", "--out", str(path))
    assert done.status == 0, done.err
    assert len(path.read_text().splitlines()) == 302
    found = optiscope("critical-points", "--csv", cars, "--json")
    (point,) = json.loads(found.out)["points"]
    assert point["kind"] == "minimum"
    for words in (
        ("tune", "--csv", cars, "--optimizer", "sgd", "--budget", "8", "--batch-size", "3"),
        ("map", "--csv", cars, "--size", "8", "6", "--standardize"),
    ):
        assert optiscope(*words).status == 0


def test_standardized_features_make_the_bowl_round(optiscope: Optiscope, cars: str) -> None:
    found = optiscope(
        "critical-points", "--csv", cars, "--features", "1", "--target", "dist", "--standardize", "--json"
    )
    ((low, high),) = [point["eigenvalues"] for point in json.loads(found.out)["points"]]
    assert low == pytest.approx(1.0)
    assert high == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--surface", "beale", "--batch-size", "4"), "Mini-batches need a surface made of data"),
        (("--formula", "x*x", "--batch-size", "1"), "Mini-batches need a surface made of data"),
        (
            ("--surface", "logistic_regression", "--batch-size", "24"),
            "at most 23, the number of samples, not 24.",
        ),
        (("--surface", "logistic_regression", "--batch-size", "some"), "'some' is not one."),
        (("--surface", "logistic_regression", "--batch-size"), "--batch-size needs a value, for example"),
        (("--csv", "CARS", "--batch-size", "7"), "at most 6, the number of samples, not 7."),
        (("--csv", "CARS", "--surface", "beale"), "--surface and --csv exclude each other; give one of them"),
        (
            ("--csv", "CARS", "--features", "sped"),
            "cars.csv: There is no column 'sped'; did you mean 'speed'?",
        ),
        (("--csv", "CARS", "--features"), "--features"),
        (("--csv", "CARS", "--target", "speed", "--features", "speed"), "cannot be both feature and target."),
        (("--csv", "nowhere.csv"), "nowhere.csv cannot be read: No such file or directory."),
        (("--csv", "."), "cannot be read: Is a directory."),
        (("--csv", ""), "cannot be read"),
        (
            ("--surface", "beale", "--standardize"),
            "--standardize is about the columns of a table; give one with --csv",
        ),
        (("--formula", "x*x", "--features", "u"), "--features is about the columns of a table;"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    optiscope: Optiscope, cars: str, arguments: tuple[str, ...], sentence: str
) -> None:
    words = [cars if word == "CARS" else word for word in arguments]
    assert sentence in optiscope("descend", *words).complaint


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "cars.csv: There is no table in it: it is empty."),
     ("speed,dist\n4,2\n5,none\n", "cars.csv: Line 3, column 'dist' has no value;"),
     ("speed,dist\n4,2\n5,far\n", "cars.csv: Line 3, column 'dist' must be a number; 'far' is not one."),
     ("speed,dist\n4,2\n", "cars.csv: The table has one row; a line needs at least two."),
     ("speed,dist\n4,2\n4,3\n", "cars.csv: Column 'speed' is 4 in every row;")],
)  # fmt: skip
def test_a_table_that_cannot_be_fitted_is_refused(
    optiscope: Optiscope, cars: str, text: str, sentence: str
) -> None:
    Path(cars).write_text(text, encoding="utf-8")
    assert sentence in optiscope("descend", "--csv", cars).complaint


def test_surfaces_made_of_data_stand_in_the_list_with_the_others(optiscope: Optiscope) -> None:
    shown = optiscope("list", "surfaces").out
    assert "mean of (x*u + y - t)**2/2 over 50 samples" in shown
    listed = {each["id"]: each for each in json.loads(optiscope("list", "surfaces", "--json").out)}
    assert list(listed) == list(surfaces())
    assert listed["logistic_regression"]["data"]["file"] == "o_rings.csv"
