"""`optiscope train`: what it prints and writes is what `core.training` computed."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

import app.training_code
import app.whole_training
from app.exporters.tables import TRAINING_COLUMNS
from app.progress import Progress
from core.choice import Choice
from core.loops import compile_loops
from core.network.statistics import KINDS
from core.optimizer import MethodSpec
from core.training import NetworkSpec, TrainingRun, TrainingSpec, Variant, alike
from core.training.series import COLUMNS
from tests.app.cli_runner import Optiscope
from tests.app.test_cli_list import strict_json

SMALL = ("train", "--dataset", "moons:samples=200", "--layers", "2", "--units", "8", "--batch-size", "50")
SMALL_SPEC = TrainingSpec(
    dataset=Choice("moons", {"samples": 200}),
    variants=alike([v.initializer for v in TrainingSpec().variants], network=NetworkSpec(layers=2, units=8)),
    batch_size=50,
    epochs=3,
)


def trained(optiscope: Optiscope, *arguments: str) -> dict[str, Any]:
    assert optiscope(*SMALL, *arguments, "--out", "layers.json").status == 0
    content: dict[str, Any] = strict_json(Path("layers.json").read_text(encoding="utf-8"))
    return content


def test_csv_has_a_row_for_every_epoch_from_before_the_first_step(optiscope: Optiscope) -> None:
    assert optiscope(*SMALL, "--epochs", "3", "--out", "curves.csv").status == 0
    text = Path("curves.csv").read_text(encoding="utf-8")
    head = "network,epoch,step,training_loss,training_accuracy,validation_loss,validation_accuracy\n"
    assert text.startswith(f"{head}small_normal,0,0,")
    rows = list(csv.DictReader(text.splitlines()))
    run = TrainingRun(SMALL_SPEC)
    while not run.finished:
        run.step()
    order = [variant.initializer.id for variant in SMALL_SPEC.variants]
    records = sorted(run.records, key=lambda record: (order.index(record.name), record.epoch))
    expected = [
        (record.name, *(str(getattr(record, column)) for column in TRAINING_COLUMNS[1:]))
        for record in records
    ]
    assert [tuple(row.values()) for row in rows] == expected
    assert [(row["epoch"], row["step"]) for row in rows[:4]] == [
        ("0", "0"),
        ("1", "4"),
        ("2", "8"),
        ("3", "12"),
    ]


def test_json_adds_what_was_noted_at_every_step(optiscope: Optiscope) -> None:
    content = trained(optiscope, "--epochs", "3")
    run = TrainingRun(SMALL_SPEC)
    while not run.finished:
        run.step()
    for network in content["runs"]:
        rows = run.series[network["name"]].rows
        assert list(network["steps"]) == list(COLUMNS)
        assert network["steps"]["step"] == list(range(1, 13))
        for place, column in enumerate(COLUMNS):
            assert network["steps"][column] == rows[:, place].tolist()


def test_json_adds_the_layers_of_every_epoch(optiscope: Optiscope) -> None:
    content = trained(
        optiscope, "--epochs", "2", "--initializer", "he_normal", "--initializer", "small_normal:std=0.05"
    )
    assert [run["name"] for run in content["runs"]] == ["he_normal", "small_normal:std=0.05"]
    chosen = [run["variant"]["initializer"] for run in content["runs"]]
    assert chosen == [{"id": "he_normal", "values": {}}, {"id": "small_normal", "values": {"std": 0.05}}]
    for run in content["runs"]:
        assert run["outcome"] == "completed"
        assert [(each["epoch"], each["step"]) for each in run["epochs"]] == [(0, 0), (1, 4), (2, 8)]
        for epoch in run["epochs"]:
            cells = [(cell["layer"], cell["kind"]) for cell in epoch["layers"]]
            assert cells == [(layer, kind) for layer in (1, 2) for kind in KINDS]
            assert set(TRAINING_COLUMNS[1:]) <= set(epoch)
            for cell in epoch["layers"]:
                assert len(cell["edges"]) == len(cell["counts"]) + 1
                assert sum(cell["counts"]) == _values(cell, epoch["step"])
                if cell["kind"] == "update" and epoch["step"] == 0:
                    assert cell["mean"] is cell["update_ratio"] is None
                    continue
                assert cell["minimum"] <= cell["mean"] <= cell["maximum"]
                assert cell["gradient_norm"] > 0
                assert cell["weight_norm"] > 0
                assert {"std", "dead", "saturated"} <= set(cell)
            assert all("; try " in sentence for sentence in epoch["verdicts"])
    before, after = (run["epochs"][place]["layers"][0]["std"] for place in (0, 2))
    assert before != after


def _values(cell, step):
    """How many of them there are."""
    if cell["kind"] in KINDS[:3]:
        return 160 * 8
    return 0 if cell["kind"] == "update" and step == 0 else (2 if cell["layer"] == 1 else 8) * 8


@pytest.mark.parametrize("key", ["newton", "lbfgs:learning_rate=0.1"])
def test_an_optimizer_for_surfaces_only_is_refused(optiscope: Optiscope, key: str) -> None:
    result = optiscope(*SMALL, "--optimizer", key)
    assert (result.status, result.out) == (2, "")
    assert "runs on surfaces only; a network takes one of: sgd, momentum" in result.err
    assert result.err.count("\n") == 1


def test_every_option_reaches_the_networks(optiscope: Optiscope) -> None:
    arguments = (
        "train --dataset xor:noise=0.1 --initializer orthogonal --layers 3 --units 5 --activation leaky_relu"
    )
    arguments += " --batch-norm after --optimizer qhm:learning_rate=0.2 --schedule linear:warmup_steps=2"
    arguments += (
        " --momentum-schedule linear:end=0.9 --batch-norm-momentum 0.2 --bias on --residual zero_last"
    )
    arguments += " --loss squared_error --dropout 0.25 --drop-connect 0.125"
    arguments += " --preprocessing pca --l1 0.002 --clip 2"
    arguments += " --mixup 0.5 --batch-size 40 --epochs 0 --l2 0.001 --seed 7 --dtype float64 --out all.json"
    assert optiscope(*arguments.split()).status == 0
    spec = strict_json(Path("all.json").read_text(encoding="utf-8"))["training"]
    network = NetworkSpec(
        3,
        5,
        Choice("leaky_relu"),
        batch_norm="after",
        batch_norm_momentum=0.2,
        bias="on",
        residual="zero_last",
        loss="squared_error",
        dropout=0.25,
        drop_connect=0.125,
    )
    method = MethodSpec(
        Choice("qhm", {"learning_rate": 0.2}), Choice("linear", {"warmup_steps": 2}),
        Choice("linear", {"end": 0.9}),
    )  # fmt: skip
    variant = Variant(
        network, Choice("orthogonal"), method, preprocessing="pca", l1=0.002, l2=0.001, clip=2.0, mixup=0.5
    )
    expected = TrainingSpec(
        Choice("xor", {"noise": 0.1}), (variant,), batch_size=40, epochs=0, seed=7, dtype="float64"
    )
    assert spec == msgspec.json.decode(msgspec.json.encode(expected))


def test_without_options_it_is_the_spec_of_the_program(optiscope: Optiscope) -> None:
    assert optiscope("train", "--epochs", "0", "--out", "all.json").status == 0
    spec = strict_json(Path("all.json").read_text(encoding="utf-8"))["training"]
    assert spec["epochs"] == 0
    assert spec["dataset"]["id"] == TrainingSpec().dataset.id
    assert [variant["network"]["layers"] for variant in spec["variants"]] == [NetworkSpec().layers] * 2
    assert [variant["initializer"]["id"] for variant in spec["variants"]] == [
        variant.initializer.id for variant in TrainingSpec().variants
    ]


def test_networks_that_overflow_are_results(optiscope: Optiscope) -> None:
    arguments = ("--epochs", "2", "--optimizer", "sgd:learning_rate=1e30", "--activation", "relu")
    arguments += ("--initializer", "he_normal", "--initializer", "large_normal:std=1e30")
    content = trained(optiscope, *arguments)
    assert [run["outcome"] for run in content["runs"]] == ["diverged", "diverged"]
    for run in content["runs"]:
        assert run["message"].startswith("Diverged")
        assert run["epochs"][0]["step"] == 0
        assert run["diverged_at"] is not None
    result = optiscope(*SMALL, *arguments, "--out", "curves.csv")
    assert result.status == 0
    assert "large_normal:std=1e+30: Diverged" in result.out


def test_a_diverged_network_is_no_longer_evaluated_while_others_go_on(optiscope: Optiscope) -> None:
    arguments = ("--epochs", "2", "--activation", "relu")
    arguments += ("--initializer", "he_normal", "large_normal:std=1e30")
    good, bad = trained(optiscope, *arguments)["runs"]
    assert (good["outcome"], bad["outcome"]) == ("completed", "diverged")
    assert [epoch["epoch"] for epoch in good["epochs"]] == [0, 1, 2]
    assert [epoch["epoch"] for epoch in bad["epochs"]] == [0]
    assert optiscope(*SMALL, *arguments, "--out", "curves.csv").status == 0
    rows = list(csv.DictReader(Path("curves.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["network"], row["epoch"]) for row in rows] == [
        ("he_normal", "0"),
        ("he_normal", "1"),
        ("he_normal", "2"),
        ("large_normal:std=1e+30", "0"),
    ]


def test_the_table_holds_the_last_evaluation(optiscope: Optiscope) -> None:
    content = trained(optiscope, "--epochs", "2")
    result = optiscope(*SMALL, "--epochs", "2")
    lines = result.out.splitlines()
    head = " +".join(["network", "outcome", "epochs", "training loss", "training accuracy"])
    head += r" +validation loss +validation accuracy"
    assert re.fullmatch(head, lines[0])
    for line, run in zip(lines[1:], content["runs"], strict=True):
        last = run["epochs"][-1]
        shown = [f"{last['training_loss']:.4g}", f"{last['training_accuracy']:.1%}"]
        shown += [f"{last['validation_loss']:.4g}", f"{last['validation_accuracy']:.1%}"]
        assert line.split() == [run["name"], "completed", "2", *shown]


def test_progress_goes_to_standard_error_only(optiscope: Optiscope) -> None:
    result = optiscope(*SMALL, "--epochs", "10")
    assert "epoch" not in result.out.replace("epochs", "")
    assert result.err.splitlines()[-1] == "epoch 10 of 10, 100 %"
    assert len(result.err.splitlines()) == 5


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_bar_redraws_itself_and_clears_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    clock = iter(range(100))
    monkeypatch.setattr("app.progress.time.monotonic", lambda: float(next(clock)))
    stream = Terminal()
    bar = Progress(4, stream)
    for step in (1, 2, 4):
        bar.show(step, "epoch 1 of 1")
    bar.close()
    drawings = stream.getvalue().split("\r")
    assert drawings[1].startswith("[#######.....................] epoch 1 of 1, 1 steps/s, 3 s left")
    assert drawings[3].startswith("[############################]")
    assert "\n" not in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_the_bar_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    Progress(4, stream).show(2, "epoch 1 of 1")
    assert len(stream.getvalue().removesuffix("\x1b[K")) == 1 + 39


def test_the_bar_is_not_drawn_more_often_than_anybody_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.progress.time.monotonic", lambda: 100.0)
    stream = Terminal()
    bar = Progress(1000, stream)
    for step in range(1000):
        bar.show(step, "epoch 1 of 1")
    assert stream.getvalue().count("\r") == 1


KINDS_OF_U = "u,kind\n" + "1,low\n2.5,low\n8,high\n9,high\n" * 10


def test_a_file_of_one_s_own_is_learned_and_reported(optiscope: Optiscope) -> None:
    Path("kinds.csv").write_text(KINDS_OF_U + ",low\n1,low,2\n", encoding="utf-8")
    done = optiscope(
        "train", "--csv", "kinds.csv", "--layers", "1", "--units", "4", "--epochs", "30", "--seed", "2",
        "--initializer", "xavier_normal", "--out", "run.json", "--out", "run.png",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert done.err.splitlines()[:4] == [
        "kinds.csv: 40 rows, 1 feature, 2 classes",
        "high 20, low 20",
        "1 row left out: 3 cells instead of 2 (line 43).",
        "1 row left out: no value in column 'u' (line 42).",
    ]
    assert "100.0%" in done.out
    spec = strict_json(Path("run.json").read_text(encoding="utf-8"))["training"]
    assert spec["own"]["features"] == ["u"]
    assert spec["batch_size"] == 32, "no larger than the training set"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--csv", "kinds.csv", "--dataset", "moons"), "--dataset and --csv exclude each other; give one"),
        (("--csv", "kinds.csv", "--batch-size", "33"), "batch size must be at most 32, the size of the"),
        (("--csv", "gone.csv"), "gone.csv cannot be read: No such file or directory."),
        (("--csv", "."), "cannot be read: Is a directory."),
        (("--csv", ""), "cannot be read"),
        (("--csv",), "--csv needs a value, for example: --csv iris.csv"),
        (("--csv", "one.csv"), "one.csv: Every row has the class 'a' in the last column, 'kind'"),
    ],
)
def test_a_file_that_cannot_be_learned_is_refused_in_one_line(
    optiscope: Optiscope, arguments: tuple[str, ...], sentence: str
) -> None:
    Path("kinds.csv").write_text(KINDS_OF_U, encoding="utf-8")
    Path("one.csv").write_text("u,kind\n" + "1,a\n" * 9, encoding="utf-8")
    assert sentence in optiscope("train", *arguments).complaint


def test_variants_are_the_first_network_with_changes(optiscope: Optiscope) -> None:
    arguments = ("--initializer", "he_normal", "--epochs", "0", "--batch-norm", "before")
    arguments += ("--variant", "batch-norm=off", "learning_rate=0.1")
    arguments += ("--variant", "initializer=orthogonal", "activation=leaky_relu:slope=0.2", "l2=0.5")
    arguments += ("--variant", "optimizer=momentum:momentum=0.5", "schedule=cosine", "units=4")
    content = trained(optiscope, *arguments)
    first, plain, other, wide = (run["variant"] for run in content["runs"])
    assert plain == first | {
        "network": first["network"] | {"batch_norm": "off"},
        "method": first["method"] | {"optimizer": {"id": "adam", "values": {"learning_rate": 0.1}}},
    }
    assert other == first | {
        "initializer": {"id": "orthogonal", "values": {}}, "l2": 0.5,
        "network": first["network"] | {"activation": {"id": "leaky_relu", "values": {"slope": 0.2}}},
    }  # fmt: skip
    assert wide["method"]["optimizer"] == {"id": "momentum", "values": {"momentum": 0.5}}
    assert wide["method"]["schedule"]["id"] == "cosine"
    assert wide["network"]["units"] == 4
    assert len({run["name"] for run in content["runs"]}) == 4


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("batch_norm", "'batch_norm' is not name=value; write for example batch_norm=off."),
        ("batch_nrom=off", "did you mean 'batch_norm'?"),
        ("beta1=2", "beta1 must be a number"),
        ("momentum=0.5", "no name for a variant 'momentum'"),
        ("initializer=he", "no initializer 'he'"),
        ("optimizer=newton", "runs on surfaces only"),
    ],
)
def test_a_variant_that_makes_no_sense_is_refused(optiscope: Optiscope, change: str, sentence: str) -> None:
    result = optiscope(*SMALL, "--variant", change)
    assert (result.status, result.out) == (2, "")
    assert sentence in result.err
    assert result.err.count("\n") == 1


def test_nine_networks_are_refused(optiscope: Optiscope) -> None:
    result = optiscope(*SMALL, *["--variant", "units=3"] * 7)
    assert result.status == 2
    assert "9 networks side by side are too many" in result.err


def test_a_long_run_is_compiled_on_the_way_and_ends_the_same(
    optiscope: Optiscope, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = trained(optiscope, "--epochs", "3")
    compiled: list[Any] = []
    monkeypatch.setattr(app.whole_training, "_WORTH_COMPILING", 0.0)
    monkeypatch.setattr(
        app.training_code, "compile_loops", lambda loops, _: compiled.append(compile_loops(loops))
    )
    assert trained(optiscope, "--epochs", "3") == plain
    assert len(compiled) == 1


def test_code_that_cannot_be_made_is_told_and_the_run_ends_the_same(
    optiscope: Optiscope, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("no room for code")

    plain = trained(optiscope, "--epochs", "3")
    monkeypatch.setattr(app.whole_training, "_WORTH_COMPILING", 0.0)
    monkeypatch.setattr(app.training_code, "can_compile", lambda: True)
    monkeypatch.setattr(app.training_code, "compile_loops", fail)
    assert trained(optiscope, "--epochs", "3") == plain
    assert "the code of training could not be compiled: no room for code" in caplog.text
