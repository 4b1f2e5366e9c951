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


def write(folder: Path, hash_seed: int, epochs: int, keys: tuple[str, ...]) -> dict[str, bytes]:
    """Tables of examples, from a process of its own."""
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-c", WRITE, str(folder), str(epochs), *keys],
        check=True, cwd=PROJECT, env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
    )  # fmt: skip
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.trial
@pytest.mark.timeout(1200)
def test_the_same_document_and_seed_twice_give_the_same_bytes(tmp_path: Path, trial: Trial) -> None:
    keys = tuple(examples()) if trial.full else SHORT
    first, second = (write(tmp_path / str(seed), seed, trial.times(1, 10), keys) for seed in (1, 2))
    assert first.keys() == second.keys()
    assert len(first) == 3 * len(keys)
    for name, content in first.items():
        assert content == second[name], name
        assert len(content) > 200, name
    trial.tell(f"{len(first)} tables of {len(keys)} documents, {sum(map(len, first.values())):,} bytes alike")
