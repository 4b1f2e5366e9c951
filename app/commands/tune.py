"""`optiscope tune`: every optimizer tuned with the same number of trials, as a table, files and a picture."""

from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from app import drawing
from app.choices import method_labels
from app.commands import descend
from app.exporters import tunings
from app.exporters.files import check_files, write_files
from app.options import Parser
from app.progress import progress
from app.text_table import text_table
from core.errors import InputError
from core.search import BUDGET, RATE, TuneResult, TuneSpec, Tuning, said, said_loss, tune

ENDINGS = (".csv", ".json", ".npz", ".png")
HEADER = ("optimizer", "tuned values", "loss before", "", "after", "trials", "diverged")

EXAMPLES = """\
Every optimizer tries the same number of settings, the one it has and the defaults among them, and runs
each of them from every start. What it has are the numbers that suit the surface, or those given to it.

examples:
  optiscope tune --surface rosenbrock
  optiscope tune --surface beale --optimizer momentum --optimizer adam --also momentum --also beta1
  optiscope tune --formula "x**2 + 30*y**2" --start 4 1 --start -3 2 --budget 80 --out rates.png
"""


def parser() -> Parser:
    """The options of `optiscope tune`."""
    result = Parser(
        "optiscope tune",
        usage="optiscope tune (--surface NAME | --formula TEXT | --csv FILE) [options]",
        summary="Tune the learning rate of every optimizer with the same number of trials.",
        epilog=EXAMPLES,
    )
    descend.add_run_options(result)
    result.option(
        "--budget", metavar="N", example="80", default=str(BUDGET.default),
        help=f"{BUDGET.help} Default: {BUDGET.default}",
    )  # fmt: skip
    result.option(
        "--also", metavar=("NAME", "NAME"), nargs="+", action="extend", default=[], example="momentum",
        help="tune this hyperparameter too, in the optimizers that have it; may be repeated",
    )  # fmt: skip
    result.files(ENDINGS, "rates.png")
    return result


def run(options: Namespace) -> None:
    """Carry out `optiscope tune`."""
    paths = check_files(options.out, ENDINGS)
    spec = read_spec(options).checked()
    drawing.prepare(paths)
    each = len(spec.methods)
    with progress(spec.total) as bar:
        result = tune(
            spec, watch=lambda made, *_: bar.show(made, f"trial {-(-made // each)} of {spec.budget}")
        )
    write(result, paths)
    print(summary(result))


def write(result: TuneResult, paths: Sequence[Path]) -> None:
    """Write the search to each path, as its ending says."""
    write_files(
        paths,
        {
            ".csv": partial(tunings.write_tuning_csv, result),
            ".json": partial(tunings.write_tuning_json, result),
            ".npz": partial(tunings.write_tuning_npz, result),
            ".png": partial(_write_picture, result),
        },
    )


def _write_picture(result: TuneResult, path: Path) -> None:
    from app.exporters.pictures import sensitivity_picture  # brings Qt with it

    sensitivity_picture(result).save(path)


def read_spec(options: Namespace) -> TuneSpec:
    """What the options ask for."""
    runs = descend.read_spec(options)
    what = tuple(dict.fromkeys((RATE, *(name.strip() for name in options.also))))
    if "" in what:
        raise InputError("--also needs the name of a hyperparameter, for example: --also momentum", "what")
    return TuneSpec(
        surface=runs.surface, methods=runs.methods, starts=runs.starts, steps=runs.steps,
        budget=int(BUDGET.check(options.budget)), what=what, seed=runs.seed, noise=runs.noise,
        batch_size=runs.batch_size,
    )  # fmt: skip


def summary(result: TuneResult) -> str:
    """A table of the optimizers, and what was tried and found in sentences."""
    labels = method_labels(result.spec.methods)
    rows = [_row(name, tuning) for name, tuning in zip(labels, result.tunings, strict=True)]
    table = text_table(HEADER, rows, "llrlrrr")
    return "\n\n".join([table, result.sentence, "\n".join(tuning.sentence for tuning in result.tunings)])


def _row(name: str, tuning: Tuning) -> tuple[str, ...]:
    values = ", ".join(f"{key}={said(value)}" for key, value in tuning.best.values.items())
    lost = sum(trial.diverged > 0 for trial in tuning.trials)
    before, after = said_loss(tuning.current), said_loss(tuning.best)
    return name, values, before, "->", after, str(len(tuning.trials)), str(lost)
