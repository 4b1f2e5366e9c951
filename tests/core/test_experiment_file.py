"""Files of experiments: what is written is read again, files of any age too, and nothing bad comes in."""

import json
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from core.choice import Choice
from core.data.own_samples import OwnSamples
from core.errors import InputError
from core.experiment import default_experiment
from core.experiment_file import (
    LARGEST,
    VERSION,
    Saved,
    View,
    _rows,
    read_experiment,
    read_words,
    write_experiment,
)
from core.regression import own_data
from core.surface import SurfaceSpec

DEFAULT = default_experiment()
TEXT = write_experiment(Saved(DEFAULT))
OLD = Path(__file__).parent / "files" / "version_1.optiscope"


def changed(path: str, value: Any) -> bytes:
    """The default experiment's file with one thing in it changed."""
    data = json.loads(TEXT)
    *way, last = path.split(".")
    place = data
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[int(last) if last.isdigit() else last] = value
    return json.dumps(data).encode()


def inside(path: str, value: Any) -> bytes:
    """The same, of the experiment in it."""
    return changed(f"experiment.{path}", value)


def samples(rows: int = 30) -> OwnSamples:
    """Two classes with numbers of many digits."""
    inputs = np.random.default_rng(3).normal(size=(rows, 2)) / 3
    inputs[0] = 5e-324, -0.0
    labels = bytes(place % 2 for place in range(rows))
    return OwnSamples(
        "mine.csv", ("a", "b"), ("no", "yes"), inputs.astype("<f8").tobytes(), labels, ("Line 3.",)
    )


OTHERS = {
    "default": Saved(DEFAULT),
    "a formula, odd numbers, few optimizers": Saved(
        msgspec.structs.replace(
            DEFAULT.with_surface(SurfaceSpec(formula="x² + exp(y)", domain=(-1.0, 1.5, -2.0, 0.1))),
            noise=0.1 + 0.2, seed=2**32 - 1, steps=7, tolerance=1e-300, starts=((0.1, -0.2), (1 / 3, 0.0)),
            contenders=DEFAULT.contenders[:2][::-1], shown="gradient", overlays=("gradient", "map"),
        ),
        View((-1.0, 2.0, 0.1 + 0.2, 5.0), step=12, playing=True, loop=True, speed=0.25, panel="norm",
             curves=("gradient", "gradient"), average=0),
    ),
    "a table of one's own": Saved(
        DEFAULT.with_surface(
            SurfaceSpec(data=own_data("ä\"b.csv", "u,t\n1,2\n2,3.5\n3,4\n", ("u",), "t", standardized=True))
        )
    ),
    "samples of one's own": Saved(
        msgspec.structs.replace(DEFAULT, training=DEFAULT.training.with_own(samples()))
    ),
    "with a title": Saved(DEFAULT, title='A "ravine" − η = 0.1'),
    "with a text": Saved(DEFAULT, View(panel="step"), "One", "First <b>this</b>.\nThen \\ that."),
}  # fmt: skip


@pytest.mark.parametrize("saved", [pytest.param(saved, id=name) for name, saved in OTHERS.items()])
def test_what_is_saved_comes_back_the_same(saved: Saved) -> None:
    text = write_experiment(saved)
    for form in (text, text.decode(), b"\xef\xbb\xbf" + text, text.replace(b"\n", b"\r\n")):
        assert read_experiment(form) == saved
    assert write_experiment(read_experiment(text)) == text, "byte by byte"


def test_a_person_can_read_and_edit_it() -> None:
    lines = TEXT.decode().splitlines()
    assert lines[1] == '  "format": "optiscope experiment",'
    assert len(lines) < 300
    assert max(len(line) for line in lines) <= 120
    assert '    "starts": [[-0.3, -0.9]],' in lines
    own = write_experiment(OTHERS["samples of one's own"]).decode()
    assert '"5e-324, -0.0, 0"' in own


def test_many_samples_are_rows_of_their_own_and_come_back_the_same() -> None:
    own = samples(2_345)
    saved = Saved(msgspec.structs.replace(DEFAULT, training=DEFAULT.training.with_own(own)))
    text = write_experiment(saved)
    rows = json.loads(text)["experiment"]["training"]["own"]["rows"]
    inputs, labels = own.arrays()
    assert np.array([[float(number) for number in row.split(", ")] for row in rows]).tolist() == (
        np.column_stack([inputs, labels]).tolist()
    )
    lines = [line.strip(" ,") for line in text.decode().splitlines()]
    first = lines.index(f'"{rows[0]}"')
    assert lines[first : first + 2_345] == [f'"{row}"' for row in rows]
    assert lines[first + 2_345] == "]"
    assert read_experiment(text) == saved


def test_the_same_samples_are_encoded_once() -> None:
    saved = Saved(msgspec.structs.replace(DEFAULT, training=DEFAULT.training.with_own(samples(50))))
    _rows.cache_clear()
    for noise in (0.1, 0.2, 0.3):
        write_experiment(
            msgspec.structs.replace(saved, experiment=msgspec.structs.replace(saved.experiment, noise=noise))
        )
    assert _rows.cache_info().misses == 1


def test_title_and_text_come_first_and_may_be_left_out() -> None:
    lines = write_experiment(OTHERS["with a text"]).decode().splitlines()
    assert lines[3] == '  "title": "One",'
    assert lines[4].startswith('  "text": "First <b>this</b>.\\nThen')
    assert b"title" not in TEXT
    assert read_experiment(changed("title", "")) == Saved(DEFAULT)
    assert read_words(write_experiment(OTHERS["with a text"])) == ("One", "First <b>this</b>.\nThen \\ that.")
    assert read_words(OLD.read_bytes()) == ("", "")


def test_what_is_left_out_is_as_at_the_first_start() -> None:
    small = {"surface": {"id": "booth"}, "starts": [[1, 2]], "contenders": [], "training": {}}
    read = read_experiment(json.dumps({"format": "optiscope experiment", "version": 2, "experiment": small}))
    assert read.experiment.starts == ((1.0, 2.0),)
    assert read.experiment.steps == 300
    assert read.view == View()


def test_a_view_without_curves_shows_those_of_the_first_start() -> None:
    """As files have it that were written before the curves could be kept."""
    data = json.loads(TEXT)
    del data["view"]["curves"], data["view"]["average"]
    view = read_experiment(json.dumps(data)).view
    assert (view.curves, view.average) == (("loss", "accuracy"), 10)


def test_a_file_of_the_first_version_is_read() -> None:
    read = read_experiment(OLD.read_bytes())
    assert json.loads(OLD.read_bytes())["version"] == 1
    assert (read.experiment.surface.id, read.experiment.noise, read.experiment.seed) == ("rosenbrock", 0.5, 7)
    assert len(read.experiment.contenders) == 6
    assert read.view == View()


BAD: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "not an experiment of Optiscope: it is empty"),
    ("blanks", b" \n ", "it is empty"),
    ("no JSON", b"hello", "line 1, column 1: expecting value"),
    ("cut short", TEXT[:200], "not an experiment"),
    ("cut at the end", TEXT[:-3], "only the beginning of one: the text ends too early"),
    ("a line lost", TEXT.replace(b'"format": "optiscope experiment",\n', b"", 1), 'begin with "format"'),
    ("a comma lost", TEXT.replace(b'experiment",\n', b'experiment"\n', 1), "line 3, column 3: expecting ','"),
    ("binary", b"\xff\xfe\x00\x01", "byte 1 is no UTF-8"),
    ("UTF-16", TEXT.decode().encode("utf-16"), "no UTF-8"),
    ("a list", b"[]", "holds a list in brackets"),
    ("a number", b"3", "holds a whole number"),
    ("null", b"null", "holds null"),
    ("something else", b'{"a": 1}', "not an experiment"),
    ("another format", b'{"format": "notebook", "version": 1}', "its format is 'notebook'"),
    ("a format that is a number", b'{"format": 3, "version": 1}', "its format is 3"),
    ("deep lists", b"[" * 200_000, "nested too deeply"),
    ("deep objects", b'{"version":1,"surface":' + b'{"a":' * 200_000, "nested too deeply"),
    ("NaN", TEXT.replace(b'"noise": 0.0', b'"noise": NaN'), "NaN is no number"),
    ("Infinity", TEXT.replace(b'"noise": 0.0', b'"noise": -Infinity'), "-Infinity is no number"),
    ("1e999", TEXT.replace(b'"noise": 0.0', b'"noise": 1e999'), "1e999 is larger than"),
    ("5,000 digits", TEXT.replace(b'"noise": 0.0', b'"noise": ' + b"9" * 5000), "has 5000 digits"),
    ("a key twice", TEXT.replace(b'"noise": 0.0', b'"noise": 0.0, "noise": 1.0'), "'noise' is there twice"),
    ("half a character", TEXT.replace(b"himmelblau", rb"himmel\ud800"), "lone surrogate"),
    ("a key of half a character", TEXT.replace(b'"noise"', rb'"\udc00"'), "lone surrogate"),
    ("a later version", changed("version", VERSION + 1), f"version {VERSION + 1}, from a newer Optiscope"),
    ("a later version with other fields", b'{"version": 99, "surface": 3}', "version 99"),
    ("version 0", changed("version", 0), "whole number from 1"),
    ("a version in words", changed("version", "2"), "whole number from 1"),
    ("no version", b'{"surface": 3}', "version"),
    ("no experiment", b'{"format": "optiscope experiment", "version": 2}', "no 'experiment'"),
    ("an unknown field", changed("colour", 1), "no field 'colour' in an experiment"),
    ("an unknown setting", inside("stepps", 1), "no field 'stepps' in the experiment"),
    ("an unknown field far in", inside("training.variants.1.network.unitz", 1),
     r"no field 'unitz' in training.variants\[1\].network"),
    ("an unknown field of the view", changed("view.zoom", 1), "no field 'zoom'"),
    ("a field missing", inside("contenders.0", {"enabled": True}),
     r"'method' is missing in contenders\[0\]"),
    ("text for a number", inside("steps", "many"), "In steps there must be a whole number, not text"),
    ("half steps", inside("steps", 2.5), "In steps there must be a whole number, not a number"),
    ("no steps", inside("steps", 0), "steps must be a number from 1"),
    ("huge steps", inside("steps", 10**30), "steps"),
    ("huge start", inside("starts.0", [1e308, 1e308]), "outside the surface's domain"),
    ("negative noise", inside("noise", -1.0), "noise must be a number"),
    ("three coordinates", inside("starts.0", [1, 2, 3]), "a list of 2, not of 3"),
    ("no start", inside("starts", []), "needs a start"),
    ("a start outside", inside("starts.0", [99.0, 0.0]), "outside the surface's domain"),
    ("unknown surface", inside("surface.id", "himelblau"), "did you mean 'himmelblau'"),
    ("a way out", inside("surface.id", "../../../etc/passwd"), "no surface '../../../etc/passwd'"),
    ("a way out to data", inside("training.dataset.id", "/etc/passwd"), "no dataset '/etc/passwd'"),
    ("unknown optimizer", inside("contenders.0.method.optimizer.id", "sdg"), "did you mean 'sgd'"),
    ("an optimizer twice", inside("contenders.1.method.optimizer.id", "sgd"), "'sgd' is there twice"),
    ("an unknown one switched off",
     inside("contenders.0", {"method": {"optimizer": {"id": "sdg"}}, "enabled": False}), "you mean 'sgd'"),
    ("unknown schedule", inside("contenders.0.method.schedule.id", "stepp"), "did you mean 'step'"),
    ("a bad rate", inside("contenders.0.method.optimizer.values", {"learning_rate": 0}), "learning rate"),
    ("a switch for a rate", inside("contenders.0.method.optimizer.values", {"learning_rate": True}), "rate"),
    ("something unknown shown", inside("shown", "gradients"), "did you mean 'gradient'"),
    ("an attack", inside("surface", {"formula": "__import__(x)"}), "no function '__import__'"),
    ("an unknown data set", inside("training.dataset.id", "digit"), "did you mean 'digits'"),
    ("no units", inside("training.variants.0.network.units", 0), "units must be a number"),
    ("nine networks", inside("training.variants", 9 * [{}]), "9 networks"),
    ("an area inside out", changed("view.area", [1, 0, 0, 1]), "low below high"),
    ("an endless area", changed("view.area", [-1e308, 1e308, -1e308, 1e308]), "low below high"),
    ("a title that is none", changed("title", ["a"]), "title is one line"),
    ("a title of two lines", changed("title", "a\nb"), "title is one line"),
    ("a long title", changed("title", "a" * 101), "at most 100 characters"),
    ("a text that is none", changed("text", 3), "at most 2,000 characters"),
    ("a long text", changed("text", "a" * 2001), "at most 2,000 characters"),
    ("a text that turns round", changed("text", "a\u202eb"), "line breaks"),
    ("an unknown curve", changed("view.curves", ["loss", "grad"]), "did you mean 'gradient'"),
    ("three curves", changed("view.curves", ["loss"] * 3), "In curves there must be a list of 2, not of 3"),
    ("no list of curves", changed("view.curves", "loss"), "In curves there must be a list in brackets"),
    ("another average", changed("view.average", 7), "averaged over 0, 1, 10, 50 or 200 steps, not 7"),
    ("an average of words", changed("view.average", "10"), "In average there must be a whole number"),
    ("speed 0", changed("view.speed", 0), "Speed is above 0"),
    ("samples that are no rows", inside("training.own", {"features": [], "rows": 3}), "a list of 'rows'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), [pytest.param(*bad[1:], id=bad[0]) for bad in BAD])
def test_what_is_no_experiment_is_refused_in_a_sentence(text: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read_experiment(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("row", "words"),
    [("1, 2", "Row 3"), ("1, 2, 3, 0", "Row 3"),  ("1, b, 0", "2 numbers"), ("1, 2, 300", "Row 3"),
     (7, "not '7'"), ("1, nan, 0", "damaged"), ("1, 2, 5", "damaged")],
)  # fmt: skip
def test_damaged_samples_are_refused(row: Any, words: str) -> None:
    data = json.loads(write_experiment(OTHERS["samples of one's own"]))
    data["experiment"]["training"]["own"]["rows"][2] = row
    with pytest.raises(InputError, match=words):
        read_experiment(json.dumps(data))


def test_a_file_of_100_mb_is_refused_before_it_is_read() -> None:
    begin = time.process_time()
    with pytest.raises(InputError, match=f"at most {LARGEST / 1e6:.0f} MB"):
        read_experiment(b" " * 100_000_000)
    assert time.process_time() - begin < 0.5


def test_every_field_of_another_type_is_refused_or_means_the_same() -> None:
    """Each value of the file in turn becomes each of some others: no other exception, whatever comes."""
    data = json.loads(TEXT)
    places = list(leaves(data))
    assert len(places) > 150
    refused = 0
    for parent, key in places:
        kept = parent[key]
        for other in (None, True, -1, 1e308, "", "x" * 1000, [], {}, [[[]]], {"id": {}}):
            parent[key] = other
            try:
                read_experiment(json.dumps(data))
            except InputError:
                refused += 1
        parent[key] = kept
    assert refused > len(places)


def leaves(value: Any) -> Any:
    """Every place in a nested value: its container, and key or index."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield value, key
        if isinstance(inner, dict | list):
            yield from leaves(inner)


def test_choices_keep_what_differs_from_the_defaults() -> None:
    choice = Choice("adam", {"learning_rate": 0.1 + 0.2})
    method = msgspec.structs.replace(DEFAULT.contenders[5].method, optimizer=choice)
    saved = Saved(DEFAULT.with_methods([method]))
    assert read_experiment(write_experiment(saved)).experiment.method("adam").optimizer == choice
