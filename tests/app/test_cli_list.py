"""`optiscope list`: every entry of every catalogue, for people and for scripts."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from core.data.dataset import DATASETS
from core.momentum_schedule import MOMENTUM_SCHEDULES
from core.network.activation import ACTIVATIONS
from core.network.initializer import INITIALIZERS
from core.optimizer import OPTIMIZERS
from core.schedule import SCHEDULES
from core.start_pattern import START_PATTERNS
from core.surface import surfaces
from tests.app.cli_runner import Optiscope

CATALOGUES: dict[str, Mapping[str, Any]] = {
    "optimizers": OPTIMIZERS,
    "initializers": INITIALIZERS,
    "activations": ACTIVATIONS,
    "datasets": DATASETS,
    "schedules": SCHEDULES,
    "momentum-schedules": MOMENTUM_SCHEDULES,
    "start-patterns": START_PATTERNS,
}


@pytest.fixture
def optiscope(capsys: pytest.CaptureFixture[str]) -> Optiscope:
    return Optiscope(capsys)


def strict_json(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("name", CATALOGUES)
def test_json_describes_every_entry_and_its_numbers(optiscope: Optiscope, name: str) -> None:
    result = optiscope("list", name, "--json")
    assert (result.status, result.err) == (0, "")
    content = strict_json(result.out)
    assert [each["id"] for each in content] == list(CATALOGUES[name])
    for each, entry in zip(content, CATALOGUES[name].values(), strict=True):
        assert (each["name"], each["summary"]) == (entry.name, entry.summary)
        assert len(each["hyperparameters"]) == len(entry.hyperparameters)
        for shown, parameter in zip(each["hyperparameters"], entry.hyperparameters, strict=True):
            for key in ("name", "default", "low", "high", "scale"):
                assert shown[key] == getattr(parameter, key)


def test_json_describes_every_surface(optiscope: Optiscope) -> None:
    content = strict_json(optiscope("list", "surfaces", "--json").out)
    assert [each["id"] for each in content] == list(surfaces())
    for each, entry in zip(content, surfaces().values(), strict=True):
        assert (each["name"], each["summary"], each["formula"]) == (entry.name, entry.summary, entry.formula)
        assert each["domain"] == list(entry.domain)
        assert each["starts"] == [list(start) for start in entry.starts]
        assert each["minima"] == [list(minimum) for minimum in entry.minima]


@pytest.mark.parametrize("name", ["surfaces", *CATALOGUES])
def test_the_list_for_people_holds_every_id(optiscope: Optiscope, name: str) -> None:
    result = optiscope("list", name)
    assert (result.status, result.err) == (0, "")
    heads = [line.split(" - ")[0] for line in result.out.splitlines() if not line.startswith(" ")]
    assert heads == list(CATALOGUES.get(name) or surfaces())


def test_optimizers_for_surfaces_only_are_marked(optiscope: Optiscope) -> None:
    heads = [line for line in optiscope("list", "optimizers").out.splitlines() if not line.startswith(" ")]
    marked = {line.split(" - ")[0] for line in heads if line.endswith("(surfaces only)")}
    assert marked == {"newton", "lbfgs"}
    content = strict_json(optiscope("list", "optimizers", "--json").out)
    assert {each["id"] for each in content if each["surfaces_only"]} == marked


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_what_the_list_shows_can_be_given_back(optiscope: Optiscope, key: str) -> None:
    shown = next(
        line.strip()
        for line in optiscope("list", "optimizers").out.splitlines()
        if line.startswith(f"    {key}:")
    )
    arguments = ("descend", "--surface", "sphere", "--steps", "1", "--optimizer", shown)
    result = optiscope(*arguments)
    assert result.status == 0
    assert f"{key} used {shown.partition(':')[2]}\n" in result.out
