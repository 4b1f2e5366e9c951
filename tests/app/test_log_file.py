"""What goes wrong is in a file that a person can open."""

import logging
from pathlib import Path

import pytest

from app.log_file import end_log, log_path, write_log

LOG = logging.getLogger("optiscope")


def test_what_is_logged_is_in_the_file_with_its_time(tmp_path: Path) -> None:
    path = tmp_path / "a" / "optiscope.log"
    handler = write_log(path)
    LOG.warning("something is strange")
    end_log(handler)
    LOG.warning("this is not in it")
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert line.endswith("WARNING something is strange")


def test_a_long_log_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "optiscope.log"
    handler = write_log(path)
    for _ in range(30):
        LOG.warning("x" * 50_000)
    end_log(handler)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 1_200_000


def test_without_a_file_the_program_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    assert write_log(tmp_path / "file" / "optiscope.log") is None
    end_log(None)
    assert "there is no log file" in caplog.text


def test_it_is_in_the_person_s_own_folder() -> None:
    assert log_path().name == "optiscope.log"
    assert log_path().is_absolute()
