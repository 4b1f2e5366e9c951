"""CSV as people have it is read; what cannot be read is refused with its line and column."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.table import MAX_BYTES, MAX_ROWS, decode, read_table, write_table
from core.errors import InputError


def columns(text: str) -> dict[str, tuple[float, ...]]:
    table = read_table(text)
    return {name: table.numbers(index) for index, name in enumerate(table.names)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u,t\n1,2\n3,4\n", {"u": (1, 3), "t": (2, 4)}),
        ("1,2\n3,4", {"column 1": (1, 3), "column 2": (2, 4)}),
        ("u;t\n1,5;2\n3;4,25\n", {"u": (1.5, 3), "t": (2, 4.25)}),
        ("u;t\n1.5;2\n3;4\n", {"u": (1.5, 3), "t": (2, 4)}),
        ("u\tt\n1,5\t2\n3\t,25", {"u": (1.5, 3), "t": (2, 0.25)}),
        ("sep=;\nu;t\n1,5;2\n", {"u": (1.5,), "t": (2,)}),
        ("\n\nu, t\n\n 1 , 2 \n\n3,4\n  \n", {"u": (1, 3), "t": (2, 4)}),
        ('"a, b","c ""d"""\n"1",2\n', {"a, b": (1,), 'c "d"': (2,)}),
        ("u,t\r\n1,2\r\n3,4\r\n", {"u": (1, 3), "t": (2, 4)}),
        ("u,t\n−1.5e3,+.5\n2.,1E-2\n", {"u": (-1500, 2), "t": (0.5, 0.01)}),
        (",t\n1,2\n", {"column 1": (1,), "t": (2,)}),
        ("größe,t\n1,2\n", {"größe": (1,), "t": (2,)}),
    ],
)
def test_tables_are_read_as_spreadsheets_write_them(
    text: str, expected: dict[str, tuple[float, ...]]
) -> None:
    assert columns(text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no table in it: it is empty."),
        ("\n \n\t\n", "There is no table in it: it is empty."),
        ("u,t\n", "There is a header but no row of numbers below it."),
        (
            "u,t\n1,2\n3\n",
            "Line 3 has 1 cell, the first row has 2; every row of a table has the same number.",
        ),
        ("u,t\n1,2\n3,4,5\n", "Line 3 has 3 cells, the first row has 2;"),
        ("u,t\n1,2\n,4\n", "Line 3, column 'u' has no value; fill it in, or take the line out."),
        ("u,t\n1,2\n3,NaN\n", "Line 3, column 't' has no value;"),
        ("u,t\n1,2\n\n3,many\n", "Line 4, column 't' must be a number; 'many' is not one."),
        ("u,t\n1,2\n3,1_000\n", "Line 3, column 't' must be a number; '1_000' is not one."),
        ("u;t\n1;2\n3;1.234,5\n", "Line 3, column 't' must be a number; '1.234,5' is not one."),
        ("u,t\n1,inf\n", "Line 2, column 't' must be a number; 'inf' is not one."),
        ("u,t\n1,٣\n", "Line 2, column 't' must be a number; '٣' is not one."),
        ("u,t\n1,2e12\n", "Line 2, column 't' is 2e+12; numbers up to 1e+12 are taken."),
        ("u,t\n1,1e999\n", "Line 2, column 't' is inf; numbers up to 1e+12 are taken."),
        ("u,u\n1,2\n", "Two columns are called 'u'; give each a name of its own."),
        ("u,t\n" + "1,2\n" * (MAX_ROWS + 1), "The table has 10,001 rows; at most 10,000 are taken."),
        ('u,t\n1,"' + "9" * 200_000 + '"\n', "Line 2 cannot be read: field larger than field limit"),
    ],
)
def test_what_cannot_be_read_is_refused_with_line_and_column(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as error:
        columns(text)
    assert sentence in str(error.value)
    assert error.value.field == "csv"


@pytest.mark.parametrize(
    "content",
    [
        "größe,t\n1,2\n".encode(), "größe,t\n1,2\n".encode("utf-8-sig"), "größe,t\n1,2\n".encode("utf-16"),
        "größe,t\n1,2\n".encode("cp1252"),
    ],
)  # fmt: skip
def test_every_usual_encoding_is_read(content: bytes) -> None:
    assert columns(decode(content)) == {"größe": (1,), "t": (2,)}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04spreadsheet", "The file is not text; save the table as CSV"),
        (b"u,t\n1,\x00\n", "The file is not text;"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "The file is not text;"),
        (b"1" * (MAX_BYTES + 1), "The file has 10 MB; at most 10 MB are taken."),
    ],
)
def test_what_is_no_text_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        decode(content)


def test_columns_go_by_name_or_number() -> None:
    table = read_table("speed,7,dist\n1,2,3\n")
    assert [table.index(each) for each in ("speed", "dist", "3", "7")] == [0, 2, 2, 1]
    for wrong in ("sped", "0", "4", "", "²"):
        with pytest.raises(InputError, match="There is no column"):
            table.index(wrong)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=20))
def test_what_is_written_is_read_again_to_the_last_bit(values: list[float]) -> None:
    text = write_table(("a b", 'c,"d'), (tuple(values), tuple(values)))
    assert columns(text) == {"a b": tuple(values), 'c,"d': tuple(values)}


@given(st.text(alphabet='0123456789.,;\t\n\r"- e+abü=', max_size=60))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    try:
        found = columns(text)
    except InputError:
        return
    assert len({len(column) for column in found.values()}) == 1


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_refused(content: bytes) -> None:
    with contextlib.suppress(InputError):
        assert "\0" not in decode(content)
