"""`optiscope tune`: what it prints and writes is what `core.search` found."""

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.exporters.tunings import COLUMNS
from core.choice import Choice
from core.optimizer import OPTIMIZERS, MethodSpec, basic_optimizers
from core.search import RATE, TuneResult, TuneSpec, tune
from core.surface import SurfaceSpec, surfaces
from tests.app.cli_runner import Optiscope
from tests.app.test_cli_list import strict_json

BEALE = (
    "--surface",
    "beale",
    "--optimizer",
    "momentum",
    "--optimizer",
    "sgd:learning_rate=1",
    "--budget",
    "12",
)


def computed(*what: str) -> TuneResult:
    entry = surfaces()["beale"]
    choices = Choice("momentum", {RATE: entry.learning_rates["momentum"]}), Choice("sgd", {RATE: 1.0})
    methods = tuple(MethodSpec(choice) for choice in choices)
    return tune(TuneSpec(SurfaceSpec("beale"), methods, entry.starts[:1], entry.steps, 12, (RATE, *what)))


def test_the_table_has_a_row_for_every_optimizer_and_a_sentence_for_each(optiscope: Optiscope) -> None:
    done = optiscope("tune", "--surface", "sphere", "--budget", "8")
    assert done.status == 0
    lines = done.out.splitlines()
    assert lines[0].split() == [
        "optimizer",
        "tuned",
        "values",
        "loss",
        "before",
        "after",
        "trials",
        "diverged",
    ]
    assert [line.split()[0] for line in lines[1:7]] == list(OPTIMIZERS)[:6]
    assert all(" 8 " in line and "->" in line for line in lines[1:7])
    for key in basic_optimizers():
        assert f"\n{OPTIMIZERS[key].name}: 8 settings from 1 start" in done.out


def test_progress_goes_to_standard_error(optiscope: Optiscope) -> None:
    done = optiscope("tune", *BEALE)
    assert "trial 12 of 12, 100 %" in done.err
    assert "%" not in done.out


def test_csv_has_a_row_for_every_trial(optiscope: Optiscope) -> None:
    assert optiscope("tune", *BEALE, "--also", "momentum", "--out", "trials.csv").status == 0
    rows = list(csv.reader(Path("trials.csv").read_text(encoding="utf-8").splitlines()))
    assert tuple(rows.pop(0)) == (*COLUMNS, RATE, "momentum")
    expected = [
        (tuning.method.optimizer.id, number, trial)
        for tuning in computed("momentum").tunings
        for number, trial in enumerate(tuning.trials)
    ]
    assert len(rows) == 24
    for row, (key, number, trial) in zip(rows, expected, strict=True):
        assert (row[0], int(row[1]), row[2], float(row[5])) == (key, number, trial.kind, trial.loss)
        assert float(row[8]) == trial.values[RATE]
        assert row[9] == str(trial.values.get("momentum", ""))
    assert sum(int(row[3]) for row in rows) == 2


def test_json_has_trials_and_curves(optiscope: Optiscope) -> None:
    assert optiscope("tune", *BEALE, "--out", "tuned.json").status == 0
    content: dict[str, Any] = strict_json(Path("tuned.json").read_text(encoding="utf-8"))
    result = computed()
    assert content["lowest_known"] == result.lowest
    for found, tuning in zip(content["optimizers"], result.tunings, strict=True):
        assert found["optimizer"] == tuning.method.optimizer.id
        assert found["tuned"] == tuning.best.values
        assert len(found["trials"]) == 12
        rates = [point[RATE] for point in found["curve"]]
        assert rates == sorted(rates)
        assert found["best"]["score"] <= found["current"]["score"]
    lost = content["optimizers"][1]["trials"][0]
    assert (lost["kind"], lost["final_loss"], lost["diverged"]) == ("current", None, 1)


def test_npz_has_a_row_for_every_optimizer(optiscope: Optiscope) -> None:
    assert optiscope("tune", *BEALE, "--also", "momentum", "--out", "tuned.npz").status == 0
    result = computed("momentum")
    with np.load("tuned.npz") as arrays:
        assert arrays["score"].shape == arrays[RATE].shape == arrays["momentum"].shape == (2, 12)
        assert arrays["final_losses"].shape == (2, 12, 1)
        assert np.isnan(arrays["momentum"][1]).all()
        assert math.isinf(arrays["final_loss"][1, 0])
        for row, tuning in enumerate(result.tunings):
            assert arrays[RATE][row, arrays["best"][row]] == tuning.best.values[RATE]
            length = len(tuning.curve())
            assert np.isnan(arrays["curve_learning_rate"][row, length:]).all()
            assert np.isfinite(arrays["curve_learning_rate"][row, :length]).all()


def test_words_are_written_as_words(optiscope: Optiscope) -> None:
    arguments = ("--surface", "sphere", "--optimizer", "adagrad", "--optimizer", "sgd", "--budget", "12")
    assert optiscope("tune", *arguments, "--also", "accumulate", "--out", "t.npz", "t.csv").status == 0
    with np.load("t.npz") as arrays:
        assert set(arrays["accumulate"][0]) == {"sum", "mean"}
        assert set(arrays["accumulate"][1]) == {""}


def test_the_same_words_give_the_same_files(optiscope: Optiscope) -> None:
    for name in ("one.csv", "two.csv"):
        assert optiscope("tune", *BEALE, "--also", "momentum", "--seed", "3", "--out", name).status == 0
    assert Path("one.csv").read_bytes() == Path("two.csv").read_bytes()


def test_a_formula_with_several_starts(optiscope: Optiscope) -> None:
    done = optiscope(
        "tune", "--formula", "x**2 + 30*y**2", "--start", "4", "1", "--start", "-3", "2",
        "--steps", "50", "--budget", "6", "--optimizer", "sgd",
    )  # fmt: skip
    assert done.status == 0
    assert "SGD: 6 settings from 2 starts" in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--surface"),
        (("--surface", "spere"), "did you mean 'sphere'"),
        (("--surface", "sphere", "--budget", "2"), "from 5"),
        (("--surface", "sphere", "--budget", "many"), "'many' is not one"),
        (("--surface", "sphere", "--budget"), "--budget needs a value"),
        (("--surface", "sphere", "--also", "moment"), "did you mean 'momentum'"),
        (("--surface", "sphere", "--also", ""), "--also needs the name"),
        (("--surface", "sphere", "--optimizer", "sgd", "--also", "momentum"), "no hyperparameter"),
        (("--surface", "sphere", "--start", "90", "0"), "outside"),
        (("--surface", "sphere", "--out", "t.txt"), ".csv, .json, .npz or .png"),
        (("--surface", "sphere", "--sead", "1"), "--seed"),
    ],
    ids=str,
)
def test_bad_input_is_one_line(optiscope: Optiscope, arguments: tuple[str, ...], words: str) -> None:
    assert words in optiscope("tune", *arguments).complaint
