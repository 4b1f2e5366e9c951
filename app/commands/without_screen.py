"""What `optiscope` does where no window can be opened: the default experiment as picture and table."""

import sys
from pathlib import Path

from app import drawing
from app.commands import descend
from app.exporters.files import check_files
from core.descent import descend as compute
from core.errors import InputError
from core.experiment import default_experiment

PICTURE, TABLE = "optiscope.png", "optiscope.csv"


def run(problem: str) -> None:
    """Say what is wrong in one sentence, then write and print the default experiment."""
    paths, instead = _files()
    print(f"{problem.removesuffix('.')}; {instead}", file=sys.stderr)
    trajectories = compute(default_experiment().descent())
    descend.write(trajectories, paths)
    print(descend.summary(trajectories))


def _files() -> tuple[list[Path], str]:
    """Where to write, as much as is possible here, and how to say so."""
    try:
        paths = check_files((PICTURE, TABLE), descend.ENDINGS)
    except InputError as error:
        return [], f"the first experiment follows as a table instead. {error}"
    try:
        drawing.prepare(paths)
    except InputError as error:  # not even a picture can be painted
        return paths[1:], f"the first experiment is in {TABLE} instead. {error}"
    return paths, f"the first experiment is in {PICTURE} and {TABLE} instead."
