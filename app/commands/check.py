"""`optiscope check`: what a trainer checks by hand, as a report, JSON, and a picture of the range test."""

from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from app import drawing
from app.commands.train import add_training_options, read_spec
from app.exporters import reports
from app.exporters.files import check_files, write_files
from app.options import Parser
from app.progress import progress
from core.checks import CHECKS, CheckReport, check_variant
from core.training import TrainingSpec
from core.training.variant import names

ENDINGS = (".csv", ".json", ".png")

EXAMPLES = """\
For every network: its loss before the first step against that of a guess, whether it can learn a handful of
batches by heart, the learning rate where its loss falls fastest, its gradient against central differences,
and what its training and validation curves say.

examples:
  optiscope check --initializer he_normal --activation relu
  optiscope check --dataset spirals --batch-norm before --epochs 50 --out rates.png
  optiscope check --layers 20 --initializer small_normal --json
"""


def parser() -> Parser:
    """The options of `optiscope check`."""
    result = Parser(
        "optiscope check",
        usage="optiscope check [the options of optiscope train] [--json]",
        summary="Make the checks of a network that a trainer makes by hand.",
        epilog=EXAMPLES,
    )
    add_training_options(result)
    result.option("--json", action="store_true", help="print JSON instead of a report")
    result.files(ENDINGS, "rates.png", " (.csv and .png: the curves of the range test)")
    return result


def run(options: Namespace) -> None:
    """Carry out `optiscope check`."""
    paths = check_files(options.out, ENDINGS)
    spec = read_spec(options).checked()
    drawing.prepare(paths)
    found = _checked(spec)
    write(spec, found, paths)
    print(reports.check_json(spec, found).decode() if options.json else report(found))


def write(spec: TrainingSpec, found: Sequence[CheckReport], paths: Sequence[Path]) -> None:
    """Write the report to each path, as its ending says."""
    write_files(
        paths,
        {
            ".csv": partial(reports.write_rates_csv, found),
            ".json": partial(reports.write_check_json, spec, found),
            ".png": partial(_write_picture, spec, found),
        },
    )


def _write_picture(spec: TrainingSpec, found: Sequence[CheckReport], path: Path) -> None:
    from app.exporters.pictures import rate_picture  # brings Qt with it

    rate_picture(spec, found).save(path)


def _checked(spec: TrainingSpec) -> list[CheckReport]:
    called, made = names(spec.variants), 0
    found = []
    with progress(len(called) * len(CHECKS)) as bar:

        def watch(name: str, title: str) -> None:
            nonlocal made
            bar.show(made, f"{name}: {title.lower()}")
            made += 1

        for place, name in enumerate(called):
            found.append(check_variant(spec, place, partial(watch, name)))
        bar.show(made, "done")
    return found


def report(found: Sequence[CheckReport]) -> str:
    """Every network's checks, each a title with its verdict and a sentence below."""
    return "\n\n".join(_section(each) for each in found)


def _section(each: CheckReport) -> str:
    lines = [each.name, "=" * len(each.name)]
    for check, result in each.results():
        lines += [f"{check.title}: {result.outcome}", f"  {result.sentence}"]
    return "\n".join(lines)
