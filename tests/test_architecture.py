"""The contracts of the architecture hold, and each of them catches what it is for."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
CONTRACTS = [
    contract["id"]
    for contract in tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
]

PLANTED = {
    "core-layers": [
        {"core/errors.py": "import core.catalogue", "core/catalogue.py": "import core.optimizer"},
        {"core/formula.py": "import core.descent"},
        {"core/a_module_without_a_place.py": ""},
    ],
    "core-alone": [
        {"core/surface.py": "import PySide6.QtCore"},
        {"core/descent/run.py": "def draw():\n    import pyqtgraph"},
        {"core/errors.py": "import app"},
    ],
    "plotting": [
        {"app/document.py": "import pyqtgraph"},
        {"app/presenters/__init__.py": "", "app/presenters/planted.py": "from pyqtgraph import PlotItem"},
        {"app/forms/__init__.py": "", "app/forms/planted.py": "import pyqtgraph.parametertree"},
    ],
    "app-layers": [
        {
            f"app/{low}/__init__.py": "",
            f"app/{low}/planted.py": f"import app.{high}",
            f"app/{high}/planted.py": "",
            f"app/{high}/__init__.py": "",
        }
        for low in ("views", "plots", "forms")
        for high in ("document", "jobs", "playback", "presenters")
    ],
    "entries-apart": [
        {"core/optimizers/adam.py": "import core.optimizers.sgd"},
        {"core/network/initializers/he_normal.py": "from core.network.initializers import zeros"},
    ],
    "entries-found": [
        {"core/descent/run.py": "from core.optimizers.adam import ENTRY"},
        {"app/planted.py": "import core.schedules.cosine"},
    ],
}
"""For each contract, sets of lines that break it, by file; a file that is not there is made."""


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--no-logo", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
    )


def copied(folder: Path) -> Path:
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("core", "app"):
        shutil.copytree(PROJECT / name, folder / name, ignore=ignore)
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return folder


def test_the_project_keeps_its_contracts() -> None:
    done = lint(PROJECT)
    assert done.returncode == 0, done.stdout


def test_every_contract_has_a_violation_to_catch() -> None:
    assert set(PLANTED) == set(CONTRACTS)


@pytest.mark.parametrize(
    ("contract", "planted"),
    [
        pytest.param(contract, planted, id=f"{contract}-{number}")
        for contract, cases in PLANTED.items()
        for number, planted in enumerate(cases, 1)
    ],
)
def test_a_planted_violation_is_caught(tmp_path: Path, contract: str, planted: dict[str, str]) -> None:
    folder = copied(tmp_path)
    for name, line in planted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not (path.name == "__init__.py" and path.with_suffix("").parent.with_suffix(".py").exists()):
            path.write_text((path.read_text() if path.exists() else "") + f"\n{line}\n")
    done = lint(folder, "--contract", contract)
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout
