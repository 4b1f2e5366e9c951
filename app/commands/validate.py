"""`optiscope validate`: whether files are experiments that this program opens."""

from argparse import Namespace
from pathlib import Path

from app.experiment_store import load
from app.options import Parser
from core.errors import InputError
from core.experiment_file import Saved
from core.surface import surface

EXAMPLES = """\
The exit status is 2 when a file is not good; then every such file is named with what is wrong in it.

examples:
  optiscope validate lesson.optiscope
"""


def parser() -> Parser:
    """The options of `optiscope validate`."""
    result = Parser(
        "optiscope validate",
        usage="optiscope validate FILE [FILE ...]",
        summary="Check experiments without opening them.",
        epilog=EXAMPLES,
    )
    result.add_argument("files", nargs="*", metavar="FILE", help="experiments")
    return result


def run(options: Namespace) -> None:
    """Carry out `optiscope validate`."""
    if not options.files:
        raise InputError(
            "Name the files to check, for example: optiscope validate lesson.optiscope.", "files"
        )
    wrong = []
    for name in options.files:
        try:
            print(f"{name}: good: {_summary(load(Path(name)))}")
        except InputError as error:
            wrong.append(str(error))
    if wrong:
        raise InputError(" ".join(wrong), "files")


def _summary(saved: Saved) -> str:
    """What is in it, in a line."""
    experiment = saved.experiment
    running = sum(contender.enabled for contender in experiment.contenders)
    networks = len(experiment.training.variants)
    return (
        f"{surface(experiment.surface).entry.title:.60}, {_count(running, 'optimizer')},"
        f" {_count(len(experiment.starts), 'start')}; {_count(networks, 'network')} on"
        f" {experiment.training.data_name:.60}"
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"
