"""Every momentum schedule of the catalogue is tested because it is there."""

import inspect
from typing import Any

import msgspec
import numpy as np
import pytest

from core.choice import Choice
from core.descent import DescentSpec, descend
from core.errors import InputError
from core.momentum_schedule import MOMENTUM_SCHEDULES, momenta
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import SurfaceSpec, surface

RAMP = Choice("linear", {"start": 0.5, "end": 0.99})
WITH_MOMENTUM = [key for key, entry in OPTIMIZERS.items() if entry.momentum_name]
WITHOUT = [key for key in OPTIMIZERS if key not in WITH_MOMENTUM]
PLACE = SurfaceSpec("himmelblau")
START = (0.0, 4.5)


def points(method: MethodSpec, steps: int = 60) -> np.ndarray:
    return descend(DescentSpec(PLACE, (method,), (START,), steps)).runs[0].points


def test_both_are_there_in_order() -> None:
    assert tuple(MOMENTUM_SCHEDULES) == ("constant", "linear")


@pytest.mark.parametrize("key", MOMENTUM_SCHEDULES)
def test_it_takes_exactly_its_numbers_and_stays_a_momentum(key: str) -> None:
    entry = MOMENTUM_SCHEDULES[key]
    names = [parameter.name for parameter in entry.hyperparameters]
    assert list(inspect.signature(entry.momentum).parameters) == ["step", "steps", "base", *names]
    assert entry.summary.endswith(".")
    for steps in (1, 2, 100):
        found = momenta(Choice(key), 0.9, steps)
        assert len(found) == steps
        assert all(0.0 <= momentum < 1.0 for momentum in found)


def test_the_ramp_goes_from_its_start_to_its_end() -> None:
    assert momenta(RAMP, 0.9, 50)[0] == 0.5
    assert momenta(RAMP, 0.9, 50)[-1] == 0.99
    np.testing.assert_allclose(np.diff(momenta(RAMP, 0.9, 50)), 0.01, rtol=1e-9)
    assert momenta(RAMP, 0.9, 1) == [0.5]


def test_the_rules_with_a_momentum_are_known() -> None:
    assert WITHOUT == ["sgd", "adagrad", "rmsprop", "adadelta", "newton", "lbfgs"]
    assert {OPTIMIZERS[key].momentum_name for key in WITH_MOMENTUM} == {"momentum", "beta1"}


@pytest.mark.parametrize("key", WITH_MOMENTUM)
def test_a_ramp_gives_the_rule_another_momentum_at_every_step(key: str) -> None:
    """Bit for bit the plain rule, called with each step's own momentum."""
    entry, place = OPTIMIZERS[key], surface(PLACE)
    method = MethodSpec(Choice(key, {"learning_rate": 0.002}), Choice("cosine"), RAMP)
    run = descend(DescentSpec(PLACE, (method,), (START,), 60)).runs[0]
    others = {k: v for k, v in run.values.items() if k not in ("learning_rate", entry.momentum_name)}
    assert run.momenta is not None
    assert run.momenta.tolist() == momenta(RAMP, 0.9, 60)
    x, state = np.array(START), entry.state(*(np.zeros(2) for _ in entry.state_names))
    for index, (rate, momentum) in enumerate(zip(run.learning_rates, run.momenta, strict=True)):
        gradient = np.array(place.at(*x)[1:])
        x, state = entry.rule(
            x, gradient, state, float(rate), index + 1, **others, **{entry.momentum_name: float(momentum)}
        )
        np.testing.assert_array_equal(run.points[index + 1], x)
    for name, value in zip(entry.state_names, state, strict=True):
        np.testing.assert_array_equal(run.state[name][-1], value)


@pytest.mark.parametrize("key", WITH_MOMENTUM)
def test_a_ramp_from_a_value_to_itself_is_that_value(key: str) -> None:
    name = OPTIMIZERS[key].momentum_name
    constant = MethodSpec(Choice(key, {"learning_rate": 0.002, name: 0.75}))
    ramp = MethodSpec(
        Choice(key, {"learning_rate": 0.002}),
        momentum_schedule=Choice("linear", {"start": 0.75, "end": 0.75}),
    )
    np.testing.assert_array_equal(points(ramp), points(constant))
    run = descend(DescentSpec(PLACE, (constant,), (START,), 10)).runs[0]
    assert run.momenta is not None
    assert run.momenta.tolist() == [0.75] * 10


@pytest.mark.parametrize("key", WITHOUT)
def test_a_rule_without_momentum_takes_no_ramp(key: str) -> None:
    method = MethodSpec(Choice(key), momentum_schedule=RAMP)
    with pytest.raises(InputError, match="has no momentum to schedule") as caught:
        method.values()
    assert caught.value.field == "momentum_schedule"
    run = descend(DescentSpec(PLACE, (MethodSpec(Choice(key)),), (START,), 10)).runs[0]
    assert run.momenta is None


def test_another_optimizer_keeps_the_schedules_that_it_can_have() -> None:
    method = MethodSpec(Choice("momentum"), Choice("cosine"), RAMP)
    assert method.with_optimizer(Choice("adam")) == MethodSpec(Choice("adam"), Choice("cosine"), RAMP)
    assert method.with_optimizer(Choice("sgd")) == MethodSpec(Choice("sgd"), Choice("cosine"))


@pytest.mark.parametrize(
    ("ramp", "words"),
    [
        (Choice("linaer"), "did you mean 'linear'"),
        (Choice("linear", {"end": 1.0}), "below 1"),
        (Choice("linear", {"start": -0.1}), "from 0"),
        (Choice("constant", {"start": 0.5}), "takes no hyperparameters"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_in_a_sentence(ramp: Choice, words: str) -> None:
    with pytest.raises(InputError, match=words):
        MethodSpec(Choice("momentum"), momentum_schedule=ramp).values()


def test_a_method_saved_before_there_were_ramps_is_read() -> None:
    old: dict[str, Any] = {"optimizer": {"id": "adam", "values": {}}}
    assert msgspec.convert(old, MethodSpec) == MethodSpec(Choice("adam"))
