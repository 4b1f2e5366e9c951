"""Samples of one's own: files of several makers are read; what is left out is said, with line and reason."""

import contextlib
import csv
import io

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.choice import Choice
from core.data.own_samples import OwnSamples
from core.data.preprocessing import prepare
from core.data.sample_reader import MOST_BYTES, read_own_samples
from core.errors import InputError
from core.experiment import default_experiment
from core.experiment_file import Saved, read_experiment, write_experiment
from core.training import TrainingRun, TrainingSpec

# The first five rows of each species of Fisher's iris data (1936), as R's write.csv(iris) writes them.
IRIS = """"","Sepal.Length","Sepal.Width","Petal.Length","Petal.Width","Species"
"1",5.1,3.5,1.4,0.2,"setosa"
"2",4.9,3,1.4,0.2,"setosa"
"3",4.7,3.2,1.3,0.2,"setosa"
"4",4.6,3.1,1.5,0.2,"setosa"
"5",5,3.6,1.4,0.2,"setosa"
"6",7,3.2,4.7,1.4,"versicolor"
"7",6.4,3.2,4.5,1.5,"versicolor"
"8",6.9,3.1,4.9,1.5,"versicolor"
"9",5.5,2.3,4,1.3,"versicolor"
"10",6.5,2.8,4.6,1.5,"versicolor"
"11",6.3,3.3,6,2.5,"virginica"
"12",5.8,2.7,5.1,1.9,"virginica"
"13",7.1,3,5.9,2.1,"virginica"
"14",6.3,2.9,5.6,1.8,"virginica"
"15",6.5,3,5.8,2.2,"virginica"
"""
SPECIES = ("setosa", "versicolor", "virginica")
PLAIN = "u,v,kind\n" + "1,2,a\n3,4.5,b\n" * 20


def read(text: str, encoding: str = "utf-8") -> OwnSamples:
    return read_own_samples("file.csv", text.encode(encoding))


def test_a_data_frame_of_r_is_read_without_the_numbers_of_its_rows() -> None:
    own = read(IRIS)
    assert own.features == ("Sepal.Length", "Sepal.Width", "Petal.Length", "Petal.Width")
    assert own.classes == SPECIES
    assert own.counts() == (5, 5, 5)
    inputs, labels = own.arrays()
    kept = [row[1:] for row in csv.reader(io.StringIO(IRIS))][1:]
    np.testing.assert_array_equal(inputs, np.array([row[:-1] for row in kept], float))
    assert [SPECIES[label] for label in labels] == [row[-1] for row in kept]
    assert own.notes == ("Column 'column 1' left out: it only numbers the rows.",)
    assert own.summary() == "file.csv: 15 rows, 4 features, 3 classes"
    assert own.class_counts() == "setosa 5, versicolor 5, virginica 5"


@pytest.mark.parametrize(
    "text",
    [
        IRIS.replace('"",', "", 1),  # R's write.table names one column fewer than there are
        IRIS.replace('"', ""),
        IRIS.replace('""', "Id", 1),
        IRIS.replace(",", ";").replace(".", ","),  # a spreadsheet where decimals have commas
        "sep=;\n" + IRIS.replace(",", ";"),
        IRIS.replace(",", "\t").replace('"', ""),
        IRIS.replace("\n", "\r\n"),
        IRIS.replace("\n", ",,\n"),  # empty columns that a spreadsheet adds
    ],
)
def test_other_makers_write_the_same_samples(text: str) -> None:
    own, expected = read(text), read(IRIS)
    assert (own.inputs, own.labels, own.classes) == (expected.inputs, expected.labels, expected.classes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_usual_encoding_is_read_and_a_guessed_one_is_said(encoding: str) -> None:
    own = read("Länge;Art\r\n" + "1,5;Bär\r\n2,5;Möwe\r\n" * 6, encoding)
    assert own.features == ("Länge",)
    assert own.classes == ("Bär", "Möwe")
    assert [("Windows-1252" in note) for note in own.notes] == [True] * (encoding == "cp1252")


def test_without_a_header_the_first_row_is_a_sample() -> None:
    own = read("5.1,3.5,setosa\n" * 5 + "7,3.2,versicolor\n" * 5)
    assert own.rows == 10
    assert own.features == ("column 1", "column 2")


def test_classes_may_be_numbers_and_come_in_their_order() -> None:
    own = read("u,k\n" + "1,10\n2,9\n3,9.0\n4,010\n" * 5)
    assert own.classes == ("9", "10")
    assert own.counts() == (10, 10)


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ("1,,a\n", "1 row left out: no value in column 'v' (line 42)."),
        ("1,NaN,a\n\n1,?,b\n", "2 rows left out: no value in column 'v' (lines 42, 44)."),
        ("1,2,\n", "1 row left out: no value in column 'kind' (line 42)."),
        ("1,many,a\n", "1 row left out: no number in column 'v' (line 42)."),
        ("inf,2,a\n-Infinity,2,a\n", "2 rows left out: a number beyond 1e+12 in column 'u' (lines 42, 43)."),
        ("1e999,2,a\n", "1 row left out: a number beyond 1e+12 in column 'u' (line 42)."),
        ("1,a\n", "1 row left out: 2 cells instead of 3 (line 42)."),
        ("1,2,3,a\n" * 6, "6 rows left out: 4 cells instead of 3 (lines 42, 43, 44, 45, …)."),
        ("1,2,c\n", "1 row left out: class 'c' has fewer than 5 rows."),
    ],
)
def test_a_row_that_cannot_be_used_is_left_out_and_named(rows: str, note: str) -> None:
    own = read(PLAIN + rows)
    assert own.notes == (note,)
    assert own.counts() == (20, 20)
    assert own.inputs == read(PLAIN).inputs


def test_many_reasons_are_summed_up() -> None:
    own = read(PLAIN + "1,,a\n,2,a\n1,2,\nx,2,a\n1,x,a\n1e13,2,a\n1,1e13,a\n1,2\n")
    assert len(own.notes) == 7
    assert own.notes[-1] == "In all 8 rows left out, for 8 different reasons."


@pytest.mark.parametrize(
    ("header", "cell", "note"),
    [
        ("w", "red", "Column 'w' left out: it holds words ('red', line 2)."),
        ("w", "", "Column 'w' left out: it is empty."),
        ("w", "NA", "Column 'w' left out: it is empty."),
    ],
)
def test_a_column_that_is_no_feature_is_left_out_and_named(header: str, cell: str, note: str) -> None:
    own = read("\n".join(f"{header if i == 0 else cell},{row}" for i, row in enumerate(PLAIN.splitlines())))
    assert own.features == ("u", "v")
    assert own.notes == (note,)


def test_constant_features_are_kept_named_and_harmless() -> None:
    own = read("\n".join(f"{'w' if i == 0 else 7},{row}" for i, row in enumerate(PLAIN.splitlines())))
    assert own.features == ("w", "u", "v")
    assert own.notes == ("'w' is the same in every row: kept, but it tells nothing apart.",)
    data = prepare(Choice("digits"), 0, own=own)
    assert not data.training_inputs[:, 0].any()
    assert np.isfinite(data.validation_inputs).all()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no table in it: it is empty."),
        (" \n\n", "There is no table in it: it is empty."),
        ("u,v,kind\n", "There is a header but no row below it."),
        ("u v kind\n1 2 a\n", "The table has one column; it needs features and, last, the class."),
        ("u,kind\n1,a,1,1\n2,b,1,1\n", "The header has 2 cells, the rows below it have 4:"),
        ("u,kind\n" + "1,a\n" * 9, "Every row has the class 'a' in the last column, 'kind': there must be"),
        ("u,kind\n" + "1,a\n" * 19 + "2,b\n", "Fewer than two classes have 5 rows or more: a 19, b 1."),
        (
            "u,cost\n" + "".join(f"{i % 7},{i}\n" for i in range(40)),
            "has 40 different values in 40 rows.",
        ),
        ("u,k\n" + "".join(f"1,{i}\n" for i in range(101)) * 6, "has 101 different values in 606 rows."),
        ("name,kind\n" + "x,a\ny,b\n" * 9, "No column before the last one holds numbers;"),
        (PLAIN + ",,a\n" * 60, "Only 40 of 100 rows can be used. 60 rows left out: no value in column 'u'"),
        ("u,u,k\n" + "1,2,a\n2,3,b\n" * 9, "Two columns are called 'u'; give each a name of its own."),
        ('u,k\n1,"' + "9" * 200_000 + '"\n', "Line 2 cannot be read: field larger than field limit"),
        ("u" + ",v" * 5_000 + "\n" + "1\n" * 1_000, "about 1,002 rows of 5,001 cells; to read it would take"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as error:
        read(text)
    assert sentence in str(error.value)
    assert error.value.field == "csv"


@pytest.mark.parametrize("content", [b"PK\x03\x04sheet", b"u,k\n1,\x00\n", b"1" * (MOST_BYTES + 1)])
def test_what_is_no_text_or_too_large_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match=r"not text|has 50 MB; at most 50 MB are taken"):
        read_own_samples("file.csv", content)


def test_a_hundred_thousand_rows_are_read() -> None:
    values = np.random.default_rng(0).standard_normal((100_000, 4)).round(4)
    kinds = np.where(values[:, 0] * values[:, 1] > 0, "same", "other")
    lines = [",".join([*map(repr, row), kind]) for row, kind in zip(values.tolist(), kinds, strict=True)]
    own = read("\n".join(["a,b,c,d,kind", *lines]))
    inputs, labels = own.arrays()
    np.testing.assert_array_equal(inputs, values)
    np.testing.assert_array_equal(np.array(own.classes)[labels], kinds)
    assert own.notes == ()
    assert prepare(Choice("digits"), 0, own=own).training_samples == pytest.approx(80_000, abs=1)


def test_a_network_learns_them_and_the_run_can_be_repeated() -> None:
    spec = TrainingSpec(epochs=40).with_own(read(IRIS + IRIS.split("\n", 1)[1] * 7))
    assert spec.batch_size == 96, "as large as the training set"
    assert spec.data_name == "file.csv"
    ends = []
    for _ in range(2):
        run = TrainingRun(spec)
        while not run.finished:
            run.step()
        ends.append([each.record for each in run.frame().networks])
    assert ends[0] == ends[1]
    assert max(record.training_accuracy for record in ends[0]) == 1.0


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": b"12345678"}, {"labels": b"\x02" * 40}, {"classes": ("a",)}, {"labels": b"\x00" * 40},
        {"features": ()}, {"inputs": np.full((40, 2), np.nan).tobytes()},
    ],
)  # fmt: skip
def test_damaged_samples_of_an_experiment_are_refused(change: dict[str, object]) -> None:
    own = read(PLAIN)
    fields = {name: getattr(own, name) for name in own.__struct_fields__}
    with pytest.raises(InputError, match=r"damaged; read the file of 'file\.csv' again"):
        OwnSamples(**{**fields, **change}).checked()


def test_an_experiment_keeps_its_samples() -> None:
    plain = default_experiment()
    experiment = msgspec.structs.replace(plain, training=plain.training.with_own(read(PLAIN)))
    text = write_experiment(Saved(experiment))
    again = read_experiment(text).experiment
    assert again == experiment.checked()
    assert again.training.own == read(PLAIN)
    with pytest.raises(InputError, match="Row 1 of the experiment's samples must have 1 number"):
        read_experiment(text.replace(b'"kind"', b'""').replace(b'"u", ', b""))


@given(st.text(alphabet='0123456789.,;\t\n\r"- e+abü=', max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        assert read(text).checked().rows >= 10
