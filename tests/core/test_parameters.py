"""Free parameters of a formula: named numbers that are bound to code derived and printed once."""

import math

import msgspec
import numpy as np
import pytest

from core import formula_code
from core.choice import Choice
from core.descent import DescentSpec, descend
from core.errors import InputError
from core.experiment import default_experiment
from core.experiment_file import Saved, read_experiment, write_experiment
from core.loops import can_compile
from core.map_spec import MapSpec
from core.maps import compute_map
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import SurfaceSpec, surface

FORMULA = "a*x**2 + k1*sin(alpha*y) + x**b + c"
VALUES = {"a": 2.5, "alpha": -0.75, "b": 3.0, "c": 7.0, "k1": 1.25}
WRITTEN = "2.5*x**2 + 1.25*sin(-0.75*y) + x**3 + 7"


def test_a_formula_with_values_is_the_formula_with_those_numbers_written_in():
    place, written = (
        surface(SurfaceSpec(formula=FORMULA, parameters=VALUES)),
        surface(SurfaceSpec(formula=WRITTEN)),
    )
    x, y = np.random.default_rng(1).uniform(-4, 4, (2, 50))
    np.testing.assert_allclose(place.loss(x, y), written.loss(x, y), rtol=1e-13)
    for ours, theirs in zip(
        (*place.gradient(x, y), *place.hessian(x, y)),
        (*written.gradient(x, y), *written.hessian(x, y)),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_the_loss_is_that_of_python():
    x, y = 1.5, -0.5
    expected = 2.5 * x**2 + 1.25 * math.sin(-0.75 * y) + x**3 + 7
    assert surface(SurfaceSpec(formula=FORMULA, parameters=VALUES)).at(x, y)[0] == pytest.approx(
        expected, rel=1e-15
    )


def test_a_parameter_that_is_left_out_is_1():
    entry = surface(SurfaceSpec(formula="a*x + b*y", parameters={"b": 4})).entry
    assert entry.parameters == {"a": 1.0, "b": 4.0}
    assert entry.equation == "f(x, y) = a*x + b*y, a = 1, b = 4"


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_every_optimizer_makes_the_steps_that_it_makes_with_the_numbers_written_in(key):
    method = (MethodSpec(Choice(key, {"learning_rate": 0.01})),)
    ours, theirs = (
        descend(DescentSpec(spec, method, ((1.0, 2.0),), steps=40)).runs[0]
        for spec in (
            SurfaceSpec(formula="a*x**2 + b*y**4 + x*y", parameters={"a": 2.0, "b": 0.25}),
            SurfaceSpec(formula="2*x**2 + 0.25*y**4 + x*y"),
        )
    )
    np.testing.assert_allclose(ours.points, theirs.points, rtol=1e-9, atol=1e-12)


def test_another_value_derives_and_prints_nothing_anew(monkeypatch):
    surface(SurfaceSpec(formula="a*x**2 + cos(a*y)", parameters={"a": 1.0})).hessian(1.0, 1.0)

    def refuse(*_):
        raise AssertionError("derived or printed again")

    monkeypatch.setattr(formula_code, "parse", refuse)
    monkeypatch.setattr(formula_code, "print_code", refuse)
    moved = surface(SurfaceSpec(formula="a*x**2 + cos(a*y)", parameters={"a": 3.0}))
    assert moved.at(1.0, 2.0)[0] == pytest.approx(3.0 + math.cos(6.0))
    moved.hessian(1.0, 1.0)
    run = descend(
        DescentSpec(SurfaceSpec(formula="a*x**2 + cos(a*y)"), (MethodSpec(Choice("adam")),), ((1.0, 1.0),))
    )
    assert run.runs[0].steps == 300


@pytest.mark.parametrize("engine", ["numpy", *(["compiled"] if can_compile() else [])])
def test_maps_take_the_values_and_are_compiled_once(engine):
    def made(value: float, formula: str = "a*x**2 + y**2"):
        spec = SurfaceSpec(formula=formula, parameters={"a": value} if "a" in formula else {})
        method = MethodSpec(Choice("momentum", {"learning_rate": 0.02}))
        return compute_map(MapSpec(spec, method, columns=9, rows=7, steps=25), engine=engine)

    for value in (2.0, 5.0):
        ours, written = made(value), made(value, f"{value:g}*x**2 + y**2")
        np.testing.assert_allclose(ours.losses, written.losses, rtol=1e-9)
    assert not np.allclose(made(2.0).losses, made(5.0).losses)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"q": 1.0}, "no parameter 'q'; it has a and b"),
        ({"a": math.nan}, "parameter a must be a number"),
        ({"b": 1e13}, "parameter b must be a number"),
    ],
)
def test_wrong_parameters_are_refused_in_a_sentence(parameters, words):
    with pytest.raises(InputError, match=words) as caught:
        surface(SurfaceSpec(formula="a*x + b*y", parameters=parameters))
    assert caught.value.field == "parameter"


def test_values_without_a_loss_anywhere_are_named():
    with pytest.raises(InputError, match=r"no finite real value anywhere in the domain with a = 0"):
        surface(SurfaceSpec(formula="x**2/a", parameters={"a": 0.0}))


def test_an_experiment_keeps_formula_values_name_and_rates():
    spec = SurfaceSpec(
        formula="a*x**2 + y**2", domain=(-2.0, 2.0, -1.0, 1.0), parameters={"a": 2.0}, name="Bowl",
        learning_rates={"adam": 0.3},
    )  # fmt: skip
    experiment = default_experiment().with_surface(spec)
    text = write_experiment(Saved(experiment))
    again = read_experiment(text).experiment
    assert again == experiment
    assert again.surface == spec
    rates = {c.method.optimizer.id: c.method.values()["learning_rate"] for c in again.contenders}
    assert rates["adam"] == 0.3
    assert msgspec.json.decode(text)["experiment"]["surface"]["parameters"] == {"a": 2.0}
