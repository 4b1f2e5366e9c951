"""Every schedule of the catalogue is tested because it is there."""

import inspect
import itertools
import math
from typing import Any

import pytest

from core.choice import Choice
from core.errors import InputError
from core.hyperparameter import Scale
from core.schedule import SCHEDULES, learning_rates

ALL = ("constant", "step", "exponential", "cosine", "linear", "inverse_sqrt")
LENGTHS = (1, 2, 3, 100, 1000)


def edges(key: str) -> list[dict[str, Any]]:
    """The least and the most of every number, in all combinations."""
    parameters = [p for p in SCHEDULES[key].hyperparameters if p.name != "warmup_steps"]
    ends = [(p.low, p.default, p.high) for p in parameters]
    return [
        dict(zip([p.name for p in parameters], combination, strict=True))
        for combination in itertools.product(*ends)
    ]


def test_all_schedules_are_there_in_order() -> None:
    assert tuple(SCHEDULES) == ALL


@pytest.mark.parametrize("key", SCHEDULES)
def test_the_factor_takes_exactly_its_numbers_and_warm_up_is_everywhere(key: str) -> None:
    entry = SCHEDULES[key]
    names = [parameter.name for parameter in entry.hyperparameters]
    assert names[-1] == "warmup_steps"
    assert list(inspect.signature(entry.factor).parameters) == ["step", "steps", *names[:-1]]
    assert entry.summary.endswith(".")
    for parameter in entry.hyperparameters:
        assert parameter.scale is not Scale.CHOICE
        assert parameter.low <= float(parameter.default) <= parameter.high
        assert parameter.help.endswith(".")


@pytest.mark.parametrize("key", SCHEDULES)
@pytest.mark.parametrize("steps", LENGTHS)
def test_every_step_has_a_rate_between_zero_and_the_base_rate(key: str, steps: int) -> None:
    for values in edges(key):
        rates = learning_rates(Choice(key, values), 0.3, steps)
        assert len(rates) == steps
        assert all(0.0 <= rate <= 0.3 for rate in rates)
        assert rates[0] == 0.3
        assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize("key", SCHEDULES)
def test_warm_up_rises_evenly_and_the_schedule_follows_from_its_beginning(key: str) -> None:
    rates = learning_rates(Choice(key, {"warmup_steps": 4}), 1.0, 20)
    assert rates[:4] == [0.25, 0.5, 0.75, 1.0]
    assert rates[4:] == learning_rates(Choice(key), 1.0, 16)


@pytest.mark.parametrize("key", SCHEDULES)
def test_a_run_shorter_than_its_warm_up_only_rises(key: str) -> None:
    assert learning_rates(Choice(key, {"warmup_steps": 10}), 1.0, 3) == pytest.approx([0.1, 0.2, 0.3])


@pytest.mark.parametrize(
    ("choice", "step", "factor"),
    [
        (Choice("constant"), 99, 1.0),
        (Choice("step", {"drop": 0.1, "every": 30}), 29, 1.0),
        (Choice("step", {"drop": 0.1, "every": 30}), 30, 0.1),
        (Choice("step", {"drop": 0.1, "every": 30}), 99, 0.001),
        (Choice("exponential", {"decay": 0.9}), 10, 0.9**10),
        (Choice("cosine"), 50, 0.5),
        (Choice("cosine", {"final": 0.5}), 25, 0.5 + 0.25 * (1.0 + math.sqrt(0.5))),
        (Choice("linear"), 75, 0.25),
        (Choice("linear", {"final": 0.5}), 50, 0.75),
        (Choice("inverse_sqrt", {"offset": 25}), 75, 0.5),
    ],
    ids=lambda value: value.id if isinstance(value, Choice) else str(value),
)
def test_the_rate_follows_its_formula(choice: Choice, step: int, factor: float) -> None:
    assert learning_rates(choice, 2.0, 100)[step] == pytest.approx(2.0 * factor, rel=1e-12)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (Choice("cosin"), "did you mean 'cosine'"),
        (Choice("step", {"evry": 3}), "did you mean 'every'"),
        (Choice("step", {"every": 0}), "every must be a number from 1"),
        (Choice("step", {"every": 2.5}), "whole number"),
        (Choice("step", {"drop": 0.0}), "above 0"),
        (Choice("exponential", {"decay": 1.5}), "up to 1"),
        (Choice("cosine", {"final": math.nan}), "final must be a number"),
        (Choice("linear", {"warmup_steps": -1}), "warmup steps must be a number"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_in_a_sentence(choice: Choice, words: str) -> None:
    with pytest.raises(InputError, match=words):
        learning_rates(choice, 0.1, 10)
