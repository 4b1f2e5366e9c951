"""The options that say which surface: a name of the catalogue, a formula or a table; over which domain."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.options import Parser
from core.data.table import decode
from core.errors import InputError
from core.regression import OwnData, own_data
from core.surface import DEFAULT_DOMAIN, Surface, SurfaceSpec, check_domain, check_parameter, surface

Domain = tuple[float, float, float, float]
_COLUMN_OPTIONS = ("features", "target", "standardize")


def add_surface_options(parser: Parser) -> None:
    """Let a command take --surface, --formula, or --csv with what says which columns."""
    parser.option("--surface", metavar="NAME", example="rosenbrock", help="see optiscope list surfaces")
    parser.option(
        "--formula", metavar="TEXT", example='"a*x**2 + y**2"',
        help="a surface of your own, in x and y; other letters are parameters",
    )  # fmt: skip
    parser.option(
        "--parameter", metavar=("NAME=VALUE", "NAME=VALUE"), nargs="+", action="extend", default=[],
        example="a=2", help="of the formula; may be repeated. Default: 1 for each",
    )  # fmt: skip
    parser.option(
        "--csv", metavar="FILE", example="cars.csv",
        help="a linear regression on a table of your own: x times the feature, plus y",
    )  # fmt: skip
    parser.option(
        "--features", metavar=("COLUMN", "COLUMN"), nargs="+", action="extend", default=[], example="speed",
        help="of the table: one, or two with x and y as their weights and everything measured from its"
        " mean. Default: the first column of numbers",
    )  # fmt: skip
    parser.option(
        "--target", metavar="COLUMN", example="dist",
        help="of the table: what is fitted. Default: the last column of numbers",
    )  # fmt: skip
    parser.option(
        "--standardize", action="store_true",
        help="shift and stretch the table's features to mean 0 and standard deviation 1",
    )  # fmt: skip


def add_domain_option(parser: Parser) -> None:
    """Let a command take --domain."""
    parser.option(
        "--domain", metavar=("X0", "X1", "Y0", "Y1"), nargs=4, example="-2 2 -1 3",
        help="where to look. Default: the surface's own domain; -5 5 -5 5 for a formula",
    )  # fmt: skip


def read_spec(options: Namespace, domain: Domain = DEFAULT_DOMAIN) -> SurfaceSpec:
    """The surface that the options name; a formula gets the domain."""
    given = [name for name in ("surface", "formula", "csv") if getattr(options, name) is not None]
    if len(given) != 1:
        many = f"--{' and --'.join(given)} exclude each other; give one of them"
        none = "There is no surface here; name one with --surface, write one with --formula"
        none += " or read a table with --csv"
        raise InputError(f"{many if given else none}, for example: --surface rosenbrock", "surface")
    _check_belonging(options)
    if options.csv is not None:
        return SurfaceSpec(data=_own_data(options))
    if options.formula is not None:
        return SurfaceSpec(
            formula=options.formula, domain=domain, parameters=read_parameters(options.parameter)
        )
    if not options.surface:
        raise InputError("The name of the surface is empty; see optiscope list surfaces.", "surface")
    return SurfaceSpec(options.surface)


def _check_belonging(options: Namespace) -> None:
    """Options that are about one kind of surface are given with that one only."""
    for name in _COLUMN_OPTIONS:
        if getattr(options, name) and options.csv is None:
            raise InputError(f"--{name} is about the columns of a table; give one with --csv FILE.", name)
    if options.parameter and options.formula is None:
        raise InputError("--parameter is about the free numbers of a --formula; leave it out.", "parameter")


def _own_data(options: Namespace) -> OwnData:
    path = Path(options.csv)
    try:
        text = decode(path.read_bytes())
        return own_data(path.name, text, tuple(options.features), options.target or "", options.standardize)
    except OSError as error:
        raise InputError(f"{options.csv or 'The file'} cannot be read: {error.strerror}.", "csv") from None
    except InputError as error:
        raise InputError(f"{path.name}: {error}", "csv") from None


def read_parameters(words: Sequence[str]) -> dict[str, float]:
    """Values by name, from words such as a=2."""
    values: dict[str, float] = {}
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        if not (name and equals):
            raise InputError(
                f"A parameter is a name and a number, for example: --parameter a=2; '{word}' is not.",
                "parameter",
            )
        if name in values:
            raise InputError(f"The parameter '{name}' is there twice; once is enough.", "parameter")
        values[name] = check_parameter(name, value)
    return values


def read_surface(options: Namespace) -> Surface:
    """The surface that the options name, over the domain that they give."""
    if options.domain is None:
        return surface(read_spec(options))
    domain = read_domain(options.domain)
    spec = read_spec(options, domain)
    entry = surface(spec).entry
    return surface(spec) if entry.domain == domain else Surface(replace(entry, domain=domain))


def read_domain(words: Sequence[str]) -> Domain:
    """The four numbers of a domain."""
    try:
        x_low, x_high, y_low, y_high = (float(word) for word in words)
    except ValueError:
        raise InputError(
            f"A domain is four numbers, for example: --domain -2 2 -1 3; '{' '.join(words)}' is not.",
            "domain",
        ) from None
    check_domain((x_low, x_high, y_low, y_high))
    return x_low, x_high, y_low, y_high
