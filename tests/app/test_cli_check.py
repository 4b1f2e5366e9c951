"""`optiscope check`: what it prints and writes is what `core.checks` found."""

from pathlib import Path

from PIL import Image

from core.checks import CHECKS, check_variant
from tests.app.cli_runner import Optiscope
from tests.app.test_cli_list import strict_json
from tests.app.test_cli_train import SMALL, SMALL_SPEC

ARGUMENTS = ("check", *SMALL[1:], "--epochs", "3")


def test_the_report_says_every_check_of_every_network(optiscope: Optiscope) -> None:
    result = optiscope(*ARGUMENTS)
    assert result.status == 0
    for place in (0, 1):
        found = check_variant(SMALL_SPEC, place)
        assert found.name in result.out
        for check, verdict in found.results():
            assert f"{check.title}: {verdict.outcome}" in result.out
            assert verdict.sentence in result.out


def test_json_holds_the_numbers_and_is_the_same_in_the_file(optiscope: Optiscope) -> None:
    result = optiscope(*ARGUMENTS, "--json", "--out", "checks.json")
    assert result.status == 0
    content = strict_json(result.out)
    assert content == strict_json(Path("checks.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in content["networks"]] == ["small_normal", "xavier_normal"]
    network, found = content["networks"][1], check_variant(SMALL_SPEC, 1)
    assert set(network) == {"name", *CHECKS}
    assert network["initial_loss"]["loss"] == found.initial_loss.loss
    assert network["rate_range"]["suggested"] == found.rate_range.suggested
    assert network["rate_range"]["rates"] == found.rate_range.rates.tolist()
    assert network["gradient"]["worst"]["name"] == found.gradient.worst.name


def test_the_picture_shows_the_range_test(optiscope: Optiscope) -> None:
    assert optiscope(*ARGUMENTS, "--out", "rates.png").status == 0
    with Image.open("rates.png") as image:
        assert image.size == (2000, 1280)
        assert len(image.getcolors(1 << 24) or []) > 20


def test_what_makes_no_sense_is_refused_in_one_line(optiscope: Optiscope) -> None:
    result = optiscope(*ARGUMENTS, "--batch-size", "0")
    assert (result.status, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert optiscope(*ARGUMENTS, "--out", "rates.npz").status == 2


def test_csv_holds_the_curves_of_the_range_test(optiscope: Optiscope) -> None:
    assert optiscope(*ARGUMENTS, "--out", "rates.csv").status == 0
    lines = Path("rates.csv").read_text(encoding="utf-8").splitlines()
    found = [check_variant(SMALL_SPEC, place).rate_range for place in (0, 1)]
    assert len(lines) == 1 + sum(len(each.rates) for each in found)
    first = lines[1].split(",")
    assert first[:2] == ["small_normal", "0"]
    assert [float(text) for text in first[2:]] == [
        found[0].rates[0], found[0].losses[0], found[0].smoothed[0],
    ]  # fmt: skip
