"""What `optiscope` does where no window can be opened: the default experiment as picture and table."""

import sys

from app import drawing
from app.commands import descend
from app.exporters.files import check_files
from core.descent import descend as compute
from core.errors import InputError
from core.experiment import default_experiment

PICTURE, TABLE = "optiscope.png", "optiscope.csv"


def run(problem: str) -> None:
    """Say what is wrong in one sentence, then write and print the default experiment."""
    paths = check_files((PICTURE, TABLE), descend.ENDINGS)
    files = f"{PICTURE} and {TABLE}"
    try:
        drawing.prepare(paths)
    except InputError as error:  # not even a picture can be painted
        problem, paths, files = str(error), paths[1:], TABLE
    print(f"{problem.removesuffix('.')}; the first experiment is in {files} instead.", file=sys.stderr)
    trajectories = compute(default_experiment().descent())
    descend.write(trajectories, paths)
    print(descend.summary(trajectories))
