"""Files appear whole or not at all."""

import os
import sys
from pathlib import Path

import pytest

from app.exporters.files import check_files, write_file, write_files
from core.errors import InputError

ENDINGS = (".csv", ".json")
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def complaint(*texts: str) -> str:
    with pytest.raises(InputError) as caught:
        check_files(texts, ENDINGS)
    assert caught.value.field == "out"
    return str(caught.value)


def test_good_names_are_taken_and_nothing_is_left_behind(tmp_path: Path) -> None:
    texts = [str(tmp_path / name) for name in ("a.csv", "b.CSV", "c.json")]
    assert check_files(texts, ENDINGS) == [Path(text).resolve() for text in texts]
    assert list(tmp_path.iterdir()) == []


def test_no_files_are_no_error() -> None:
    assert check_files([], ENDINGS) == []


@pytest.mark.parametrize("text", ["a.txt", "a", "", ".csv", "a.csv.gz", "a.csv/"])
def test_unknown_endings_name_the_known_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if text == "a.csv/":
        (tmp_path / "a.csv").mkdir()
        assert "is not a file" in complaint(text)
    else:
        assert complaint(text) == f"The name of a file ends in .csv or .json; '{text}' does not."


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    assert complaint(str(tmp_path / "gone" / "a.csv")).startswith(f"There is no folder '{tmp_path / 'gone'}'")
    (tmp_path / "file").touch()
    assert complaint(str(tmp_path / "file" / "a.csv")).startswith("There is no folder")


def test_a_folder_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    assert "is not a file that can be replaced" in complaint(str(tmp_path / "a.csv"))


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    assert "cannot be written" in complaint(str(tmp_path / ("a" * 300 + ".csv")))


def test_a_name_that_is_none() -> None:
    assert "is not the name of a file" in complaint("a\0b.csv")


def test_the_same_file_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "named twice" in complaint("a.csv", "b.csv", "./a.csv")
    (tmp_path / "real.csv").touch()
    (tmp_path / "link.csv").symlink_to("real.csv")
    assert "named twice" in complaint("link.csv", "real.csv")


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_a_folder_that_takes_no_files() -> None:
    assert "cannot be written" in complaint("/proc/a.csv")


@pytest.mark.parametrize("protected", ["file", "folder"])
def test_what_is_write_protected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protected: str) -> None:
    path = tmp_path / "a.csv"
    if protected == "file":
        path.touch(mode=0o444)
        if AS_ROOT:  # to whom nothing is protected
            monkeypatch.setattr("app.exporters.files.os.access", lambda *_: False)
        assert "write-protected" in complaint(str(path))
        return

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", refuse)
    assert complaint(str(path)) == f"The file '{path}' cannot be written: Permission denied."


def test_a_file_is_replaced_in_one_move(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    path.chmod(0o640)

    def write(part: Path) -> None:
        part.write_text("new")
        assert path.read_text() == "old"
        assert part.parent == path.parent

    before = path.stat().st_ino
    write_file(path, write)
    assert path.stat().st_ino != before, "nobody who reads meanwhile sees a half file"
    assert path.read_text() == "new"
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("bug")]
)
def test_a_failure_leaves_the_old_file_and_no_half_one(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def write(part: Path) -> None:
        part.write_text("half")
        raise error

    with pytest.raises(InputError if isinstance(error, OSError) else type(error)) as caught:
        write_file(path, write)
    if isinstance(error, OSError):
        assert str(caught.value) == f"The file '{path}' cannot be written: No space left on device."
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_through_a_link_the_file_behind_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    paths = check_files([str(tmp_path / "link.csv")], ENDINGS)
    write_files(paths, {".csv": lambda part: part.write_text("new") and None})
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"
