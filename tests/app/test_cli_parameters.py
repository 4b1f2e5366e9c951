"""`--parameter`: values of a formula's free numbers, alike for every command that takes a formula."""

import pytest

from tests.app.cli_runner import Optiscope
from tests.app.test_cli_list import strict_json

BOWL = ("--formula", "a*x**2 + b*y**2", "--parameter", "a=2", "b=3")
WRITTEN = ("--formula", "2*x**2 + 3*y**2")
COMMANDS = {
    "descend": ("--optimizer", "adam", "--steps", "20"),
    "critical-points": (),
    "map": ("--size", "6", "5", "--steps", "20", "--optimizer", "sgd:learning_rate=0.3"),
    "tune": ("--optimizer", "sgd", "--steps", "20", "--budget", "8"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_them(optiscope: Optiscope, command: str) -> None:
    ours, written = (optiscope(command, *which, *COMMANDS[command]) for which in (BOWL, WRITTEN))
    assert ours.status == 0, ours.err
    assert ours.out == written.out, "the numbers are those of the formula with its values written in"
    assert ours.out != optiscope(command, *BOWL[:3], "a=2", *COMMANDS[command]).out, "b is 1 when left out"


def test_eigenvalues_follow_the_values(optiscope: Optiscope) -> None:
    found = strict_json(optiscope("critical-points", *BOWL, "--json").out)
    assert found["points"][0]["eigenvalues"] == [4.0, 6.0]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--parameter", "q=2"), "The formula has no parameter 'q'; it has a and b."),
        (("--parameter", "a"), "for example: --parameter a=2; 'a' is not"),
        (("--parameter", "=2"), "'=2' is not"),
        (("--parameter", "a=two"), "The parameter a must be a number"),
        (("--parameter", "a=nan"), "The parameter a must be a number"),
        (("--parameter", "a=1e13"), "The parameter a must be a number"),
        (("--parameter", "a=1", "--parameter", "a=2"), "'a' is there twice"),
        (("--parameter",), "--parameter needs a value, for example: --parameter a=2"),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_wrong_ones_are_refused_in_a_line(
    optiscope: Optiscope, command: str, words: tuple[str, ...], sentence: str
) -> None:
    assert sentence in optiscope(command, *BOWL[:2], *words).complaint


@pytest.mark.parametrize("command", COMMANDS)
def test_a_surface_of_the_catalogue_takes_none(optiscope: Optiscope, command: str) -> None:
    complaint = optiscope(command, "--surface", "beale", "--parameter", "a=2").complaint
    assert "--parameter is about the free numbers of a --formula" in complaint
