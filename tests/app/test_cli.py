"""What holds for every command: help, versions, and one line for whatever is wrong."""

import json
import sys
import types
from pathlib import Path

import pytest

from app import __version__
from app.cli import COMMANDS
from core.experiment import default_experiment
from core.experiment_file import Saved, write_experiment
from tests.app.cli_runner import Optiscope
from tests.core.data.test_sample_reader import IRIS


def test_help_names_every_command_and_shows_examples(optiscope: Optiscope) -> None:
    result = optiscope("--help")
    assert (result.status, result.err) == (0, "")
    for name in COMMANDS:
        assert f"\n  {name} " in result.out
        assert f"\n  optiscope {name}" in result.out.partition("examples:")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(optiscope: Optiscope, name: str) -> None:
    result = optiscope(name, "--help")
    assert (result.status, result.err) == (0, "")
    assert f"\n  optiscope {name}" in result.out.partition("examples:")[2]


QUICKER = {
    "train": ("--epochs", "0"),
    "check": ("--epochs", "1", "--layers", "2"),
    "landscape": ("--epochs", "1", "--layers", "2"),
}
"""What shortens a command's examples: they are run as they are written, but for the time it takes, and
for an MP4, which needs a program that is not part of this one."""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_in_the_help_work(optiscope: Optiscope, name: str, monkeypatch) -> None:
    import shlex

    Path("iris.csv").write_text(IRIS, encoding="utf-8")
    Path("lesson.optiscope").write_bytes(write_experiment(Saved(default_experiment())))
    window = types.ModuleType("app.main")
    window.run_window = lambda *_: 0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "app.main", window)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    examples = optiscope(name, "--help").out.partition("examples:")[2].strip().splitlines()
    assert examples
    for example in examples:
        short = example.replace("lesson.mp4 --fps 30 --seconds 6", "lesson.gif --fps 30 --seconds 0.1")
        words = [*shlex.split(short), *QUICKER.get(name, ())]
        words = [word.replace(".png", "-picture.csv") for word in words]
        result = optiscope(*words[1:])
        assert result.status == 0, example
        told = (
            name in ("tune", "check", "landscape", "render") or "--csv" in words
        )  # how far it is, what was read
        if not told:
            assert result.err == "", example


def test_version(optiscope: Optiscope) -> None:
    result = optiscope("--version")
    assert result.status == 0
    assert result.out == f"Optiscope {__version__}\n"


BAD = {
    # commands and options
    "decend": "no command 'decend'; did you mean 'descend'?",
    "--verson": "no option '--verson'; did you mean '--version'?",
    "--": "see optiscope --help",
    "descend --surface sphere --optmizer adam": "no option '--optmizer'; did you mean '--optimizer'?",
    "descend --surface sphere --optim adam": "no option '--optim'; did you mean '--optimizer'?",
    "descend --surface sphere --optmizer=adam": "no option '--optmizer'; did you mean '--optimizer'?",
    "descend sphere": "'sphere' is left over",
    "descend --surface sphere --out": "--out needs a value, for example: --out runs.csv",
    "descend --surface": "--surface needs a value, for example: --surface rosenbrock",
    "descend --formula": "--formula needs a value",
    # surfaces and formulas
    "descend": "name one with --surface, write one with --formula",
    "descend --surface rosenbroc": "no surface 'rosenbroc'; did you mean 'rosenbrock'?",
    "descend --surface=": "name of the surface is empty",
    "descend --surface sphere --formula x": "exclude each other; give one",
    "descend --formula=": "formula is empty",
    "descend --formula x+": "The formula cannot be read",
    "descend --formula zz**2": "'zz' is not known",
    "descend --formula __import__('os').system('true')": "The character",
    "descend --formula sqrt(-1-x**2)": "no finite real value",
    "descend --formula log(x) --start -1 0": "no finite value or gradient; choose another point",
    # critical points
    "critical_points --surface sphere": "did you mean 'critical-points'?",
    "critical-points": "name one with --surface, write one with --formula",
    "critical-points --surface spere": "no surface 'spere'; did you mean 'sphere'?",
    "critical-points --formula zz**2": "'zz' is not known",
    "critical-points --formula sqrt(-1-x**2)": "no finite real value",
    "critical-points --formula sqrt(x) --domain -2 -1 0 1": "no finite real value",
    "critical-points --surface ackley --domain 1 2 3": "--domain needs four values, for example: --domain",
    "critical-points --surface sphere --domain 1 2 3 4 5": "'5' is left over",
    "critical-points --surface sphere --domain 2 1 3 4": "each low below its high",
    "critical-points --surface sphere --domain a 1 3 4": "four numbers, for example: --domain -2 2 -1 3",
    "critical-points --surface sphere --domain 0 inf 3 4": "each low below its high",
    "critical-points --surface sphere --out points.txt": "ends in .csv, .json, .npz or .png",
    "critical-points --surface sphere --jsn": "no option '--jsn'; did you mean '--json'?",
    # optimizers and schedules
    "descend --surface sphere --optimizer adm": "no optimizer 'adm'; did you mean 'adam'?",
    "descend --surface sphere --optimizer=": "choose one of: sgd, momentum",
    "descend --surface sphere --optimizer adam:": "is not name=value; write for example adam:learning",
    "descend --surface sphere --optimizer adam:beta1": "'beta1' in 'adam:beta1' is not name=value",
    "descend --surface sphere --optimizer adam:beta1=": "'beta1=' in 'adam:beta1=' is not name=value",
    "descend --surface sphere --optimizer adam:=1": "'=1' in 'adam:=1' is not name=value",
    "descend --surface sphere --optimizer adam:beta1=0.9,": "is not name=value",
    "descend --surface sphere --optimizer adam:beta1=0.9,beta1=0.8": "gives beta1 twice",
    "descend --surface sphere --optimizer adam:lerning_rate=1": "did you mean 'learning_rate'?",
    "descend --surface sphere --optimizer sgd:learning_rate=0": "sgd: learning rate must be a number above 0",
    "descend --surface sphere --optimizer sgd:learning_rate=-1": "must be a number above 0, not -1",
    "descend --surface sphere --optimizer sgd:learning_rate=nan": "must be a number above 0, not nan",
    "descend --surface sphere --optimizer sgd:learning_rate=inf": "must be a number above 0, not inf",
    "descend --surface sphere --optimizer sgd:learning_rate=fast": "'fast' is not one",
    "descend --surface sphere --optimizer adam:beta1=1": "beta1 must be a number from 0 to below 1, not 1",
    "descend --surface sphere --optimizer adam:bias_correction=maybe": "is 'true' or 'false', not 'maybe'",
    "descend --surface sphere --optimizer adagrad:accumulate=men": "did you mean 'mean'?",
    "descend --surface sphere --optimizer adam --optimizer adam": "'adam' is there twice",
    "descend --surface sphere --schedule cosin": "no schedule 'cosin'; did you mean 'cosine'?",
    "descend --surface sphere --schedule step:drop=2": "drop must be a number above 0 and up to 1, not 2",
    # starts and numbers
    "descend --surface sphere --start 1": "--start needs two values, for example: --start -1.5 2",
    "descend --surface sphere --start": "--start needs two values",
    "descend --surface sphere --start 1 2 3": "'3' is left over",
    "descend --surface sphere --start one 2": "for example: --start -1.5 2; its x is 'one'",
    "descend --surface sphere --start 1 nan": "its y is 'nan'",
    "descend --surface sphere --start -inf 1": "its x is '-inf'",
    "descend --surface sphere --start 100 2": "outside the surface's domain; choose it from -5 to 5",
    "descend --formula x**2 --start 1e301 0": "two finite numbers",
    "descend --surface sphere --steps 0": "steps must be a number from 1",
    "descend --surface sphere --steps -5": "steps must be a number from 1",
    "descend --surface sphere --steps 1.5": "steps must be a whole number, not 1.5",
    "descend --surface sphere --steps many": "'many' is not one",
    "descend --surface sphere --noise -1": "noise must be a number from 0",
    "descend --surface sphere --seed -1": "seed must be a number from 0",
    # training
    "train --dataset digit": "no dataset 'digit'; did you mean 'digits'?",
    "train --dataset moons:samples=3": "moons: samples must be a number from 20",
    "train --initializer he_norml": "no initializer 'he_norml'; did you mean 'he_normal'?",
    "train --initializer he_normal --initializer he_normal": "'he_normal' is there twice",
    "train --initializer small_normal:std=-1": "standard deviation must be a number from 0",
    "train --initializer zeros:std=1": "takes no hyperparameters",
    "train --activation rel": "no activation 'rel'; did you mean 'relu'?",
    "train --optimizer adm": "no optimizer 'adm'; did you mean 'adam'?",
    "train --optimizer adam --optimizer sgd": "with another one add --variant optimizer=ID",
    "train --optimizer adam sgd": "with another one add --variant optimizer=ID",
    "train --layers 0": "layers must be a number from 1",
    "train --units 0": "units must be a number from 1",
    "train --batch-norm sideways": "choose one of: off, before, after",
    "train --batch-size 0": "batch size must be a number from 1",
    "train --batch-size 5000": "the size of the training set, not 5000",
    "train --batch-size 1 --batch-norm before": "at least 2 with batch norm",
    "train --epochs -1": "epochs must be a number from 0",
    "train --l2 -1": "L2 must be a number from 0",
    "train --l2 nan": "L2 must be a number from 0",
    "train --dtype float16": "did you mean 'float",
    "train --seed x": "'x' is not one",
    # maps
    "map": "name one with --surface, write one with --formula",
    "map --surface sphere --optimizer adm": "no optimizer 'adm'; did you mean 'adam'?",
    "map --surface sphere --optimizer adam --optimizer sgd": "of one optimizer; give --optimizer once",
    "map --surface sphere --size 4000 2500": "at most 4,000,000 pixels; 4,000 x 2,500 are 10,000,000",
    "map --surface sphere --size 0 1": "columns must be a number from 1",
    "map --surface sphere --size 8": "--size needs two values, for example: --size 256 256",
    "map --surface sphere --kind strats": "--kind is one of: starts, hyperparameters; not 'strats'",
    "map --surface sphere --show colour": "--show is one of: minimum, steps, loss; not 'colour'",
    "map --surface sphere --x x 1": "--x needs three values, for example: --x learning_rate 0.001 1",
    "map --surface sphere --x x 2 1": "x goes from 2 to 1",
    "map --surface sphere --x x low 1": "'low' is not one",
    "map --surface sphere --x y -1 1": "the axis --x is named x, not 'y'",
    "map --surface sphere --x beta3 0.1 0.9": "no hyperparameter of Adam 'beta3'; did you mean 'beta",
    "map --surface sphere --x learning_rate 0 1": "learning rate must be a number above 0",
    "map --surface sphere --x beta1 0.5 1": "beta1 must be a number from 0 to below 1",
    "map --surface sphere --optimizer sgd --kind hyperparameters": "SGD has one number only",
    "map --surface sphere --start 1 1": "Every pixel is a start here",
    "map --surface sphere --tolerance -1": "tolerance must be a number from 0",
    "map --surface sphere --out map.txt": "ends in .csv, .json, .npz or .png; 'map.txt' does not",
    # lists
    "list": "one of: surfaces, optimizers, initializers, activations, datasets, schedules",
    "list surfces": "no catalogue 'surfces'; did you mean 'surfaces'?",
    "list surfaces optimizers": "'optimizers' is left over",
    "list surfaces --jsn": "no option '--jsn'; did you mean '--json'?",
    "list surfaces --json=1": "--json: ",
    # files, checked before anything is computed
    "descend --surface sphere --out runs.txt": "ends in .csv, .json or .png; 'runs.txt' does not",
    "descend --surface sphere --out runs": "ends in .csv, .json or .png; 'runs' does not",
    "descend --surface sphere --out=": "ends in .csv, .json or .png",
    "descend --surface sphere --out nowhere/runs.csv": "There is no folder",
    "descend --surface sphere --out runs.csv --out ./runs.csv": "'./runs.csv' is named twice",
    "train --out curves.txt": "ends in .csv, .json or .png; 'curves.txt' does not",
    "train --out nowhere/curves.csv": "There is no folder",
}


@pytest.mark.parametrize("line", BAD)
def test_bad_input_gets_one_line_that_says_what_would_be_right(optiscope: Optiscope, line: str) -> None:
    words = line.split(" ")
    assert BAD[line] in optiscope(*words).complaint


def test_a_complaint_stays_one_line_whatever_it_quotes(optiscope: Optiscope) -> None:
    complaint = optiscope("descend", "--surface", "a\nb\x1b[31m").complaint
    assert "'a\ufffdb\ufffd[31m'" in complaint, "what does not print is replaced"


def test_a_damaged_catalogue_gets_one_line(optiscope: Optiscope, tmp_path, monkeypatch) -> None:
    import core.surface

    broken = tmp_path / "surfaces.toml"
    broken.write_text("[sphere\n")
    core.surface.surfaces.cache_clear()
    monkeypatch.setattr(core.surface, "resource_path", lambda name: broken)
    try:
        assert "surfaces.toml is missing or damaged" in optiscope("list", "surfaces").complaint
    finally:
        core.surface.surfaces.cache_clear()


def test_too_much_for_the_memory_is_said(optiscope: Optiscope, monkeypatch) -> None:
    import app.commands.descend

    def exhausted(spec: object) -> None:
        raise MemoryError

    monkeypatch.setattr(app.commands.descend, "descend", exhausted)
    assert "does not fit into the memory" in optiscope("descend", "--surface", "sphere").complaint


def test_without_a_command_the_window_opens(optiscope: Optiscope, monkeypatch) -> None:
    seen: list[tuple[list[str], Path | None]] = []
    window = types.ModuleType("app.main")
    window.run_window = lambda arguments, file: seen.append((arguments, file)) or 7  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "app.main", window)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert optiscope().status == 7
    assert seen == [(["optiscope"], None)]


def test_json_is_plain_ascii_where_the_terminal_is_not_unicode(optiscope: Optiscope, monkeypatch) -> None:
    import io
    import sys

    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    from app.__main__ import main

    assert main(["list", "optimizers", "--json"]) == 0
    sys.stdout.flush()
    assert "←" in json.loads(raw.getvalue().decode("ascii"))[0]["formula"]
