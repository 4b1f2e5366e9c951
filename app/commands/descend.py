"""`optiscope descend`: optimizers over a surface, as a table, CSV, JSON and a picture."""

import math
import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from app import drawing, surface_options
from app.choices import label, method_labels, read_choice, written
from app.exporters import tables
from app.exporters.files import check_files, write_files
from app.options import Parser
from app.surface_options import add_surface_options
from app.text_table import text_table
from core.batches import check_batch_size
from core.choice import Choice
from core.clouds import clouds, shares
from core.descent import NOISE, SEED, STEPS, DescentSpec, Point, Trajectories, Trajectory, descend
from core.diagnosis import diagnose
from core.errors import InputError
from core.momentum_schedule import MOMENTUM_SCHEDULES
from core.optimizer import OPTIMIZERS, MethodSpec, basic_optimizers
from core.schedule import SCHEDULES
from core.start_pattern import START_PATTERNS, place_starts
from core.surface import DEFAULT_DOMAIN, SurfaceEntry, SurfaceSpec, surface

ENDINGS = (".csv", ".json", ".png")
HEADER = ("optimizer", "start", "outcome", "steps", "final point", "final loss")
LARGEST = 1e300
"""Coordinate of a start beyond which not even a domain around it can be written."""
SHARES_HEADER = ("optimizer", "converged", "diverged", "median final loss")
MOST_SENTENCES = 60
"""Runs that the summary lists one by one, and says why they ended as they did."""
MOST_MINIMA = 6
"""Minima that the summary counts the runs of, those that most runs reach."""
MARGIN = 0.1
"""How far a formula's domain reaches beyond a start outside the usual one, as a share of its width."""

EXAMPLES = """\
Numbers that are not given are those that suit the surface. In a .csv file, the column `start` is the
place of the --start, counted from 0. A table of your own is a surface too, with its mini-batches:
--csv cars.csv --features speed --target dist --standardize --batch-size 4

examples:
  optiscope descend --surface rosenbrock
  optiscope descend --surface beale --optimizer adam --optimizer sgd:learning_rate=0.01 --start -1 -1.5
  optiscope descend --surface logistic_regression --batch-size 4 --out runs.csv
  optiscope descend --formula "x**2 + 3*y**2" --start 4 1 --steps 50 --out runs.csv --out runs.png
  optiscope descend --surface himmelblau --starts random:count=100,seed=1 --out runs.png
"""


def parser() -> Parser:
    """The options of `optiscope descend`."""
    result = Parser(
        "optiscope descend",
        usage="optiscope descend (--surface NAME | --formula TEXT | --csv FILE) [options]",
        summary="Run optimizers over a surface and print where each of them ends.",
        epilog=EXAMPLES,
    )
    add_run_options(result)
    result.files(ENDINGS, "runs.csv")
    return result


def add_run_options(result: Parser) -> None:
    """The options that say what runs where, which other commands share: `read_spec` reads them."""
    add_surface_options(result)
    result.option(
        "--optimizer", metavar=("ID[:name=value,...]", "ID"), nargs="+", action="extend", default=[],
        example="adam:learning_rate=0.1",
        help="may be repeated; see optiscope list optimizers. Default: " + ", ".join(basic_optimizers()),
    )  # fmt: skip
    result.option(
        "--start", metavar=("X", "Y"), nargs=2, action="append", default=[], example="-1.5 2",
        help="may be repeated. Default: the surface's first start",
    )  # fmt: skip
    result.option(
        "--starts", metavar="ID[:name=value,...]", example="random:count=100,seed=1",
        help="many starts in a pattern, a ring around the (first) --start or over the whole surface;"
        " see optiscope list start-patterns",
    )  # fmt: skip
    result.option("--steps", metavar="N", example="300", help="Default: as many as suit the surface")
    result.option(
        "--schedule", metavar="ID[:name=value,...]", example="cosine:warmup_steps=20", default="constant",
        help="how the learning rate changes; see optiscope list schedules. Default: constant",
    )  # fmt: skip
    result.option(
        "--momentum-schedule", metavar="ID[:name=value,...]", example="linear:start=0.5,end=0.99",
        default="constant",
        help="how the momentum changes, of those that have one; see optiscope list momentum-schedules."
        " Default: constant",
    )  # fmt: skip
    result.option(
        "--batch-size", metavar="N", example="8", default="0",
        help="samples of each step's gradient, on a surface made of data; the order changes with every"
        " epoch. Default: all of them",
    )  # fmt: skip
    result.option("--noise", metavar="S", example="0.5", default="0", help=f"{NOISE.help} Default: 0")
    result.option("--seed", metavar="K", example="1", default="0", help=f"{SEED.help} Default: 0")


def run(options: Namespace) -> None:
    """Carry out `optiscope descend`."""
    paths = check_files(options.out, ENDINGS)
    spec = read_spec(options)
    drawing.prepare(paths)
    trajectories = descend(spec)
    write(trajectories, paths)
    print(summary(trajectories))


def write(trajectories: Trajectories, paths: Sequence[Path]) -> None:
    """Write the trajectories to each path, as its ending says."""
    write_files(
        paths,
        {
            ".csv": partial(tables.write_descent_csv, trajectories),
            ".json": partial(tables.write_descent_json, trajectories),
            ".png": partial(_write_picture, trajectories),
        },
    )


def _write_picture(trajectories: Trajectories, path: Path) -> None:
    from app.exporters.pictures import descent_picture  # brings Qt with it

    descent_picture(trajectories).save(path)


def read_spec(options: Namespace) -> DescentSpec:
    """What the options ask for."""
    given = tuple(read_start(words) for words in options.start)
    place = surface_options.read_spec(options, domain_around(given))
    entry = surface(place).entry
    starts = given + _pattern(options, place, (given or entry.starts)[0])
    return DescentSpec(
        surface=place,
        methods=_methods(options, entry),
        starts=starts or entry.starts[:1],
        steps=int(STEPS.check(entry.steps if options.steps is None else options.steps)),
        noise=float(NOISE.check(options.noise)),
        seed=int(SEED.check(options.seed)),
        batch_size=check_batch_size(surface(place), options.batch_size),
    )


def _pattern(options: Namespace, place: SurfaceSpec, centre: Point) -> tuple[Point, ...]:
    """The start points of --starts; what is left out of the pattern is said."""
    if options.starts is None:
        return ()
    placed = place_starts(read_choice(options.starts, START_PATTERNS), surface(place), centre)
    if placed.sentence:
        print(placed.sentence, file=sys.stderr)
    return placed.points


def read_start(words: Sequence[str]) -> Point:
    """A start point from its two words."""
    x, y = (_coordinate(name, word) for name, word in zip("xy", words, strict=True))
    return x, y


def _coordinate(name: str, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:  # nor if it is no number
        raise InputError(
            f"A start is two finite numbers, for example: --start -1.5 2; its {name} is '{word}'.", "start"
        )
    return value


def domain_around(starts: Sequence[Point]) -> tuple[float, float, float, float]:
    """The usual domain, grown until every start lies well inside."""
    x_low, x_high, y_low, y_high = DEFAULT_DOMAIN
    x = _grown(x_low, x_high, [start[0] for start in starts])
    y = _grown(y_low, y_high, [start[1] for start in starts])
    return *x, *y


def _grown(low: float, high: float, values: Sequence[float]) -> tuple[float, float]:
    lowest, highest = min(low, *values, low), max(high, *values, high)
    margin = MARGIN * (highest - lowest)
    return lowest - margin * (lowest < low), highest + margin * (highest > high)


def _methods(options: Namespace, entry: SurfaceEntry) -> tuple[MethodSpec, ...]:
    choices = [read_choice(text, OPTIMIZERS) for text in options.optimizer or basic_optimizers()]
    labels = [label(choice) for choice in choices]
    for name in labels:
        if labels.count(name) > 1:
            raise InputError(f"The optimizer '{name}' is there twice; once is enough.", "optimizer")
    method = MethodSpec(
        choices[0],
        read_choice(options.schedule, SCHEDULES),
        read_choice(options.momentum_schedule, MOMENTUM_SCHEDULES),
    )
    if not any(OPTIMIZERS[choice.id].momentum_name for choice in choices):
        method.values()  # says that there is no momentum to schedule, if there should be one
    return tuple(method.with_optimizer(at_suitable_rate(choice, entry)) for choice in choices)


def at_suitable_rate(choice: Choice, entry: SurfaceEntry) -> Choice:
    """The choice with the rate that suits the surface, unless it has one of its own."""
    if "learning_rate" in choice.values or choice.id not in entry.learning_rates:
        return choice
    return choice.with_value("learning_rate", float(entry.learning_rates[choice.id]))


def summary(trajectories: Trajectories) -> str:
    """Tables of runs (where they are few) and optimizers, why they ended so, and the numbers used."""
    labels = method_labels(trajectories.spec.methods)
    starts = len(trajectories.spec.starts)
    named = [(labels[place // starts], run) for place, run in enumerate(trajectories.runs)]
    used = [f"{name} used {written(run.values)}" for name, run in named[::starts]]
    together = [_shares_table(trajectories, labels)] if starts > 1 else []
    if len(named) > MOST_SENTENCES:
        more = [f"From {starts:,} starts; a .json file says where each run ended, and why."]
        return "\n\n".join("\n".join(lines) for lines in (together, more, used))
    table = text_table(HEADER, [_row(name, run) for name, run in named], "lllrlr")
    why = _why(named, starts > 1)
    return "\n\n".join("\n".join(lines) for lines in ([table], together, why, used) if lines)


def _shares_table(trajectories: Trajectories, labels: Sequence[str]) -> str:
    """For each optimizer: how many runs converged and diverged, and which minima they reached."""
    found = shares(trajectories)
    totals = [sum(row.counts[index] for row in found.rows) for index in range(len(found.minima))]
    most = sorted(range(len(totals)), key=lambda index: -totals[index])[:MOST_MINIMA]
    shown = sorted(index for index in most if totals[index])
    rows = [
        (
            name, str(cloud.outcomes["converged"]), str(row.diverged),
            f"{cloud.median('losses', cloud.runs[0].spec.steps):.6g}",
            *(str(row.counts[index]) for index in shown),
            str(sum(row.counts) - sum(row.counts[index] for index in shown) + row.elsewhere),
        )
        for name, cloud, row in zip(labels, clouds(trajectories), found.rows, strict=True)
    ]  # fmt: skip
    header = (
        *SHARES_HEADER,
        *("at ({:.4g}, {:.4g})".format(*found.minima[index]) for index in shown),
        "elsewhere",
    )
    return text_table(header, rows, "l" + "r" * (len(header) - 1))


def _why(named: Sequence[tuple[str, Trajectory]], several: bool) -> list[str]:
    """What held up or blew up the runs that have not simply converged."""
    found = [(name, run, diagnose(run)) for name, run in named[:MOST_SENTENCES]]
    lines = [
        f"{name}{f' from {_point(run.start)}' * several}: {why.sentence}"
        for name, run, why in found
        if why.id != "converged" or why.burst is not None
    ]
    more = len(named) - len(found)
    return [*lines, f"... and {more:,} more runs; a .json file says why of each."] if more else lines


def _row(name: str, run: Trajectory) -> tuple[str, ...]:
    return (
        name, _point(run.start), run.outcome, str(run.steps), _point(run.points[-1]), f"{run.losses[-1]:.6g}",
    )  # fmt: skip


def _point(point: Sequence[float]) -> str:
    return f"({point[0]:.6g}, {point[1]:.6g})"
