"""`optiscope map`: what happens from every start, or for every pair of hyperparameters."""

import math
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from app import drawing, surface_options
from app.choices import label, read_choice, written
from app.commands.descend import at_suitable_rate, domain_around, read_start
from app.exporters import tables
from app.exporters.files import check_files, write_files
from app.options import Parser
from app.progress import progress
from app.surface_options import add_surface_options
from app.text_table import text_table
from core.choice import Choice
from core.descent import TOLERANCE, Point
from core.errors import InputError
from core.hyperparameter import Hyperparameter
from core.loops import can_compile
from core.map_spec import COLUMNS, KIND, KINDS, QUANTITIES, QUANTITY, ROWS, SHOWN, MapAxis, MapSpec, two_axes
from core.maps import Engine, MapResult, assemble, computed_tiles, tiles
from core.momentum_schedule import MOMENTUM_SCHEDULES
from core.optimizer import OPTIMIZERS, MethodSpec
from core.schedule import SCHEDULES
from core.surface import surface

ENDINGS = (".csv", ".json", ".npz", ".png")
HEADER = ("outcome", "at", "loss", "share", "pixels")
LONG = 200_000_000
"""Pixels times steps from which on compiling pays, and people want to see how far it is."""
MOST_MINIMA = 20

EXAMPLES = """\
A map of starts has a pixel for every start point, one of hyperparameters a pixel for every pair of two
numbers of the optimizer, from one start. Every pixel is the run from its centre; on a surface made of
data every step takes all samples. In a .csv file, `minimum` is a place in the list of minima that is
printed, counted from 0; -1 is none.

examples:
  optiscope map --surface himmelblau --optimizer adam:learning_rate=0.2
  optiscope map --surface himmelblau --optimizer momentum --x x -1 1 --y y -1 1 --size 128 128 --out zoom.png
  optiscope map --surface rosenbrock --optimizer momentum --x learning_rate 1e-5 0.01 --y momentum 0 0.99 \
--show loss --steps 200 --out rates.png rates.npz
"""


def parser() -> Parser:
    """The options of `optiscope map`."""
    result = Parser(
        "optiscope map",
        usage="optiscope map (--surface NAME | --formula TEXT | --csv FILE) --optimizer ID [options]",
        summary="Map what an optimizer does from every start, or with every pair of two of its numbers.",
        epilog=EXAMPLES,
    )
    add_surface_options(result)
    _add_axes(result)
    _add_run(result)
    result.option(
        "--show", metavar="|".join(QUANTITIES), example="loss", default="minimum",
        help="what the colours of a picture stand for. Default: minimum",
    )  # fmt: skip
    result.files(ENDINGS, "map.png")
    return result


def _add_axes(result: Parser) -> None:
    """What a map is of: an optimizer, and what varies along its sides."""
    result.option(
        "--optimizer", metavar="ID[:name=value,...]", action="append", default=[],
        example="adam:learning_rate=0.1", help="see optiscope list optimizers. Default: adam",
    )  # fmt: skip
    result.option(
        "--kind", metavar="|".join(KINDS), example="starts",
        help="what a pixel stands for. Default: what the names of --x and --y are",
    )  # fmt: skip
    sides = ("--x", "left to right", "learning_rate 0.001 1"), ("--y", "bottom to top", "momentum 0 0.99")
    for side, reach, example in sides:
        result.option(
            side, metavar=("NAME", "LOW", "HIGH"), nargs=3, example=example,
            help=f"what varies from {reach}. Default: the surface's own domain, or the optimizer's numbers",
        )  # fmt: skip
    result.option(
        "--size", metavar=("W", "H"), nargs=2, example="256 256", default=["256", "256"],
        help="pixels from left to right and from bottom to top. Default: 256 256",
    )  # fmt: skip


def _add_run(result: Parser) -> None:
    """How each pixel's run goes."""
    result.option("--steps", metavar="N", example="300", help="Default: as many as suit the surface")
    result.option(
        "--tolerance", metavar="V", example="1e-6", default="1e-6", help=f"{TOLERANCE.help} Default: 1e-6"
    )
    result.option(
        "--schedule", metavar="ID[:name=value,...]", example="cosine:warmup_steps=20", default="constant",
        help="how the learning rate changes; see optiscope list schedules. Default: constant",
    )  # fmt: skip
    result.option(
        "--momentum-schedule", metavar="ID[:name=value,...]", example="linear:start=0.5,end=0.99",
        default="constant", help="how momentum (or beta1) changes. Default: constant",
    )  # fmt: skip
    result.option(
        "--start", metavar=("X", "Y"), nargs=2, example="-1.5 2",
        help="of a map of hyperparameters. Default: the surface's first start",
    )  # fmt: skip


def run(options: Namespace) -> None:
    """Carry out `optiscope map`."""
    paths = check_files(options.out, ENDINGS)
    spec = read_spec(options).checked()
    drawing.prepare(paths)
    result = computed(spec)
    write(result, paths)
    print(summary(result))


def computed(spec: MapSpec) -> MapResult:
    """The map of a checked spec; a long one is compiled where it can be, and says how far it is."""
    work = spec.columns * spec.rows * spec.steps
    if work * surface(spec.surface).terms < LONG:
        return assemble(spec, computed_tiles(spec, "numpy"))
    done, parts = 0, []
    engine: Engine = "compiled" if can_compile() else "numpy"
    with progress(work) as bar:
        for tile, part in zip(tiles(spec), computed_tiles(spec, engine), strict=True):
            parts.append(part)
            done += tile.rows * tile.columns
            bar.show(done * spec.steps, f"{done:,} of {spec.columns * spec.rows:,} pixels")
    return assemble(spec, parts)


def write(result: MapResult, paths: Sequence[Path]) -> None:
    """Write the map to each path, as its ending says."""
    write_files(
        paths,
        {
            ".csv": partial(tables.write_map_csv, result),
            ".json": partial(tables.write_map_json, result),
            ".npz": partial(tables.write_map_npz, result),
            ".png": partial(_write_picture, result),
        },
    )


def _write_picture(result: MapResult, path: Path) -> None:
    from app.exporters.pictures import map_picture  # brings Qt with it

    map_picture(result, title(result.spec)).save(path)


def title(spec: MapSpec) -> str:
    """What a picture of a map shows, in one line."""
    where = surface(spec.surface).entry.title
    name = OPTIMIZERS[spec.method.optimizer.id].name
    return f"{where}, {name}: {SHOWN[spec.quantity]} in {spec.steps:,} steps"


# ---------------------------------------------------------------- what the options ask for


def read_spec(options: Namespace) -> MapSpec:
    """What the options ask for."""
    show, kind = _choice(QUANTITY, options.show, "show"), _kind(options)
    columns, rows = (each.check(word) for each, word in zip((COLUMNS, ROWS), options.size, strict=True))
    x, y = _axis("--x", options.x), _axis("--y", options.y)
    start = None if options.start is None else read_start(options.start)
    corners = _corners(x, y) if kind == "starts" else [start] if start else []
    place = surface_options.read_spec(options, domain_around(corners))
    entry = surface(place).entry
    optimizer = at_suitable_rate(_optimizer(options.optimizer), entry)
    method = MethodSpec(
        optimizer,
        read_choice(options.schedule, SCHEDULES),
        read_choice(options.momentum_schedule, MOMENTUM_SCHEDULES),
    )
    common: dict[str, Any] = {
        "surface": place, "method": method,
        "kind": kind, "columns": columns, "rows": rows, "quantity": show,
        "steps": entry.steps if options.steps is None else options.steps,
        "tolerance": options.tolerance,
    }  # fmt: skip
    if kind == "starts":
        if start is not None:
            raise InputError("Every pixel is a start here; --start is for --kind hyperparameters.", "start")
        return MapSpec(**common, domain=_domain(x, y, entry.domain))
    first, second = two_axes(method, x, y)
    return MapSpec(**common, start=start, x=first, y=second)


def _kind(options: Namespace) -> str:
    names = {axis[0] for axis in (options.x, options.y) if axis is not None}
    if options.kind is not None:
        return _choice(KIND, options.kind, "kind")
    return "hyperparameters" if names - {"x", "y"} else "starts"


def _choice(parameter: Hyperparameter, word: str, option: str) -> str:
    if word not in parameter.choices:
        raise InputError(f"--{option} is one of: {', '.join(parameter.choices)}; not '{word}'.", option)
    return word


def _axis(option: str, words: Sequence[str] | None) -> MapAxis | None:
    if words is None:
        return None
    name, *ends = words
    low, high = (_number(option, word) for word in ends)
    return MapAxis(name, low, high)


def _number(option: str, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            f"{option} takes a name and two finite numbers, for example: {option} learning_rate 0.001 1;"
            f" '{word}' is not one.", "axis",
        )  # fmt: skip
    return value


def _corners(x: MapAxis | None, y: MapAxis | None) -> list[Point]:
    """Points that a formula's domain must hold."""
    return [(x.low if x else 0.0, y.low if y else 0.0), (x.high if x else 0.0, y.high if y else 0.0)]


def _domain(
    x: MapAxis | None, y: MapAxis | None, own: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    for name, axis in (("x", x), ("y", y)):
        if axis is not None and axis.name != name:
            raise InputError(
                f"In a map of starts the axis --{name} is named {name}, not '{axis.name}';"
                " numbers of the optimizer need --kind hyperparameters.", "axis",
            )  # fmt: skip
    return (*((x.low, x.high) if x else own[:2]), *((y.low, y.high) if y else own[2:]))


def _optimizer(texts: Sequence[str]) -> Choice:
    if len(texts) > 1:
        raise InputError("A map is of one optimizer; give --optimizer once.", "optimizer")
    return read_choice(texts[0] if texts else "adam", OPTIMIZERS)


# ---------------------------------------------------------------- what is printed


def summary(result: MapResult) -> str:
    """The share of each outcome, what was mapped, and the numbers that were used."""
    rows = [_minimum_row(result, index) for index in _shown_minima(result)]
    others = [i for i in set(result.minimum.ravel().tolist()) if i >= 0 and i not in _shown_minima(result)]
    if others:
        rows.append((f"{len(others)} other minima", "", "", *_count(result, np.isin(result.minimum, others))))
    masks = {
        "no minimum": (result.minimum < 0) & ~result.diverged & ~result.undefined,
        "diverged": result.diverged,
        "no value at the start": result.undefined,
    }
    rows += [(name, "", "", *_count(result, mask)) for name, mask in masks.items()]
    return f"{text_table(HEADER, rows, 'llrrr')}\n\n" + "\n".join(_lines(result))


def _shown_minima(result: MapResult) -> list[int]:
    counts = np.bincount(result.minimum[result.minimum >= 0], minlength=len(result.minima))
    most = np.argsort(-counts, kind="stable")[:MOST_MINIMA]
    return sorted(int(index) for index in most.tolist() if counts[index])


def _minimum_row(result: MapResult, index: int) -> tuple[str, ...]:
    x, y = result.minima[index]
    loss = float(surface(result.spec.surface).loss(x, y))
    where = f"({round(x, 5) + 0.0:g}, {round(y, 5) + 0.0:g})"
    return (f"minimum {index}", where, f"{loss:.6g}", *_count(result, result.minimum == index))


def _count(result: MapResult, mask: np.ndarray) -> tuple[str, str]:
    return f"{result.share(mask):.2%}", f"{np.count_nonzero(mask):,}"


def _lines(result: MapResult) -> list[str]:
    spec = result.spec
    axes = " and ".join(f"{axis.name} from {axis.low:g} to {axis.high:g}" for axis in spec.axes)
    what = "starts" if spec.kind == "starts" else "pairs"
    used = {k: v for k, v in spec.method.values().items() if spec.kind == "starts" or k not in _names(spec)}
    lines = [f"{spec.columns:,} x {spec.rows:,} {what}: {axes}; {spec.steps:,} steps each"]
    settled = result.converged_at[result.converged_at >= 0]
    if settled.size:
        share = result.share(result.converged_at >= 0)
        lines.append(f"{share:.2%} converged, half of them by step {int(np.median(settled)):,}")
    if spec.kind == "hyperparameters" and np.isfinite(result.losses).any():
        lines.append(_best(result))
    return [*lines, f"{label(Choice(spec.method.optimizer.id, used))}".replace(":", " used ", 1)]


def _names(spec: MapSpec) -> tuple[str, str]:
    x, y = spec.axes
    return x.name, y.name


def _best(result: MapResult) -> str:
    row, column = np.unravel_index(np.nanargmin(result.losses), result.losses.shape)
    x, y = _names(result.spec)
    found = written({x: float(f"{result.x[column]:.6g}"), y: float(f"{result.y[row]:.6g}")})
    return f"lowest final loss {result.losses[row, column]:.6g} with {found}"
