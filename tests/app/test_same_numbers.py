"""The same document and seed in two processes that order their sets differently: the same bytes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.examples import examples
from tests.trials import Trial

PROJECT = Path(__file__).parents[2]
SHORT = ("mini_batch_noise", "burst", "training_and_evaluation")
WRITE = """
import sys
from pathlib import Path
import app
from msgspec.structs import replace
from app.exporters import tables
from core.descent import descend
from core.examples import examples
from core.training import train

folder, epochs = Path(sys.argv[1]), int(sys.argv[2])
for key in sys.argv[3:]:
    experiment = replace(examples()[key].saved.experiment, noise=0.1, seed=7)
    runs = descend(experiment.descent())
    tables.write_descent_csv(runs, folder / f"{key}.paths.csv")
    tables.write_descent_json(runs, folder / f"{key}.paths.json")
    training = replace(experiment.training, epochs=epochs, seed=7)
    tables.write_training_csv(list(train(training)), folder / f"{key}.training.csv")
"""


def writer(folder: Path, hash_seed: int, epochs: int, keys: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """A process of its own that writes tables of examples."""
    folder.mkdir()
    return subprocess.Popen(
        [sys.executable, "-c", WRITE, str(folder), str(epochs), *keys],
        cwd=PROJECT, env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
    )  # fmt: skip


@pytest.mark.trial
def test_the_same_document_and_seed_twice_give_the_same_bytes(tmp_path: Path, trial: Trial) -> None:
    keys = tuple(examples()) if trial.full else SHORT
    folders = tmp_path / "1", tmp_path / "2"
    writers = [writer(folder, seed, 1, keys) for seed, folder in enumerate(folders, start=1)]
    assert [process.wait() for process in writers] == [0, 0]
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert first.keys() == second.keys()
    assert len(first) == 3 * len(keys)
    for name, content in first.items():
        assert content == second[name], name
        assert len(content) > 200, name
    trial.tell(f"{len(first)} tables of {len(keys)} documents, {sum(map(len, first.values())):,} bytes alike")
