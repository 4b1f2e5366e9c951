"""`optiscope list`: the names that can be chosen, for people and as JSON."""

import dataclasses
import json
import sys
import textwrap
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from app.choices import written
from app.options import Parser
from core.catalogue import Entry
from core.data.dataset import DATASETS
from core.errors import InputError, unknown_name
from core.hyperparameter import Hyperparameter
from core.momentum_schedule import MOMENTUM_SCHEDULES
from core.network.activation import ACTIVATIONS
from core.network.initializer import INITIALIZERS
from core.optimizer import OPTIMIZERS, Optimizer
from core.schedule import SCHEDULES
from core.start_pattern import START_PATTERNS
from core.surface import SurfaceEntry, surfaces

WIDTH = 100

EXAMPLES = """\
examples:
  optiscope list surfaces
  optiscope list optimizers --json
"""

CATALOGUES: dict[str, Callable[[], Mapping[str, Any]]] = {
    "surfaces": surfaces,
    "optimizers": lambda: OPTIMIZERS,
    "initializers": lambda: INITIALIZERS,
    "activations": lambda: ACTIVATIONS,
    "datasets": lambda: DATASETS,
    "schedules": lambda: SCHEDULES,
    "momentum-schedules": lambda: MOMENTUM_SCHEDULES,
    "start-patterns": lambda: START_PATTERNS,
}


def parser() -> Parser:
    """The options of `optiscope list`."""
    result = Parser(
        "optiscope list",
        usage=f"optiscope list {'|'.join(CATALOGUES)} [--json]",
        summary="Show the names that can be chosen, and the numbers that each of them takes.",
        epilog=EXAMPLES,
    )
    result.add_argument("catalogue", nargs="?", metavar="CATALOGUE", help="one of: " + ", ".join(CATALOGUES))
    result.option("--json", action="store_true", help="as a JSON list of objects")
    return result


def run(options: Namespace) -> None:
    """Carry out `optiscope list`."""
    name = options.catalogue
    if name is None:
        raise InputError(f"Name what to list, one of: {', '.join(CATALOGUES)}.", "catalogue")
    if name not in CATALOGUES:
        raise unknown_name("catalogue", name, CATALOGUES)
    entries = list(CATALOGUES[name]().values())
    print(_json(entries) if options.json else "\n".join(_paragraph(entry) for entry in entries))


def _json(entries: Sequence[Entry | SurfaceEntry]) -> str:
    content = [description(entry) for entry in entries]
    escape = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    return json.dumps(content, ensure_ascii=escape, allow_nan=False, indent=1)


def description(entry: Entry | SurfaceEntry) -> dict[str, Any]:
    """Everything about an entry that is words or numbers."""
    if isinstance(entry, SurfaceEntry):
        surface: dict[str, Any] = msgspec.to_builtins(entry)
        return surface
    fields = [(field.name, getattr(entry, field.name)) for field in dataclasses.fields(entry)]
    words = {name: value for name, value in fields if isinstance(value, str | bool)}
    return {**words, "hyperparameters": [_hyperparameter(each) for each in entry.hyperparameters]}


def _hyperparameter(parameter: Hyperparameter) -> dict[str, Any]:
    """Its fields; a bound that does not exist is null, as JSON has no infinity."""
    numbers: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(parameter))
    return numbers


def _paragraph(entry: Entry | SurfaceEntry) -> str:
    scope = " (surfaces only)" if isinstance(entry, Optimizer) and entry.surfaces_only else ""
    lines = [f"{entry.id} - {entry.name}{scope}", *_indented(entry.summary)]
    if isinstance(entry, SurfaceEntry):
        return "\n".join([*lines, *_indented(entry.equation), *_indented(_starts(entry))])
    defaults = written({each.name: each.default for each in entry.hyperparameters})
    return "\n".join([*lines, *(_indented(f"{entry.id}:{defaults}") if defaults else [])])


def _starts(entry: SurfaceEntry) -> str:
    return "starts: " + "; ".join(f"{x:g} {y:g}" for x, y in entry.starts)


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False)
