"""The code of formulas that a launch keeps for the next."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from app.code_keeper import NAME, use_kept_code
from core.surface import surfaces

FORMULAS = {entry.formula for entry in surfaces().values() if entry.data is None}

LAUNCH = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QSettings
from app.main import Laboratory, application
qt = application(["optiscope"])
folder = Path(sys.argv[1])
lab = Laboratory(settings=QSettings(str(folder / "s.ini"), QSettings.Format.IniFormat), cache=folder)
lab.start()
qt.processEvents()
print("sympy" in sys.modules, lab.descents.result is not None, flush=True)
lab.window.close()
lab.close()
os._exit(0)
"""


def keep(lab):
    lab.laboratory.code_keeper.begin()
    lab.until(lambda: not lab.laboratory.code_keeper.busy, 30.0)


def test_a_launch_keeps_the_code_of_the_whole_list(open_laboratory, tmp_path):
    lab = open_laboratory(cache=tmp_path / "cache")
    lab.laboratory.own_formulas.keep(lab.experiment.surface.__class__(formula="x**2 + 7*y**2", name="mine"))
    keep(lab)
    assert use_kept_code(tmp_path / "cache") == FORMULAS | {"x**2 + 7*y**2"}


def test_nothing_is_derived_twice(open_laboratory, tmp_path, monkeypatch):
    keep(open_laboratory(cache=tmp_path))
    monkeypatch.setattr("app.code_keeper.code_of_all", lambda _: pytest.fail("derived again"))
    written = (tmp_path / NAME).stat().st_mtime_ns
    keep(open_laboratory(cache=tmp_path))
    assert (tmp_path / NAME).stat().st_mtime_ns == written


@pytest.mark.parametrize("damage", [b"", b"{"], ids=["empty", "torn"])
def test_a_damaged_file_is_made_again(open_laboratory, tmp_path, damage):
    (tmp_path / NAME).write_bytes(damage)
    keep(open_laboratory(cache=tmp_path))
    assert use_kept_code(tmp_path) == FORMULAS


def test_a_folder_that_cannot_be_written_is_no_fault(open_laboratory, tmp_path, caplog):
    (tmp_path / "file").touch()
    with caplog.at_level(logging.INFO, "optiscope"):
        keep(open_laboratory(cache=tmp_path / "file" / "cache"))
    assert "is not kept" in caplog.text


def test_the_next_launch_shows_its_surface_without_sympy(open_laboratory, tmp_path):
    keep(open_laboratory(cache=tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", LAUNCH, str(tmp_path)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == ["False", "True"]
