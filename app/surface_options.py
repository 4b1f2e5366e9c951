"""The options that say which surface: a name of the catalogue, or a formula; and over which domain."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace

from app.options import Parser
from core.errors import InputError
from core.surface import DEFAULT_DOMAIN, Surface, SurfaceSpec, check_domain, check_parameter, surface

Domain = tuple[float, float, float, float]


def add_surface_options(parser: Parser) -> None:
    """Let a command take --surface or --formula."""
    parser.option("--surface", metavar="NAME", example="rosenbrock", help="see optiscope list surfaces")
    parser.option(
        "--formula", metavar="TEXT", example='"a*x**2 + y**2"',
        help="a surface of your own, in x and y; other letters are parameters",
    )  # fmt: skip
    add_parameter_option(parser)


def add_parameter_option(parser: Parser) -> None:
    """Let a command take --parameter."""
    parser.option(
        "--parameter", metavar=("NAME=VALUE", "NAME=VALUE"), nargs="+", action="extend", default=[],
        example="a=2", help="of the formula; may be repeated. Default: 1 for each",
    )  # fmt: skip


def add_domain_option(parser: Parser) -> None:
    """Let a command take --domain."""
    parser.option(
        "--domain", metavar=("X0", "X1", "Y0", "Y1"), nargs=4, example="-2 2 -1 3",
        help="where to look. Default: the surface's own domain; -5 5 -5 5 for a formula",
    )  # fmt: skip


def read_spec(options: Namespace, domain: Domain = DEFAULT_DOMAIN) -> SurfaceSpec:
    """The surface that the options name; a formula gets the domain."""
    name, formula = options.surface, options.formula
    if (name is None) == (formula is None):
        both = "--surface and --formula exclude each other; give one of them" if name is not None else (
            "There is no surface here; name one with --surface or write one with --formula"
        )  # fmt: skip
        raise InputError(f"{both}, for example: --surface rosenbrock", "surface")
    if formula is not None:
        return SurfaceSpec(formula=formula, domain=domain, parameters=read_parameters(options.parameter))
    if options.parameter:
        raise InputError("--parameter is about the free numbers of a --formula; leave it out.", "parameter")
    if not name:
        raise InputError("The name of the surface is empty; see optiscope list surfaces.", "surface")
    return SurfaceSpec(name)


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
