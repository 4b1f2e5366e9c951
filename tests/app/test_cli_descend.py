"""`optiscope descend`: what it prints and writes is what `core.descent` computed."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from app.exporters.tables import DESCENT_COLUMNS
from core.choice import Choice
from core.descent import DescentSpec, Trajectories, descend
from core.optimizer import OPTIMIZERS, MethodSpec, basic_optimizers
from core.start_pattern import place_starts
from core.surface import SurfaceSpec, surface, surfaces
from tests.app.cli_runner import Optiscope
from tests.app.test_cli_list import strict_json


def computed(
    surface: str, *choices: Choice, starts: tuple[tuple[float, float], ...], **numbers: Any
) -> Trajectories:
    methods = tuple(MethodSpec(choice) for choice in choices)
    return descend(DescentSpec(SurfaceSpec(surface), methods, starts, **numbers))


def runs(optiscope: Optiscope, *arguments: str) -> list[dict[str, Any]]:
    result = optiscope("descend", *arguments, "--out", "runs.json")
    assert (result.status, result.err) == (0, "")
    content: list[dict[str, Any]] = strict_json(Path("runs.json").read_text(encoding="utf-8"))["runs"]
    return content


def test_csv_has_a_row_for_every_step_at_full_precision(optiscope: Optiscope) -> None:
    arguments = (
        "--surface",
        "beale",
        "--optimizer",
        "adam:learning_rate=0.1",
        "--optimizer",
        "sgd:learning_rate=0.01",
    )
    arguments += ("--start", "-1", "-1.5", "--start", "1.0", "1.5", "--steps", "20", "--out", "runs.csv")
    assert optiscope("descend", *arguments).status == 0
    text = Path("runs.csv").read_bytes().decode("utf-8")
    assert text.startswith("optimizer,start,step,x,y,loss,gradient_norm\nadam,0,0,-1.0,-1.5,")
    rows = list(csv.reader(text.splitlines()))
    assert tuple(rows.pop(0)) == DESCENT_COLUMNS
    starts = ((-1.0, -1.5), (1.0, 1.5))
    rates = Choice("adam", {"learning_rate": 0.1}), Choice("sgd", {"learning_rate": 0.01})
    expected = []
    for place, run in enumerate(computed("beale", *rates, starts=starts, steps=20).runs):
        for step in range(21):
            numbers = (*run.points[step], run.losses[step], run.gradient_norms[step])
            expected.append((run.method.optimizer.id, place % 2, step, *map(float, numbers)))
    assert [(row[0], int(row[1]), int(row[2]), *map(float, row[3:])) for row in rows] == expected


def test_json_has_the_promised_fields(optiscope: Optiscope) -> None:
    (run,) = runs(optiscope, "--surface", "sphere", "--optimizer", "adam:beta1=0.8", "--steps", "5")
    assert run["optimizer"] == "adam"
    rate = surfaces()["sphere"].learning_rates["adam"]
    defaults = {"beta2": 0.999, "epsilon": 1e-8, "bias_correction": True}
    assert run["hyperparameters"] == {"learning_rate": rate, "beta1": 0.8, **defaults}
    start = surfaces()["sphere"].starts[0]
    assert run["start"] == list(start)
    assert (run["outcome"], run["diverged_at"]) == ("completed", None)
    assert run["message"].startswith("Made all 5 steps")
    values: dict[str, Any] = {"learning_rate": rate, "beta1": 0.8}
    expected = computed("sphere", Choice("adam", values), starts=(start,), steps=5).runs[0]
    assert run["points"] == expected.points.tolist()
    assert run["losses"] == expected.losses.tolist()
    assert run["gradient_norms"] == expected.gradient_norms.tolist()


def test_a_diverged_run_is_a_result(optiscope: Optiscope) -> None:
    arguments = ("--surface", "rosenbrock", "--optimizer", "sgd:learning_rate=1", "--optimizer", "adam")
    diverged, well = runs(optiscope, *arguments)
    assert diverged["outcome"] == "diverged"
    assert diverged["diverged_at"] == len(diverged["points"]) == len(diverged["losses"])
    assert diverged["message"].startswith(f"Diverged at step {diverged['diverged_at']}")
    assert (well["outcome"], well["diverged_at"], len(well["points"])) == (
        "completed",
        None,
        surfaces()["rosenbrock"].steps + 1,
    )
    table = optiscope("descend", *arguments)
    assert table.status == 0
    assert f"\nsgd: {diverged['diagnosis']['sentence']}\n" in table.out


@pytest.mark.parametrize("rate", ["1e300", "1e-300"])
def test_extreme_learning_rates_are_results_too(optiscope: Optiscope, rate: str) -> None:
    arguments = [word for key in OPTIMIZERS for word in ("--optimizer", f"{key}:learning_rate={rate}")]
    for name in ("rosenbrock", "ackley", "goldstein_price"):
        for run in runs(optiscope, "--surface", name, "--steps", "5", *arguments):
            assert all(isinstance(number, float | int) for number in (*run["losses"], *run["gradient_norms"]))
            assert run["points"]


def test_a_converged_run_says_when(optiscope: Optiscope) -> None:
    (run,) = runs(optiscope, "--surface", "sphere", "--optimizer", "sgd:learning_rate=0.25", "--steps", "100")
    assert run["outcome"] == "converged"
    assert run["gradient_norms"][run["converged_at"] - 1] >= 1e-6 > run["gradient_norms"][run["converged_at"]]
    assert (run["diverged_at"], len(run["points"])) == (None, 101)


@pytest.mark.parametrize("surface", surfaces())
def test_without_more_words_the_basic_optimizers_run_as_suits_the_surface(
    optiscope: Optiscope, surface: str
) -> None:
    entry = surfaces()[surface]
    found = runs(optiscope, "--surface", surface)
    assert [run["optimizer"] for run in found] == list(basic_optimizers())
    for run in found:
        assert run["start"] == list(entry.starts[0])
        assert run["hyperparameters"]["learning_rate"] == entry.learning_rates[run["optimizer"]]
        assert run["outcome"] == "diverged" or len(run["points"]) == entry.steps + 1


def test_a_momentum_schedule_is_for_those_that_have_a_momentum(optiscope: Optiscope) -> None:
    ramp = ("--momentum-schedule", "linear:start=0.3,end=0.8")
    found = {run["optimizer"]: run for run in runs(optiscope, "--surface", "booth", *ramp)}
    plain = {run["optimizer"]: run for run in runs(optiscope, "--surface", "booth")}
    for key, run in found.items():
        bent = bool(OPTIMIZERS[key].momentum_name)
        assert run["momentum_schedule"]["id"] == ("linear" if bent else "constant")
        assert (run["points"] != plain[key]["points"]) == bent
    alone = optiscope("descend", "--surface", "booth", "--optimizer", "sgd", *ramp)
    assert alone.status == 2
    assert "SGD has no momentum to schedule" in alone.err


def test_on_a_formula_optimizers_keep_their_own_rates(optiscope: Optiscope) -> None:
    (run,) = runs(optiscope, "--formula", "x**2 + y**2", "--optimizer", "adam", "--start", "1", "1")
    assert run["hyperparameters"]["learning_rate"] == OPTIMIZERS["adam"].values({})["learning_rate"]


@pytest.mark.parametrize(
    ("words", "start"),
    [
        (("-1.5", "2"), [-1.5, 2.0]),
        (("-1e-3", ".5"), [-0.001, 0.5]),
        (("-.5", "-2."), [-0.5, -2.0]),
        (("+3", "-4E0"), [3.0, -4.0]),
    ],
)
def test_negative_coordinates_are_numbers(
    optiscope: Optiscope, words: tuple[str, str], start: list[float]
) -> None:
    assert (
        runs(optiscope, "--surface", "sphere", "--optimizer", "sgd", "--start", *words)[0]["start"] == start
    )


@pytest.mark.parametrize("formula", ["-x**2-y", "-(x+y)**2", "- x", "-1*x"])
def test_formulas_may_begin_with_a_minus(optiscope: Optiscope, formula: str) -> None:
    for words in (("--formula", formula), (f"--formula={formula}",)):
        assert optiscope("descend", *words, "--steps", "1").status == 0


@pytest.mark.parametrize("start", [("1000", "-30"), ("-1e6", "1e9"), ("1e300", "-1e300"), ("5", "-5")])
def test_on_a_formula_runs_start_anywhere(optiscope: Optiscope, start: tuple[str, str]) -> None:
    words = ("--formula", "1e-12*(x + y)", "--steps", "2", "--optimizer", "sgd", "--start", *start)
    assert runs(optiscope, *words)[0]["points"][0] == [float(start[0]), float(start[1])]


def test_several_values_after_one_option_are_the_same_as_repeating_it(optiscope: Optiscope) -> None:
    together = runs(optiscope, "--surface", "sphere", "--steps", "3", "--optimizer", "sgd", "adam")
    apart = runs(
        optiscope, "--surface", "sphere", "--steps", "3", "--optimizer", "sgd", "--optimizer", "adam"
    )
    assert together == apart
    assert [run["optimizer"] for run in apart] == ["sgd", "adam"]


def test_the_same_seed_gives_the_same_noise(optiscope: Optiscope) -> None:
    words = ("--surface", "sphere", "--optimizer", "sgd", "--steps", "10", "--noise", "0.5", "--seed")
    first, again, other = (runs(optiscope, *words, seed)[0]["points"] for seed in ("3", "3", "4"))
    assert first == again
    assert first != other
    quiet = runs(optiscope, "--surface", "sphere", "--optimizer", "sgd", "--steps", "10")[0]["points"]
    assert first != quiet


def test_the_schedule_holds_for_every_optimizer(optiscope: Optiscope) -> None:
    words = ("--surface", "sphere", "--optimizer", "sgd:learning_rate=0.1", "--steps", "4")
    (run,) = runs(optiscope, *words, "--schedule", "step:every=2,drop=0.5")
    x = -4.0
    for rate, (point_x, _) in zip((0.1, 0.1, 0.05, 0.05), run["points"][1:], strict=True):
        x -= rate * 2 * x
        assert point_x == pytest.approx(x, rel=1e-12)
    assert run["schedule"] == {"id": "step", "values": {"every": 2, "drop": 0.5}}


def test_the_table_is_aligned_and_complete(optiscope: Optiscope) -> None:
    words = ("--surface", "sphere", "--steps", "7", "--start", "-4", "3", "--start", "4", "-2")
    lines = optiscope("descend", *words, "--optimizer", "sgd:learning_rate=0.25", "rmsprop").out.splitlines()
    assert lines[0].split("  ")[0] == "optimizer"
    for title in ("optimizer", "start", "outcome", "final point"):
        column = lines[0].index(title)
        assert all(line[column - 2 : column].strip() == "" and line[column] != " " for line in lines[1:5])
    assert lines[1].split() == [
        "sgd",
        "(-4,",
        "3)",
        "completed",
        "7",
        "(-0.03125,",
        "0.0234375)",
        "0.00152588",
    ]
    assert [line.split()[0] for line in lines[1:5]] == ["sgd", "sgd", "rmsprop", "rmsprop"]
    assert "sgd used learning_rate=0.25" in lines
    assert "rmsprop used learning_rate=0.1,decay=0.99,epsilon=1e-08" in lines


def test_two_variants_of_an_optimizer_are_told_apart(optiscope: Optiscope) -> None:
    words = (
        "--surface",
        "sphere",
        "--steps",
        "1",
        "--optimizer",
        "sgd:learning_rate=0.1",
        "sgd:learning_rate=0.2",
    )
    assert optiscope("descend", *words, "--out", "runs.csv", "runs.json").status == 0
    rows = list(csv.DictReader(Path("runs.csv").read_text().splitlines()))
    assert [row["optimizer"] for row in rows[::2]] == ["sgd:learning_rate=0.1", "sgd:learning_rate=0.2"]
    content = json.loads(Path("runs.json").read_text())["runs"]
    assert [run["optimizer"] for run in content] == ["sgd", "sgd"]


def test_nothing_is_written_when_the_input_is_bad(optiscope: Optiscope) -> None:
    assert optiscope("descend", "--surface", "sphere", "--start", "9", "9", "--out", "runs.csv").status == 2
    assert list(Path().iterdir()) == []


def test_many_starts_in_a_pattern(optiscope: Optiscope) -> None:
    place = surface(SurfaceSpec("himmelblau"))
    placed = place_starts(Choice("ring", {"count": 5, "radius": 3.0}), place, (1.0, 1.0)).points
    result = optiscope(
        "descend", "--surface", "himmelblau", "--optimizer", "sgd", "--start", "1", "1",
        "--starts", "ring:count=5,radius=3", "--out", "runs.json",
    )  # fmt: skip
    assert result.status == 0
    content = json.loads(Path("runs.json").read_text(encoding="utf-8"))
    assert [tuple(run["start"]) for run in content["runs"]] == [(1.0, 1.0), *placed]
    minima = content["minima"]
    for run in content["runs"]:
        assert minima[run["minimum"]] == pytest.approx(run["points"][-1], abs=0.1)
    assert "median final loss" in result.out
    assert "at (3, 2)" in result.out


def test_from_many_starts_the_summary_counts(optiscope: Optiscope) -> None:
    result = optiscope("descend", "--surface", "himmelblau", "--starts", "random:count=20,seed=3")
    assert result.status == 0
    rows = [line.split() for line in result.out.split("\n\n")[0].splitlines()[1:]]
    assert [row[0] for row in rows] == list(basic_optimizers())
    for row in rows:
        assert sum(map(int, row[4:])) + int(row[2]) == 20, "every run is somewhere or diverged"


def test_what_a_pattern_leaves_out_is_said(optiscope: Optiscope) -> None:
    result = optiscope("descend", "--formula", "sqrt(x) + y**2", "--optimizer", "sgd", "--starts", "grid")
    assert result.status == 0
    assert result.err.startswith("15 of 25 points of the pattern are left out")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("spiral", "There is no start pattern 'spiral'"),
        ("ring:count=0", "ring: starts must be a number from 1"),
        ("grid:columns=100,rows=100", "10,000 start points are more than the 1,000"),
        ("random:many=3", "'many'"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused(optiscope: Optiscope, text: str, word: str) -> None:
    assert word in optiscope("descend", "--surface", "beale", "--starts", text).complaint
