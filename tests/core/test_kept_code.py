"""Printed code of formulas, kept for the next launch."""

import subprocess
import sys

import numpy as np
import pytest

from core import kept_code
from core.formula_code import derive, printed_function
from core.kept_code import MOST_KEPT, code_of_all, pack, use
from core.surface import surfaces

TEXTS = ["x**2 + 3*y**2", "a*sin(x) + y^4"]

USED = """
import sys
from pathlib import Path
from core.kept_code import use
from core.surface import SurfaceSpec, surface
assert len(use(Path(sys.argv[1]).read_bytes())) > 20
print(surface(SurfaceSpec("himmelblau")).at(1.0, 2.0), "sympy" in sys.modules)
"""


@pytest.fixture
def nothing_derived(monkeypatch):
    """As in a new process."""
    derived = {}
    monkeypatch.setattr("core.formula_code._kept", derived)
    return derived


def test_what_is_used_is_what_was_derived(nothing_derived):
    packed = pack(code_of_all(TEXTS))
    lines = {
        text: (derive(text).loss_lines, derive(text).float_lines, derive(text).parameters) for text in TEXTS
    }
    nothing_derived.clear()
    assert use(packed) == set(TEXTS)
    for text in TEXTS:
        kept = derive(text)
        assert "loss" not in vars(kept), "derived anew"
        assert (_plain(kept.loss_lines), _plain(kept.float_lines), kept.parameters) == (
            _plain(lines[text][0]), _plain(lines[text][1]), lines[text][2]
        )  # fmt: skip
    assert derive(TEXTS[0]).hessian_lines[1] == ["2.0", "0.0", "6.0"], "the rest derives when it is asked for"


def _plain(printed):
    return tuple(list(part) for part in printed)


def test_a_new_process_shows_the_catalogue_without_sympy(tmp_path):
    file = tmp_path / "kept"
    file.write_bytes(pack(code_of_all(entry.formula for entry in surfaces().values() if entry.data is None)))
    done = subprocess.run(
        [sys.executable, "-c", USED, str(file)], capture_output=True, text=True, check=True, timeout=60
    )
    loss, by_x, by_y = 68.0, -36.0, -32.0  # (1 + 2 - 11)^2 + (1 + 4 - 7)^2 and its derivatives by hand
    assert done.stdout.strip() == f"({loss}, {by_x}, {by_y}) False"


def test_code_of_another_version_is_not_used(nothing_derived, monkeypatch):
    packed = pack(code_of_all(TEXTS))
    nothing_derived.clear()
    monkeypatch.setattr(kept_code, "_mark", lambda: "another")
    assert use(packed) == set()
    assert not nothing_derived


@pytest.mark.parametrize("packed", [b"", b"{}", b"null", b"\xff\xfe", b"[" * 100_000, b'{"printed_by": 1}'])
def test_damaged_bytes_are_not_used(nothing_derived, packed):
    assert use(packed) == set()
    assert not nothing_derived


def test_torn_bytes_are_not_used(nothing_derived):
    packed = pack(code_of_all(TEXTS))
    nothing_derived.clear()
    assert all(use(packed[:length]) == set() for length in range(0, len(packed), 97))


def test_formulas_that_cannot_be_read_are_left_out():
    assert [code.formula for code in code_of_all(["x +", "x*y", "nonsense(x)", "x*y"])] == ["x*y"]


def test_so_many_and_no_more_are_kept():
    codes = code_of_all(f"x + {number}*y" for number in range(2, MOST_KEPT + 20))
    assert len(codes) == MOST_KEPT
    assert printed_function(codes[-1].loss_lines)(np.float64(1.0), np.float64(1.0)) == (MOST_KEPT + 2,)
